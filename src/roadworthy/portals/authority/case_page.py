"""The pages of shared matters put into shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.states import QuestionState
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.incidents import acknowledging
from roadworthy.domains.incidents.states import CopyState, Series
from roadworthy.domains.incidents.states import QuestionState as AskedState
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.recalls.states import NoticeState, PlanState
from roadworthy.domains.sharing.matters import FILINGS, REPORTS
from roadworthy.domains.sharing.policy import Grant, Matter, Policy, policy
from roadworthy.domains.sharing.queries import BY_US
from roadworthy.domains.sharing.services import Offered, Opened
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.portals.authority import case_words as words
from roadworthy.portals.shared import dossier, incident_words, incidents, recall_reports
from roadworthy.portals.shared import recall_words as recalls
from roadworthy.portals.shared import words as said
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Crumb

COLUMNS: Final = ("at", "authority", "by", "matter", "id", "number", "purpose", "basis", "outcome")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def offered(found: Offered) -> dict[str, Any]:
    """Return what is said before a matter is opened."""
    return {
        "head": found.head,
        "kind": words.MATTERS[found.head.matter],
        "grants": [grant(one) for one in found.grants],
        "crumbs": _crumbs(found.head),
    }


def opened(found: Opened) -> dict[str, Any]:
    """Return a matter as it was opened, each part only if it is shared."""
    told: dict[str, Any] = {
        "head": found.head,
        "kind": words.MATTERS[found.head.matter],
        "look": found.look,
        "purpose": localised(found.purpose.title),
        "grants": [grant(one) for one in found.grants],
        "parts": found.parts,
        "again": reverse("a:case-matter", args=[found.head.matter, found.head.id]),
        "crumbs": _crumbs(found.head),
    }
    return told | _content(found)


def grant(one: Grant) -> dict[str, Any]:
    """Return a grant as a row: what, for what, on which basis, how well it is known."""
    return {
        "grant": one,
        "matter": words.MATTERS[one.matter],
        "of": said.KINDS[one.of],
        "to": said.KINDS[one.to],
        "parts": words.joined(one.parts, words.PARTS),
        "purposes": [localised(policy().purposes[key].title) for key in one.purposes],
        "provision": localised(one.basis.provision),
        "words": localised(one.basis.words),
        "source": localised(one.basis.source),
        "reading": localised(one.reading) if one.reading else "",
    }


def rules(told: Policy, today: date) -> dict[str, Any]:
    """Return the whole of the sharing data, and what nothing shares."""
    shared = {(one.matter, one.of) for one in told.grants if one.holds(today)}
    held = [(matter, of) for matter in Matter for of in _HELD[matter] if (matter, of) not in shared]
    return {
        "rows": [grant(one) for one in told.grants],
        "private": [(words.MATTERS[matter], said.KINDS[of]) for matter, of in held],
        "watched": [
            {
                "basis": one,
                "provision": localised(one.provision),
                "words": localised(one.words),
                "source": localised(one.source),
            }
            for one in told.bases.values()
            if not one.binding
        ],
        "crumbs": [Crumb(_("Shared cases"), reverse("a:cases")), Crumb(_("What is shared"))],
    }


def look(one: Any, view: str) -> dict[str, Any]:
    """Return a look as a row; of one that was refused its maker reads only what they asked for."""
    hidden = view == BY_US and not one.granted
    return {
        "look": one,
        "matter": words.MATTERS[Matter(one.matter)],
        "number": "" if hidden else one.number,
        "purpose": _purpose(one.purpose),
        "bases": [] if hidden else _bases(one.basis),
        "chip": words.OUTCOMES[one.granted],
    }


def exported(one: Any, view: str) -> list[str]:
    """Return a look as a row of a file, in the order of ``COLUMNS``."""
    hidden = view == BY_US and not one.granted
    row = [
        one.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        one.authority.slug,
        one.by.name,
        one.matter,
        str(one.matter_id),
        "" if hidden else one.number,
        one.purpose,
        "" if hidden else one.basis,
        "granted" if one.granted else "refused",
    ]
    return [f"'{text}" if text.startswith(_DANGEROUS) else text for text in row]


def _purpose(key: str) -> str:
    return localised(policy().purposes[key].title) if key in policy().purposes else ""


def _bases(keys: str) -> list[tuple[str, str, str]]:
    """Return instrument, provision and grade of the grants that a look rests on, each once."""
    held = set(keys.split())
    found = {
        one.basis.key: (one.basis.instrument, localised(one.basis.provision), one.basis.grade)
        for one in policy().grants
        if one.key in held
    }
    return list(found.values())


def _crumbs(head: Any) -> list[Crumb]:
    crumbs = [Crumb(_("Shared cases"), reverse("a:cases"))]
    if head.type_id is not None:
        crumbs.append(Crumb(_("Case"), reverse("a:case", args=[head.type_id])))
    return [*crumbs, Crumb(head.number)]


def _content(found: Opened) -> dict[str, Any]:
    matter, told = found.head.matter, found.content
    if matter in FILINGS:
        return _filing(told, found.parts)
    if matter in REPORTS:
        return _report(told, found.parts)
    if matter == Matter.RECALL:
        return _recall(told, found.parts)
    if matter == Matter.RECALL_NOTICE:
        one = told["subject"]
        return {"notice": one, "chip": recalls.NOTICE[NoticeState(one.state)]}
    return {"totals": told.get("totals"), "disputes": _disputes(told)}


def _filing(told: Mapping[str, Any], parts: frozenset[str]) -> dict[str, Any]:
    filing = told["subject"]
    shown: dict[str, Any] = {
        "filing": filing,
        "title": said.FILING_KINDS[FilingKind(filing.dossier.kind)],
        "chip": said.FILING[FilingState(filing.state)],
    }
    if "dossier" in parts:
        shown["dossier"] = dossier.view(filing.dossier.content, told["names"])
    shown["questions"] = [
        (one, said.QUESTION[QuestionState(one.state)], files)
        for one, files in told.get("questions", ())
    ]
    return shown


def _report(told: Mapping[str, Any], parts: frozenset[str]) -> dict[str, Any]:
    copy = told["subject"]
    shown: dict[str, Any] = {
        "copy": copy,
        "title": incident_words.SERIES[Series(copy.report.series)],
        "chip": incident_words.COPIES[CopyState(copy.state)],
    }
    if "report" in parts:
        content = incidents.content(copy.report)
        # A VIN leads to a person. Whoever got the report itself has it; a look does not give it.
        shown["content"] = content | {"vehicle": None}
    if "acknowledgement" in parts:
        shown["signature"] = acknowledging.signature(copy)
    shown["questions"] = [
        (one, incident_words.QUESTIONS[AskedState(one.state)], files)
        for one, files in told.get("questions", ())
    ]
    return shown


def _recall(told: Mapping[str, Any], parts: frozenset[str]) -> dict[str, Any]:
    plan = told["subject"]
    return {
        "plan": plan,
        "title": localised(plan.defect.title),
        "chip": recalls.PLAN[PlanState(plan.state)],
        "remedy": recalls.REMEDIES[plan.remedy],
        "texts": [
            (label, localised(plan.texts[key]))
            for key, label in recalls.PLAN_TEXTS.items()
            if key in plan.texts and "plan" in parts
        ],
        "progress": told.get("progress"),
        "reports": recall_reports.rows(told.get("reports", ())),
        "supervision": told.get("supervision", ()),
    }


def _disputes(told: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    return [(one, said.CATEGORIES[one.category]) for one in told.get("disputes", ())]


_BOTH = (Party.MIIT, Party.SAMR)
# Whose matters of each kind there are at all.
_HELD: Mapping[Matter, tuple[Party, ...]] = {
    Matter.OTA_FILING: _BOTH,
    Matter.ACCESS_FILING: (Party.MIIT,),
    Matter.RECALL_FILING: (Party.SAMR,),
    Matter.RECALL: (Party.SAMR,),
    Matter.RECALL_NOTICE: (Party.SAMR,),
    Matter.INCIDENT_REPORT: _BOTH,
    Matter.NEV_REPORT: (Party.SAMR,),
    Matter.COMPLAINTS: (Party.SAMR,),
}
