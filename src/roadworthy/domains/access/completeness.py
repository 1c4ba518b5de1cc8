"""What the rulebook says of an application: what is missing, and by which article."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from roadworthy.domains.access.content import (
    CATEGORIES,
    RECORDER_NUMBERS,
    RECORDING,
    Composed,
    Section,
)
from roadworthy.domains.access.parameters import Schema
from roadworthy.law.evaluation import Evaluation, Finding, Gate, Outcome
from roadworthy.law.rulebook import Topic, rulebook

TEST_REPORT: Final = "test-report"
TECHNICAL_SPECIFICATION: Final = "technical-specification"
ASSISTANCE: Final = 2  # GB/T 40429: combined driver assistance is level 2
NEW_ENERGY: Final = frozenset({"electric", "plug-in", "fuel-cell"})
# Standards whose report the rulebook asks for by a fact of its own.
REPORTS_TO: Final[Mapping[str, str]] = {
    "GB 44496": "gb44496_report",
    "GB 47955": "gb47955_report",
    "GB 44721": "gb44721_report",
}

_YEAR = re.compile(r"\s*[-–—]\s*\d{4}$")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the law asks of an application and that is not there."""

    key: str  # of the obligation, or of the rule: "N45-01.access_test_reports_attached"
    rule_id: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    citation: Mapping[str, Any]  # {"instrument", "title", "provision"}

    def to_json(self) -> dict[str, Any]:
        """Return the gap as a dossier names it."""
        return {
            "key": self.key,
            "rule_id": self.rule_id,
            "title": dict(self.title),
            "why": dict(self.why),
            "citation": dict(self.citation),
        }


def gaps(answer: Evaluation) -> tuple[Gap, ...]:
    """Return what makes an application incomplete: binding rules at the gate of access.

    A fact that nobody stated is a gap as well as a document that is not there.
    """
    held = (
        *answer.held_up(Outcome.BROKEN, Gate.ACCESS),
        *answer.held_up(Outcome.UNDETERMINED, Gate.ACCESS),
    )
    return tuple(gap for finding in held for gap in _gaps_of(finding))


def _gaps_of(finding: Finding) -> Iterator[Gap]:
    why, cited = finding.why.to_json(), finding.source.named()
    owed = [one for one in finding.obligations if not one.fulfilled]
    for one in owed:
        yield Gap(one.key, finding.rule_id, one.title.to_json(), why, cited)
    if not owed:
        yield Gap(finding.rule_id, finding.rule_id, finding.title.to_json(), why, cited)


def facts(
    composed: Composed, schema: Schema, *, as_of: date, revoked: Container[str] = ()
) -> dict[str, Any]:
    """Return what an application states, by the rulebook's names; what is not said is absent.

    ``revoked`` are the digests of reports by which nobody stands any more: they bear nothing.
    """
    content = composed.content
    known: dict[str, Any] = {"is_new_type": True, "access_applied_on": as_of}
    known |= of_content(content, undecided=_undecided(composed))
    known["annex2_parameters_attached"] = _parameters_complete(composed, schema)
    standing = [one for one in content["evidence"] if one["sha256"] not in revoked]
    return known | _documents(standing)


def of_content(content: Mapping[str, Any], *, undecided: bool = False) -> dict[str, Any]:
    """Return what the sections on the type state; one that is not there states nothing.

    ``undecided``: its functions are not told yet.
    """
    known: dict[str, Any] = {}
    if content["type"]["category"] in CATEGORIES:
        known["vehicle_category"] = content["type"]["category"]
    if not undecided:
        known |= _functions(content.get("functions", ()))
    known |= _stated(content.get("ota", {}), {"capable": "has_ota"})
    known |= _stated(content.get("ota", {}), {"updatable": "has_software_update"})
    names = {"edr": "edr_fitted", "video_recorder": "video_recorder_fitted"}
    names |= {"dssad": "dssad_fitted"} | {name: name for name in (*RECORDER_NUMBERS, *RECORDING)}
    recorder = content.get("recorder", {})
    known |= _stated(recorder, names) | _recorder_kind(recorder)
    energy = content.get("parameters", {}).get("energy")
    if energy:
        known["is_new_energy"] = energy["value"] in NEW_ENERGY
    return known


def ask(
    composed: Composed, schema: Schema, *, as_of: date, revoked: Container[str] = ()
) -> Evaluation:
    """Return the rulebook's answer to an application that is made on that day."""
    stated = facts(composed, schema, as_of=as_of, revoked=revoked)
    return rulebook().evaluate(stated, as_of=as_of, about=[Topic.ACCESS])


def _undecided(composed: Composed) -> bool:
    fields = {fault.field for fault in composed.of(Section.FUNCTIONS)}
    return "none" in fields or any(field.endswith("-level") for field in fields)


def _functions(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    levels = [row["level"] for row in rows]
    known: dict[str, Any] = {
        "automation_level": max(levels, default=0),
        "has_combined_assistance": ASSISTANCE in levels,
    }
    automated = [row for row in rows if row["level"] > ASSISTANCE]
    if automated:
        known["ads_parking_only"] = all(row["parking_only"] for row in automated)
    return known


def _recorder_kind(given: Mapping[str, Any]) -> dict[str, Any]:
    automated, assisted = given.get("dssad"), given.get("assistance_recorder")
    if automated:
        return {"recorder_kind": "dssad"}
    if assisted:
        return {"recorder_kind": "assistance"}
    return {"recorder_kind": "none"} if automated is False and assisted is False else {}


def _stated(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {fact: given[name] for name, fact in names.items() if given.get(name) is not None}


def _parameters_complete(composed: Composed, schema: Schema) -> bool:
    if composed.of(Section.PARAMETERS):
        return False
    wanted = {key for key, one in schema.parameters.items() if one.main and one.required}
    return wanted <= set(composed.content["parameters"])


def _documents(evidence: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    attested = [one for one in evidence if one["kind"] == TEST_REPORT and one["institution"]]
    standards = {undated(one["standard"]) for one in attested}
    return {
        "technical_specification_attached": any(
            one["kind"] == TECHNICAL_SPECIFICATION for one in evidence
        ),
        "access_test_reports_attached": bool(attested),
        **{fact: standard in standards for standard, fact in REPORTS_TO.items()},
    }


def undated(standard: str) -> str:
    """Return the standard as the rulebook names it: a report says of which year its edition is."""
    return " ".join(_YEAR.sub("", standard).split())
