"""The rulebook's answer put into shape for somebody who reads one for the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from roadworthy.law import changes
from roadworthy.law.evaluation import Decision, Evaluation
from roadworthy.law.labels import Label
from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.portals.public import law_form
from roadworthy.portals.public.law_form import AskForm
from roadworthy.portals.shared import presenting, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Chip, DutyView, Text, Tone
from roadworthy.rules.answers import Outcome

DECISIONS: Mapping[Decision, Chip] = {
    Decision.MAY_RELEASE: Chip(Tone.MET, _later("May be released")),
    Decision.MAY_NOT_RELEASE: Chip(Tone.BROKEN, _later("May not be released")),
    Decision.UNDETERMINED: Chip(Tone.UNKNOWN, _later("Not decided yet")),
    Decision.NOT_ASKED: Chip(Tone.IDLE, _later("Not a question of release")),
}
MEANS: Mapping[Label, Text] = {
    Label.ROUTINE: _later("The law singles nothing out in it: file it, then release it."),
    Label.REGULATED_PERFORMANCE: _later("Proof of tests goes with the filing."),
    Label.MAIN_PARAM_CHANGE: _later(
        "The product change has to be permitted first, and it is filed."
    ),
    Label.ADS_FUNCTION: _later("Automated driving: the vehicle needs an access permit first."),
    Label.DEFECT_REMEDY: _later("This is a recall, whatever it is called."),
}
_FIRST = 3  # as many changes lie open


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation of an evaluation as ``presenting`` takes those that are kept."""

    title: Mapping[str, str]
    due: Mapping[str, Any]
    due_on: date | None
    rule_id: str
    fulfilled_at: bool | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A fact that rules wait for."""

    fact: str
    question: Text
    rules: Sequence[str]  # none: it decides a label
    is_asked: bool  # the form has a field for it
    decides: bool  # whether it may be released turns on it


def context(form: AskForm) -> dict[str, Any]:
    """Ask both jurisdictions and return what the page shows."""
    china = _asked(form, Jurisdiction.CN)
    nations = _asked(form, Jurisdiction.UN)
    return {
        "nothing": not form.facts,
        "as_of": form.as_of,
        "stated": _stated(form),
        "china": _side(china, form),
        "nations": _side(nations, form) if nations.findings or nations.upcoming else None,
        "labels": presenting.labels(
            [c.label for c in china.classification if c.holds],
            [c.label for c in china.classification if c.holds is None],
        ),
        "means": _means(china),
        "scales": [_scale(place) for place in china.scales.values()],
        "classification": _classification(china),
        "changes": _changes(form, china),
        "digest": china.digest,
    }


def _stated(form: AskForm) -> list[tuple[Text, str]]:
    """Return what was answered: paper shows this and not the form."""
    known = rulebook().facts
    return [
        (_question(form, name), localised(known[name].shown(value)) or _("none of these"))
        for name, value in form.facts.items()
    ]


def _changes(form: AskForm, now: Evaluation) -> dict[str, list[dict[str, Any]]]:
    """Return what would make another answer of it, what makes it routine first."""
    found = changes.would_change(rulebook(), form.facts, as_of=form.as_of, about=[Topic.UPDATE])
    found = tuple(sorted(found, key=lambda row: Label.ROUTINE not in row.labels))
    rows = [
        {
            "facts": [(_question(form, one.name), localised(one.shown(v))) for one, v in row.facts],
            "labels": [words.label(label) for label in Label if label in row.labels],
            "decision": DECISIONS[row.decision] if row.decision is not now.decision else None,
            "href": "?" + law_form.address(_otherwise(form, row.facts), form.as_of),
        }
        for row in found
    ]
    return {"all": rows, "first": rows[:_FIRST], "more": rows[_FIRST:]}


def _otherwise(form: AskForm, turned: changes.Turned) -> dict[str, Any]:
    return {**form.facts, **{fact.name: value for fact, value in turned}}


def _question(form: AskForm, name: str) -> Text:
    field = form.fields.get(name)
    return (field.label if field else None) or localised(rulebook().facts[name].label)


def _asked(form: AskForm, jurisdiction: Jurisdiction) -> Evaluation:
    return rulebook().evaluate(
        form.facts, as_of=form.as_of, about=[Topic.UPDATE], jurisdiction=jurisdiction
    )


def _side(answer: Evaluation, form: AskForm) -> dict[str, Any]:
    result = answer.to_json()
    findings = presenting.findings(result, unfold=False)
    return {
        "decision": DECISIONS[answer.decision],
        "because": _because(answer),
        "findings": findings,
        "folded": presenting.folded(findings),
        "tally": presenting.tally(result),
        "duties": duties(result["obligations"], answer.as_of),
        "missing": _missing(answer, form),
        "upcoming": upcoming(result["upcoming"]),
    }


def _because(answer: Evaluation) -> str:
    """Return the decision's ground in one sentence."""
    if answer.decision is Decision.MAY_RELEASE:
        return _("Everything that has to be there before the release is there.")
    if answer.decision is Decision.NOT_ASKED:
        return _("None of the rules that were asked decides about a release.")
    if answer.decision is Decision.MAY_NOT_RELEASE:
        n = len(answer.reasons)
        return ngettext(
            "{n} rule that has to be met before the release is broken.",
            "{n} rules that have to be met before the release are broken.",
            n,
        ).format(n=n)
    n = len(_deciding(answer))
    return ngettext(
        "{n} fact is not stated yet. It is never taken for “no”.",
        "{n} facts are not stated yet. They are never taken for “no”.",
        n,
    ).format(n=n)


def _means(answer: Evaluation) -> list[Text]:
    """Return what each label that holds leads to; nothing while none is certain."""
    return [MEANS[c.label] for c in answer.classification if c.holds]


def _scale(place: Any) -> dict[str, Any]:
    return {
        "title": localised(place.title),
        "code": place.code,
        "words": localised(place.words) if place.words else "",
    }


def _classification(answer: Evaluation) -> list[dict[str, Any]]:
    """Return each label: whether it holds, why, and the article that says so."""
    rows = []
    for one in answer.classification:
        if one.holds is False or (one.holds is None and one.label is Label.ROUTINE):
            continue
        found = one.finding.to_json() if one.finding else None
        rows.append(
            {
                "label": words.label(one.label, maybe=one.holds is None),
                "why": localised(found["why"])
                if found
                else _("No other label holds: nothing that the law singles out is changed."),
                "article": presenting.article(found["citation"]) if found else None,
                "rule_id": one.rule_id or "",
                "grade": found["grade"] if found else "",
            }
        )
    return rows


def duties(owed: Iterable[Mapping[str, Any]], today: date) -> dict[str, list[DutyView]]:
    rows = []
    for one in owed:
        day = one["due"]["date"]
        rows.append(
            Owed(
                title=one["title"],
                due=one["due"],
                due_on=date.fromisoformat(day) if day else None,
                rule_id=one["rule_id"],
                fulfilled_at=True if one["fulfilled"] else None,
            )
        )
    return presenting.duties(rows, today)


def _deciding(answer: Evaluation) -> set[str]:
    """Return the missing facts that the decision waits for."""
    tests = [c.finding for c in answer.classification if c.holds is None and c.finding]
    held_up = (*answer.held_up(Outcome.UNDETERMINED), *tests)
    return {fact.name for finding in held_up for fact in finding.missing}


def _missing(answer: Evaluation, form: AskForm) -> dict[str, list[Gap]]:
    waiting: dict[str, list[str]] = {name: [] for name in answer.missing}
    for finding in answer.findings:
        for fact in finding.missing:
            waiting[fact.name].append(finding.rule_id)
    deciding = _deciding(answer)
    gaps = [
        Gap(name, _question(form, name), rules, name in form.fields, name in deciding)
        for name, rules in waiting.items()
    ]
    return {
        "all": gaps,
        "first": [gap for gap in gaps if gap.decides],
        "more": [gap for gap in gaps if not gap.decides],
    }


def upcoming(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "rule_id": row["rule_id"],
            "title": localised(row["title"]),
            "on": date.fromisoformat(row["from"]),
            "grade": row["grade"],
            "binding": row["binding"],
        }
        for row in rows
    ]
