"""A log is never wound back: who has signed a tree of some size signs no other of that size.

A database can be put back to an earlier state; a log cannot, for others have seen it. Before the
sequencer signs it is asked here whether this database holds everything that was ever signed:

* as the newest ``Restoration`` says, which a restore writes;
* as ``Head`` says, a file beside the keys, for a database that was put back by other means.

Missing entries come back by ``recovering.bring_back`` or ``taking_in``; nothing else lets the
sequencer go on.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from roadworthy.domains.ledger.models import Restoration
from roadworthy.kernel.errors import Unavailable
from roadworthy.trust import checkpoints, notes
from roadworthy.trust.tlog import Log


class LogBehind(Unavailable):
    code = "log-behind"
    message = (
        "The log has signed {known} entries and this database holds {size}: entries {size} to "
        "{last} are missing. Nothing is signed until they are back: roadworthy log take-in FILE"
    )


class LogForked(Unavailable):
    code = "log-forked"
    message = (
        "The log has signed another tree of {size} entries than this database holds: root {known}, "
        "here {root}. This database was changed, or is not of this log. Nothing is signed."
    )


@dataclass(frozen=True, slots=True)
class Head:
    """A file with the last checkpoint that was signed here; missing means nothing is remembered.

    It is written after the database has committed: what was never committed was never signed for
    anybody. Of two processes that write at once the smaller may win; that only remembers less.
    """

    path: Path

    def latest(self, origin: str) -> checkpoints.Checkpoint | None:
        """Return what is remembered of a log."""
        found = self.latest_of_any()
        return found if found is not None and found.origin == origin else None

    def latest_of_any(self) -> checkpoints.Checkpoint | None:
        """Return what is remembered, of whichever log."""
        try:
            note = self.path.read_bytes()
        except FileNotFoundError:
            return None
        return checkpoints.Checkpoint.parse(notes.parse(note).text)

    def remember(self, note: bytes) -> None:
        """Keep the newest checkpoint."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=self.path.parent, prefix=".head.")
        with os.fdopen(handle, "wb") as file:
            file.write(note)
        Path(made).replace(self.path)


def known(head: checkpoints.Checkpoint | None) -> tuple[int, str]:
    """Return size and root (in hex) of the largest tree that is known to be signed."""
    newest = Restoration.objects.order_by("-pk").first()
    found = [(newest.known_size, newest.known_root)] if newest is not None else []
    if head is not None:
        found.append((head.size, head.root.hex()))
    return max(found, default=(0, ""))


def refuse_behind(tree: Log, head: checkpoints.Checkpoint | None) -> None:
    """Make sure that this tree continues everything that is known to be signed.

    Raises:
        LogBehind: entries are missing.
        LogForked: it is another tree.
    """
    newest = Restoration.objects.order_by("-pk").first()
    if newest is not None:
        _continues(tree, newest.known_size, newest.known_root)
    if head is not None:
        _continues(tree, head.size, head.root.hex())


def _continues(tree: Log, size: int, root: str) -> None:
    if size > tree.size:
        raise LogBehind(known=size, size=tree.size, last=size - 1)
    found = tree.root(size).hex()
    if found != root:
        raise LogForked(size=size, known=root, root=found)
