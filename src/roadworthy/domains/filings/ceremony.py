"""The key ceremony: who may sign what is written into metadata that only offline keys change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations

from django.db import transaction

from roadworthy.domains.filings import gate, signing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.organisations.roles import IN_PLACE_OF, KeyPurpose, Kind
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.law.labels import Label
from roadworthy.trust.metadata_store import NoSuchMetadata
from roadworthy.trust.roles import RoleNotSafe, RoleSpec, path_pattern, role_name

COMBINING = tuple(label for label in Label if label != Label.ROUTINE)


@transaction.atomic(durable=True)
def initialise(*, platform: Platform, offline_passphrase: str, at: datetime) -> bytes:
    """Publish the first root, targets, snapshot and timestamp; return the root for vehicles.

    Raises:
        WrongPassphrase: the offline keys have another one.
        VersionExists: the repository has a root already.
    """
    root = gate.repository().initialise(
        root_signers=[platform.offline("root", offline_passphrase)],
        targets_signers=[platform.offline("targets", offline_passphrase)],
        online=platform.online,
        at=at,
    )
    ledger.record(
        event="repository:initialised",
        subject="repository/image",
        actor=witnessed(PLATFORM),
        at=at,
        data={"root_sha256": sha256_hex(root), "log": str(platform.log.verifier)},
    )
    transaction.on_commit(lambda: gate.export(platform))
    return root


def is_initialised() -> bool:
    """Tell whether the repository has its first root."""
    try:
        DatabaseMetadata().get("root")
    except NoSuchMetadata:
        return False
    return True


@transaction.atomic(durable=True)
def appoint(
    *, manufacturer_id: int, platform: Platform, offline_passphrase: str, at: datetime
) -> tuple[str, ...]:
    """Delegate to a role for each combination of labels whose signers all have a key.

    Returns the names of the roles that could be made. A combination that lacks a signer's key
    gets no role: releases with those labels cannot be signed until the next ceremony.

    Raises:
        WrongPassphrase: the offline keys have another one.
        RoleNotSafe: one person would sign in the place of two parties.
    """
    manufacturer = Organisation.objects.get(pk=manufacturer_id)
    targets_signer = platform.offline("targets", offline_passphrase)
    made = []
    for labels in label_sets():
        keys = signing.parties(manufacturer, labels, as_of=legal_day(at))
        if any(key is None for key in keys.values()):
            continue
        _check_persons(role_name(manufacturer.slug, labels), keys.values())
        spec = RoleSpec(
            role_name(manufacturer.slug, labels),
            (path_pattern(manufacturer.slug, labels),),
            {party: (signing.public(key),) for party, key in keys.items() if key},
        )
        gate.repository().add_or_replace_delegation(
            spec, targets_signers=[targets_signer], online=platform.online, at=at
        )
        made.append(spec.name)
        ledger.record(
            event="repository:role:appointed",
            subject=f"role/{spec.name}"[:64],
            actor=witnessed(PLATFORM),
            at=at,
            data={
                "role": spec.name,
                "threshold": spec.threshold,
                "parties": {party: key.keyid for party, key in keys.items() if key},
            },
        )
    transaction.on_commit(lambda: gate.export(platform))
    return tuple(made)


def _check_persons(role: str, keys: Iterable[SigningKey | None]) -> None:
    """Refuse a role in which one of the manufacturer's people would stand for two parties.

    Raises:
        RoleNotSafe.
    """
    place_of: dict[int, Kind] = {}
    for key in keys:
        if key is None or key.holder_id is None or key.organisation.kind != Kind.MANUFACTURER:
            continue
        place = IN_PLACE_OF.get(KeyPurpose(key.purpose), Kind.MANUFACTURER)
        if place_of.setdefault(key.holder_id, place) != place:
            raise RoleNotSafe(role=role, reason="one person would sign in the place of two")


def label_sets() -> tuple[tuple[Label, ...], ...]:
    """Return every combination of labels that a release can carry: "routine" stands alone."""
    combined = (
        chosen
        for size in range(1, len(COMBINING) + 1)
        for chosen in combinations(sorted(COMBINING), size)
    )
    return ((Label.ROUTINE,), *combined)
