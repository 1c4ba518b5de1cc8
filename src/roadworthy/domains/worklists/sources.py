"""Where work comes from: one query of each domain below, always for one organisation.

What is not the organisation's is not found. The package's docstring says how one is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from roadworthy.domains.access.models import Application
from roadworthy.domains.campaigns import overview
from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.disclosure import queries as disclosure
from roadworthy.domains.filings import assessment, draft_reading
from roadworthy.domains.filings.models import Filing, Obligation
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.domains.worklists import (
    complying,
    data_duties,
    deciding,
    exchanging,
    followups,
    happenings,
    recalling,
)
from roadworthy.domains.worklists.asked import Asked, Sources
from roadworthy.domains.worklists.columns import Lines, lines, roles_of
from roadworthy.domains.worklists.items import ROLES, Kind
from roadworthy.domains.worklists.models import TypeDuty
from roadworthy.domains.worklists.states import State as DutyState

_UNDECIDED = (CampaignState.DRAFT, CampaignState.PAUSED, CampaignState.STOPPED)


def obligations(asked: Asked) -> Lines:
    """Return the duties that releases brought."""
    found = Obligation.objects.filter(
        manufacturer_id=asked.organisation_id, fulfilled_at__isnull=not asked.done
    )
    found = found.filter(due_on__range=asked.between) if asked.between else found
    return lines(
        asked.among(found),
        kind=Kind.OBLIGATION,
        subject=F("release__number"),
        about=F("release__title"),
        title=F("title"),
        due=F("due"),
        due_on=F("due_on"),
        rule_id=F("rule_id"),
        since=F("updated_at"),
        page=(
            Case(When(release__isnull=True, then=Value("obligations")), default=Value("release")),
            F("release__number"),
        ),
        done=asked.done,
    )


def type_duties(asked: Asked) -> Lines:
    """Return what types owe by themselves."""
    state = DutyState.FULFILLED if asked.done else DutyState.OPEN
    found = TypeDuty.objects.filter(manufacturer_id=asked.organisation_id, state=state)
    found = found.filter(due_on__range=asked.between) if asked.between else found
    return lines(
        asked.among(found),
        kind=Kind.TYPE_DUTY,
        subject=F("type__code"),
        about=F("type__name"),
        title=F("title"),
        due=F("due"),
        due_on=F("due_on"),
        rule_id=F("rule_id"),
        why=F("why"),
        changed_at=F("updated_at"),
        since=F("created_at"),
        page=("duty", F("pk")),
        done=asked.done,
    )


def drafts(asked: Asked) -> Lines:
    """Return what somebody has begun to write, for a filing."""
    return lines(
        asked.among(draft_reading.open_drafts(asked.organisation_id)),
        kind=Kind.DRAFT,
        subject=Coalesce(F("release__number"), F("amends__number")),
        about=F("release__title"),
        since=F("updated_at"),
        state=F("kind"),
        page=("draft", F("pk")),
    )


def applications(asked: Asked) -> Lines:
    """Return the applications that are begun and were never filed."""
    found = Application.objects.filter(
        manufacturer_id=asked.organisation_id, closed_at__isnull=True, filing_number=""
    )
    return lines(
        asked.among(found),
        kind=Kind.APPLY,
        subject=F("code"),
        since=F("saved_at"),
        state=F("matter"),
        page=("application", F("pk")),
    )


def filings_in_hand(asked: Asked) -> Lines:
    """Return drafts to hand in and what came back."""
    found = Filing.objects.filter(
        manufacturer_id=asked.organisation_id, state__in=[FilingState.DRAFT, FilingState.RETURNED]
    )
    came_back = Q(state=FilingState.RETURNED)
    return lines(
        asked.among(found),
        kind=Case(When(came_back, then=Value(str(Kind.CORRECT))), default=Value(str(Kind.SUBMIT))),
        roles=ROLES[Kind.SUBMIT],
        subject=F("number"),
        about=F("authority__name"),
        since=Case(
            When(came_back, then=Coalesce(F("decided_at"), F("created_at"))),
            default=F("created_at"),
        ),
        state=F("dossier__kind"),
        page=("filing", F("pk")),
    )


def to_prepare(asked: Asked) -> Lines | None:
    """Return the frozen and signed releases for which a filing that they need is not prepared.

    The rulebook says what a set of labels needs; the database, what is there.
    """
    found = Release.objects.filter(
        manufacturer_id=asked.organisation_id, state__in=[ReleaseState.FROZEN, ReleaseState.SIGNED]
    )
    lacking = [
        When(Q(labels=labels) & ~Exists(_filed(asked, kind, authority)), then=Value(kind))
        for labels in found.order_by().values_list("labels", flat=True).distinct()
        for kind, authority in overview.needed_filings(labels, on=asked.today)
    ]
    if not lacking:
        return None
    found = found.annotate(lacking=Case(*lacking, default=Value(""))).exclude(lacking="")
    return _of_releases(asked, found, Kind.PREPARE, state=F("lacking"))


def to_sign(asked: Asked) -> Lines:
    """Return the frozen releases, which wait for the manufacturer's signature."""
    found = Release.objects.filter(manufacturer_id=asked.organisation_id, state=ReleaseState.FROZEN)
    return _of_releases(asked, found, Kind.SIGN)


def campaigns(asked: Asked) -> Lines:
    """Return the campaigns that do not go on by themselves."""
    found = Campaign.objects.filter(manufacturer_id=asked.organisation_id, state__in=_UNDECIDED)
    return lines(
        asked.among(found),
        kind=Kind.CAMPAIGN,
        subject=F("release__number"),
        about=F("name"),
        since=F("created_at"),
        state=F("state"),
        page=("campaign", F("pk")),
    )


def texts(asked: Asked) -> Lines:
    """Return the texts for the public that wait for who writes, checks or publishes them."""
    turns = (When(state=state, then=Value(role)) for state, role in disclosure.TURN.items())
    return lines(
        asked.among(disclosure.unfinished(asked.organisation_id)),
        kind=Kind.TEXT,
        roles=roles_of(Case(*turns)),
        subject=F("text__type__code"),
        about=F("text__type__name"),
        since=Coalesce(F("reviewed_at"), F("written_at")),
        state=F("state"),
        page=("text", F("text_id")),
    )


def _of_releases(asked: Asked, found: Any, kind: Kind, **more: Any) -> Lines:
    return lines(
        asked.among(found),
        kind=kind,
        subject=F("number"),
        about=F("title"),
        since=F("registered_at"),
        page=("release", F("number")),
        **more,
    )


def _filed(asked: Asked, kind: str, authority: str) -> Any:
    """Return the filings of that kind with that authority that stand, for the release outside."""
    found = Filing.objects.filter(
        manufacturer_id=asked.organisation_id,
        dossier__release=OuterRef("pk"),
        dossier__kind=kind,
        authority__kind=authority,
    )
    return assessment.standing(found).exclude(state=FilingState.WITHDRAWN)


OF_EXCHANGE: Sources = {
    (Kind.LETTER,): exchanging.letters,
    (Kind.HALTED_LINE,): exchanging.halted,
    (Kind.DIFFERENCE,): exchanging.differing,
}
OF_MANUFACTURER: Sources = {
    (Kind.OBLIGATION,): obligations,
    (Kind.TYPE_DUTY,): type_duties,
    (Kind.DRAFT,): drafts,
    (Kind.APPLY,): applications,
    (Kind.PREPARE,): to_prepare,
    (Kind.SUBMIT, Kind.CORRECT): filings_in_hand,
    (Kind.ANSWER,): followups.to_answer,
    (Kind.SIGN,): to_sign,
    (Kind.ATTEST,): deciding.to_enter,
    (Kind.ATTEST_SIGN,): deciding.to_attest,
    (Kind.CAMPAIGN,): campaigns,
    (Kind.CONDITION,): followups.conditions,
    (Kind.TEXT,): texts,
    (Kind.FINDING,): followups.findings,
    (Kind.COMPLAINT,): followups.complaints,
    (Kind.RECALL_DUTY,): recalling.duties,
    (Kind.EVIDENCE_GAP,): complying.gaps,
    (Kind.EVIDENCE,): complying.to_confirm,
    (Kind.STANDARD_NOTICE,): complying.notices,
    (Kind.INCIDENT,): happenings.incidents,
    (Kind.INCIDENT_QUESTION,): happenings.questions,
    (Kind.DATA_FLOW,): data_duties.flows,
    (Kind.DATA_RIGHT,): data_duties.rights,
    (Kind.DATA_REPORT,): data_duties.report,
    (Kind.DATA_BREACH,): data_duties.leaks,
    **OF_EXCHANGE,
}
OF_AUTHORITY: Sources = {
    (Kind.REVIEW,): deciding.to_review,
    (Kind.ANSWERED,): followups.answered,
    (Kind.ASKED,): followups.asked_about,
    (Kind.COUNTERSIGN,): deciding.to_countersign,
    (Kind.REFERRAL,): followups.referrals,
    (Kind.DISPUTE,): followups.disputes,
    (Kind.INCIDENT_REPORT,): happenings.reports,
    (Kind.RECALL_NOTICE,): recalling.notices,
    **OF_EXCHANGE,
}
BY_PARTY: Mapping[Party, Sources] = {
    Party.MANUFACTURER: OF_MANUFACTURER,
    Party.MIIT: OF_AUTHORITY,
    Party.SAMR: OF_AUTHORITY,
    Party.INSTITUTION: OF_EXCHANGE,
}
# What may be asked for after it is done: duties that have a day.
KEPT: Mapping[Party, Sources] = {
    Party.MANUFACTURER: {
        (Kind.OBLIGATION,): obligations,
        (Kind.TYPE_DUTY,): type_duties,
        (Kind.RECALL_DUTY,): recalling.duties,
    }
}
