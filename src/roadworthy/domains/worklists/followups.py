"""Work after the decision: conditions of approvals, findings on the road, owners' complaints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from roadworthy.domains.access import queries as access
from roadworthy.domains.accounts.models import User
from roadworthy.domains.aftersales import queries as aftersales
from roadworthy.domains.aftersales.states import COMPLAINT
from roadworthy.domains.conformity import queries as conformity
from roadworthy.domains.conformity.models import Finding
from roadworthy.domains.conformity.states import UNSETTLED
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.items import FILER, OFFICER, Kind, Person, WorkItem
from roadworthy.kernel.citation import Citation

_ACCESS = Citation("N45", "二（二）")
_SHARED = Citation("N45", "三（八）")
_SUPPORT = COMPLAINT.transitions[0].basis
_DATED = {"kind": "date"}


def conditions(asked: Asked) -> Iterator[WorkItem]:
    """Yield what approvals were granted on and is not fulfilled: commitments with an owner."""
    found = access.open_conditions(asked.organisation_id).select_related("approval__type")
    for row in found if asked.only is None else found.filter(pk=asked.only):
        granted = datetime.combine(row.approval.granted_on, time(), UTC)
        yield WorkItem(
            kind=Kind.CONDITION,
            id=row.pk,
            subject=row.approval.number,
            about=row.approval.type.name,
            title=row.text,
            due=_DATED if row.due_on else {},
            due_on=row.due_on,
            limit_of="authority" if row.due_on else "",
            since=granted,
            changed_at=granted,
            basis=_ACCESS,
            own_roles=tuple(dict.fromkeys((Role(row.owner_role), FILER, OFFICER))),
            link=("approval", row.approval.number),
        )


def findings(asked: Asked) -> Iterator[WorkItem]:
    """Yield what was found on the road or in a release and waits for an explanation."""
    found = Finding.objects.select_related("type", "ecu", "release").filter(
        manufacturer_id=asked.organisation_id, state__in=[str(one) for one in UNSETTLED]
    )
    for row in found if asked.only is None else found.filter(pk=asked.only):
        yield WorkItem(
            kind=Kind.FINDING,
            id=row.pk,
            subject=_subject(row),
            about=row.type.name if row.type else {},
            due=_DATED,
            due_on=row.explain_by,
            limit_of="own",
            since=row.opened_at,
            changed_at=row.opened_at,
            rule_id=row.rule_id,
            state=row.kind,
            number=row.vehicles,
            link=("finding", row.pk),
        )


def complaints(asked: Asked) -> Iterator[WorkItem]:
    """Yield the complaints that wait; number and days only, nothing of the owner."""
    rows = [
        one
        for one in aftersales.open_items(asked.organisation_id)
        if asked.only in {None, one.complaint_id}
    ]
    ids = {one.assigned_to_id for one in rows if one.assigned_to_id}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    for one in rows:
        has_it = one.assigned_to_id
        yield WorkItem(
            kind=Kind.COMPLAINT,
            id=one.complaint_id,
            subject=one.number,
            due=_DATED if one.due_on else {},
            due_on=one.due_on,
            limit_of="own" if one.due_on else "",
            since=one.since,
            changed_at=one.since,
            basis=_SUPPORT,
            state=str(one.state),
            person=Person(has_it, names[has_it]) if has_it else None,
            link=("complaint", one.complaint_id),
        )


def referrals(asked: Asked) -> Iterator[WorkItem]:
    """Yield the findings that are before an authority and wait for it."""
    found = conformity.before_authority(asked.organisation_id, view="waiting")
    for row in found if asked.only is None else found.filter(pk=asked.only):
        changed = row.reported_at or row.opened_at
        yield WorkItem(
            kind=Kind.REFERRAL,
            id=row.pk,
            subject=_subject(row),
            about=row.manufacturer.name,
            since=changed,
            changed_at=changed,
            rule_id=row.rule_id,
            basis=_SHARED,
            state=row.kind,
            number=row.vehicles,
            link=("finding", row.pk),
        )


def _subject(row: Finding) -> str:
    ecu = row.ecu.name if row.ecu else ""
    release = row.release.number if row.release else ""
    parts = (release, row.type.code if row.type else "", ecu, row.version)
    return " ".join(part for part in parts if part)
