"""What the rulebook says of one standard (SYS-01, 04, 05, 06, 08) and of a framework (SYS-07).

The facts are those of the catalogue. What it cannot know (whether a law or a contract refers to
the standard) stays unsaid, and the rule answers "undetermined".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from roadworthy.domains.standards.kinds import FORCES
from roadworthy.domains.standards.life import Stands
from roadworthy.domains.standards.models import Standard, Supersession
from roadworthy.domains.standards.states import Kind
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import rulebook

FRAMEWORK: Final = "iov-security"
_CITED: Final = {
    Stands.IN_FORCE: "in_force",
    Stands.SUPERSEDED: "in_force",
    Stands.PUBLISHED: "published",
}


def about(
    standard: Standard, replaced_by: Sequence[Supersession], stands: Stands, as_of: date
) -> Evaluation:
    """Ask the rules that speak of this standard; ``replaced_by``: what takes its place, whole.

    ``standard`` has its placements, with their areas, prefetched.
    """
    facts = {
        **_place(standard),
        **_citation(standard, stands),
        **_replaced(replaced_by),
        **_force(standard),
    }
    return rulebook().evaluate(facts, as_of=as_of, rules=_rules(standard, facts))


def compared(*, differs: bool, as_of: date) -> Evaluation:
    """Ask SYS-07 about a draft and a final text that both are kept here, the final one used."""
    facts = {
        "draft_differs_from_final": differs,
        "text_relied_on": "final",
        "both_texts_kept": True,
    }
    return rulebook().evaluate(facts, as_of=as_of, rules=["SYS-07"])


def _rules(standard: Standard, facts: Mapping[str, Any]) -> list[str]:
    rules = ["SYS-04", "SYS-05"] if standard.state not in _UNPUBLISHED else []
    if "standard_area" in facts:
        rules.insert(0, "SYS-01")
    if "standard_force" in facts:
        rules.append("SYS-06")
        if standard.kind == Kind.MANDATORY:
            rules.append("SYS-08")
    return rules


_UNPUBLISHED: Final = ("planned", "drafting", "comment", "approved")


def _place(standard: Standard) -> dict[str, Any]:
    for one in standard.placements.all():
        area = one.sub_area.area
        if area.version.framework.key == FRAMEWORK:
            return {"standard_area": area.key, "standard_sub_area": one.sub_area.key}
    return {}


def _citation(standard: Standard, stands: Stands) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if standard.in_force_on is not None:
        facts["standard_in_force_on"] = standard.in_force_on
    if stands in _CITED:
        facts["standard_cited_as"] = _CITED[stands]
    return facts


def _replaced(replaced_by: Sequence[Supersession]) -> dict[str, Any]:
    whole = [one for one in replaced_by if not one.is_partial]
    facts: dict[str, Any] = {"standard_superseded": bool(whole)}
    days = [one.from_on or one.successor.in_force_on for one in whole]
    known = [day for day in days if day is not None]
    if whole:
        facts["standard_successors"] = ", ".join(one.successor.number for one in whole)
        facts["successors_cited"] = True  # the page lists them all
    if known:
        facts["successor_in_force_on"] = min(known)
    return facts


def _force(standard: Standard) -> dict[str, Any]:
    force = FORCES.get(Kind(standard.kind))
    if force is None:
        return {}  # the rulebook does not speak of international standards and UN regulations
    facts: dict[str, Any] = {"standard_force": force}
    if standard.kind == Kind.MANDATORY:
        facts["standard_treated_as_binding"] = True  # the catalogue shows it as binding
    return facts
