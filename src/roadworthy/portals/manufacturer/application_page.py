"""The page of an application: how far each section is, and what the rulebook still asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.access import attesting, preparing, queries, schemas
from roadworthy.domains.access.content import Composed, Fault, Missing, Section
from roadworthy.domains.access.parameters import Schema
from roadworthy.domains.access.states import Matter
from roadworthy.portals.shared import approved, errors, presenting
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Ask, Crumb


def crumbs(application: Any, *more: Crumb) -> list[Crumb]:
    here = reverse("m:application", args=[application.pk])
    return [
        Crumb(_("Market access"), reverse("m:approvals")),
        Crumb(application.code, here if more else ""),
        *more,
    ]


def heading(application: Any) -> str:
    matter = approved.MATTERS[Matter(application.matter)]
    return _("{matter}: {code}").format(matter=matter, code=application.code)


def aside(
    application: Any, *, today: date, typed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what stands beside the form: sections with their faults, and the findings."""
    made = preparing.composed(application, as_of=today, typed=typed)
    schema = schemas.on(today)
    asked = preparing.asked(application, made, as_of=today)
    answer = asked.to_json()
    findings = [one for one in presenting.findings(answer) if _binding(answer, one.rule_id)]
    return {
        "application": application,
        "composed": made,
        "sections": _sections(application, made),
        "faults": len(made.faults),
        "missing": [one for one in findings if one.outcome in {"broken", "unknown"}],
        "met": [one for one in findings if one.outcome == "met"],
        "gaps": preparing.gaps(application, asked),
        "wrong": _wrong(made, schema),
        "schema": schema,
    }


def context(application: Any, *, today: date) -> dict[str, Any]:
    """Return everything that the application's own page shows."""
    beside = aside(application, today=today)
    found = preparing.compared(application, beside["composed"])
    obstacle = preparing.obstacle(application, as_of=today)
    return {
        **beside,
        "crumbs": crumbs(application),
        "heading": heading(application),
        "reports": queries.reports(application.pk),
        "revoked": attesting.revoked_in(application.manufacturer_id, beside["composed"].content),
        "documents": approved.DOCUMENTS,
        "changes": approved.rows_of(found),
        "changed": len(found),
        "obstacle": errors.sentence(obstacle) if obstacle else "",
        "is_change": application.approval_id is not None,
        "open": application.closed_at is None,
        "ask": ask_to_close(application),
    }


def ask_to_close(application: Any) -> Ask:
    """Return the question before an application is closed, which cannot be taken back."""
    return Ask(
        id="ask-close",
        title=_("Close the application for {code}?").format(code=application.code),
        text=_("What is written in it cannot be filed any more; you begin again with a new one."),
        href=reverse("m:application-give-up", args=[application.pk]),
        confirm=_("Close it"),
        cancel=_("Keep it"),
        look="danger",
        back=reverse("m:application", args=[application.pk]),
    )


def _sections(application: Any, made: Composed) -> list[dict[str, Any]]:
    return [
        {
            "key": str(section),
            "title": approved.SECTIONS[section],
            "href": reverse("m:application-section", args=[application.pk, section]),
            "faults": len(made.of(section)),
            "said": approved.counted(len(made.of(section))),
            "touched": str(section) in application.touched or application.approval_id is not None,
        }
        for section in Section
    ]


def _wrong(made: Composed, schema: Schema) -> list[tuple[Any, str]]:
    """Name what was written and is wrong; what is empty yet is only counted."""
    return [
        (_label(fault, schema), errors.sentence(fault.error))
        for fault in made.faults
        if not isinstance(fault.error, Missing)
    ]


def _label(fault: Fault, schema: Schema) -> Any:
    parameter = schema.parameters.get(fault.field)
    if fault.section == Section.PARAMETERS and parameter is not None:
        return localised(parameter.name)
    return approved.FIELDS.get(fault.field.rpartition("-")[2], fault.field)


def _binding(answer: Mapping[str, Any], rule_id: str) -> bool:
    return any(row["rule_id"] == rule_id and row.get("binding", True) for row in answer["findings"])
