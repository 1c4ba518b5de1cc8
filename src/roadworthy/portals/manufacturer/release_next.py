"""The one thing to do next with a release, for the person who reads: pure, from where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.domains.campaigns.overview import FilingPlace, Place
from roadworthy.domains.campaigns.states import State as Campaign
from roadworthy.domains.filings import stopping
from roadworthy.domains.filings.permits import Permit
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.states import State as Filing
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import questionnaire
from roadworthy.domains.software.states import Action, State
from roadworthy.portals.manufacturer import release_dialogs
from roadworthy.portals.shared import formats, words
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Button, Next, Tone


def step(
    release: Any,
    place: Place,
    result: Mapping[str, Any],
    who: Acting,
    *,
    changes: int,
    unfiled: Sequence[tuple[Kind, Permit]] = (),
) -> Next | None:
    """Return the next step, or None when nothing is left to do.

    ``unfiled`` are the permits for which nothing is filed yet, where others of their kind are.
    """
    if release.state == State.DRAFT:
        return _draft(release, who, changes)
    if who.role == Role.COMPLIANCE_OFFICER and _goes_on(release, result):
        return _stop(release)
    if unfiled and release.state in {State.FROZEN, State.SIGNED}:
        return _permit(release, *unfiled[0], who)
    return _onwards(release, place, result, who)


def _onwards(release: Any, place: Place, result: Mapping[str, Any], who: Acting) -> Next | None:
    if release.state == State.FROZEN:
        return _frozen(release, place, result, who)
    if release.state == State.SIGNED:
        return _signed(place, who)
    if release.state == State.RELEASED:
        return _released(release, place, who)
    return None


def permit_address(release: Any, kind: Kind, permit: Permit) -> str:
    """Return where the change of one approval begins, with the release that brings it."""
    begin = reverse("m:approval-change", args=[permit.approval, kind])
    return f"{begin}?{urlencode({'release': release.number})}"


def _permit(release: Any, kind: Kind, permit: Permit, who: Acting) -> Next:
    href = permit_address(release, kind, permit)
    primary, turn = _by(who, Role.HOMOLOGATION, Button(_("Begin the change"), href, "primary"))
    what = _("prepare: {kind} of {approval}.").format(
        kind=words.FILING_KINDS[kind], approval=permit.approval
    )
    return Next(
        Tone.LIVE, what, formats.sentences(_("Nothing is released without it."), turn), primary
    )


def _by(who: Acting, role: Role, button: Button) -> tuple[Button | None, str]:
    """Give the button to whom it belongs; tell the others whose turn it is."""
    if who.role == role:
        return button, ""
    return None, _("This is for the {role}.").format(role=words.ROLES[role])


def _draft(release: Any, who: Acting, changes: int) -> Next:
    number = [release.number]
    open_ = questionnaire.unanswered(release.answers)
    if not changes:
        what, why = (
            _("add what changes."),
            _("An image for each ECU, with the version before and after."),
        )
        button = Button(_("Add a change"), reverse("m:release-change", args=number), "primary")
    elif open_:
        what = _("answer the change questionnaire.")
        why = ngettext("{n} question is open.", "{n} questions are open.", len(open_)).format(
            n=len(open_)
        )
        button = Button(
            _("Answer the questions"), reverse("m:release-answers", args=number), "primary"
        )
    else:
        what, why = (
            _("freeze the content."),
            _("Then it has one digest, and can be filed and signed."),
        )
        button = _primary(release_dialogs.button(release, Action.FREEZE))
    primary, turn = _by(who, Role.RELEASE_ENGINEER, button)
    return Next(Tone.LIVE, what, formats.sentences(why, turn), primary)


def _frozen(release: Any, place: Place, result: Mapping[str, Any], who: Acting) -> Next:
    if result["undetermined_labels"]:
        names = _(", ").join(_missing_labels(result))
        button = _primary(release_dialogs.button(release, Action.REOPEN))
        primary, turn = _by(who, Role.RELEASE_ENGINEER, button)
        why = _(
            "Without it nobody can say whose signatures are needed. Open the content and answer it."
        )
        return Next(
            Tone.DUE,
            _("state the missing fact: {facts}.").format(facts=names),
            formats.sentences(why, turn),
            primary,
        )
    unfinished = _unfinished(place, unsigned=True)
    if unfinished is not None:
        return _filing(unfinished, who)
    for kind, party in place.lacking(Filing.DRAFT, Filing.SUBMITTED, Filing.ACCEPTED):
        if place.standing(kind, party) is None:
            href = reverse("m:release-filing", args=[release.number, kind])
            primary, turn = _by(
                who, Role.HOMOLOGATION, Button(_("Prepare the filing"), href, "primary")
            )
            what = _("prepare: {kind}.").format(kind=words.FILING_KINDS[kind])  # type: ignore[index]
            return Next(
                Tone.LIVE,
                what,
                formats.sentences(_("Nothing is released without it."), turn),
                primary,
            )
    on_paper = next(
        (f for f in place.filings if f.is_attested and f.state == Filing.SUBMITTED), None
    )
    if on_paper is not None:
        return _answer(on_paper, who)
    button = _primary(release_dialogs.button(release, Action.SIGN))
    primary, turn = _by(who, Role.RELEASE_ENGINEER, button)
    why = _("The authorities countersign what you have signed.")
    return Next(Tone.LIVE, _("sign the release."), formats.sentences(why, turn), primary)


def _answer(one: FilingPlace, who: Acting) -> Next:
    """Return the step of the officer who enters what an authority answers on paper."""
    what = _("enter the answer of {authority} to {number}.").format(
        authority=words.party(one.authority), number=one.number
    )
    why = _("It comes on paper. The signed metadata names its reference number.")
    href = reverse("m:filing", args=[one.id])
    button = Button(_("Open the filing"), href, "primary")
    primary, turn = _by(who, Role.COMPLIANCE_OFFICER, button)
    return Next(Tone.LIVE, what, formats.sentences(why, turn), primary)


def _goes_on(release: Any, result: Mapping[str, Any]) -> bool:
    """Say whether nobody has stated yet that production and sale of what is defective stopped."""
    facts = result["facts"]
    return stopping.concerns(release) and not (
        facts.get(stopping.PRODUCTION) and facts.get(stopping.SALE)
    )


def _stop(release: Any) -> Next:
    button = Button(
        _("Production and sale"), reverse("m:release-stops", args=[release.number]), "primary"
    )
    return Next(
        Tone.DUE,
        _("stop production and sale, and state it."),
        _("The release removes a defect; the gate stays shut until then."),
        button,
    )


def _missing_labels(result: Mapping[str, Any]) -> list[str]:
    missing: dict[str, str] = {}
    for row in result["classification"]:
        for fact in row["missing"] or () if row["holds"] is None else ():
            missing[fact["name"]] = localised(fact["label"])
    return list(missing.values())


def _unfinished(place: Place, *, unsigned: bool = False) -> FilingPlace | None:
    """Return what has to be done to a filing; an activity is not submitted before it is signed."""
    for state in (Filing.REFUSED, Filing.RETURNED, Filing.DRAFT):
        for one in place.filings:
            # What is filed on paper goes before: the metadata names the number of its answer.
            waits = unsigned and state == Filing.DRAFT and one.kind == Kind.ACTIVITY
            waits = waits and not one.is_attested
            if one.state == state and not waits:
                return one
    return None


def _filing(one: FilingPlace, who: Acting) -> Next:
    authority = words.party(one.authority)
    href = reverse("m:filing", args=[one.id])
    texts = {
        Filing.REFUSED: (Tone.BROKEN, _("{authority} refused {number}."), _("Read the reasons")),
        Filing.RETURNED: (
            Tone.DUE,
            _("correct {number}, {authority} returned it."),
            _("See what is missing"),
        ),
        Filing.DRAFT: (Tone.LIVE, _("submit {number} to {authority}."), _("Check and submit")),
    }
    tone, what, text = texts[Filing(one.state)]
    primary, turn = _by(who, Role.HOMOLOGATION, Button(text, href, "primary"))
    return Next(tone, what.format(number=one.number, authority=authority), turn, primary)


def _signed(place: Place, who: Acting) -> Next:
    unfinished = _unfinished(place)
    if unfinished is not None:
        return _filing(unfinished, who)
    on_paper = next((f for f in place.filings if f.is_attested), None)
    if on_paper is not None and on_paper.state == Filing.SUBMITTED:
        return _answer(on_paper, who)
    lacking = place.lacking(Filing.ACCEPTED)
    parties = _(", ").join(dict.fromkeys(str(words.party(party)) for _kind, party in lacking))
    if lacking:
        others = (Button(_("Who has signed"), "#signatures", "quiet"),)
        return Next(
            Tone.IDLE,
            _("wait for {parties}.").format(parties=parties),
            _("Nothing is left for you to do now."),
            None,
            others,
        )
    return Next(
        Tone.IDLE,
        _("wait for the missing signatures."),
        _(
            "Every filing is accepted; the gate opens with the last signature and without a "
            "broken finding."
        ),
        None,
        (Button(_("Who has signed"), "#signatures", "quiet"),),
    )


def _released(release: Any, place: Place, who: Acting) -> Next | None:
    run = place.campaign
    if run is None:
        href = reverse("m:campaign-plan", args=[release.number])
        primary, turn = _by(
            who, Role.COMPLIANCE_OFFICER, Button(_("Plan the campaign"), href, "primary")
        )
        why = _("Vehicles accept the release; none is offered it before a campaign starts.")
        return Next(Tone.LIVE, _("plan the campaign."), formats.sentences(why, turn), primary)
    button = Button(_("See the campaign"), reverse("m:campaign", args=[run.id]), "primary")
    if run.state == Campaign.COMPLETED:
        return _after(release, place, who, button)
    share = formats.percent(run.proven, run.total)
    why = _("{share} of {n} vehicles are proven.").format(share=share, n=formats.number(run.total))
    tone = Tone.DUE if run.state in {Campaign.PAUSED, Campaign.STOPPED} else Tone.LIVE
    return Next(tone, _("follow the campaign."), why, button)


REPORTS = {
    "OTA22-10": Kind.IMPLEMENTATION_REPORT,
    "OTA22-11": Kind.STAGE_REPORT,
}


def _after(release: Any, place: Place, who: Acting, button: Button) -> Next | None:
    due = place.next_due
    if due is None or due.due_on is None:
        return None
    by = _("Due on {day}.").format(day=formats.long_day(due.due_on))
    what = f"{localised(due.title)}{'。' if formats.is_chinese() else '.'}"
    kind = REPORTS.get(due.rule_id)
    if kind is None:
        return Next(Tone.DUE, what, by, button)
    href = reverse("m:release-filing", args=[release.number, kind])
    primary, turn = _by(who, Role.HOMOLOGATION, Button(_("Write the report"), href, "primary"))
    return Next(Tone.DUE, what, formats.sentences(by, turn), primary or button)


def _primary(button: Button) -> Button:
    return Button(button.text, button.href, "primary", button.dialog, button.icon, post=button.post)
