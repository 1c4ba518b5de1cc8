"""Work after the submission: questions, conditions of approvals, findings, complaints, disputes."""

from __future__ import annotations

from typing import Final

from django.db.models import Case, F, JSONField, Q, Value, When
from django.db.models.functions import Coalesce, NullIf

from roadworthy.domains.access import queries as access
from roadworthy.domains.aftersales import queries as aftersales
from roadworthy.domains.aftersales.states import State as ComplaintState
from roadworthy.domains.conformity import queries as conformity
from roadworthy.domains.conformity.models import Finding
from roadworthy.domains.conformity.states import UNSETTLED
from roadworthy.domains.filings import questions
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import DATED, Lines, joined, lines, roles_of
from roadworthy.domains.worklists.items import FILER, OFFICER, Kind
from roadworthy.rules.answers import DueKind

_UNTIL_ANSWERED: Final = {
    "kind": str(DueKind.AFTER_EVENT),
    "shown": {"zh-hans": "待企业答复", "en": "after the manufacturer's answer"},
}
_SUBJECT: Final = joined(
    F("release__number"), F("type__code"), F("ecu__name"), NullIf(F("version"), Value(""))
)


def to_answer(asked: Asked) -> Lines:
    """Return what reviewers ask the manufacturer."""
    return lines(
        asked.among(questions.open_for_manufacturer(asked.organisation_id)),
        kind=Kind.ANSWER,
        subject=F("filing__number"),
        about=F("filing__authority__name"),
        since=F("asked_at"),
        state=F("filing__dossier__kind"),
        page=("filing", F("filing_id")),
    )


def answered(asked: Asked) -> Lines:
    """Return the manufacturers' answers about filings that are still to be decided."""
    return lines(
        asked.among(questions.answered_for_authority(asked.organisation_id)),
        kind=Kind.ANSWERED,
        subject=F("filing__number"),
        about=F("filing__manufacturer__name"),
        since=F("closed_at"),
        state=F("filing__dossier__kind"),
        page=("filing", F("filing_id")),
    )


def asked_about(asked: Asked) -> Lines:
    """Return the authority's own questions that wait for the manufacturer."""
    return lines(
        asked.among(questions.open_for_authority(asked.organisation_id)),
        kind=Kind.ASKED,
        subject=F("filing__number"),
        about=F("filing__manufacturer__name"),
        since=F("asked_at"),
        due=_UNTIL_ANSWERED,
        state=F("filing__dossier__kind"),
        page=("filing", F("filing_id")),
    )


def conditions(asked: Asked) -> Lines:
    """Return what approvals were granted on and is not fulfilled: commitments with an owner."""
    has_day = Q(due_on__isnull=False)
    return lines(
        asked.among(access.open_conditions(asked.organisation_id)),
        kind=Kind.CONDITION,
        subject=F("approval__number"),
        about=F("approval__type__name"),
        title=F("text"),
        due=_dated_if(has_day),
        due_on=F("due_on"),
        limit_of=Case(When(has_day, then=Value("authority")), default=Value("")),
        since=F("approval__granted_on"),
        roles=roles_of(F("owner_role"), FILER, OFFICER),
        page=("approval", F("approval__number")),
    )


def findings(asked: Asked) -> Lines:
    """Return what was found on the road or in a release and waits for an explanation."""
    found = Finding.objects.filter(
        manufacturer_id=asked.organisation_id, state__in=[str(one) for one in UNSETTLED]
    )
    return lines(
        asked.among(found),
        kind=Kind.FINDING,
        subject=_SUBJECT,
        about=F("type__name"),
        due=DATED,
        due_on=F("explain_by"),
        limit_of="own",
        since=F("opened_at"),
        rule_id=F("rule_id"),
        state=F("kind"),
        number=F("vehicles"),
        page=("finding", F("pk")),
    )


def complaints(asked: Asked) -> Lines:
    """Return the complaints that wait; number and days only, nothing of the owner."""
    received = Q(state=ComplaintState.RECEIVED)
    has_day = (received & Q(answer_due_on__isnull=False)) | (
        ~received & Q(settle_due_on__isnull=False)
    )
    return lines(
        asked.among(aftersales.unfinished(asked.organisation_id)),
        kind=Kind.COMPLAINT,
        subject=F("number"),
        due=_dated_if(has_day),
        due_on=Case(When(received, then=F("answer_due_on")), default=F("settle_due_on")),
        limit_of=Case(When(has_day, then=Value("own")), default=Value("")),
        since=Case(
            When(received, then=F("received_at")),
            default=Coalesce(F("disputed_at"), F("received_at")),
        ),
        state=F("state"),
        person_id=F("assigned_to_id"),
        page=("complaint", F("pk")),
    )


def disputes(asked: Asked) -> Lines:
    """Return, for SAMR, what owners and manufacturers do not agree on; nothing of the owner."""
    return lines(
        asked.among(aftersales.in_dispute(asked.organisation_id)),
        kind=Kind.DISPUTE,
        subject=F("number"),
        about=F("manufacturer__name"),
        since=Coalesce(F("disputed_at"), F("received_at")),
        page=("complaints", ""),
    )


def referrals(asked: Asked) -> Lines:
    """Return the findings that are before an authority and wait for it."""
    return lines(
        asked.among(conformity.before_authority(asked.organisation_id, view="waiting")),
        kind=Kind.REFERRAL,
        subject=_SUBJECT,
        about=F("manufacturer__name"),
        since=Coalesce(F("reported_at"), F("opened_at")),
        rule_id=F("rule_id"),
        state=F("kind"),
        number=F("vehicles"),
        page=("finding", F("pk")),
    )


def _dated_if(has_day: Q) -> Case:
    return Case(When(has_day, then=Value(dict(DATED), JSONField())), default=Value({}, JSONField()))
