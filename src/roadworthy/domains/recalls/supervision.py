"""What SAMR writes about a recall that runs: it stays, and an announcement is public.

Of a plan that came from its manufacturer's deployment only the filing is here: what is written is
about that, and goes to the plan there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import errors, records
from roadworthy.domains.recalls.models import RecallPlan, Supervision
from roadworthy.domains.recalls.noticing import samr_only
from roadworthy.domains.recalls.records import Words
from roadworthy.kernel.calendar import legal_day

NOTE, EFFECT, ANNOUNCEMENT = "note", "effect", "announcement"
KINDS = frozenset({NOTE, EFFECT, ANNOUNCEMENT})
EVENT = "recall:supervised"


@dataclass(frozen=True, slots=True)
class Written:
    """What SAMR wrote about the recall whose plan was filed under a number."""

    filing: str
    kind: str
    text: Words
    at: datetime


@transaction.atomic(durable=True)
def supervise(*, plan_id: int, kind: str, text: Words, actor: Actor, at: datetime) -> Supervision:
    """Write about a recall: a note to its producer, a view of its effect, or an announcement.

    Raises:
        NoSuchPlan: there is none that SAMR has before it.
        NotAMember, WrongRole, FieldMissing.
    """
    authority_id = samr_only(actor)
    plan, by = records.locked_plan(plan_id, actor)
    if plan.filed_at is None or kind not in KINDS:
        raise errors.NoSuchPlan
    made = Supervision.objects.create(
        plan=plan,
        filing_id=plan.filing_id,
        authority_id=authority_id,
        kind=kind,
        text=records.in_both(text, "text"),
        at=at,
        by_id=actor.person_id,
    )
    records.log_plan(EVENT, plan, by, at, kind=kind)
    return made


@transaction.atomic(durable=True)
def supervise_filed(
    *, filing_id: int, kind: str, text: Words, actor: Actor, at: datetime
) -> Supervision:
    """Write about a recall of which only the filing is here: its plan is its manufacturer's.

    Raises:
        NoSuchPlan: no plan from another deployment was filed with SAMR so.
        NotAMember, WrongRole, FieldMissing.
    """
    by = witnessed(actor)
    authority_id = samr_only(actor)
    filing = (
        Filing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dossier", "manufacturer")
        .filter(
            pk=filing_id,
            authority_id=authority_id,
            dossier__kind=FilingKind.RECALL_PLAN,
            submitted_at__isnull=False,
            manufacturer__deployment__gt="",
        )
        .first()
    )
    if filing is None or kind not in KINDS:
        raise errors.NoSuchPlan
    words = records.in_both(text, "text")
    made = Supervision(
        filing=filing,
        authority_id=authority_id,
        kind=kind,
        text=words,
        at=at,
        by_id=actor.person_id,
    )
    return _kept(made, by, at)


def written_elsewhere(
    told: Written, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Supervision:
    """Take in what SAMR's deployment says that it wrote; in a transaction.

    Raises:
        NotSamrs, FieldMissing.
        NoSuchPlan: no plan was filed with it under that number.
        WrongDay: it is of a day to come.
    """
    if manufacturer.is_remote or authority.kind != Kind.SAMR or not authority.is_remote:
        raise errors.NotSamrs(organisation=authority.slug)
    return _taken_in(told, manufacturer, authority, at)


def written_again(
    told: Written, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Supervision:
    """Put back what our SAMR wrote, where only the manufacturer remembers it; in a transaction.

    Raises:
        NoSuchPlan, FieldMissing, WrongDay.
    """
    return _taken_in(told, manufacturer, authority, at)


def _taken_in(
    told: Written, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Supervision:
    filing = Filing.objects.filter(
        number=told.filing,
        manufacturer=manufacturer,
        authority=authority,
        dossier__kind=FilingKind.RECALL_PLAN,
        submitted_at__isnull=False,
    ).first()
    if filing is None or told.kind not in KINDS:
        raise errors.NoSuchPlan
    if legal_day(told.at) > legal_day(at):
        raise errors.WrongDay(day=legal_day(told.at))
    words = records.in_both(told.text, "text")
    plan = RecallPlan.objects.filter(filing=filing).first()
    same = Supervision.objects.filter(filing=filing, kind=told.kind, text=words, at=told.at)
    if (found := same.first()) is not None:
        return found
    made = Supervision(
        plan=plan, filing=filing, authority=authority, kind=told.kind, text=words, at=told.at
    )
    return _kept(made, remote.named(authority, Role.SAMR_REVIEWER), at)


def _kept(made: Supervision, by: ledger.Named, at: datetime) -> Supervision:
    """Keep it, and write into the log what it is about: the plan, or the filing."""
    made.save(force_insert=True)
    if made.plan is not None:
        records.log_plan(EVENT, made.plan, by, at, kind=made.kind, supervision=made.pk)
    elif made.filing is not None:
        ledger.record(
            event=EVENT,
            subject=f"filing/{made.filing.pk}",
            actor=by,
            at=at,
            data={"number": made.filing.number, "kind": made.kind, "supervision": made.pk},
        )
    return made
