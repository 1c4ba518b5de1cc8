"""The twelve steps of a release, told from where it stands. Pure: a place in, steps out.

A step is done, in progress, blocked or not started; it is blocked when the rulebook found
something broken that holds up just this step. The first step that is not done is the current one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from roadworthy.domains.campaigns.overview import CampaignPlace, Place
from roadworthy.domains.campaigns.states import ActionState
from roadworthy.domains.campaigns.states import State as Campaign
from roadworthy.domains.filings.states import State as Filing
from roadworthy.domains.software.states import State as Release
from roadworthy.portals.shared import formats, words
from roadworthy.portals.shared.shapes import Chip, LoopStep, Step, Tone

_HANDED_IN = (Filing.SUBMITTED, Filing.ACCEPTED)
_S = ActionState
_ON_THE_WAY = (_S.OFFERED, _S.RETRIEVED, _S.RUNNING, _S.CANCELLING)
_ROLL_OUT = 7
_BEGUN = (*_ON_THE_WAY, _S.INSTALLED, _S.PROVEN, _S.FAILED, _S.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class _Told:
    """One step before its number and name are put to it."""

    state: Step
    on: date | None = None
    note: Any = ""
    story: Any = ""


def steps(place: Place, *, entries: int | None = None) -> tuple[LoopStep, ...]:
    """Return the twelve steps, with their sentences for the public record."""
    told = (
        _access(place),
        _release(place),
        _classify(place),
        _file(place),
        _review(place),
        _sign(place),
        *_campaign_steps(place),
        _follow_up(place),
        _trace(place, entries),
    )
    made = [
        LoopStep(number, words.STEPS[number - 1], one.state, one.on, one.note, one.story)
        for number, one in enumerate(told, start=1)
    ]
    made = _blocked(made, place)
    here = current(made)
    if here.state != Step.DONE:
        made[here.number - 1] = replace(here, current=True)
    return tuple(made)


def current(made: Sequence[LoopStep]) -> LoopStep:
    """Return the step that a release is at: what blocks it, what runs, or what is next.

    Filing, review and signing can overlap: the earliest counts. A campaign's steps run together:
    the furthest counts.
    """
    blocked = [one for one in made if one.state == Step.BLOCKED]
    running = [one for one in made if one.state == Step.NOW]
    if blocked:
        return blocked[0]
    if running:
        return running[-1] if running[0].number >= _ROLL_OUT else running[0]
    return next((one for one in made if one.state != Step.DONE), made[-1])


def tone(place: Place, made: Sequence[LoopStep]) -> Tone:
    """Return the tone of the ring in a table."""
    if place.state == Release.WITHDRAWN:
        return Tone.IDLE
    if any(one.state == Step.BLOCKED for one in made):
        return Tone.BROKEN
    return Tone.MET if all(one.state == Step.DONE for one in made) else Tone.LIVE


def _blocked(made: list[LoopStep], place: Place) -> list[LoopStep]:
    broken = place.tally.get("broken", 0)
    if not broken or place.released_at or place.state == Release.WITHDRAWN:
        return made
    at = next((n for n, one in enumerate(made) if one.state != Step.DONE), None)
    if at is None or not 2 < at < 6:  # filing, review or signing waits for it
        return made
    note = ngettext("{n} broken", "{n} broken", broken).format(n=broken)
    made[at] = replace(made[at], state=Step.BLOCKED, note=note)
    return made


def _on(at: datetime | None) -> date | None:
    return formats.in_shanghai(at).date() if at else None


def _access(place: Place) -> _Told:
    if place.approved_on is None:
        return _Told(Step.TODO)
    return _Told(Step.DONE, place.approved_on, story=_("Type and functions are approved"))


def _release(place: Place) -> _Told:
    if place.state == Release.DRAFT:
        return _Told(
            Step.NOW, _on(place.registered_at), story=_("Release registered, still a draft")
        )
    return _Told(Step.DONE, _on(place.registered_at), story=_("Release registered, content fixed"))


def _classify(place: Place) -> _Told:
    if place.classified_at is None or place.state == Release.DRAFT:
        return _Told(Step.TODO)
    named = _(", ").join(str(words.label(key).text) for key in place.labels)
    story = _("Rulebook: {labels}; {met} findings met, {broken} broken").format(
        labels=named or _("no label yet"),
        met=place.tally.get("met", 0),
        broken=place.tally.get("broken", 0),
    )
    state = Step.NOW if place.undetermined else Step.DONE
    return _Told(state, _on(place.classified_at), story=story)


def _file(place: Place) -> _Told:
    handed_in = [one for one in place.filings if one.submitted_at]
    if not place.needed or not place.filings:
        return _Told(Step.TODO)
    numbers = _(", ").join(
        _("{authority} {number}").format(authority=words.party(one.authority), number=one.number)
        for one in handed_in
    )
    story = _("Filed: {numbers}").format(numbers=numbers) if numbers else ""
    if place.lacking(*_HANDED_IN):
        note = _("{have} of {need}").format(
            have=len(place.needed) - len(place.lacking(*_HANDED_IN)), need=len(place.needed)
        )
        return _Told(Step.NOW, note=note, story=story)
    last = max((one.submitted_at for one in handed_in if one.submitted_at), default=None)
    return _Told(Step.DONE, _on(last), story=story)


def _review(place: Place) -> _Told:
    waiting = [one for one in place.filings if one.state == Filing.SUBMITTED]
    lacking = place.lacking(Filing.ACCEPTED)
    if waiting:
        parties = dict.fromkeys(str(words.party(one.authority)) for one in waiting)
        return _Told(Step.NOW, note=_(", ").join(parties), story=_("Before the authorities"))
    if not place.needed or lacking:
        return _Told(Step.TODO)
    last = max((one.decided_at for one in place.filings if one.decided_at), default=None)
    return _Told(
        Step.DONE, _on(last), story=_("Accepted by every authority that it was filed with")
    )


def _sign(place: Place) -> _Told:
    if place.released_at:
        return _Told(
            Step.DONE, _on(place.released_at), story=_("Signed by every party that has to")
        )
    if place.state == Release.SIGNED:
        return _Told(Step.NOW, _on(place.signed_at), story=_("Signed by the manufacturer"))
    return _Told(Step.TODO)


def _campaign_steps(place: Place) -> tuple[_Told, _Told, _Told, _Told]:
    run = place.campaign
    if run is None or run.state == Campaign.DRAFT:
        return _Told(Step.TODO), _Told(Step.TODO), _Told(Step.TODO), _Told(Step.TODO)
    over = run.state == Campaign.COMPLETED
    return (
        _roll_out(run, over=over),
        _consent(run, over=over),
        _install(run, over=over),
        _prove(run, over=over),
    )


def _roll_out(run: CampaignPlace, *, over: bool) -> _Told:
    if run.started_at is None:
        return _Told(Step.TODO)
    note = (
        "" if over else _("{have} of {need} groups").format(have=run.groups_open, need=run.groups)
    )
    story = _("{have} of {need} groups opened").format(have=run.groups_open, need=run.groups)
    return _Told(Step.DONE if over else Step.NOW, _on(run.started_at), note, story)


def _consent(run: CampaignPlace, *, over: bool) -> _Told:
    declined = run.of(_S.DECLINED)
    story = ngettext("Owners choose; {n} said no", "Owners choose; {n} said no", declined).format(
        n=formats.number(declined)
    )
    return _Told(Step.DONE if over else Step.NOW, story=story)


def _install(run: CampaignPlace, *, over: bool) -> _Told:
    begun = run.of(*_BEGUN)
    if not begun:
        return _Told(Step.TODO)
    story = _("{running} installing; {failed} failed and restored").format(
        running=formats.number(run.of(*_ON_THE_WAY)), failed=formats.number(run.of(_S.FAILED))
    )
    return _Told(Step.DONE if over else Step.NOW, story=story)


def _prove(run: CampaignPlace, *, over: bool) -> _Told:
    if not run.of(*_BEGUN):
        return _Told(Step.TODO)
    story = ngettext(
        "{n} vehicle reported the new version",
        "{n} vehicles reported the new version",
        run.proven,
    ).format(n=formats.number(run.proven))
    share = formats.percent(run.proven, run.total)
    return _Told(
        Step.DONE if over else Step.NOW, _on(run.completed_at) if over else None, share, story
    )


def _follow_up(place: Place) -> _Told:
    run = place.campaign
    if run is None or run.completed_at is None:
        return _Told(Step.TODO, story=_("Reports fall due after completion"))
    if place.next_due is not None:
        return _Told(Step.NOW, place.next_due.due_on, story=_("Reports are due"))
    return _Told(Step.DONE, story=_("Nothing is owed any more"))


def _trace(place: Place, entries: int | None) -> _Told:
    """The record itself: on the public page it is there and goes on."""
    if entries is not None:
        story = ngettext(
            "{n} log entry, it can be verified", "{n} log entries, each can be verified", entries
        ).format(n=formats.number(entries))
        return _Told(Step.DONE, note=_("ongoing"), story=story)
    run = place.campaign
    finished = run is not None and run.completed_at is not None and place.next_due is None
    return _Told(Step.DONE if finished else Step.TODO)


def chip(place: Place) -> Chip:
    """Return the one state of a release that a list shows: of its campaign, filings or itself."""
    run = place.campaign
    if place.state in {Release.WITHDRAWN, Release.DRAFT}:
        return words.RELEASE[Release(place.state)]
    if run is not None and run.state != Campaign.DRAFT:
        owes = run.state == Campaign.COMPLETED and place.next_due is not None
        return Chip(Tone.DUE, _("Report due")) if owes else words.CAMPAIGN[Campaign(run.state)]
    if place.released_at:
        return words.RELEASE[Release.RELEASED]
    return _filings_chip(place)


def _filings_chip(place: Place) -> Chip:
    states = {one.state for one in place.filings}
    against = [state for state in (Filing.REFUSED, Filing.RETURNED) if state in states]
    if against:
        return words.FILING[against[0]]
    if not place.filings:
        return words.RELEASE[Release(place.state)]
    if place.lacking(*_HANDED_IN):
        return Chip(Tone.LIVE, pgettext("release", "Filing"))
    if place.lacking(Filing.ACCEPTED):
        return words.FILING[Filing.SUBMITTED]
    return Chip(Tone.DUE, _("To be signed"))
