"""A checkpoint is what a log says of itself, signed: this many entries, this root.

A log signs no two checkpoints that do not continue one another. A witness makes sure: it keeps
the last checkpoint that it has seen of each log and cosigns the next one only with a proof that
it continues that one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from roadworthy.trust import notes, tlog
from roadworthy.trust.notes import Kind, NoteSigner, Verifier
from roadworthy.trust.tiles import HASH_SIZE

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class CheckpointMalformed(Invalid):
    code = "trust.checkpoint_malformed"
    message = "This is not the checkpoint of a log: {reason}."


class UnknownLog(NotFound):
    code = "trust.unknown_log"
    message = "The witness does not watch a log with the origin {origin}."


class WitnessAhead(Conflict):
    code = "trust.witness_ahead"
    message = (
        "The witness last saw the log at size {seen}; the proof starts at size {given}. "
        "Send a proof from size {seen}."
    )


class CheckpointRefused(Forbidden):
    code = "trust.checkpoint_refused"
    message = "The witness does not cosign the checkpoint of size {size}: {reason}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its name, how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        encoded = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{encoded}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint; extension lines, which nobody can audit, are refused.

        Raises:
            CheckpointMalformed: it is not one.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise CheckpointMalformed(reason="it has not three lines")
        origin, size, encoded = lines[:3]
        if not _SIZE.fullmatch(size):
            raise CheckpointMalformed(reason=f"{size!r} is not a size")
        try:
            root = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            root = b""
        checkpoint = cls(origin, int(size), root)
        if len(root) != HASH_SIZE or checkpoint.text() != text:
            raise CheckpointMalformed(reason="the root is not the base64 of a SHA-256 digest")
        return checkpoint


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint whose log has signed it, and the witnesses among the given ones that did."""

    checkpoint: Checkpoint
    cosigned: tuple[tuple[Verifier, datetime], ...]


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner, *, at: datetime) -> bytes:
    """Return the checkpoint as a note signed by the log."""
    return notes.sign(checkpoint.text(), [signer], at=at)


def open_checkpoint(
    note: bytes, log: Verifier, witnesses: Iterable[Verifier] = ()
) -> OpenedCheckpoint:
    """Return a checkpoint that its log signed, with the times at which witnesses cosigned it.

    The caller decides how many witnesses are enough.

    Raises:
        NoteMalformed: it is no note.
        NoteNotSigned: the log has not signed it.
        NoteSignatureWrong: a signature by the log or by a given witness does not fit.
        CheckpointMalformed: the text is no checkpoint, or one of another log.
    """
    known = {(witness.name, witness.key_id): witness for witness in witnesses}
    parsed, _ = notes.open_note(note, [log])
    _, verified = notes.open_note(note, [log, *known.values()])
    checkpoint = Checkpoint.parse(parsed.text)
    if checkpoint.origin != log.name:
        raise CheckpointMalformed(reason=f"it is of {checkpoint.origin}, not of {log.name}")
    cosigned = tuple(
        (known[signature.name, signature.key_id], signature.cosigned_at())
        for signature in verified
        if (signature.name, signature.key_id) in known
    )
    return OpenedCheckpoint(checkpoint, cosigned)


class WitnessMemory(Protocol):
    """What a witness must not forget; ``remember`` and the ``latest`` before it are one step."""

    def latest(self, origin: str) -> Checkpoint | None:
        """Return the last checkpoint that was cosigned for a log."""

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, durably, before its cosignature leaves the witness."""


class VolatileMemory:
    """A memory for one process."""

    def __init__(self) -> None:
        self._latest: dict[str, Checkpoint] = {}

    def latest(self, origin: str) -> Checkpoint | None:
        return self._latest.get(origin)

    def remember(self, checkpoint: Checkpoint) -> None:
        self._latest[checkpoint.origin] = checkpoint


class Witness:
    """Cosigns the checkpoints of the logs it watches, each only as a continuation of the last."""

    def __init__(
        self, signer: NoteSigner, *, logs: Iterable[Verifier], memory: WitnessMemory
    ) -> None:
        if signer.kind is not Kind.COSIGNATURE:
            raise notes.BadVerifierKey(reason="a witness signs with a cosignature key")
        self._signer = signer
        self._logs = {log.name: log for log in logs}
        self._memory = memory

    @property
    def verifier(self) -> Verifier:
        return self._signer.verifier

    def last_size(self, origin: str) -> int:
        """Return the size from which the next proof must start; 0 for a log not seen yet."""
        latest = self._memory.latest(origin)
        return latest.size if latest else 0

    def cosign(self, note: bytes, *, old_size: int, proof: Sequence[bytes], at: datetime) -> str:
        """Return the line to put under the checkpoint.

        Raises:
            NoteMalformed: it is no note.
            CheckpointMalformed: the text is no checkpoint.
            UnknownLog: the witness does not watch this log.
            NoteNotSigned: the log has not signed it.
            NoteSignatureWrong: the log's signature does not fit.
            WitnessAhead: the proof starts at another size than the one last seen.
            CheckpointRefused: the log has become shorter, or does not continue what was seen.
        """
        origin = notes.parse(note).text.partition("\n")[0]
        log = self._logs.get(origin)
        if log is None:
            raise UnknownLog(origin=origin)
        checkpoint = open_checkpoint(note, log).checkpoint
        self._check(checkpoint, old_size, proof)
        self._memory.remember(checkpoint)
        return self._signer.line(checkpoint.text(), at=at)

    def _check(self, checkpoint: Checkpoint, old_size: int, proof: Sequence[bytes]) -> None:
        seen = self._memory.latest(checkpoint.origin)
        seen_size, seen_root = (seen.size, seen.root) if seen else (0, tlog.EMPTY_ROOT)
        if checkpoint.size < seen_size:
            raise CheckpointRefused(
                size=checkpoint.size, reason=f"the log had {seen_size} entries before."
            )
        if old_size != seen_size:
            raise WitnessAhead(seen=seen_size, given=old_size)
        try:
            tlog.verify_consistency(seen_size, seen_root, checkpoint.size, checkpoint.root, proof)
        except tlog.LogsDisagree as error:
            raise CheckpointRefused(size=checkpoint.size, reason=str(error)) from None
