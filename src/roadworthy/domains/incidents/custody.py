"""The chain of custody as a signed archive that anybody can check offline.

* It holds the hold, what lies under it, who did what when, and the files; each by its digest.
* Each line of the chain comes with its entry of the public log and the proof that it stands there:
  a line left out, added or changed shows. Persons stand in the entries as commitments only.
* The reports on the incident go with it, each with the authorities' signed acknowledgements.
* The platform signs the whole (``trust.archive``); a line that the log has not taken in yet is
  named as such.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings.archiving import BytesMissing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.incidents import holding, receipts
from roadworthy.domains.incidents.models import Custody, Exhibit, Hold
from roadworthy.domains.incidents.receipts import Acknowledged
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger.models import Entry as LedgerEntry
from roadworthy.domains.ledger.services import instant
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.kernel.canonical import canonical
from roadworthy.kernel.errors import DomainError, Invalid
from roadworthy.trust import archive, checkpoints, tlog
from roadworthy.trust.archive import Archive
from roadworthy.trust.checkpoints import Checkpoint
from roadworthy.trust.notes import Verifier

SCHEMA = "roadworthy/custody/1"
CUSTODY, CHECKPOINT = "custody.json", "checkpoint.txt"


class BrokenChain(Invalid):
    code = "custody-chain-broken"
    message = "The chain of custody does not hold: {reason}."


@dataclass(frozen=True, slots=True)
class Checked:
    """A chain of custody in which everything is as it says."""

    incident: str
    exhibits: Mapping[str, str]  # file name -> SHA-256
    steps: int
    proven: int  # of the steps: stands in the log
    acknowledged: Sequence[Acknowledged]  # by the authorities, signed
    unsigned: int  # acknowledged before acknowledgements were signed
    signer: str
    key_from_archive: bool


@transaction.atomic(durable=True)
def export(*, hold_id: int, target: IO[bytes], platform: Platform, actor: Actor, at: Any) -> None:
    """Write a hold with its files and its whole chain; that it was written is a line of it.

    Raises:
        NoSuchHold, NotAMember.
        BytesMissing: something that is held is not on this host.
    """
    by = witnessed(actor)
    hold = holding.found(actor, hold_id)
    holding.note(hold, "exported", actor, by, at)
    held = holding.exhibits(hold)
    files: dict[str, bytes | Path] = {
        _name(one): _bytes(one, platform.documents) for one in held if one.document is not None
    }
    checkpoint = ledger.latest_checkpoint()
    size = checkpoint.size if checkpoint else 0
    if checkpoint is not None:
        files[CHECKPOINT] = checkpoint.note.encode()
    files[CUSTODY] = canonical(
        {
            "schema": SCHEMA,
            "incident": hold.incident.number,
            "manufacturer": hold.incident.manufacturer.slug,
            "window": [instant(hold.from_at), instant(hold.until_at)],
            "state": hold.state,
            "exhibits": [_told(one) for one in held],
            "chain": _chain(hold, size),
            "reports": receipts.told(hold.incident, size),
        }
    )
    about = {"number": hold.incident.number, "manufacturer": hold.incident.manufacturer.slug}
    archive.write(target, files, about=about, signer=platform.log.signer, log=platform.log.verifier)


def check(path: Path, trusted: Verifier | None) -> Checked:
    """Check an archive offline: every file, every line of the chain, every proof.

    Without ``trusted`` the key that the archive itself names is taken, and the answer says so.

    Raises:
        NoArchive, UnsafeName, ArchiveTooLarge, CompressedFile, FileTwice, FileMissing,
        FileUnlisted, FileAltered, UnknownSigner: the archive is not whole, or not theirs.
        BrokenChain: what it says does not fit together.
    """
    opened = archive.read(path, trusted=trusted)
    told = opened.json(CUSTODY)
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise BrokenChain(reason=f"{CUSTODY} is of another kind")
    try:
        for one in told["exhibits"]:
            if one["file"] and opened.files.get(one["file"]) != one["sha256"]:
                raise BrokenChain(reason=f"{one['file']} is not what was held")
        proves = _prover(opened, trusted)
        proven = sum(proves(step) for step in told["chain"])
        added = {step["entry"]["data"].get("sha256") for step in told["chain"]}
        for one in told["exhibits"]:
            if one["sha256"] not in added:
                raise BrokenChain(reason=f"nobody added {one['sha256']}")
        acknowledged, unsigned = receipts.check(told.get("reports", ()), proves)
        return Checked(
            told["incident"],
            {one["file"] or one["reference"]: one["sha256"] for one in told["exhibits"]},
            len(told["chain"]),
            proven,
            acknowledged,
            unsigned,
            opened.signer,
            opened.key_from_archive,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise BrokenChain(reason=f"{CUSTODY} cannot be read ({type(wrong).__name__})") from None


def _prover(opened: Archive, trusted: Verifier | None) -> Callable[[Mapping[str, Any]], bool]:
    """Return what checks an entry against the archive's checkpoint; False: it is not in yet."""
    point: Checkpoint | None = None

    def proves(step: Mapping[str, Any]) -> bool:
        nonlocal point
        if step["index"] is None:
            return False
        try:
            point = point or _checkpoint(opened, trusted)
            tlog.verify_inclusion(
                tlog.leaf_hash(canonical(step["entry"])),
                step["index"],
                point.size,
                [bytes.fromhex(each) for each in step["proof"]],
                point.root,
            )
        except DomainError as wrong:
            raise BrokenChain(reason=str(wrong)) from None
        return True

    return proves


def _checkpoint(opened: Archive, trusted: Verifier | None) -> Checkpoint:
    with opened.open(CHECKPOINT) as file:
        note = file.read()
    return checkpoints.open_checkpoint(note, trusted or archive.writer(opened)).checkpoint


def _chain(hold: Hold, size: int) -> list[dict[str, Any]]:
    lines = list(holding.chain(hold))
    entries = LedgerEntry.objects.in_bulk([one.entry_id for one in lines])
    places = {one.id: one for one in ledger.told(entries.values())}
    return [_step(one, places[one.entry_id], size) for one in lines]


def _step(line: Custody, told: ledger.Told, size: int) -> dict[str, Any]:
    proof: tuple[bytes, ...] = ()
    index = told.index if told.index is not None and told.index < size else None
    if index is not None:
        proof = ledger.inclusion_proof(index, size)
    return {
        "step": line.step,
        "at": instant(line.at),
        "role": line.role,
        "words": line.words,
        "entry": json.loads(told.body),
        "index": index,
        "proof": [one.hex() for one in proof],
    }


def _told(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "recorder": exhibit.recorder,
        "file": _name(exhibit) if exhibit.document else "",
        "reference": exhibit.reference,
        "sha256": exhibit.sha256,
        "length": exhibit.length,
        "words": exhibit.words,
        "at": instant(exhibit.at),
    }


def _name(exhibit: Exhibit) -> str:
    filename = exhibit.document.filename if exhibit.document else ""
    return f"exhibits/{exhibit.sha256}/{filename}"


def _bytes(exhibit: Exhibit, store: DocumentStore) -> Path:
    store.restore(exhibit.sha256)
    path = store.path(exhibit.sha256)
    if not path.is_file():
        raise BytesMissing(name=exhibit.sha256)
    return path
