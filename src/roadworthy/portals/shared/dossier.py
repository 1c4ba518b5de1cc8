"""The content of a filing, exactly as it was filed, put into shape for reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.access import changes as access_changes
from roadworthy.domains.filings import comparing
from roadworthy.domains.filings.dossiers import OF_A_RECALL
from roadworthy.domains.filings.enclosing import REASON
from roadworthy.domains.software import questionnaire
from roadworthy.portals.shared import approved as access
from roadworthy.portals.shared import formats, presenting, recall_words, words
from roadworthy.portals.shared.formats import localised

DETAIL_LABELS: Mapping[str, Any] = {
    "permit_number": _later("Number of the access permit"),
    "management_system": _later("Software update management system"),
    "responsible_person": _later("Responsible person"),
    "security_measures": _later("Security measures"),
    "commitments": _later("Commitments"),
    "types": _later("Vehicle types"),
    "ota_functions": _later("Functions for online upgrades"),
    "version_sets": _later("Sets of software versions"),
    "notice_channel": _later("How owners are told"),
    "evidence": _later("Supporting documents"),
    "vehicle_count": _later("Number of vehicles"),
    "schedule": _later("Schedule"),
    "impact": _later("Impact on vehicles and owners"),
    "assessment": _later("Safety assessment form"),
    "contingency": _later("Contingency plan"),
    "parameters": _later("Changed main technical parameters"),
    "reason": _later("Reason for the change"),
    "functions": _later("Driving-automation functions"),
    "safety_case": _later("Safety case"),
    "approval": _later("Approval that changes"),
    "from_version": _later("Version that the change starts from"),
    "defect": _later("Defect"),
    "consequence": _later("Possible consequence"),
    "remedy": _later("Remedy"),
    "scope": _later("Vehicles concerned"),
    "emergency_advice": _later("Advice to owners until then"),
    **recall_words.PLAN_FACTS,
    "figures": _later("Figures of the campaigns"),
    "problems": _later("Problems that came up"),
    "measures": _later("Measures taken"),
    "conclusion": _later("Conclusion"),
    "outlook": _later("What is still to come"),
    REASON: _later("Reason for the amendment"),
}
# SOTA21: the safety assessment form for SAMR, as far as its fields are known.
ASSESSMENT_LABELS: Mapping[str, Any] = {
    "ota_type": _later("Kind of online upgrade"),
    "update_cycle": _later("Update cycle"),
    "demand_source": _later("Where the need comes from"),
    "purpose": _later("Purpose of the upgrade"),
    "failure_before": _later("If something fails before the upgrade"),
    "failure_during": _later("If something fails during the upgrade"),
    "failure_after": _later("If something fails after the upgrade"),
    "conclusion": _later("Conclusion of the safety assessment"),
}
ASSESSMENT_HINTS: Mapping[str, Any] = {
    "update_cycle": _later("How often vehicles of these types are upgraded"),
    "demand_source": _later("Complaint, defect analysis, planned development, requirement"),
    "conclusion": _later("What was examined, by whom, with which result"),
}
OTA_TYPES: Mapping[str, Any] = {
    "service": _later("Technical service"),
    "recall": _later("Recall"),
}


_PLACES: Mapping[str, Any] = {
    "attachments": _later("Documents"),
    "incomplete": _later("Filed incomplete"),
    "labels": _later("Legal labels"),
    "release": _later("Release"),
    "release_sha256": _later("Release digest"),
    "sha256": _later("Content digest"),
    "title": _later("Title"),
    "filename": _later("Name of the file"),
    "length": _later("Length"),
    "media_type": _later("Kind of file"),
}
_APART = frozenset({"parameters", "assessment", "figures"})  # have a table of their own


_OF_ACCESS = {("application",), ("proposed",), ("changes",)}
# Members of a dossier that have a part of the page for themselves.
_SHOWN_APART = frozenset(
    {"application", "proposed", "changes", "application_id", "incomplete", "types"}
)


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One parameter before and after; ``changed`` when they differ."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class DiffGroup:
    title: Any
    rows: Sequence[DiffRow]

    @property
    def changed(self) -> bool:
        return any(row.changed for row in self.rows)


def view(content: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dossier's parts: what differs, the details, the release, its documents.

    ``names`` are those of the institutions that the content knows by their slugs.
    """
    release = content.get("release") or {}
    groups = _diff(content, release)
    rows = [row for group in groups for row in group.rows]
    approved = _approved(content)
    return {
        "approved": access.view(approved, names) if isinstance(approved, Mapping) else None,
        "incomplete": content.get("details", {}).get("incomplete"),
        "approval": content.get("details", {}).get("approval", ""),
        "diff": groups,
        "diff_changed": sum(row.changed for row in rows),
        "diff_count": len(rows),
        "details": _details(content),
        "labels": presenting.labels(content.get("labels", ())),
        "release": release,
        "purpose": localised(
            {k: v.get("purpose", "") for k, v in (release.get("description") or {}).items()}
        ),
        "types": [one["code"] for one in release.get("types", ())] or content.get("types", ()),
        "documents": [*_documents(release, names), *_attached(content)],
        "assessment": _assessment(content),
        "figures": _figures(content),
        "recall_figures": _recall_figures(content),
        "amends": content.get("amends"),
        "answers": _answers(release),
    }


def _diff(content: Mapping[str, Any], release: Mapping[str, Any]) -> list[DiffGroup]:
    groups = []
    details = content.get("details", {})
    parameters = details.get("parameters")
    if "changes" in details:
        for title, rows_ in access.rows_of(access.read(details["changes"])):
            groups.append(DiffGroup(title, [DiffRow(*row) for row in rows_]))
    elif isinstance(parameters, list):
        rows = [
            DiffRow(
                str(one.get("name", "")), str(one.get("approved", "")), str(one.get("filed", ""))
            )
            for one in parameters
            if isinstance(one, Mapping)
        ]
        groups.append(DiffGroup(_("Main technical parameters"), rows))
    elif isinstance(parameters, Mapping):
        groups.append(DiffGroup(_("Main technical parameters"), _pairs(parameters)))
    changes = [DiffRow(one["ecu"], one["from"], one["to"]) for one in release.get("changes", ())]
    if changes:
        groups.append(DiffGroup(_("Software of the ECUs"), changes))
    return groups


def _pairs(parameters: Mapping[str, Any]) -> list[DiffRow]:
    rows = []
    for name, value in parameters.items():
        pair = value if isinstance(value, Mapping) else {"to": value}
        before = pair.get("from", pair.get("approved", ""))
        rows.append(
            DiffRow(
                name,
                formats.as_text(before),
                formats.as_text(pair.get("to", pair.get("filed", ""))),
            )
        )
    return rows


def _details(content: Mapping[str, Any]) -> list[tuple[Any, str]]:
    given = content.get("details", {})
    # The database sorts what it keeps; people read it as it was asked for.
    order = [*(name for name in DETAIL_LABELS if name in given), *given]
    return [
        (DETAIL_LABELS.get(name, name), formats.as_text(recall_words.plan_fact(name, given[name])))
        for name in dict.fromkeys(order)
        if name not in _SHOWN_APART
        and not (name in recall_words.PLAN_FACTS and given[name] in ("", []))
        and not (name in _APART and isinstance(given[name], list | Mapping))
    ]


def _assessment(content: Mapping[str, Any]) -> list[tuple[Any, str]]:
    found = content.get("details", {}).get("assessment")
    if not isinstance(found, Mapping):
        return []
    shown = {**found, "ota_type": OTA_TYPES.get(found.get("ota_type", ""), "")}
    return [(label, str(shown.get(part, ""))) for part, label in ASSESSMENT_LABELS.items()]


def _figures(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            **one,
            "name": localised(one.get("name")),
            "rows": [
                (words.ACTION[state].text, one["by_state"][state])
                for state in words.ACTION
                if one.get("by_state", {}).get(state)
            ],
        }
        for one in content.get("details", {}).get("figures", {}).get("campaigns", ())
    ]


def _recall_figures(content: Mapping[str, Any]) -> list[tuple[Any, str]]:
    if content.get("kind") not in OF_A_RECALL:
        return []
    return recall_words.report_figures(content["details"]["figures"])


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One place that differs from the version before."""

    name: str
    before: str
    after: str


def changes(filing: Any) -> list[ChangeRow]:
    """Return what differs from the filing that this one takes the place of, for reading."""
    found = comparing.since_the_last(filing)
    rows = [
        ChangeRow(_place(one.path), _shown(one.before), _shown(one.after))
        for one in found
        if not (one.path[0] == "details" and one.path[1:2] in _OF_ACCESS)
    ]
    if len(rows) == len(found):
        return rows
    # What is approved has names and units of its own.
    old, new = (_approved(one.dossier.content) for one in (filing.supersedes, filing))
    between = access.rows_of(access_changes.between(old, new)) if old and new else ()
    return [
        *rows,
        *(
            ChangeRow(f"{section} · {name}", before, after)
            for section, differing in between
            for name, before, after in differing
        ),
    ]


def _approved(content: Mapping[str, Any]) -> Any:
    details = content.get("details", {})
    return details.get("application") or details.get("proposed")


def _place(path: Sequence[str]) -> str:
    parts = list(path[1:]) if path[0] == "details" and len(path) > 1 else list(path)
    labels = DETAIL_LABELS if len(parts) == 1 else {**DETAIL_LABELS, **ASSESSMENT_LABELS}
    return " · ".join(str(_PLACES.get(part) or labels.get(part) or part) for part in parts)


def _shown(value: Any) -> str:
    return "" if value is None else formats.as_text(value)


def _attached(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {**one, "kind": _("Attachment"), "institution": ""}
        for one in content.get("attachments", ())
    ]


def _documents(release: Mapping[str, Any], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    images = [
        {
            "title": _("Image for {ecu}").format(ecu=one["ecu"]),
            "kind": _("Image"),
            "filename": one["image"]["filename"],
            "length": one["image"]["length"],
            "sha256": one["image"]["sha256"],
            "is_image": True,
        }
        for one in release.get("changes", ())
    ]
    return [
        *(
            {
                **one,
                "kind": words.EVIDENCE.get(one["kind"], one["kind"]),
                "institution": localised(names.get(one["institution"] or "", "")),
            }
            for one in release.get("evidence", ())
        ),
        *images,
    ]


def _answers(release: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = release.get("answers", {})
    return [
        {"key": one.key, "text": dict(one.text), "answer": given[one.key]}
        for one in questionnaire.QUESTIONS
        if given.get(one.key)
    ]
