"""Words and shapes for the matrix: what a cell says, why, and what shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import pgettext_lazy

from roadworthy.domains.compliance.cells import Because, Cell
from roadworthy.domains.compliance.profile import Profile
from roadworthy.domains.compliance.proofs import Line, Standing
from roadworthy.domains.compliance.queries import Coming, Guarded, Matrix
from roadworthy.domains.compliance.states import (
    EVIDENCE,
    CellState,
    EvidenceAction,
    EvidenceKind,
    EvidenceState,
    NoticeKind,
)
from roadworthy.domains.organisations.roles import Role
from roadworthy.law.evaluation import Gate
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import formats, presenting
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Button, Chip, FindingView, Text, Tone

STATES: Mapping[CellState, Chip] = {
    CellState.MISSING: Chip(Tone.BROKEN, pgettext_lazy("matrix", "Missing")),
    CellState.EXPIRED: Chip(Tone.BROKEN, pgettext_lazy("matrix", "Expired")),
    CellState.UNDETERMINED: Chip(Tone.UNKNOWN, pgettext_lazy("matrix", "Undetermined")),
    CellState.NOT_YET: Chip(Tone.DUE, pgettext_lazy("matrix", "Not yet in force")),
    CellState.MET: Chip(Tone.MET, pgettext_lazy("matrix", "Met")),
    CellState.NOT_APPLICABLE: Chip(Tone.IDLE, pgettext_lazy("matrix", "Not applicable")),
}
STANDINGS: Mapping[Standing, Chip] = {
    Standing.VALID: Chip(Tone.MET, pgettext_lazy("evidence", "Valid")),
    Standing.WAITING: Chip(Tone.DUE, pgettext_lazy("evidence", "To be confirmed")),
    Standing.AHEAD: Chip(Tone.IDLE, pgettext_lazy("evidence", "Counts later")),
    Standing.EXPIRED: Chip(Tone.BROKEN, pgettext_lazy("evidence", "Expired")),
    Standing.REVOKED: Chip(Tone.BROKEN, pgettext_lazy("evidence", "Revoked")),
    Standing.ENDED: Chip(Tone.IDLE, pgettext_lazy("evidence", "Taken away")),
}
KINDS: Mapping[EvidenceKind, Text] = {
    EvidenceKind.TEST_REPORT: _later("Signed test report"),
    EvidenceKind.ATTESTATION: _later("Attestation"),
    EvidenceKind.DOCUMENT: _later("Document"),
}
NOTICES: Mapping[NoticeKind, Text] = {
    NoticeKind.COMMENT: _later("Comments are invited until"),
    NoticeKind.IN_FORCE: _later("Takes effect on"),
    NoticeKind.SUPERSEDED: _later("Superseded from"),
}
GATES: Mapping[Gate, Text] = {
    Gate.ACCESS: _later("The gap holds up an application for market access, no release."),
    Gate.FILING: _later("The gap holds up the filing."),
    Gate.RELEASE: _later("The gap holds up the release."),
    Gate.EXECUTION: _later("The gap holds up the execution of an update."),
}


def row(cell: Cell) -> dict[str, Any]:
    """Return one line of the matrix with its explanation."""
    clause = cell.requirement
    return {
        "cell": cell,
        "key": cell.requirement.key,
        "clause": clause,
        "standard": clause.standard,
        "title": localised(clause.title),
        "text": localised(clause.text),
        "note": localised(cell.requirement.note),
        "is_below": cell.requirement.under_id is not None,
        "above": localised(cell.requirement.under.title) if cell.requirement.under else "",
        "chip": STATES[cell.state],
        "why": why(cell),
        "age": _age(cell),
        "gate": GATES.get(cell.gate, ""),
        "grade": _grade(cell),
        "proofs": [proof(one) for one in cell.evidence],
        "covered": [proof(one) for one in cell.covered_by],
        "shown": [proof(one) for one in (*cell.evidence, *cell.covered_by)][:2],
        "findings": findings(cell),
        "guards": [_guard(rule) for rule in cell.requirement.guards],
        "units": formats_list(cell.units),
        "functions": formats_list([localised(one.name) for one in cell.functions]),
        "kinds": formats_list([str(KINDS[EvidenceKind(one)]) for one in cell.requirement.evidence]),
        "missing": [fact_label(name) for name in cell.missing],
    }


def why(cell: Cell) -> str:
    """Say in a sentence why a cell is in its state."""
    if cell.state is CellState.UNDETERMINED and cell.missing:
        names = formats_list([fact_label(name) for name in cell.missing])
        return _("Missing fact: {names}.").format(names=names)
    if cell.because is Because.FOLLOWS:
        return _below(cell)
    if cell.findings and cell.because in {Because.RULE, Because.VOLUNTARY}:
        return localised(cell.findings[0].why.to_json())
    if cell.because is Because.OUT_OF_SCOPE:
        return _("The clause speaks of other vehicles than this type.")
    if cell.because is Because.NO_DAY:
        return _("The type is older, and no first day for existing types is on file.")
    return _by_day(cell)


def _below(cell: Cell) -> str:
    if cell.state is CellState.NOT_APPLICABLE:
        return _("The standard does not speak of this type.")
    if cell.state is CellState.MET and not any(one.standing == "valid" for one in cell.evidence):
        return _("Shown by the report on the whole standard.")
    return _by_day(cell)


def _by_day(cell: Cell) -> str:
    day = formats.long_day(cell.since) if cell.since else ""
    if cell.state is CellState.NOT_YET:
        return _("It binds this type from {day}; until then nothing is asked.").format(day=day)
    if cell.state is CellState.EXPIRED:
        return _("It binds this type since {day}; what showed it has ended.").format(day=day)
    if cell.state is CellState.MISSING:
        return _("It binds this type since {day}; nothing on file shows it.").format(day=day)
    if cell.state is CellState.MET:
        return _("It binds this type from {day}; valid evidence shows it.").format(day=day)
    return _("It cannot be told.")


def _age(cell: Cell) -> str:
    if cell.is_new is None:
        return ""
    return _("as a new type") if cell.is_new else _("as an existing type")


def _grade(cell: Cell) -> str:
    """Return how well what the answer rests on was read: the rule's grade, or the entry's."""
    if cell.because is Because.RULE and cell.findings:
        return str(cell.findings[0].grade)
    requirement = cell.requirement
    if cell.is_new is False and requirement.existing_grade:
        return requirement.existing_grade
    return requirement.grade


def findings(cell: Cell) -> tuple[FindingView, ...]:
    """Return the rulebook's answers behind a cell, with facts, parameters and articles."""
    return tuple(presenting.finding(one.to_json()) for one in cell.findings)


def proof(line: Line) -> dict[str, Any]:
    """Return one piece of evidence."""
    return {
        "line": line,
        "chip": STANDINGS[line.standing],
        "kind": KINDS[EvidenceKind(line.kind)],
        "row": line.evidence,
        "counts": line.standing is Standing.VALID,
    }


def acts(line: Line, who: Acting) -> tuple[Button, ...]:
    """Return what this person may do with a piece of evidence."""
    evidence = line.evidence
    if evidence is None:
        return ()
    texts = {
        EvidenceAction.CONFIRM: _("Confirm"),
        EvidenceAction.REFUSE: _("Refuse the evidence"),
        EvidenceAction.WITHDRAW: _("Withdraw"),
    }
    own = evidence.attached_by_id == who.actor.user_id
    found = EVIDENCE.available(EvidenceState(evidence.state), who.role)
    return tuple(
        Button(texts[one], reverse("m:evidence-act", args=[evidence.pk, one]), "small")
        for one in found
        if one is EvidenceAction.WITHDRAW or not own
    )


def tally(found: Matrix) -> list[dict[str, Any]]:
    """Return how many cells are in each state, with the address that shows them."""
    return [
        {"chip": STATES[state], "state": str(state), "count": count}
        for state, count in found.tally.items()
    ]


def coming(rows: Iterable[Coming]) -> list[dict[str, Any]]:
    """Return what comes, by day."""
    return [{"day": one.day, "ends": one.ends, "row": row(one.cell)} for one in rows]


def about(profile: Profile) -> list[tuple[Text, str]]:
    """Return what is known of the type, by the names that the rulebook uses."""
    law = rulebook().facts
    facts = [
        (localised(law[name].label.to_json()), localised(law[name].shown(value).to_json()))
        for name, value in profile.facts.items()
        if name in law
    ]
    applied = formats.day(profile.applied_on) if profile.applied_on else formats.NONE
    return [
        (_("Applied for"), applied),
        (_("Approved"), formats.day(profile.approved_on)),
        *sorted(facts),
    ]


def fact_label(name: str) -> str:
    """Name a fact in the reader's language."""
    known = rulebook().facts.get(name)
    return localised(known.label.to_json()) if known else name


def may_attach(who: Acting) -> bool:
    return who.role == Role.HOMOLOGATION


def formats_list(parts: Sequence[str]) -> str:
    """Put parts one after another as the language does."""
    return ("、" if formats.is_chinese() else ", ").join(dict.fromkeys(parts))


def guards(told: dict[str, Any], last: Guarded | None) -> list[dict[str, Any]]:
    """Return the rules that hold each update, with how the type's last one stood."""
    outcomes = last.outcomes if last else {}
    return [
        one
        | {
            "release": last.release if last and one["rule_id"] in outcomes else "",
            "outcome": presenting.OUTCOMES.get(outcomes.get(one["rule_id"], ""), ""),
        }
        for one in told["guards"]
    ]


def _guard(rule_id: str) -> dict[str, str]:
    card = rulebook().rule(rule_id)
    return {"rule_id": rule_id, "title": localised(card.title.to_json()), "grade": card.grade}
