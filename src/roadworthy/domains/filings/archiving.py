"""A filing as a signed archive that another deployment can take in, and taking one in.

* The archive holds the dossier, its documents, its images if wanted, and every signature.
* What comes in is a draft: nothing that an authority decided elsewhere is decided here.
* All is checked before anything is kept; the digest of what was taken in is compared with that
  of what was sent.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from roadworthy.domains.documents import services as keeping
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings import dossiers, preparing, signing
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.domains.software import restoring
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.software.models import Release
from roadworthy.kernel.canonical import canonical, digest
from roadworthy.kernel.errors import Forbidden, Invalid, Unavailable
from roadworthy.trust import archive, dsse
from roadworthy.trust.archive import Archive, NoArchive
from roadworthy.trust.bundle import Anchors
from roadworthy.trust.keys import key_from_dict

DOSSIER, FILING, RECEIPT, KEYS = "dossier.json", "filing.json", "receipt.dsse.json", "keys.json"


class BytesMissing(Unavailable):
    code = "archive-bytes-missing"
    message = "{name} is not on this host, so the archive would not be whole."


class OtherDossier(Invalid):
    code = "archive-other-dossier"
    message = "dossier.json has the SHA-256 {found}; filing.json says {wanted}."


class NotAFiler(Forbidden):
    code = "archive-not-a-filer"
    message = "Only a homologation officer takes a filing in."


class ReceiptNotGood(Invalid):
    code = "archive-receipt-not-good"
    message = "receipt.dsse.json is not the authority's signature over dossier.json: {reason}"


@dataclass(frozen=True, slots=True)
class Checked:
    """An archive with what it says, every part of it in order."""

    archive: Archive
    number: str
    kind: Kind
    state: str
    dossier: Mapping[str, Any]
    dossier_sha256: str
    receipt_by: str  # "" as long as nobody has accepted it


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made of an archive."""

    release: Release | None
    filings: tuple[Filing, ...]
    content_sha256: str
    same_content: bool


def name_of(filing: Filing) -> str:
    """Return the file name under which an archive of a filing goes out."""
    return f"{filing.number}.dossier.zip"


def export(
    filing: Filing, target: IO[bytes], *, platform: Platform, with_images: bool = True
) -> None:
    """Write a filing to an archive, signed with the key of this platform's log.

    Raises:
        BytesMissing: a file that belongs to it is not on this host.
    """
    content = filing.dossier.content
    files: dict[str, bytes | Path] = {
        DOSSIER: canonical(content),
        FILING: canonical(_told(filing)),
    }
    if filing.receipt:
        party = signing.party_of_receipt(filing)
        files[RECEIPT] = filing.receipt.encode()
        files[KEYS] = canonical({party: _receipt_key(filing)})
    files |= _files(filing, platform.images, with_images=with_images)
    for one in content.get("attachments", ()):
        path = platform.documents.path(one["sha256"])
        if not path.is_file():
            raise BytesMissing(name=one["filename"])
        files[_attachment(one["sha256"], one["filename"])] = path
    about = {"number": filing.number, "manufacturer": filing.manufacturer.slug}
    archive.write(target, files, about=about, signer=platform.log.signer, log=platform.log.verifier)


def check(path: Path, anchors: Anchors | None) -> Checked:
    """Check an archive offline: every file, who wrote it, the dossier's digest, the receipt.

    Raises:
        what ``trust.archive.read`` raises; NoArchive, OtherDossier, ReceiptNotGood.
    """
    opened = archive.read(path, trusted=anchors.log if anchors else None)
    dossier, told = opened.json(DOSSIER), opened.json(FILING)
    try:
        number, kind, state = told["number"], Kind(told["kind"]), State(told["state"])
        wanted = told["dossier_sha256"]
    except (KeyError, TypeError, ValueError):
        raise NoArchive(reason=f"{FILING} lacks a field") from None
    if not isinstance(dossier, dict) or dossier.get("kind") != kind:
        raise NoArchive(reason=f"{DOSSIER} is of another kind than {FILING}")
    found = digest(dossier)
    if found != wanted:
        raise OtherDossier(found=found, wanted=wanted)
    by = _check_receipt(opened, found) if RECEIPT in opened.files else ""
    return Checked(opened, number, kind, state, dossier, found, by)


def take_in(
    checked: Checked,
    *,
    manufacturer_id: int,
    images: ImageStore,
    documents: DocumentStore,
    actor: Actor,
    at: datetime,
) -> Taken:
    """Make a draft of what an archive holds: a release, or a filing that is about none.

    Raises:
        NotAFiler: a filing comes in, and the actor does not file.
        what ``software.restoring.restore``, ``documents.services.kept`` and
        ``filings.services.prepare`` raise.
    """
    content = checked.dossier.get("release")
    if content is None:
        if actor.role != Role.HOMOLOGATION:
            raise NotAFiler
        made = _prepare(checked, manufacturer_id, documents, actor, at)
        found = made[0].dossier.sha256
        return Taken(None, made, found, found == checked.dossier_sha256)
    release, found = restoring.restore(
        content,
        _Files(checked.archive),
        manufacturer_id=manufacturer_id,
        images=images,
        archive_sha256=checked.dossier_sha256,
        actor=actor,
        at=at,
    )
    return Taken(release, (), found, found == digest(content))


@transaction.atomic(durable=True)
def _prepare(
    checked: Checked, manufacturer_id: int, documents: DocumentStore, actor: Actor, at: datetime
) -> tuple[Filing, ...]:
    """Keep the documents and prepare the filing: both or neither."""
    attached = []
    for one in checked.dossier.get("attachments", ()):
        with checked.archive.open(_attachment(one["sha256"], one["filename"])) as file:
            document = keeping.kept(
                organisation_id=manufacturer_id,
                filename=one["filename"],
                content=io.BytesIO(file.read()),
                store=documents,
                actor=actor,
                at=at,
            )
        attached.append(
            dossiers.Attached(
                one["title"],
                document.filename,
                document.sha256,
                document.length,
                document.media_type,
            )
        )
    return preparing.prepared(
        kind=checked.kind,
        manufacturer_id=manufacturer_id,
        details=checked.dossier.get("details", {}),
        actor=actor,
        at=at,
        enclosed=preparing.Enclosed(attachments=attached),
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """The documents, images and envelopes of an archive, as a release asks for them."""

    archive: Archive

    def document(self, filename: str, sha256: str) -> IO[bytes]:
        return self.archive.open(_document(sha256, filename))

    def image(self, filename: str, sha256: str) -> IO[bytes]:
        return self.archive.open(_image(sha256, filename))

    def envelope(self, sha256: str) -> str:
        name = _envelope(sha256)
        if name not in self.archive.files:
            return ""
        with self.archive.open(name) as file:
            return file.read().decode(errors="replace")


def _told(filing: Filing) -> dict[str, Any]:
    return {
        "number": filing.number,
        "kind": filing.dossier.kind,
        "authority": filing.authority.slug,
        "manufacturer": filing.manufacturer.slug,
        "state": filing.state,
        "dossier_sha256": filing.dossier.sha256,
        "submitted_at": filing.submitted_at and filing.submitted_at.isoformat(),
        "decided_at": filing.decided_at and filing.decided_at.isoformat(),
        "reason": filing.reason,
    }


def _files(filing: Filing, images: ImageStore, *, with_images: bool) -> dict[str, bytes | Path]:
    found: dict[str, bytes | Path] = {}
    content = filing.dossier.content.get("release", {})
    for one in content.get("evidence", ()):
        found[_document(one["sha256"], one["filename"])] = _bytes(
            images, one["sha256"], one["filename"]
        )
    if filing.dossier.release is not None:
        for evidence in software.evidence_of(filing.dossier.release.pk):
            if evidence.envelope:
                found[_envelope(evidence.sha256)] = evidence.envelope.encode()
    if with_images:
        for one in content.get("changes", ()):
            image = one["image"]
            found[_image(image["sha256"], image["filename"])] = _bytes(
                images, image["sha256"], image["filename"]
            )
    return found


def _bytes(images: ImageStore, sha256: str, name: str) -> Path:
    path = images.path(sha256)
    if not path.is_file():
        raise BytesMissing(name=name)
    return path


def _receipt_key(filing: Filing) -> dict[str, Any]:
    """Return the public key with which the receipt was signed, though it be revoked by now."""
    (keyid,) = dsse.signer_ids(filing.receipt.encode())
    key = organisations.key(keyid)
    return dict(key.public) if key else {}


def _check_receipt(opened: Archive, dossier_sha256: str) -> str:
    keys = opened.json(KEYS)
    if not isinstance(keys, dict) or len(keys) != 1:
        raise NoArchive(reason=f"{KEYS} names not one key")
    ((party, public),) = keys.items()
    with opened.open(RECEIPT) as file:
        envelope = file.read()
    try:
        statement = dsse.open_envelope(envelope, [key_from_dict(public)])
    except (Invalid, dsse.NotAttested) as wrong:
        raise ReceiptNotGood(reason=str(wrong)) from None
    if dossier_sha256 not in {one.sha256 for one in statement.subjects}:
        raise ReceiptNotGood(reason=json.dumps([one.sha256 for one in statement.subjects]))
    return str(party)


def _document(sha256: str, filename: str) -> str:
    return f"documents/{sha256}/{filename}"


def _attachment(sha256: str, filename: str) -> str:
    return f"attachments/{sha256}/{filename}"


def _image(sha256: str, filename: str) -> str:
    return f"images/{sha256}/{filename}"


def _envelope(sha256: str) -> str:
    return f"envelopes/{sha256}.dsse.json"
