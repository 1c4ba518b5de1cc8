"""What is done about an incident. The only place that moves its state.

Nothing is undone by forgetting: a merged incident keeps its accounts and can be separated again,
one that was set aside can be taken back, a closed one reopened; each with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.incidents import assessing, errors, records, running
from roadworthy.domains.incidents.models import Copy, Entry, Incident, Policy, Question
from roadworthy.domains.incidents.states import (
    INCIDENT,
    Action,
    CopyState,
    QuestionState,
    State,
)
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role

_CONCLUDED_BY = ("root-cause", "measure")  # lines of the investigation
_MERGEABLE = (State.NEW, State.OPEN)


@transaction.atomic(durable=True)
def qualify(
    *,
    incident_id: int,
    stated: Mapping[str, Any],
    learned_at: datetime,
    actor: Actor,
    at: datetime,
) -> Incident:
    """Say what an incident is before the law; reports and clocks follow from it.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole, NoSuchField, WrongValue.
        KindsMissing: nobody has said what it is.
    """
    incident, by = records.locked(incident_id, actor)
    after = INCIDENT.next_state(State(incident.state), Action.QUALIFY, actor.role)
    names = _state(incident, stated, learned_at, actor, at)
    if incident.kinds is None:
        raise errors.KindsMissing
    return _move(incident, after, Action.QUALIFY, by, at, fields=names, kinds=incident.kinds)


@transaction.atomic(durable=True)
def say(
    *,
    incident_id: int,
    stated: Mapping[str, Any],
    learned_at: datetime,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> Incident:
    """Write down what is known of an incident by now; what was known before stays.

    Raises:
        NoSuchIncident, NotAMember, NotYours, NoSuchField, WrongValue, LearnedLater.
        NothingNew: it is known already.
        ReasonMissing: something that was stated before is said differently, without a reason.
    """
    incident, by = records.locked(incident_id, actor)
    if actor.role != Role.SAFETY:
        raise errors.NotYours(roles=Role.SAFETY)
    before = dict(incident.known)
    names = _state(incident, stated, learned_at, actor, at, reason)
    if not names:
        raise errors.NothingNew
    if any(name in before for name in names) and not reason.strip():
        raise errors.ReasonMissing
    records.log(
        "incident:stated",
        incident,
        by,
        at,
        fields=names,
        learned_at=ledger.instant(learned_at),
        content=records.commitment_of(incident, names),
    )
    running.keep(incident)
    assessing.reckon(incident, at)
    return incident


@transaction.atomic(durable=True)
def set_aside(*, incident_id: int, reason: str, actor: Actor, at: datetime) -> Incident:
    """Say that it is no incident. The safety engineer proposes, the compliance officer decides.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole, ReasonMissing.
    """
    return _with_reason(Action.SET_ASIDE, incident_id, reason, actor, at)


@transaction.atomic(durable=True)
def take_back(*, incident_id: int, reason: str, actor: Actor, at: datetime) -> Incident:
    """Say that it was an incident after all.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole, ReasonMissing.
    """
    return _with_reason(Action.TAKE_BACK, incident_id, reason, actor, at)


@transaction.atomic(durable=True)
def reopen(*, incident_id: int, reason: str, actor: Actor, at: datetime) -> Incident:
    """Take an incident up again, because something new is known.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole, ReasonMissing.
    """
    return _with_reason(Action.REOPEN, incident_id, reason, actor, at)


@transaction.atomic(durable=True)
def conclude(*, incident_id: int, actor: Actor, at: datetime) -> Incident:
    """End the investigation.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole.
        NotInvestigated: there is no root cause, or nothing is done about it.
    """
    incident, by = records.locked(incident_id, actor)
    after = INCIDENT.next_state(State(incident.state), Action.CONCLUDE, actor.role)
    lines = Entry.objects.filter(incident=incident, sort__in=_CONCLUDED_BY)
    if set(lines.values_list("sort", flat=True)) != set(_CONCLUDED_BY):
        raise errors.NotInvestigated
    incident.concluded_at = at
    return _move(incident, after, Action.CONCLUDE, by, at)


@transaction.atomic(durable=True)
def close(*, incident_id: int, actor: Actor, at: datetime) -> Incident:
    """Close what is concluded, reported and acknowledged.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole.
        NotAcknowledged: a report is owed, or an authority has not acknowledged one or waits
            for an answer.
    """
    incident, by = records.locked(incident_id, actor)
    after = INCIDENT.next_state(State(incident.state), Action.CLOSE, actor.role)
    waiting = still_open(incident, at)
    if waiting:
        raise errors.NotAcknowledged(open=", ".join(waiting))
    incident.closed_at = at
    return _move(incident, after, Action.CLOSE, by, at)


@transaction.atomic(durable=True)
def merge(
    *, incident_id: int, into_number: str, reason: str, actor: Actor, at: datetime
) -> Incident:
    """Say that an incident is the same as another; both keep what they hold.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole, ReasonMissing.
        NotTheSame: the other is this one, is not open, or is merged itself.
    """
    incident, by = records.locked(incident_id, actor)
    after = INCIDENT.next_state(State(incident.state), Action.MERGE, actor.role)
    why = records.reason(reason)
    other = (
        Incident.objects.select_for_update(no_key=True)
        .filter(
            manufacturer_id=actor.organisation_id,
            number=into_number.strip(),
            state__in=_MERGEABLE,
        )
        .exclude(pk=incident.pk)
        .first()
    )
    if other is None or Incident.objects.filter(merged_into=incident).exists():
        raise errors.NotTheSame
    incident.merged_into = other
    other.learned_at = min(other.learned_at, incident.learned_at)
    other.save(update_fields=["learned_at"])
    told = {"into": other.number, "reason": why, "person": actor.person_id}
    moved = _move(incident, after, Action.MERGE, by, at, **told)
    records.log("incident:merged-in", other, by, at, number_of=incident.number)
    assessing.reckon(other, at)
    return moved


@transaction.atomic(durable=True)
def separate(*, incident_id: int, reason: str, actor: Actor, at: datetime) -> Incident:
    """Undo a merger; the incident is looked at anew.

    Raises:
        NoSuchIncident, NotAMember, WrongState, WrongRole, ReasonMissing.
    """
    incident, by = records.locked(incident_id, actor)
    after = INCIDENT.next_state(State(incident.state), Action.SEPARATE, actor.role)
    why = records.reason(reason)
    other = incident.merged_into
    incident.merged_into = None
    moved = _move(incident, after, Action.SEPARATE, by, at, reason=why, person=actor.person_id)
    if other is not None:
        records.log("incident:separated", other, by, at, number_of=incident.number)
    return moved


@transaction.atomic(durable=True)
def set_levels(
    *,
    prompt_hours: int | None,
    immediate_hours: int | None,
    similar_threshold: int | None,
    clock_start: str,
    actor: Actor,
    at: datetime,
) -> Policy:
    """Set what the manufacturer asks of itself where the law gives no number.

    Raises:
        NotAMember, NotYours, WrongValue.
    """
    by = witnessed(actor)
    if actor.role not in records.READERS:
        raise errors.NotYours(roles=", ".join(records.READERS))
    if clock_start not in {"learned", "occurred"}:
        raise errors.WrongValue(field="nev_clock_start", value=clock_start)
    values = {
        "prompt_hours": prompt_hours,
        "immediate_hours": immediate_hours,
        "similar_threshold": similar_threshold,
        "clock_start": clock_start,
    }
    policy, _ = Policy.objects.update_or_create(
        manufacturer_id=actor.organisation_id, defaults={**values, "changed_at": at}
    )
    ledger.record(
        event="incident-policy:set",
        subject=f"organisation/{actor.organisation_id}",
        actor=by,
        at=at,
        data={name: None if value is None else str(value) for name, value in values.items()},
    )
    for one in Incident.objects.filter(
        manufacturer_id=actor.organisation_id, owes=True
    ).select_for_update(no_key=True, of=("self",)):
        assessing.reckon(one, at)
    return policy


def still_open(incident: Incident, at: datetime) -> list[str]:
    """Name what keeps an incident from being closed (INC-03), by report and authority."""
    result = assessing.evaluate(incident, now=at)
    owed = [
        one.obligation.key
        for one in assessing.clocks(incident, result)
        if one.series and not one.is_done
    ]
    newest: dict[tuple[str, int], Copy] = {}
    for copy in (
        Copy.objects.filter(report__incident=incident)
        .select_related("report", "authority")
        .order_by("pk")
    ):
        newest[copy.report.series, copy.authority_id] = copy
    silent = [
        f"{one.report.number} ({one.authority.kind})"
        for one in newest.values()
        if one.state != CopyState.ACKNOWLEDGED
    ]
    asked = Question.objects.filter(incident=incident, state=QuestionState.OPEN)
    return [*owed, *silent, *(f"question {one.pk}" for one in asked)]


def _state(
    incident: Incident,
    stated: Mapping[str, Any],
    learned_at: datetime,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> list[str]:
    if learned_at > at:
        raise errors.LearnedLater
    names = records.state(
        incident,
        stated,
        learned_at=learned_at,
        at=at,
        by_id=actor.user_id,
        reason=reason.strip(),
    )
    if incident.occurred_at and incident.occurred_at > incident.learned_at:
        raise errors.HappenedLater
    return names


def _with_reason(
    action: Action, incident_id: int, reason: str, actor: Actor, at: datetime
) -> Incident:
    incident, by = records.locked(incident_id, actor)
    after = INCIDENT.next_state(State(incident.state), action, actor.role)
    why = records.reason(reason)
    incident.closed_at = None
    return _move(incident, after, action, by, at, reason=why, person=actor.person_id)


def _move(
    incident: Incident, after: State, action: Action, by: Witnessed, at: datetime, **data: Any
) -> Incident:
    before = incident.state
    incident.state = after
    incident.save()
    # The reason is kept by its commitment: people write names into reasons.
    reason = data.pop("reason", "")
    if reason:
        data["reason"] = records.commitment_to(incident, reason)
        Entry.objects.create(
            incident=incident, sort="note", text=reason, at=at, by_id=data.pop("person")
        )
    records.log(
        "incident:state:changed",
        incident,
        by,
        at,
        action=action,
        before=before,
        after=after,
        **data,
    )
    assessing.reckon(incident, at)
    return incident
