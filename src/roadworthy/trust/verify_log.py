"""Checks the log's part of a bundle: who signed it, that it only grew, what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from roadworthy.kernel.canonical import canonical
from roadworthy.kernel.errors import DomainError
from roadworthy.trust import checkpoints, tlog
from roadworthy.trust.bundle import Anchors, CheckpointLine, ConsistencyLine, EntryLine
from roadworthy.trust.bundle_reading import Bundle
from roadworthy.trust.checkpoints import Checkpoint
from roadworthy.trust.report import Findings, Text


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint that its log signed, under the name of its line."""

    where: str
    checkpoint: Checkpoint


def verify_log(bundle: Bundle, anchors: Anchors, findings: Findings) -> list[EntryLine]:
    """Return the entries that are proven to be in the log."""
    signed = _checkpoints(bundle, anchors, findings)
    _growth(bundle, signed, findings)
    return _inclusion(bundle, signed[-1] if signed else None, findings)


def _cosigned(opened: checkpoints.OpenedCheckpoint) -> Text:
    witnesses = (f"{name.name} ({at:%Y-%m-%d %H:%M:%S} UTC)" for name, at in opened.cosigned)
    return Text(
        "{name} at size {size}, cosigned by {witnesses}",
        {
            "name": opened.checkpoint.origin,
            "size": opened.checkpoint.size,
            "witnesses": ", ".join(witnesses),
        },
    )


def _checkpoints(bundle: Bundle, anchors: Anchors, findings: Findings) -> list[Witnessed]:
    """Return the checkpoints by size."""
    signed = []
    cosigned_by: set[str] = set()
    with findings.check(
        Text("The log signed its checkpoints and a witness cosigned the last")
    ) as now:
        for line in bundle.of(CheckpointLine):
            try:
                opened = checkpoints.open_checkpoint(
                    line.note.encode(), anchors.log, anchors.witnesses
                )
            except (DomainError, ValueError) as error:
                now.refused(line.name, error)
                continue
            if line.name != f"checkpoint/{opened.checkpoint.size}":
                now.problem(
                    line.name, Text("It is of size {size}.", {"size": opened.checkpoint.size})
                )
            signed.append(Witnessed(line.name, opened.checkpoint))
            if not opened.cosigned:
                continue
            cosigned_by.add(line.name)
            now.saw(_cosigned(opened))
        signed.sort(key=lambda one: one.checkpoint.size)
        if not signed:
            now.problem(
                "checkpoint", Text("There is no checkpoint by {log}.", {"log": anchors.log.name})
            )
        elif signed[-1].where not in cosigned_by:
            now.problem(signed[-1].where, Text("No known witness has cosigned it."))
    return signed


def _growth(bundle: Bundle, signed: list[Witnessed], findings: Findings) -> None:
    with findings.check(Text("The log only grew between its checkpoints")) as now:
        steps = {(one.checkpoint.size, two.checkpoint.size) for one, two in pairwise(signed)}
        proofs = {(line.old_size, line.size): line for line in bundle.of(ConsistencyLine)}
        for step, line in proofs.items():
            if step not in steps or line.name != f"consistency/{step[0]}-{step[1]}":
                now.problem(line.name, Text("It proves nothing about two checkpoints that follow."))
        for older, newer in pairwise(signed):
            step = older.checkpoint.size, newer.checkpoint.size
            if step not in proofs:
                now.problem(
                    newer.where,
                    Text("There is no proof that it continues {older}.", {"older": older.where}),
                )
                continue
            try:
                tlog.verify_consistency(
                    step[0],
                    older.checkpoint.root,
                    step[1],
                    newer.checkpoint.root,
                    proofs[step].proof,
                )
            except tlog.LogsDisagree as error:
                now.refused(proofs[step].name, error)
        now.saw(Text("{count} steps", {"count": len(steps)}))


def _inclusion(bundle: Bundle, last: Witnessed | None, findings: Findings) -> list[EntryLine]:
    proven = []
    with findings.check(Text("Every entry is in the log")) as now:
        for line in bundle.of(EntryLine):
            if last is None:
                now.problem(line.name, Text("There is no checkpoint to prove it under."))
                continue
            if line.name != f"entry/{line.index}":
                now.problem(line.name, Text("It stands at {index}.", {"index": line.index}))
            try:
                tlog.verify_inclusion(
                    tlog.leaf_hash(canonical(line.body)),
                    line.index,
                    last.checkpoint.size,
                    line.proof,
                    last.checkpoint.root,
                )
            except tlog.NotInLog as error:
                now.refused(line.name, error)
            else:
                proven.append(line)
        if not proven:
            now.problem("entry", Text("No entry is proven."))
        now.saw(Text("{count} entries", {"count": len(proven)}))
    return proven
