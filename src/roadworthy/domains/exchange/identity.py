"""Who this deployment is to others: its name, its exchange key, its own small CA.

The private keys lie in the keystore, opened by the passphrase of the online keys. They say which
deployment speaks; no step that the law asks for is taken by them.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.db import transaction
from securesystemslib.signer import Signer

from roadworthy.domains.exchange.errors import AnothersName, NoExchange
from roadworthy.domains.exchange.models import Deployment
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import services as organisation_services
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.trust import cards, certificates, messages, notes
from roadworthy.trust.keys import Keystore, key_to_dict

FOLDER = "exchange"
INDEX = "identity.json"


class _Index(msgspec.Struct):
    """What the folder says of itself."""

    name: str
    exchange: str  # id of the exchange key
    witness: str  # id of the key that cosigns others' logs
    leaf_sha256: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys by which this deployment speaks to others, open."""

    name: str
    signer: Signer
    witness: notes.NoteSigner
    ca: Path
    leaf: Path  # PEM, with the CA's certificate behind it
    leaf_key: Path  # PEM, encrypted under the online passphrase
    leaf_sha256: str
    passphrase: str

    @property
    def key(self) -> messages.PublicKey:
        """Return the public half of the exchange key."""
        return messages.PublicKey.of(self.signer.public_key)


def own() -> Deployment:
    """Return this deployment's row.

    Raises:
        NoExchange: it takes no part in the exchange.
    """
    found = find()
    if found is None:
        raise NoExchange
    return found


def find() -> Deployment | None:
    """Return this deployment's row, if it takes part in the exchange."""
    return Deployment.objects.select_related("organisation").first()


def open_identity(home: Path, passphrase: str) -> Identity:
    """Open the keys.

    Raises:
        NoExchange: ``establish`` never ran here.
        WrongPassphrase: the passphrase of the online keys is another.
    """
    folder = home / FOLDER
    try:
        index = msgspec.json.decode((folder / INDEX).read_bytes(), type=_Index)
    except FileNotFoundError:
        raise NoExchange from None
    keystore = Keystore(home / "keys")
    return Identity(
        name=index.name,
        signer=keystore.signer(index.exchange, passphrase),
        witness=notes.NoteSigner(
            witness_name(index.name),
            notes.Kind.COSIGNATURE,
            keystore.signer(index.witness, passphrase),
        ),
        ca=folder / "ca.pem",
        leaf=folder / "leaf.pem",
        leaf_key=folder / "leaf-key.pem",
        leaf_sha256=index.leaf_sha256,
        passphrase=passphrase,
    )


def witness_name(name: str) -> str:
    """Name the witness of a deployment as notes do."""
    return f"roadworthy.example/exchange-witness/{name}"


def establish(
    platform: Platform, *, name: str, url: str, passphrase: str, at: datetime
) -> Deployment:
    """Take part in the exchange: make the keys once, and note under which name and address.

    Done again, it changes what has changed (the address) and nothing else.

    Raises:
        NoSuchOrganisation: no organisation here has that short name.
        AnothersName: this home's keys were made under another name.
    """
    organisation = organisations.by_slug(name)
    if organisation is None:
        raise organisation_services.NoSuchOrganisation
    folder = platform.home / FOLDER
    if not (folder / INDEX).exists():
        _make(folder, platform.keystore, name, url, passphrase, at)
    identity = open_identity(platform.home, passphrase)
    if identity.name != name:
        raise AnothersName(name=identity.name, given=name)
    return _note(identity, organisation, platform, url, at)


def card(identity: Identity, *, at: datetime) -> bytes:
    """Return this deployment's card, signed, with the keys that count today."""
    row = own()
    live = SigningKey.objects.filter(
        organisation=row.organisation, revoked_at__isnull=True
    ).order_by("id")
    return cards.sign(
        cards.Card(
            **_fixed(row),
            url=row.url,
            keys=[cards.SigningKey(one.purpose, one.keyid, one.public) for one in live],
            at=messages.instant(at),
        ),
        identity.signer,
    )


@transaction.atomic(durable=True)
def _note(
    identity: Identity, organisation: Organisation, platform: Platform, url: str, at: datetime
) -> Deployment:
    row = find()
    if row is not None and row.url == url and row.keyid == identity.key.keyid:
        return row
    values = {
        "name": identity.name,
        "organisation": organisation,
        "url": url,
        "exchange_key": key_to_dict(identity.signer.public_key),
        "keyid": identity.key.keyid,
        "certificate": identity.ca.read_text(),
        "leaf_sha256": identity.leaf_sha256,
        "log": str(platform.log.verifier),
        "witness": str(identity.witness.verifier),
    }
    fingerprint = cards.Card(**_fixed(Deployment(**values)), url=url, keys=[], at="").fingerprint
    row, _ = Deployment.objects.update_or_create(
        only=True, defaults={**values, "fingerprint": fingerprint}
    )
    ledger.record(
        event="exchange:established",
        subject=f"deployment/{row.name}",
        actor=witnessed(PLATFORM),
        at=at,
        data={"url": url, "fingerprint": row.fingerprint, "exchange_key": row.exchange_key},
    )
    return row


def _fixed(row: Deployment) -> dict[str, Any]:
    owner = row.organisation
    return {
        "name": row.name,
        "organisation": cards.Organisation(owner.slug, owner.kind, owner.name),
        "exchange_key": row.exchange_key,
        "certificate": row.certificate,
        "leaf_sha256": row.leaf_sha256,
        "log": row.log,
        "witness": row.witness,
    }


def _make(
    folder: Path, keystore: Keystore, name: str, url: str, passphrase: str, at: datetime
) -> None:
    """Write the index last: what is cut short before is made anew."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    issued = certificates.issue(name, (urlsplit(url).hostname or "",), passphrase, at=at)
    _write(folder / "ca.pem", issued.ca)
    _write(folder / "leaf.pem", issued.leaf)
    _write(folder / "leaf-key.pem", issued.leaf_key)
    index = {
        "name": name,
        "exchange": keystore.create(passphrase).keyid,
        "witness": keystore.create(passphrase).keyid,
        "leaf_sha256": issued.leaf_sha256,
    }
    _write(folder / INDEX, json.dumps(index, indent=1).encode() + b"\n")


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, durably, readable by us alone."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(draft).replace(path)
