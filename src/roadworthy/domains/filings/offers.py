"""Metadata that waits at a manufacturer's deployment, signed at the authority's own.

An authority signs metadata only if every image in it was filed with that very authority: those of
the dossier that is before it, exactly, and others only as it has accepted them before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import models
from securesystemslib.signer import Signer

from roadworthy.domains.filings import attested, preparing, signing
from roadworthy.domains.filings.errors import CandidateNotFiled
from roadworthy.domains.filings.models import (
    Dossier,
    Filing,
    RemoteCandidate,
    RemoteSignature,
)
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.models import SigningKey
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.law.labels import Label
from roadworthy.law.rulebook import rulebook
from roadworthy.trust import candidates
from roadworthy.trust.candidates import ReleaseTarget
from roadworthy.trust.roles import role_name, target_path

SIGNED = "filing:candidate:signed"
# Filings about a release elsewhere whose metadata came here: some of them lack a signature.
ABOUT_ONE = (
    models.Q(dossier__release=None)
    & ~models.Q(manufacturer__deployment="")
    & models.Q(
        dossier__content__release__number__in=RemoteCandidate.objects.values(
            number=models.Func(
                "release_number", function="to_jsonb", output_field=models.JSONField()
            )
        )
    )
)


def offered(
    filing: Filing, *, role: str, payload: bytes, sha256: str, at: datetime
) -> RemoteCandidate:
    """Keep the metadata that a filing's release waits with, after looking at what it names.

    ``filing`` is the activity that was handed in here. Inside the caller's transaction.

    Raises:
        CandidateMalformed: the bytes are something else.
        CandidateNotFiled: it names an image that was not filed, or lacks one that was.
    """
    number, content = filing.number, filing.dossier.content
    if sha256_hex(payload) != sha256:
        raise CandidateNotFiled(number=number, reason=f"sha256 {sha256_hex(payload)}")
    release = content.get("release")
    if release is None or filing.dossier.kind != Kind.ACTIVITY:
        raise CandidateNotFiled(number=number, reason=filing.dossier.kind)
    wanted = role_name(filing.manufacturer.slug, content["labels"])
    if role != wanted:
        raise CandidateNotFiled(number=number, reason=f"role {role}")
    _check_targets(filing, candidates.read_candidate(payload).targets)
    kept, _ = RemoteCandidate.objects.get_or_create(
        dossier=filing.dossier,
        sha256=sha256,
        defaults={
            "role": role,
            "release_number": release["number"],
            "payload": payload,
            "received_at": at,
        },
    )
    return kept


def of_filing(filing: Filing) -> RemoteCandidate | None:
    """Return the newest metadata of the release that a filing is about, if some waits for us."""
    release = filing.dossier.content.get("release")
    if release is None or not filing.manufacturer.is_remote:
        return None
    return (
        RemoteCandidate.objects.filter(
            dossier__manufacturer=filing.manufacturer, release_number=release["number"]
        )
        .order_by("-id")
        .first()
    )


def waits_for(filing: Filing) -> RemoteCandidate | None:
    """Return metadata that lacks the signature which belongs to this filing's acceptance."""
    candidate = of_filing(filing)
    if candidate is None:
        return None
    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    labels = [Label(one) for one in filing.dossier.content["labels"]]
    needed = {
        signing.party_name(one.party, one.purpose)
        for one in rulebook().signers(labels, as_of=legal_day(candidate.received_at))
    }
    if signing.party_name(filing.authority.kind, purpose) not in needed:
        return None
    signed = RemoteSignature.objects.filter(
        candidate=candidate,
        purpose=purpose,
        key__organisation=filing.authority_id,
        key__revoked_at__isnull=True,
    )
    return None if signed.exists() else candidate


def countersign(
    filing: Filing, key: SigningKey, signer: Signer, *, actor: Actor, at: datetime
) -> RemoteSignature | None:
    """Sign what waits for this acceptance, if something does; inside the accepting transaction."""
    candidate = waits_for(filing)
    if candidate is None:
        return None
    signature = candidates.sign_payload(bytes(candidate.payload), signer)
    made = RemoteSignature.objects.create(
        candidate=candidate,
        filing=filing,
        key=key,
        purpose=key.purpose,
        signature=signature.to_dict(),
        at=at,
    )
    preparing.log(
        SIGNED,
        filing,
        witnessed(actor),
        at,
        candidate_sha256=candidate.sha256,
        purpose=key.purpose,
        keyid=key.keyid,
    )
    return made


def _check_targets(filing: Filing, named: Mapping[str, ReleaseTarget]) -> None:
    """Refuse metadata that says more than this filing, or less, or what nobody here accepted."""
    number, of_this = filing.number, filing.dossier.sha256
    if any(
        one.get("authority") == filing.authority.slug
        for target in named.values()
        for one in target.custom.get(attested.FIELD, ())
        if target.custom.get("dossier_sha256") == of_this
    ):
        raise CandidateNotFiled(number=number, reason="it attests what we answer ourselves")
    named = {path: _without_attested(one) for path, one in named.items()}
    here = {path: one for path, one in named.items() if _names(one) == of_this}
    if here != _targets(filing.dossier):
        raise CandidateNotFiled(number=number, reason="its images are not those of the dossier")
    others = {_names(one) for one in named.values()} - {of_this}
    accepted = {
        one.sha256: _targets(one)
        for one in Dossier.objects.filter(
            manufacturer=filing.manufacturer_id,
            kind=Kind.ACTIVITY,
            sha256__in=others,
            pk__in=Filing.objects.filter(authority=filing.authority_id)
            .exclude(receipt="")
            .values("dossier"),
        )
    }
    for path, one in named.items():
        if path not in here and accepted.get(_names(one), {}).get(path) != one:
            raise CandidateNotFiled(number=number, reason=path)


def _without_attested(target: ReleaseTarget) -> ReleaseTarget:
    """Leave out what the manufacturer says of another authority: no part of what was filed."""
    custom = {name: value for name, value in target.custom.items() if name != attested.FIELD}
    return replace(target, custom=custom)


def _names(target: ReleaseTarget) -> str:
    return str(target.custom.get("dossier_sha256"))


def _targets(dossier: Dossier) -> dict[str, ReleaseTarget]:
    """Return the images of a dossier as the manufacturer's gate writes them."""
    content: Mapping[str, Any] = dossier.content
    release, labels, slug = content["release"], content["labels"], content["manufacturer"]
    made = {}
    for change in release["changes"]:
        image = change["image"]
        path = target_path(slug, labels, image["filename"])
        made[path] = ReleaseTarget(
            path,
            image["length"],
            {"sha256": image["sha256"]},
            {
                "release": release["number"],
                "release_sha256": content["release_sha256"],
                "dossier_sha256": dossier.sha256,
                "ecu": change["ecu"],
                "hardware_id": change["hardware_id"],
                "version": change["to"],
                "labels": labels,
            },
        )
    return made


def record_of(signed: RemoteSignature) -> dict[str, Any]:
    """Return a signature as it travels back to the manufacturer."""
    return {
        "candidate_sha256": signed.candidate.sha256,
        "purpose": signed.purpose,
        "signature": dict(signed.signature),
        "at": ledger.instant(signed.at),
    }
