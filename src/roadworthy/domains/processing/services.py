"""The steps of a flow. The only place that moves its state."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import deciding, errors, permitting, queries, records
from roadworthy.domains.processing.declaring import named
from roadworthy.domains.processing.models import Decision, Flow, ItemVersion
from roadworthy.domains.processing.states import FLOW, Action, Outcome, Place, State


@transaction.atomic(durable=True)
def judge(*, flow_id: int, actor: Actor, at: datetime) -> Decision:
    """Ask the rulebook about a flow and keep its answer; the state stays.

    Raises:
        NotAMember, WrongRole, NoSuchFlow.
    """
    by = records.writer(actor, action="judge", roles=(Role.DATA, Role.COMPLIANCE_OFFICER))
    flow = records.flow(actor, flow_id)
    made = deciding.keep(flow, at=at)
    flow.save(update_fields=["outcome"])
    _log("data-flow:judged", flow, by, at, made)
    return made


@transaction.atomic(durable=True)
def declare(*, flow_id: int, actor: Actor, at: datetime) -> Decision:
    """Hand a draft to the second person, with the rulebook's answer.

    Raises:
        NotAMember, NoSuchFlow, WrongState, WrongRole.
        ItemChanged: the item has a newer version since it was written.
    """
    by = witnessed(actor)
    flow = records.flow(actor, flow_id)
    after = FLOW.next_state(State(flow.state), Action.DECLARE, actor.role)
    _still_the_newest(flow)
    flow.declared_by_id, flow.declared_at = actor.person_id, at
    flow.remark = ""
    _move(flow, after, "declared_by", "declared_at", "remark")
    made = deciding.keep(flow, at=at)
    flow.save(update_fields=["outcome"])
    _log("data-flow:state:changed", flow, by, at, made, Action.DECLARE)
    return made


@transaction.atomic(durable=True)
def approve(*, flow_id: int, remark: str = "", actor: Actor, at: datetime) -> Decision:
    """Approve a flow that the rulebook allows; from now on the policy of the vehicles has it.

    Raises:
        NotAMember, NoSuchFlow, WrongState, WrongRole.
        SamePerson: the actor has declared or written it.
        ItemChanged: the item has a newer version since.
        NotAllowed, StillUndetermined: what the rulebook says today.
        NotEnforceable: the vehicle's filter cannot carry it out.
        SameAsAnother: another flow is approved for the same item, purpose and recipient.
    """
    by = witnessed(actor)
    flow = records.flow(actor, flow_id)
    after = FLOW.next_state(State(flow.state), Action.APPROVE, actor.role)
    if actor.person_id in {flow.declared_by_id, flow.written_by_id}:
        raise errors.SamePerson
    _still_the_newest(flow)
    made = deciding.keep(flow, at=at)
    if made.outcome == Outcome.DENIED:
        raise errors.NotAllowed(rules=", ".join(made.rules))
    if made.outcome == Outcome.UNDETERMINED:
        raise errors.StillUndetermined(rules=", ".join(made.rules))
    if flow.starts_in == Place.CAR:
        _nobody_else(flow)
        permitting.with_others(flow, queries.approved(flow.manufacturer_id))
    _replace_earlier(flow, at)
    flow.decided_by_id, flow.decided_at, flow.remark = actor.person_id, at, remark.strip()
    _move(flow, after, "decided_by", "decided_at", "remark", "outcome")
    _log("data-flow:state:changed", flow, by, at, made, Action.APPROVE)
    return made


@transaction.atomic(durable=True)
def give_back(*, flow_id: int, remark: str, actor: Actor, at: datetime) -> Flow:
    """Give a declared flow back with the reason; it is a draft again.

    Raises:
        NotAMember, NoSuchFlow, WrongState, WrongRole, ReasonMissing.
    """
    return _with_reason(Action.RETURN, flow_id, remark, actor, at)


@transaction.atomic(durable=True)
def refuse(*, flow_id: int, remark: str, actor: Actor, at: datetime) -> Flow:
    """Refuse a declared flow for good; another version can be written.

    Raises:
        NotAMember, NoSuchFlow, WrongState, WrongRole, ReasonMissing.
    """
    return _with_reason(Action.REFUSE, flow_id, remark, actor, at)


@transaction.atomic(durable=True)
def end(*, flow_id: int, remark: str, actor: Actor, at: datetime) -> Flow:
    """End a flow: nothing leaves over it any more.

    Raises:
        NotAMember, NoSuchFlow, WrongState, WrongRole, ReasonMissing.
    """
    return _with_reason(Action.END, flow_id, remark, actor, at)


def _with_reason(action: Action, flow_id: int, remark: str, actor: Actor, at: datetime) -> Flow:
    by = witnessed(actor)
    flow = records.flow(actor, flow_id)
    after = FLOW.next_state(State(flow.state), action, actor.role)
    if not remark.strip():
        raise errors.ReasonMissing
    flow.remark = remark.strip()
    if action == Action.RETURN:
        _move(flow, after, "remark")
    else:
        flow.ended_at = at
        _move(flow, after, "remark", "ended_at")
    _log("data-flow:state:changed", flow, by, at, None, action)
    return flow


def _replace_earlier(flow: Flow, at: datetime) -> None:
    earlier = (
        Flow.objects.select_for_update(no_key=True, of=("self",))
        .select_related("item__item")
        .filter(manufacturer_id=flow.manufacturer_id, number=flow.number, state=State.APPROVED)
        .first()
    )
    if earlier is None:
        return
    after = FLOW.next_state(State(earlier.state), Action.REPLACE, Role.PLATFORM)
    earlier.ended_at = at
    _move(earlier, after, "ended_at")
    _log("data-flow:state:changed", earlier, witnessed(PLATFORM), at, None, Action.REPLACE)


def _nobody_else(flow: Flow) -> None:
    """One item goes to one recipient for one purpose under one flow; else limits would add up."""
    other = (
        Flow.objects.filter(
            manufacturer_id=flow.manufacturer_id,
            state=State.APPROVED,
            item__item=flow.item.item_id,
            purpose=flow.purpose,
            recipient=flow.recipient_id,
            processed_in=flow.processed_in,
            starts_in=Place.CAR,
        )
        .exclude(number=flow.number)
        .first()
    )
    if other is not None:
        raise errors.SameAsAnother(number=other.number)


def _still_the_newest(flow: Flow) -> None:
    # The item's row is locked, so that nobody writes its next version in the same moment.
    records.item_of(flow)
    if ItemVersion.objects.filter(item_id=flow.item.item_id, number__gt=flow.item.number).exists():
        raise errors.ItemChanged


def _move(flow: Flow, after: State, *fields: str) -> None:
    flow.state = after
    flow.save(update_fields=["state", *fields])


def _log(
    event: str,
    flow: Flow,
    by: ledger.Named,
    at: datetime,
    decision: Decision | None,
    action: Action | None = None,
) -> None:
    data = named(flow) | {"state": flow.state}
    if action is not None:
        data["action"] = action
    if decision is not None:
        data |= {
            "outcome": decision.outcome,
            "rules": decision.rules,
            "decision_sha256": decision.sha256,
        }
    records.log(event, f"data-flow/{flow.pk}", by, at, data)
