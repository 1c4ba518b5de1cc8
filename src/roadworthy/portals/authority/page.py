"""The reviewer's pages put into shape."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.filings import completing, others, questions, reading, searching
from roadworthy.domains.filings.states import Action, Kind, QuestionState, State
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import PRC, legal_day
from roadworthy.portals.authority.forms import AskForm, NoteForm
from roadworthy.portals.shared import dossier, formats, presenting, stories, words
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Ask, Crumb

_HISTORY = 20
_STANDS = {
    Action.ACCEPT: State.ACCEPTED,
    Action.RETURN: State.RETURNED,
    Action.REFUSE: State.REFUSED,
}


def rows(found: Sequence[Any], now: datetime, *, search: str = "") -> list[dict[str, Any]]:
    """Return the lines of the queue, and where in each the search was found."""
    tallies = reading.tallies(list(found))
    excerpts = searching.excerpts(found, search)
    elsewhere = reading.told_elsewhere(found)
    made = []
    for one in found:
        waited = formats.waited(one.submitted_at, one.decided_at or now)
        release = one.dossier.release or elsewhere.get(one.pk)
        tally = tallies.get(one.dossier.release_id, {}) or getattr(release, "tally", {})
        made.append(
            {
                "filing": one,
                "kind": words.FILING_KINDS[Kind(one.dossier.kind)],
                "labels": presenting.labels(one.dossier.labels or ()),
                "tally": presenting.tally({"tally": tally}),
                "waited": waited[1],
                "chip": words.FILING[State(one.state)],
                "release": release.number if release else "",
                "title": localised(release.title) if release else "",
                "excerpt": excerpts.get(one.pk),
            }
        )
    return made


def figures(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers above the queue."""
    spans = [
        PRC.between(legal_day(start), legal_day(end)) for start, end, _state in found["decided"]
    ]
    states = Counter(state for _start, _end, state in found["decided"])
    return {
        "waiting": found["waiting"],
        "returned": found["returned"],
        "decided": len(spans),
        "accepted": states[State.ACCEPTED],
        "sent_back": states[State.RETURNED],
        "refused": states[State.REFUSED],
        "median": statistics.median_high(spans) if spans else None,
    }


def weights(found: Any) -> dict[str, int]:
    """Return how many findings speak against a filing."""
    tally = reading.answer_about(found).get("tally", {})
    return {"broken": tally.get("broken", 0), "unknown": tally.get("undetermined", 0)}


def context(found: Any, who: Acting, now: datetime) -> dict[str, Any]:
    """Return everything a reviewer sees of one filing."""
    result = reading.answer_about(found)
    content = found.dossier.content
    shown = dossier.view(content, reading.names_in(content))
    made = presenting.findings(result)
    return {
        "filing": found,
        "kind": words.FILING_KINDS[Kind(found.dossier.kind)],
        "chip": words.FILING[State(found.state)],
        "crumbs": [Crumb(_("Queue"), reverse("a:queue")), Crumb(found.number)],
        "waited": formats.waited(found.submitted_at, found.decided_at or now)[1],
        "dossier": shown,
        "evaluation": {"result": result} if result else None,
        "findings": [one for one in made if one.outcome in {"broken", "unknown"}],
        "met": [one for one in made if one.outcome in {"met", "na"}],
        "finding_count": len(made),
        "tally": presenting.tally(result),
        "elsewhere": _elsewhere(found),
        "others": [(one, words.FILING[State(one.state)]) for one in reading.siblings(found)],
        "events": stories.events(ledger.latest_about(f"filing/{found.pk}", _HISTORY)),
        "key": reading.own_key(found, who.actor),
        "questions": _questions(found),
        "asking": AskForm() if found.state == State.SUBMITTED else None,
        "changes": dossier.changes(found),
        "revoked": reading.revoked_in(found),
        "gaps": completing.gaps(found),
        "notes": list(questions.notes(who.organisation_id, found)),
        "noting": NoteForm(),
        "supervise": _supervise(found, who),
    }


def _elsewhere(found: Any) -> list[tuple[Any, Any]]:
    """Return what the other authority's deployment has told of the same content."""
    if not found.manufacturer.is_remote:
        return []
    return [(one, words.FILING[_STANDS[Action(one.decision)]]) for one in others.about(found)]


def _supervise(found: Any, who: Acting) -> str:
    """Return where SAMR writes about a recall whose plan another deployment filed."""
    is_such = found.dossier.kind == Kind.RECALL_PLAN and found.manufacturer.is_remote
    is_samr = who.role == Role.SAMR_REVIEWER
    return reverse("a:recall-filed", args=[found.pk]) if is_such and is_samr else ""


def _questions(found: Any) -> list[dict[str, Any]]:
    attached = questions.documents_of(found)
    return [
        {
            "question": one,
            "chip": words.QUESTION[QuestionState(one.state)],
            "documents": attached.get(one.pk, ()),
        }
        for one in questions.of_filing(found)
    ]


def ask(
    found: Any, decision: Action, reason: str, key: Any, form: Any, terms: Sequence[Any] = ()
) -> Ask:
    """Return the question before a decision, with the full digest."""
    manufacturer = localised(found.manufacturer.name)
    titles = {
        Action.ACCEPT: _("Sign this acceptance?"),
        Action.RETURN: _("Return {number}?").format(number=found.number),
        Action.REFUSE: _("Refuse {number}?").format(number=found.number),
    }
    texts = {
        Action.ACCEPT: _(
            "Your receipt says that {number} of {manufacturer} is accepted with exactly this "
            "content. "
            "It is logged publicly and cannot be withdrawn, only followed by a new decision."
        ),
        Action.RETURN: _(
            "{number} goes back to {manufacturer} with your reasons. "
            "The decision is logged publicly."
        ),
        Action.REFUSE: _(
            "{number} of {manufacturer} is refused for good. The decision is logged publicly."
        ),
    }
    confirm = {
        Action.ACCEPT: _("Sign and accept"),
        Action.RETURN: _("Return it"),
        Action.REFUSE: _("Refuse it"),
    }
    return Ask(
        id="decide",
        title=titles[decision],
        text=texts[decision].format(number=found.number, manufacturer=manufacturer),
        href=reverse("a:decide", args=[found.pk]),
        confirm=confirm[decision],
        cancel=_("Not yet"),
        look="danger" if decision == Action.REFUSE else "primary",
        facts=[*_at_stake(found, decision, key), *_conditions(decision, terms)],
        form=form,
        hidden=_sent_again(decision, reason, terms),
        back=reverse("a:filing", args=[found.pk]),
    )


def _sent_again(decision: Action, reason: str, terms: Sequence[Any]) -> dict[str, str]:
    sent = {"decision": str(decision), "reason": reason, "confirmed": "yes"}
    return sent | {name: value for one in terms for name, value in one.sent.items()}


def _conditions(decision: Action, terms: Sequence[Any]) -> list[tuple[str, str]]:
    if decision != Action.ACCEPT:
        return []
    return [
        (_("Condition {n}").format(n=number), one.said) for number, one in enumerate(terms, start=1)
    ]


def _at_stake(found: Any, decision: Action, key: Any) -> list[tuple[str, str]]:
    facts = [(_("Content digest"), f"sha256:{found.dossier.sha256}")]
    if decision == Action.ACCEPT:
        facts.append((_("Key"), key.keyid if key else _("You hold no key for this.")))
    return facts


def ask_countersign(found: Any, key: Any, form: Any) -> Ask:
    """Return the question before a countersignature."""
    release = found.dossier.content["release"]
    return Ask(
        id="countersign",
        title=_("Countersign {number}?").format(number=release["number"]),
        text=_(
            "You have accepted {filing}. Your signature on the metadata lets vehicles take "
            "the release."
        ).format(filing=found.number),
        href=reverse("a:countersign", args=[found.pk]),
        confirm=_("Sign with my key"),
        cancel=_("Not yet"),
        facts=[
            (_("Release digest"), f"sha256:{found.dossier.content['release_sha256']}"),
            (_("Key"), key.keyid if key else _("You hold no key for this.")),
        ],
        form=form,
        back=reverse("a:countersigning"),
    )


def said(decision: Action, found: Any) -> str:
    """Return what the toast says after a decision."""
    return {
        Action.ACCEPT: _("{number} is accepted; the receipt is signed."),
        Action.RETURN: _("{number} is returned."),
        Action.REFUSE: _("{number} is refused."),
    }[decision].format(number=found.number)
