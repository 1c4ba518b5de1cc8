"""The clauses that bind a type as an OSCAL profile, and its matrix as assessment results; and back.

* Controls are those of the catalogue's export; a clause that the catalogue does not have stands for
  its standard.
* OSCAL knows "satisfied" and "not-satisfied". Our six states stand in props of our own namespace,
  with all a cell says, so what comes back in and goes out again are the same bytes.
* Identifiers and times follow from the content alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from roadworthy.domains.compliance.cells import Cell
from roadworthy.domains.compliance.errors import WrongOscal
from roadworthy.domains.compliance.queries import Matrix
from roadworthy.domains.compliance.states import CellState
from roadworthy.domains.standards.models import Clause
from roadworthy.domains.standards.oscal import NAMESPACE, VERSION, clause_id, control_id
from roadworthy.kernel.canonical import canonical, digest

CATALOG: Final = "standards.oscal.json"
_ROOT: Final = uuid.UUID("0b8a5f60-93b1-5b0c-9a4f-6f1a7a3d2e44")
_LONGEST: Final = 10_000_000  # bytes of a file that is read
_REASON: Final = {CellState.MET: "pass", CellState.MISSING: "fail", CellState.EXPIRED: "fail"}


@dataclass(frozen=True, slots=True)
class Line:
    """One cell as a document carries it."""

    key: str
    control: str  # of the clause, or of its standard
    is_clause: bool
    title: Mapping[str, str]
    state: str
    because: str
    since: str
    rules: Sequence[str]
    missing: Sequence[str]
    grade: str
    evidence: Sequence[Mapping[str, str]]  # {"title", "kind", "standing", "sha256", ...}


@dataclass(frozen=True, slots=True)
class Assessed:
    """A type on a day: what is selected for it, and how each cell stands."""

    type: str
    approval: str
    as_of: str
    lines: tuple[Line, ...]


def of(found: Matrix) -> Assessed:
    """Return what documents about a matrix carry: what applies, and what cannot be told."""
    numbers = {one.requirement.standard_id for one in found.cells}
    clauses = set(
        Clause.objects.filter(standard_id__in=numbers).values_list("standard_id", "number")
    )
    applying = [one for one in found.cells if one.state is not CellState.NOT_APPLICABLE]
    return Assessed(
        type=found.type.code,
        approval=found.profile.approval_number,
        as_of=found.as_of.isoformat(),
        lines=tuple(_line(one, clauses) for one in applying),
    )


def profile(told: Assessed) -> bytes:
    """Return the selection of clauses as an OSCAL profile, in canonical JSON."""
    content = digest(_plain(told))
    selected = list(dict.fromkeys(one.control for one in told.lines))
    imported: dict[str, Any] = {"href": CATALOG}
    if selected:
        imported["include-controls"] = [{"with-ids": selected}]
    else:
        imported["include-all"] = {}
    document = {
        "profile": {
            "uuid": _id("profile", content),
            "metadata": _metadata(told, content, f"Clauses that apply to {told.type}"),
            "imports": [imported],
            "merge": {"as-is": True},
        }
    }
    return canonical(document)


def results(told: Assessed) -> bytes:
    """Return the matrix as OSCAL assessment results, in canonical JSON."""
    content = digest(_plain(told))
    at = f"{told.as_of}T00:00:00+08:00"
    document = {
        "assessment-results": {
            "uuid": _id("results", content),
            "metadata": _metadata(told, content, f"Matrix of {told.type} on {told.as_of}"),
            "import-ap": {"href": f"#{_id('plan', told.type)}"},
            "results": [
                {
                    "uuid": _id("result", content),
                    "title": f"{told.type} {told.as_of}",
                    "description": "Every clause that applies to the type on the day.",
                    "start": at,
                    "reviewed-controls": {"control-selections": [_selection(told)]},
                    "observations": [_observation(one, content, at) for one in told.lines],
                    "findings": [_finding(one, content) for one in told.lines],
                }
            ],
            "back-matter": {"resources": [_plan(told)]},
        }
    }
    if not told.lines:
        for name in ("observations", "findings"):
            del document["assessment-results"]["results"][0][name]  # type: ignore[index]
    return canonical(document)


def read(content: bytes) -> Assessed:
    """Return what a profile or results that were written here carry.

    Raises:
        WrongOscal: it is no such document, or not one of ours.
    """
    if len(content) > _LONGEST:
        raise WrongOscal(where="file", why="too long")
    try:
        document = json.loads(content)
        (name,) = set(document) & {"profile", "assessment-results"}
        props = {
            one["name"]: one["value"]
            for one in document[name]["metadata"]["props"]
            if one.get("ns") == NAMESPACE
        }
        told = json.loads(props["matrix"])
        lines = tuple(Line(**one) for one in told.pop("lines"))
        date.fromisoformat(told["as_of"])
        found = Assessed(**told, lines=lines)
        states = [CellState(one.state) for one in lines]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise WrongOscal(where="document", why=repr(wrong)[:200]) from None
    if len(states) != len({one.key for one in lines}):
        raise WrongOscal(where="lines", why="a requirement stands twice")
    return found


def written_again(told: Assessed, like: bytes) -> bytes:
    """Return the document of the same kind that ``told`` makes."""
    return profile(told) if b'"profile":' in like[:20] else results(told)


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that a document has otherwise than the matrix; None: one side does not have it."""

    line: Line
    here: Cell | None


def differences(told: Assessed, found: Matrix) -> tuple[Difference, ...]:
    """Return the cells that stand otherwise in the matrix than in a document."""
    here = {one.requirement.key: one for one in found.cells}
    return tuple(
        Difference(one, here.get(one.key))
        for one in told.lines
        if one.key not in here or here[one.key].state != one.state
    )


def _line(cell: Cell, clauses: Collection[tuple[int, str]]) -> Line:
    one = cell.requirement
    is_clause = (one.standard_id, one.number) in clauses
    number = one.standard.number
    return Line(
        key=one.key,
        control=clause_id(number, one.number) if is_clause else control_id(number),
        is_clause=is_clause,
        title=dict(one.title),
        state=str(cell.state),
        because=str(cell.because),
        since=cell.since.isoformat() if cell.since else "",
        rules=[finding.rule_id for finding in cell.findings],
        missing=list(cell.missing),
        grade=one.grade,
        evidence=[
            {
                "title": shown.title,
                "kind": str(shown.kind),
                "standing": str(shown.standing),
                "sha256": shown.sha256,
                "valid_from": shown.valid_from.isoformat() if shown.valid_from else "",
                "valid_until": shown.valid_until.isoformat() if shown.valid_until else "",
            }
            for shown in (*cell.evidence, *cell.covered_by)
        ],
    )


def _metadata(told: Assessed, content: str, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "last-modified": f"{told.as_of}T00:00:00+08:00",
        "version": content[:12],
        "oscal-version": VERSION,
        "props": [_prop("digest", content), _prop("matrix", canonical(_plain(told)).decode())],
    }


def _selection(told: Assessed) -> dict[str, Any]:
    selected = dict.fromkeys(one.control for one in told.lines)
    if not selected:
        return {"include-all": {}}
    return {"include-controls": [{"control-id": one} for one in selected]}


def _observation(one: Line, content: str, at: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "uuid": _id("observation", content, one.key),
        "title": one.key,
        "description": one.title["en"],
        "props": [_prop("state", one.state), _prop("because", one.because)],
        "methods": ["EXAMINE"],
        "collected": at,
    }
    if one.evidence:
        told["relevant-evidence"] = [
            {
                "description": shown["title"],
                "props": [
                    _prop(name, shown[name])
                    for name in ("kind", "standing", "sha256", "valid_from", "valid_until")
                    if shown[name]
                ],
            }
            for shown in one.evidence
        ]
    return told


def _finding(one: Line, content: str) -> dict[str, Any]:
    state = CellState(one.state)
    status = "satisfied" if state is CellState.MET else "not-satisfied"
    return {
        "uuid": _id("finding", content, one.key),
        "title": f"{one.key}: {one.state}",
        "description": one.title["en"],
        "props": [
            _prop(name, value)
            for name, value in (
                *(("state", one.state), ("since", one.since), ("grade", one.grade)),
                *(("rule", rule) for rule in one.rules),
                *(("missing-fact", fact) for fact in one.missing),
            )
            if value
        ],
        "target": {
            "type": "statement-id" if one.is_clause else "objective-id",
            "target-id": f"{one.control}_smt" if one.is_clause else one.control,
            "status": {"state": status, "reason": _REASON.get(state, "other")},
        },
        "related-observations": [{"observation-uuid": _id("observation", content, one.key)}],
    }


def _plan(told: Assessed) -> dict[str, Any]:
    """Say what takes the place of an assessment plan, which OSCAL wants to be named."""
    return {
        "uuid": _id("plan", told.type),
        "title": "No separate assessment plan",
        "description": "The matrix is asked of the rulebook for every clause that applies.",
    }


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value}


def _plain(told: Assessed) -> dict[str, Any]:
    return asdict(told)


def _id(*parts: str) -> str:
    # OSCAL takes identifiers of version 4 or 5; these follow from what they name.
    return str(uuid.uuid5(_ROOT, "/".join(parts)))
