"""What the manufacturer does when something happens: incident, defect, stop, recall, remedy."""

from __future__ import annotations

import io
from typing import Any

from roadworthy.cli.federation import versions
from roadworthy.cli.federation.seat import Seat, now
from roadworthy.domains.documents import services as documents
from roadworthy.domains.incidents import intake, queries, reading, reporting
from roadworthy.domains.incidents import services as incidents
from roadworthy.domains.incidents.intake import Told
from roadworthy.domains.incidents.states import Series, Trigger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import (
    noticing,
    planning,
    resolving,
    running,
    services,
    stopping,
)
from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.recalls.notices import objection_due
from roadworthy.domains.recalls.services import Analysis
from roadworthy.domains.recalls.states import Act, Outcome, PlanAct, StopAct
from roadworthy.domains.recalls.stopping import Shown, SiteRow
from roadworthy.domains.remedies import queries as remedies
from roadworthy.domains.remedies import services as following
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day

SITES = (SiteRow("plant", "P1", "合肥工厂"), SiteRow("dealer", "D1", "合肥一店"))
TITLE = {"zh-hans": "低角度阳光下车道线丢失", "en": "The lane is lost in low sun"}
REASON = {"zh-hans": "道路事件表明如此。", "en": "An incident on the road shows it."}
TEXTS = {
    "defect": TITLE,
    "consequence": {"zh-hans": "车辆可能偏离车道。", "en": "The vehicle may leave its lane."},
    "remedy": {"zh-hans": "免费更新软件。", "en": "New software, free of charge."},
    "emergency_advice": {"zh-hans": "请勿使用。", "en": "Do not use it until then."},
}


def happens(seat: Seat) -> str:
    """Let safety enter an incident of one vehicle and say what it is; return its number."""
    safety = seat.actor(Role.SAFETY)
    told = Told(
        trigger=Trigger.DISENGAGEMENT,
        learned_at=now(),
        words="低角度阳光下系统突然退出，驾驶员接管。",
        stated={"incident_kinds": ["disengagement"], "casualties_or_major_impact": False},
        vin=seat.vehicles[0].vin,
    )
    incident, _ = intake.enter(told=told, actor=safety, at=now())
    incidents.qualify(
        incident_id=incident.pk,
        stated={"is_new_energy": True},
        learned_at=now(),
        actor=safety,
        at=now(),
    )
    return incident.number


def tell(seat: Seat, number: str) -> dict[str, str]:
    """Send the report to everybody whom the rulebook wants told."""
    safety = seat.actor(Role.SAFETY)
    incident = queries.by_number(safety, number)
    made = reporting.report(incident_id=incident.pk, series=Series.INCIDENT, actor=safety, at=now())
    return {"number": made.number, "sha256": made.sha256}


def acknowledged(seat: Seat, number: str) -> dict[str, Any]:
    """Return who has acknowledged the reports on an incident, and whether the signature holds."""
    from roadworthy.domains.incidents import acknowledging  # noqa: PLC0415 - one use

    incident = queries.by_number(seat.actor(Role.SAFETY), number)
    told: dict[str, Any] = {}
    for report in reading.reports(incident):
        for copy in report.copies.all():
            signature = acknowledging.signature(copy)
            told[str(copy.authority.kind)] = signature is not None and signature.is_valid
    return told


def defect(seat: Seat, incident: str) -> dict[str, Any]:
    """Open, analyse and confirm the defect; every site stops, and shows it with a document."""
    safety, officer = seat.actor(Role.SAFETY), seat.actor(Role.COMPLIANCE_OFFICER)
    recall = seat.actor(Role.RECALL)
    stopping.register_sites(rows=SITES, actor=recall, at=now())
    vehicle = vehicles.by_vin(seat.organisation_id, seat.vehicles[0].vin)
    assert vehicle is not None
    assert vehicle.type_id is not None
    made = services.open_defect(
        origin="incident",
        title=TITLE,
        type_ids=[vehicle.type_id],
        reason=REASON,
        links={"incident": incident},
        ecus=[versions.ECU],
        actor=safety,
        at=now(),
    )
    services.analyse(defect_id=made.pk, actor=safety, at=now())
    found = Analysis(
        Outcome.DEFECT,
        process="Records of the vehicle.",
        method="Fault tree and drives.",
        risk_assessment="The lane is lost in low sun.",
        conclusion="The camera's software is the cause.",
    )
    services.conclude(defect_id=made.pk, analysis=found, actor=safety, at=now())
    services.decide(Act.CONFIRM, defect_id=made.pk, actor=officer, at=now())
    proof = documents.keep(
        organisation_id=seat.organisation_id,
        filename="stopped.txt",
        content=io.BytesIO(b"Plant and dealer have stopped. Demonstration.\n"),
        store=seat.platform.documents,
        actor=officer,
        at=now(),
    )
    shown = Shown("生产和销售已停止。", str(proof.sha256))
    done = recalls.defect(seat.organisation_id, made.pk)
    for order in recalls.orders(done):
        for act in (StopAct.RECEIVE, StopAct.EXECUTE):
            stopping.take(act, order_id=order.pk, shown=shown, actor=recall, at=now())
    return {"defect": made.number, "defect_id": made.pk, "state": str(done.state)}


def notice(seat: Seat, number: str) -> dict[str, Any]:
    """Return how a notice of SAMR's stands here; nothing while it has not come."""
    found = recalls.notices(seat.organisation_id).filter(number=number).first()
    due = objection_due(found) if found else None
    state = str(found.state) if found else ""
    return {"state": state, "due": due.isoformat() if due else ""}


def follow(seat: Seat, number: str) -> str:
    """Recall as SAMR's notice asks."""
    found = recalls.notices(seat.organisation_id).get(number=number)
    officer = seat.actor(Role.COMPLIANCE_OFFICER)
    return str(noticing.follow(notice_id=found.pk, actor=officer, at=now()).state)


def supervised(seat: Seat, plan_id: int) -> list[str]:
    """Return what SAMR wrote about a recall."""
    found = recalls.plan(seat.organisation_id, plan_id).supervision
    return [str(kind) for kind in found.values_list("kind", flat=True)]


def plan(seat: Seat, defect_id: int, release: str, version: str) -> dict[str, Any]:
    """Write the recall plan with the release that mends it; prepare it for SAMR."""
    recall = seat.actor(Role.RECALL)
    content = planning.Content(
        scope=f'ecu {versions.ECU} = "{version}"',
        texts=TEXTS,
        remedy="ota",
        starts_on=legal_day(now()),
        hotline="400-000-0000",
        release_numbers=(release,),
    )
    made = planning.draft(defect_id=defect_id, content=content, actor=recall, at=now())
    resolving.resolve(plan_id=made.pk, at=now())
    prepared = planning.prepare(plan_id=made.pk, actor=recall, at=now())
    return {
        "plan": prepared.number,
        "plan_id": prepared.pk,
        "filing": prepared.filing_number,
        "vehicles": prepared.vehicles,
    }


def start(seat: Seat, plan_id: int) -> str:
    """Tell the dealers of the plan in force, and start the recall."""
    recall = seat.actor(Role.RECALL)
    running.follow(at=now())
    today = legal_day(now())
    running.note(
        plan_id=plan_id,
        dealers_told_on=today,
        dealers_stopped=True,
        published_on=today,
        actor=recall,
        at=now(),
    )
    done = running.take(PlanAct.START, plan_id=plan_id, on=today, actor=recall, at=now())
    return str(done.state)


def remedied(seat: Seat, plan_id: int) -> dict[str, int]:
    """Count the vehicles that are remedied by proof."""
    following.follow(plan_id=plan_id, at=now())
    told = remedies.progress(plan_id)
    left = running.not_remedied(recalls.plan(seat.organisation_id, plan_id))
    return {"remedied": told.remedied, "left": left}
