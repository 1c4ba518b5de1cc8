"""The words for standards: where one stands, what it is, what a step or a question is called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.standards import bundle
from roadworthy.domains.standards.analysis import Dimension
from roadworthy.domains.standards.life import Stands
from roadworthy.domains.standards.states import Action, Degree, Kind, State
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Chip, Text, Tone

STANDS: Mapping[Stands, Chip] = {
    Stands.PLANNED: Chip(Tone.IDLE, pgettext_lazy("standard", "Planned")),
    Stands.DRAFTING: Chip(Tone.IDLE, pgettext_lazy("standard", "Being drafted")),
    Stands.COMMENT: Chip(Tone.DUE, pgettext_lazy("standard", "Open for comments")),
    Stands.APPROVED: Chip(Tone.LIVE, pgettext_lazy("standard", "Approved")),
    Stands.PUBLISHED: Chip(Tone.LIVE, pgettext_lazy("standard", "Published, not in force")),
    Stands.IN_FORCE: Chip(Tone.MET, pgettext_lazy("standard", "In force")),
    Stands.SUPERSEDED: Chip(Tone.BROKEN, pgettext_lazy("standard", "Superseded")),
    Stands.WITHDRAWN: Chip(Tone.IDLE, pgettext_lazy("standard", "Withdrawn")),
    Stands.UNDETERMINED: Chip(Tone.UNKNOWN, pgettext_lazy("standard", "Undetermined")),
}
STANDARD: Mapping[State, Chip] = {state: STANDS[Stands(state)] for state in State}
KINDS: Mapping[Kind, Text] = {
    Kind.MANDATORY: _("Mandatory national standard"),
    Kind.RECOMMENDED: _("Recommended national standard"),
    Kind.GUIDANCE: _("National guidance document"),
    Kind.SECTOR: _("Sector standard"),
    Kind.LOCAL: _("Local standard"),
    Kind.ASSOCIATION: _("Association standard"),
    Kind.ENTERPRISE: _("Enterprise standard"),
    Kind.INTERNATIONAL: _("International standard"),
    Kind.UN: _("UN regulation"),
}
DEGREES: Mapping[Degree, Text] = {
    Degree.IDENTICAL: _("identical (IDT)"),
    Degree.MODIFIED: _("modified (MOD)"),
    Degree.NOT_EQUIVALENT: _("not equivalent (NEQ)"),
    Degree.UNKNOWN: _("degree not known"),
}
ACTS: Mapping[StrEnum, Text] = {
    Action.DRAFT: _("draft"),
    Action.INVITE: _("invite comments on"),
    Action.APPROVE: pgettext_lazy("standard", "approve"),
    Action.PUBLISH: pgettext_lazy("standard", "publish"),
    Action.TAKE_EFFECT: _("bring into force"),
    Action.SUPERSEDE: pgettext_lazy("standard", "supersede"),
    Action.WITHDRAW: pgettext_lazy("standard", "withdraw"),
}
STEPS: Mapping[Action, Text] = {
    Action.DRAFT: _("It is being drafted"),
    Action.INVITE: _("Comments are invited"),
    Action.APPROVE: _("It is approved"),
    Action.PUBLISH: _("It is published"),
    Action.TAKE_EFFECT: _("It takes effect"),
    Action.SUPERSEDE: _("It is superseded"),
    Action.WITHDRAW: _("It is withdrawn"),
}
FIELDS: Mapping[str, Text] = {
    "raw": _("As the source writes it"),
    "title_zh": _("Title in Chinese"),
    "title_en": _("Title in English"),
    "kind": _("Kind"),
    "state": _("State"),
    "issuer": _("Issued by"),
    "plan_number": _("Number of the plan"),
    "planned_on": _("Planned on"),
    "comment_from": _("Comments from"),
    "comment_until": _("Comments until"),
    "approved_on": _("Approved on"),
    "published_on": _("Published on"),
    "in_force_on": _("In force from"),
    "withdrawn_on": _("Withdrawn on"),
    "replaced_on": _("Replaced on"),
    "stated_on": _("The source speaks for"),
    "source": _("Source"),
    "grade": _("Grade of evidence"),
    "evidence": _("Where single facts are from"),
    "note": _("Note"),
    "places": _("Place in a framework"),
    "supersedes": _("What it replaces"),
    "adopts": _("What it adopts"),
    "clauses": _("Clauses"),
    "number": _("Number"),
}
CHANGES: Mapping[str, Text] = {
    "entered": _("Entered"),
    "state": _("State changed"),
    "facts": _("Entry changed"),
    "corrected": pgettext_lazy("catalogue", "Corrected"),
}
DIMENSIONS: Mapping[Dimension, Text] = {
    Dimension.APPLICABILITY: _("Applicability"),
    Dimension.COMPATIBILITY: _("Compatibility"),
    Dimension.IMPLEMENTATION: _("Implementation"),
    Dimension.ECONOMY: _("Techno-economic aspects"),
    Dimension.BENEFIT: _("Benefit"),
}
QUESTIONS: Mapping[str, Text] = {
    "scope_fits": _("Does the scope fit the present state of the industry?"),
    "new_products_missing": _("Are there new technologies or products that it does not cover?"),
    "references_valid": _("Are the documents and test methods that it refers to still valid?"),
    "indicators_complete": _("Are its indicators complete and its requirements reasonable?"),
    "behind_international": _("Does it lag behind international regulations and standards?"),
    "conflicts_with_standards": _("Does it conflict with another mandatory standard?"),
    "supporting_missing": _("Are supporting standards missing?"),
    "conflicts_with_law": _("Does it conflict with a law, a rule or industrial policy?"),
    "compliance_rate": _("Share of enterprises or products that comply"),
    "used_for_access": _("Does market access use it?"),
    "used_for_supervision": _("Do supervision and policy documents use it?"),
    "consumers_aware": _("Do consumers know it?"),
    "technology_available": _("Is the technology to meet it available?"),
    "transformation_cost": _("Cost of technical change to meet it, in yuan for a vehicle"),
    "cost_share": _("Share of that cost in the whole cost"),
    "safety_improved": _("Has it improved safety and people's life?"),
    "industry_improved": _("Has it helped the industry to better quality?"),
    "trade_eased": _("Has it eased international trade?"),
    "environment_improved": _("Has it protected the environment?"),
}


def source(key: str) -> str:
    """Return a source's name: a named one's title, or what somebody wrote."""
    named = bundle.sources().get(key)
    return str(localised(named["title"])) if named else key


def title(standard: Any) -> str:
    """Return a standard's title in the reader's language, the other one if there is no such."""
    both = {"zh-hans": standard.title_zh, "en": standard.title_en}
    return str(localised({key: value for key, value in both.items() if value}))


def value(name: str, told: Any) -> Any:
    """Return a fact as it is read."""
    if name == "kind":
        return KINDS[Kind(told)]
    if isinstance(told, date):
        return told
    return localised(told) if isinstance(told, Mapping) else told
