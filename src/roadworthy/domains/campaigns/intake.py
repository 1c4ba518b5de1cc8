"""Apply what vehicles reported, each report exactly once, in the order it was written down.

* A report is marked as applied in the transaction that holds its effects.
* One batch at a time on the whole database (``_TURN``), so a vehicle's reports are never applied
  out of their order, however many engines run.
* A report that means nothing - malformed, for another vehicle's action, too late - is kept, with
  the reason why it changed nothing. None stops the ones behind it.
* The number of queries does not depend on the size of the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Q

from roadworthy.domains.campaigns import feed, reports
from roadworthy.domains.campaigns.models import Action, GatewayReport
from roadworthy.domains.campaigns.moves import Moves, locked_actions
from roadworthy.domains.campaigns.proofs import Proofs, Spoken
from roadworthy.domains.campaigns.reports import Attributes, Ignored, Kind
from roadworthy.domains.campaigns.states import UNDER_WAY, ActionAct, ActionState, Actor
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.vehicles import reporting
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.domains.vehicles.reporting import Said
from roadworthy.kernel.transitions import WrongRole, WrongState

AT_ONCE = 2000
SET_ASIDE = "set-aside"  # could not be applied for a reason nobody foresaw; see the log
ASKED_AFTER = frozenset({ActionAct.SUCCEED, ActionAct.FAIL})  # what does it run now?
_TURN = "SELECT pg_try_advisory_xact_lock(7203)"
_APPLIED = """
UPDATE gateway_report r SET applied = true, ignored = n.ignored
FROM unnest(%s::bigint[], %s::text[]) AS n (id, ignored) WHERE r.id = n.id
"""

Place = tuple[str, str]  # tenant and controller id


@transaction.atomic(durable=True)
def apply_reports(*, limit: int = AT_ONCE) -> int:
    """Apply the oldest reports that wait; return how many, or 0 if another engine is at it."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN)
        if not cursor.fetchone()[0]:
            return 0
    waiting = list(GatewayReport.objects.filter(applied=False).order_by("id")[:limit])
    if waiting:
        batch = _Batch(waiting)
        for report in waiting:
            batch.take(report)
        batch.write()
    return len(waiting)


@transaction.atomic(durable=True)
def set_aside_oldest() -> int | None:
    """Mark the oldest waiting report as one that cannot be applied; return its id."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN)
        if not cursor.fetchone()[0]:
            return None
    oldest = GatewayReport.objects.filter(applied=False).order_by("id").first()
    if oldest is None:
        return None
    oldest.applied, oldest.ignored = True, SET_ASIDE
    oldest.save(update_fields=["applied", "ignored"])
    return oldest.pk


class _Batch:
    """Reports of one transaction: everything read once before, everything written once after."""

    def __init__(self, waiting: Sequence[GatewayReport]) -> None:
        self._waiting = waiting
        self._manufacturers = dict(
            Organisation.objects.filter(ddi_tenant__in={r.tenant for r in waiting}).values_list(
                "ddi_tenant", "pk"
            )
        )
        self._vehicles = self._sight()
        speaking = {
            vehicle_id
            for r in waiting
            if r.kind == Kind.ATTRIBUTES and (vehicle_id := self._vehicle_of(r)) is not None
        }
        self._types = dict(Vehicle.objects.filter(pk__in=speaking).values_list("pk", "type_id"))
        self._actions = self._load_actions(speaking)
        self._newest = {a.vehicle_id: a for a in self._actions.values()}  # ids ascend
        self._proofs = Proofs(self._types, [self._newest[v] for v in speaking if v in self._newest])
        self._change = Moves(witnessed(PLATFORM))
        self._said: list[Said] = []
        self._attributes: list[reporting.Attributes] = []
        self._want: dict[Place, bool] = {}
        self._ignored: dict[int, Ignored] = {}

    def take(self, report: GatewayReport) -> None:
        """Work out what one report changes."""
        if report.kind in {Kind.SEEN, Kind.REGISTER}:
            return  # done with when vehicles were looked up
        vehicle_id = self._vehicle_of(report)
        if vehicle_id is None:
            known = report.tenant in self._manufacturers
            self._ignored[report.pk] = Ignored.UNKNOWN_VEHICLE if known else Ignored.UNKNOWN_TENANT
        elif report.kind == Kind.ATTRIBUTES:
            self._take_attributes(report, vehicle_id)
        else:
            self._take_word(report, vehicle_id)

    def _take_word(self, report: GatewayReport, vehicle_id: int) -> None:
        action = self._actions.get(report.action_id or 0)
        if action is None or action.vehicle_id != vehicle_id:
            self._ignored[report.pk] = Ignored.UNKNOWN_ACTION
            return
        word = reports.of_action(report.kind, report.body)
        if isinstance(word, Ignored) or word.act is None:
            self._ignore(report, action, word if isinstance(word, Ignored) else Ignored.UNREADABLE)
            return
        try:
            self._change.move(
                action,
                word.act,
                Actor.VEHICLE,
                report.received_at,
                report_id=report.pk,
                message=word.message,
                detail=word.detail,
            )
        except (WrongState, WrongRole):
            self._ignore(report, action, Ignored.WRONG_STATE)
            return
        if word.act in ASKED_AFTER:
            self._want[report.tenant, report.controller_id] = True

    def _take_attributes(self, report: GatewayReport, vehicle_id: int) -> None:
        said = reports.of_attributes(report.body)
        if not isinstance(said, Attributes):
            self._ignored[report.pk] = said
            return
        self._attributes.append(
            reporting.Attributes(vehicle_id, said.mode, said.data, report.received_at)
        )
        action, type_id = self._newest.get(vehicle_id), self._types[vehicle_id]
        versions = reports.versions(said, self._proofs.ecu_under_update(type_id, action))
        spoken = Spoken(report.pk, vehicle_id, type_id, versions, report.received_at)
        self._said += self._proofs.judge(spoken, action, self._change)
        asked_again = action is not None and action.state == ActionState.INSTALLED
        self._want[report.tenant, report.controller_id] = asked_again

    def write(self) -> None:
        """Write everything; what the gateways are told comes last."""
        at = max(report.received_at for report in self._waiting)
        reporting.record_many_attributes(self._attributes)
        reporting.record_ecu_reports(self._said, actor=PLATFORM, at=at)
        self._change.write()
        for manufacturer_id, ids in self._new.items():
            feed.publish_vehicles(manufacturer_id, ids)
        feed.want_attributes(self._want)
        with connection.cursor() as cursor:
            ids = [report.pk for report in self._waiting]
            cursor.execute(_APPLIED, [ids, [str(self._ignored.get(pk, "")) for pk in ids]])

    def _ignore(self, report: GatewayReport, action: Action, why: Ignored) -> None:
        self._ignored[report.pk] = why
        kind = {"kind": report.kind, "said": reports.excerpt(report.body)}
        self._change.note(action, why, report.received_at, report.pk, **kind)

    def _vehicle_of(self, report: GatewayReport) -> int | None:
        return self._vehicles.get((report.tenant, report.controller_id))

    def _sight(self) -> dict[Place, int]:
        """Note who was there when; vehicles that announce themselves become known."""
        seen: dict[str, dict[str, datetime]] = {}
        new: dict[str, set[str]] = {}
        for report in self._waiting:
            if report.tenant not in self._manufacturers:
                continue
            of_tenant = seen.setdefault(report.tenant, {})
            ids = [report.controller_id]
            if report.kind == Kind.SEEN:
                ids = reports.seen(report.controller_id, report.body)
            of_tenant.update(dict.fromkeys(ids, report.received_at))
            if report.kind == Kind.REGISTER:
                new.setdefault(report.tenant, set()).add(report.controller_id)
        places = {}
        self._new: dict[int, list[int]] = {}
        for tenant, times in seen.items():
            manufacturer_id = self._manufacturers[tenant]
            known = set(
                Vehicle.objects.filter(
                    manufacturer_id=manufacturer_id, controller_id__in=list(times)
                ).values_list("controller_id", flat=True)
            )
            announced = new.get(tenant, set())
            there = {one: at for one, at in times.items() if one in known | announced}
            found = reporting.sight(manufacturer_id, there)
            places.update({(tenant, one): pk for one, pk in found.items()})
            if announced:
                self._new[manufacturer_id] = [found[one] for one in sorted(announced)]
        return places

    def _load_actions(self, speaking: set[int]) -> dict[int, Action]:
        """Lock the actions that are named, and the newest of each vehicle that says what runs."""
        newest = (
            Action.objects.filter(vehicle_id__in=speaking)
            .order_by()
            .values("vehicle_id")
            .annotate(newest=Max("pk"))
            .values("newest")
        )
        named = {r.action_id for r in self._waiting if r.action_id is not None}
        wanted = Action.objects.filter(
            Q(pk__in=named) | Q(pk__in=newest) | Q(vehicle_id__in=speaking, state__in=UNDER_WAY)
        )
        return {action.pk: action for action in locked_actions(wanted)}
