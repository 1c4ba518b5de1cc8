"""From what the domains keep to what components are given: findings, labels, duties, signers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.domains.organisations.roles import IN_PLACE_OF, Kind
from roadworthy.kernel.calendar import PRC
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import formats, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import (
    Article,
    BarPart,
    DutyView,
    FindingView,
    Label,
    Signer,
    Tone,
)

OUTCOMES = {"broken": "broken", "undetermined": "unknown", "met": "met", "not-applicable": "na"}
_MET_SHOWN = 4  # as many met findings lie open; more are folded
_SOON = 3  # working days: when a dated duty starts to look due


def findings(result: Mapping[str, Any], *, unfold: bool = True) -> tuple[FindingView, ...]:
    """Return an evaluation's findings in its order; the first that is broken lies open."""
    rows = [finding(row) for row in result.get("findings", ())]
    first = next((n for n, row in enumerate(rows) if row.outcome == "broken"), None)
    if unfold and first is not None:
        rows[first] = finding(result["findings"][first], unfold=True)
    return tuple(rows)


def folded(found: Sequence[FindingView]) -> dict[str, Sequence[FindingView]]:
    """Sort findings into those that lie open and those that are folded away.

    What is broken or undetermined always lies open; what is met only while there is little of it.
    """
    first = [one for one in found if one.outcome in {"broken", "unknown"}]
    met = [one for one in found if one.outcome == "met"]
    shown = met if len(met) <= _MET_SHOWN else met[:0]
    return {
        "first": [*first, *shown],
        "met": met[len(shown) :],
        "na": [one for one in found if one.outcome == "na"],
    }


def finding(row: Mapping[str, Any], *, unfold: bool = False) -> FindingView:
    missing = tuple(localised(one["label"]) for one in row["missing"])
    outcome = OUTCOMES[row["outcome"]]
    return FindingView(
        id=row["rule_id"],
        outcome=outcome,
        rule_id=row["rule_id"],
        grade=row["grade"],
        title=localised(row["title"]),
        why="" if missing and row["reason"] == "missing" else localised(row["why"]),
        missing=missing if outcome == "unknown" else (),
        facts=tuple(
            (localised(one.get("label", "")) or one["name"], localised(one["shown"]))
            for one in row["facts"]
        ),
        values=tuple((localised(one["label"]), localised(one["shown"])) for one in row["values"]),
        articles=tuple(article(one) for one in (row["citation"], *row["also"])),
        open=unfold,
    )


def article(cited: Mapping[str, Any]) -> Article:
    """Return a citation with its words; the date is the text's own if known."""
    made = cited.get("made_on")
    day = made or cited["in_force_from"] or cited["published_on"]
    return Article(
        provision=localised(cited["provision"]),
        text=localised(cited["text"]),
        instrument=instrument(cited["title"], cited.get("number")),
        dated=_("made") if made else _("in force") if cited["in_force_from"] else _("published"),
        on=date.fromisoformat(day) if day else None,
        grade=cited["grade"],
    )


def instrument(title: Mapping[str, str], number: str | None) -> str:
    """Name a legal text as the language does: 《…》 in Chinese."""
    name = localised(title)
    if formats.is_chinese():
        name = name if name.startswith("《") else f"《{name}》"
        return f"{name}，{number}" if number else name
    return f"{name}, {number}" if number else name


def tally(result: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Count an evaluation's findings by outcome, those that need attention first."""
    counts = result.get("tally", {})
    return tuple((key, counts[name]) for name, key in OUTCOMES.items() if counts.get(name))


def labels(held: Iterable[str], undetermined: Iterable[str] = ()) -> tuple[Label, ...]:
    """Return legal labels, those that hold first; routine says nothing while others are open."""
    open_ = [key for key in undetermined if key != "routine"]
    return (
        *(words.label(key) for key in held),
        *(words.label(key, maybe=True) for key in open_),
    )


def classification(result: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the rows of the classification table: label, why, the rule that follows from it."""
    rows = []
    for row in result.get("classification", ()):
        if row["holds"] is False or (row["label"] == "routine" and not row["holds"]):
            continue
        rows.append(
            {
                "label": words.label(row["label"], maybe=row["holds"] is None),
                "why": localised(row["why"])
                or _("No other label holds: nothing that the law singles out is changed."),
                "rule_id": row["rule_id"] or "",
                "grade": row["grade"] or "",
            }
        )
    return tuple(rows)


def duties(rows: Iterable[Any], today: date) -> dict[str, Any]:
    """Return obligations as a card shows them: open ones, what is late first, and done ones."""
    made = [duty(row, today) for row in rows]
    order = {Tone.BROKEN: 0, Tone.DUE: 1}
    open_ = sorted((d for d in made if d.tone != Tone.MET), key=lambda d: order.get(d.tone, 2))
    return {"open": open_, "done": [d for d in made if d.tone == Tone.MET]}


def duty(row: Any, today: date, *, href: str = "", subject: str = "") -> DutyView:
    """Return an obligation as the calendar shows it. A word of the law stays a word."""
    due = row.due
    tone, left = _nearness(row, today)
    return DutyView(
        tone=tone,
        title=localised(row.title),
        on=row.due_on,
        when="" if row.due_on else localised(due["shown"]),
        left=left,
        note=localised(due["basis"]),
        rule_id=row.rule_id,
        grade=grade_of(row.rule_id),
        href=href,
        subject=subject,
    )


def _nearness(row: Any, today: date) -> tuple[Tone, str]:
    due, on = row.due, row.due_on
    if row.fulfilled_at is not None:
        return Tone.MET, _("done")
    if on is None:
        if text := waiting(due):
            return Tone.IDLE, text
        return (Tone.DUE if due["kind"] in {"immediate", "prompt"} else Tone.IDLE), ""
    return nearness(on, today, provisional=bool(due.get("provisional")))


def waiting(due: Mapping[str, Any]) -> str:
    """Say how long there will be after an event that has not happened."""
    days = due.get("working_days")
    if due.get("kind") != "after-event" or not days:
        return ""
    return ngettext("+{n} working day", "+{n} working days", days).format(n=days)


def nearness(on: date, today: date, *, provisional: bool) -> tuple[Tone, str]:
    """Return how a day that is owed looks, and how far it is."""
    if on < today:
        return Tone.BROKEN, formats.working_days(on, today)
    if provisional:
        return Tone.IDLE, _("provisional")
    soon = PRC.between(today, on) <= _SOON
    return (Tone.DUE if soon else Tone.IDLE), formats.working_days(on, today)


def grade_of(rule_id: str) -> str:
    versions = rulebook().law.rules.get(rule_id, ())
    return str(versions[-1].grade) if versions else ""


def signers(rows: Sequence[Any]) -> tuple[Signer, ...]:
    """Return whose signatures a release needs: who, for what, and whether each is there."""
    return tuple(
        Signer(
            # The authority's seal stands for its own signature and for nothing else.
            party=Kind.MANUFACTURER if row.purpose in IN_PLACE_OF else row.party,
            seal=words.SEALS[Kind.MANUFACTURER if row.purpose in IN_PLACE_OF else row.party],
            attested=row.purpose in IN_PLACE_OF,
            name=_signer_name(row),
            signed=row.signed_at is not None,
            lines=_signer_lines(row),
            keyid=row.key.keyid if row.key and row.signed_at else "",
        )
        for row in rows
    )


def _signer_name(row: Any) -> str:
    if row.organisation is not None:
        return localised(row.organisation.name)
    return str(words.KINDS[row.party])


def _signer_lines(row: Any) -> tuple[Any, ...]:
    """Return two lines: what the signature is for, and when it came or how it will."""
    purpose = words.PURPOSES[row.purpose]
    attested = row.purpose in IN_PLACE_OF
    if row.signed_at is not None and attested:
        plainly = _("Attested by the compliance officer, not countersigned by the authority")
        return (purpose, plainly, formats.full_moment_short(row.signed_at))
    if row.signed_at is not None:
        return (purpose, formats.full_moment_short(row.signed_at))
    if row.key is not None and attested:
        return (purpose, _("Attested: a compliance officer signs in its place, and says so"))
    if row.key is None:
        return (purpose, _("No key has been made for this yet"))
    return (purpose, _("Joined: signs with its own key"))


def threshold(rows: Sequence[Signer]) -> dict[str, Any]:
    """Return how many of the parties have signed, and the bar that shows it."""
    have, need = sum(row.signed for row in rows), len(rows)
    gap = 2.0
    each = (100 - gap * (need - 1)) / need if need else 100
    parts = [BarPart("met" if n < have else "wait", each, n * (each + gap)) for n in range(need)]
    return {"have": have, "need": need, "parts": parts}


def stacked(pairs: Iterable[tuple[str, float]], whole: float) -> tuple[BarPart, ...]:
    """Lay shares side by side; nothing is drawn for a share of nothing."""
    parts, start = [], 0.0
    for look, value in pairs:
        if value and whole:
            share = 100 * value / whole
            parts.append(BarPart(look, share, start))
            start += share
    return tuple(parts)
