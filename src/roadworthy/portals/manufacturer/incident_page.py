"""An incident's page put into shape: what to do next, the clocks, what is known and how."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.domains.incidents import (
    assessing,
    holding,
    investigating,
    likeness,
    queries,
    reading,
)
from roadworthy.domains.incidents.assessing import Clock
from roadworthy.domains.incidents.investigating import Sort
from roadworthy.domains.incidents.running import Basis
from roadworthy.domains.incidents.states import (
    INCIDENT,
    Action,
    Channel,
    HoldState,
    QuestionState,
    Series,
    State,
    Trigger,
)
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import formats, incident_words, incidents, stories, words
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.shapes import Ask, Button, Crumb, Next, Tone

_HISTORY, _VIN_END = 20, 6
LIVE_SECONDS = 30  # how often the clocks are asked for again


def rows(found: Iterable[Any], now: datetime) -> list[dict[str, Any]]:
    """Return the lines of the list."""
    return [
        {
            "incident": one,
            "chip": incident_words.STATES[State(one.state)],
            "trigger": incident_words.TRIGGERS[Trigger(one.trigger)],
            "kinds": incident_words.kinds(one.kinds),
            "ending": (one.vehicle.vin or "")[-_VIN_END:] if one.vehicle else "",
            "left": incident_words.left(one.next_due_at, now) if one.next_due_at else "",
            "late": one.next_due_at is not None and one.next_due_at < now,
        }
        for one in found
    ]


def context(incident: Any, who: Acting, now: datetime) -> dict[str, Any]:
    """Return everything that the page shows."""
    result = assessing.evaluate(incident, now=now)
    due = assessing.clocks(incident, result)
    late = incidents.late(result)
    return {
        **live(incident, who, now, due),
        **_kept(incident),
        "late": late,
        "exposure": incidents.exposure(late),
        "missing": [
            incident_words.label(name) if name in incident_words.OWN else _fact(name)
            for name in dict.fromkeys(fact.name for one in result.findings for fact in one.missing)
        ],
        "stated": incidents.stated(incident.known),
        "statements": incidents.statements(queries.known(incident)),
        "accounts": _accounts(incident),
        "reports": _reports(incident),
        "actions": [
            *(_button(incident, one, "") for one in _available(incident, who)),
            *_to_defect(incident),
        ],
        "is_safety": who.role == Role.SAFETY,
        "may_hold": incident.state != State.MERGED,
        "events": stories.events(ledger.latest_about(f"incident/{incident.pk}", _HISTORY)),
    }


def _kept(incident: Any) -> dict[str, Any]:
    """Return what hangs on an incident, each with its words."""
    return {
        "ran": [(one, incident_words.BASES[Basis(one.basis)]) for one in queries.ran(incident)],
        "questions": [
            (one, _state_of(one), words.party(one.authority.kind))
            for one in reading.questions(incident)
        ],
        "holds": [
            (one, incident_words.HOLDS[HoldState(one.state)], len(holding.exhibits(one)))
            for one in holding.of(incident)
        ],
        "lines": [
            (one, incident_words.SORTS[Sort(one.sort)]) for one in investigating.lines(incident)
        ],
        "similar": [
            (one, _same(one), incident_words.STATES[State(one.incident.state)])
            for one in likeness.of(incident)
        ],
        "merged": queries.merged(incident),
    }


def _same(one: Any) -> str:
    """Return what an incident has in common with this one."""
    named = (
        (one.function, pgettext("similar", "function")),
        (one.version, pgettext("similar", "software")),
        (one.kind, pgettext("similar", "kind")),
        (one.type, pgettext("similar", "type")),
        (one.conditions, pgettext("similar", "conditions")),
    )
    return _(", ").join(name for is_same, name in named if is_same)


def _state_of(question: Any) -> Any:
    return incident_words.QUESTIONS[QuestionState(question.state)]


def live(
    incident: Any, who: Acting, now: datetime, due: Iterable[Clock] | None = None
) -> dict[str, Any]:
    """Return the head of the page with the clocks: what is asked for again."""
    found = (
        due
        if due is not None
        else assessing.clocks(incident, assessing.evaluate(incident, now=now))
    )
    shown = list(found)
    return {
        "incident": incident,
        "chip": incident_words.STATES[State(incident.state)],
        "trigger": incident_words.TRIGGERS[Trigger(incident.trigger)],
        "kinds": incident_words.kinds(incident.kinds),
        "crumbs": [Crumb(_("Incidents"), reverse("m:incidents")), Crumb(incident.number)],
        "clocks": incidents.clocks(shown, now),
        "next": _next(incident, who, shown, now),
        "now": now,
        "live_seconds": LIVE_SECONDS,
        "moving": any(not one.is_done for one in shown) and incident.state != State.MERGED,
    }


def ask(action: Action, incident: Any, form: Any) -> Ask:
    """Return the question that a step asks."""
    texts = {
        Action.QUALIFY: _("Which reports are owed by when follows from what you state here."),
        Action.SET_ASIDE: _("Nothing is owed then. Everything that was told stays."),
        Action.TAKE_BACK: _("It is looked at anew, and its clocks run as from the beginning."),
        Action.CONCLUDE: _("Root cause and measures are written down; then it can be closed."),
        Action.CLOSE: _("Every report is sent and acknowledged, every question is answered."),
        Action.REOPEN: _("Say what is new."),
        Action.MERGE: _("The other one shows what was told of both. It can be undone."),
        Action.SEPARATE: _("Both stand for themselves again; this one is looked at anew."),
    }
    return Ask(
        id=f"ask-{action}",
        title=_("{number}: {step}").format(
            number=incident.number, step=incident_words.ACTIONS[action]
        ),
        text=texts[action],
        href=reverse("m:incident-act", args=[incident.pk, action]),
        confirm=str(incident_words.ACTIONS[action]),
        cancel=_("Not now"),
        form=form,
        back=reverse("m:incident", args=[incident.pk]),
    )


def ask_to_send(incident: Any, series: Series, form: Any, told: Iterable[Any]) -> Ask:
    """Return the question before a report goes out."""
    names = _(", ").join(str(words.KINDS[kind]) for kind in told)
    return Ask(
        id="send",
        title=_("Send: {report}").format(report=incident_words.SERIES[series]),
        text=_(
            "It goes to {authorities}, the same content with one digest. It is logged publicly by "
            "its digest and cannot be taken back, only followed by another version."
        ).format(authorities=names or "–"),
        href=reverse("m:incident-send", args=[incident.pk, series]),
        confirm=_("Send it"),
        cancel=_("Not now"),
        form=form,
        facts=[(label, str(value)) for label, value, _since in incidents.stated(incident.known)],
        back=reverse("m:incident", args=[incident.pk]),
    )


def _fact(name: str) -> str:
    return formats.localised(rulebook().facts[name].label.to_json())


def _next(incident: Any, who: Acting, due: list[Clock], now: datetime) -> Next | None:
    open_ = [one for one in due if one.series is not None and not one.is_done]
    state = State(incident.state)
    if state in {State.SET_ASIDE, State.MERGED, State.CLOSED}:
        return None
    if open_:
        return _to_report(incident, open_[0], who, now)
    acts = [one for one in _available(incident, who) if one in _FORWARD]
    if acts:
        return Next(
            Tone.LIVE,
            _what()[acts[0]],
            _why()[acts[0]],
            _button(incident, acts[0], "primary"),
        )
    return None


def _to_report(incident: Any, one: Clock, who: Acting, now: datetime) -> Next:
    what = _("tell {authority}.").format(
        authority=_(", ").join(str(words.KINDS[kind]) for kind in one.authorities)
    )
    why = _("The law says “promptly” or “immediately”; no number is made of it.")
    if one.due_at is not None:
        why = _("Due {at}, {left}.").format(
            at=formats.full_moment_short(one.due_at), left=incident_words.left(one.due_at, now)
        )
    tone = Tone.BROKEN if one.is_late(now) else Tone.DUE
    send = None
    if incident.kinds is not None:
        href = reverse("m:incident-send", args=[incident.pk, one.series])
        send = Button(_("Send the report"), href, "primary")
    elif Action.QUALIFY in _available(incident, who):
        send = _button(incident, Action.QUALIFY, "primary")
    return Next(tone, what, why, send)


_FORWARD = (Action.QUALIFY, Action.CONCLUDE, Action.CLOSE)


def _what() -> dict[Action, str]:
    return {
        Action.QUALIFY: _("say what it is."),
        Action.CONCLUDE: _("find the cause."),
        Action.CLOSE: _("close it."),
    }


def _why() -> dict[Action, str]:
    return {
        Action.QUALIFY: _("Reports and their clocks follow from it."),
        Action.CONCLUDE: _("It needs a root cause and at least one measure."),
        Action.CLOSE: _("It stays open until both authorities have acknowledged."),
    }


def _available(incident: Any, who: Acting) -> list[Action]:
    return list(INCIDENT.available(State(incident.state), who.role))


def _to_defect(incident: Any) -> list[Button]:
    if incident.defect_number or incident.type_id is None:
        return []
    href = reverse("m:incident-defect", args=[incident.pk])
    return [Button(_("Open a defect analysis"), href, "")]


def _button(incident: Any, action: Action, look: str) -> Button:
    href = reverse("m:incident-act", args=[incident.pk, action])
    return Button(str(incident_words.ACTIONS[action]), href, look)


def _accounts(incident: Any) -> list[dict[str, Any]]:
    return [
        {
            "account": account,
            "channel": incident_words.CHANNELS[Channel(account.channel)],
            "last": versions[-1],
            "earlier": versions[:-1],
            "elsewhere": account.incident_id != incident.pk,
        }
        for account, versions in queries.accounts(incident)
    ]


def _reports(incident: Any) -> list[dict[str, Any]]:
    return [
        {
            "report": one,
            "series": incident_words.SERIES[Series(one.series)],
            "copies": incidents.copies(list(one.copies.all())),
        }
        for one in reading.reports(incident)
    ]
