"""That an entry is in the log: what its page and a release's page show of the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger.queries import Told
from roadworthy.trust import notes, tlog

if TYPE_CHECKING:
    from roadworthy.domains.ledger.models import Checkpoint


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The audit path of an entry under a checkpoint, as hashes in hex, sibling first."""

    checkpoint: Checkpoint
    leaf: str
    path: tuple[str, ...]

    @property
    def origin(self) -> str:
        return self.checkpoint.note.partition("\n")[0]

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Name those who cosigned the checkpoint."""
        signatures = notes.parse(self.checkpoint.note.encode()).signatures
        return tuple(one.name for one in signatures if one.name != self.origin)


def of(told: Told) -> Inclusion | None:
    """Prove an entry under the newest cosigned checkpoint that covers it, or the newest of all."""
    if told.index is None:
        return None
    for found in (ledger.latest_witnessed(), ledger.latest_checkpoint()):
        if found is not None and told.index < found.size:
            path = ledger.inclusion_proof(told.index, found.size)
            leaf = tlog.leaf_hash(told.body).hex()
            return Inclusion(found, leaf, tuple(step.hex() for step in path))
    return None
