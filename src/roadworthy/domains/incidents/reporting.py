"""Tell the authorities what happened; ``acknowledging`` takes what they say to it.

* Whom to tell is the rulebook's answer; all of them get the same bytes, with one digest.
* Another version needs a reason and goes to everybody who has the one before; all versions stay.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.incidents import assessing, errors, records
from roadworthy.domains.incidents.models import Copy, Exhibit, Incident, Known, Ran, Report
from roadworthy.domains.incidents.states import COPY, Series, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.vehicles.models import SwinRecord
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.parameters import NotInForce

SCHEMA = "roadworthy/incident-report/1"
_PARTIES = (Kind.MIIT, Kind.SAMR)
# What differs between two versions of one report without anything being said differently.
_FRAME = frozenset({"report", "version", "prior", "reason", "salt", "at"})


@transaction.atomic(durable=True)
def report(
    *, incident_id: int, series: Series, reason: str = "", actor: Actor, at: datetime
) -> Report:
    """Send a report, or another version of one, to everybody whom the rulebook wants told.

    Raises:
        NoSuchIncident, NotAMember.
        KindsMissing, NotOwed: no such report is owed of it.
        ReasonMissing, UnchangedReport: another version without a reason, or without a change.
        NoAuthority: one that has to be told has no account here.
    """
    incident, by = records.locked(incident_id, actor)
    if incident.state in {State.MERGED, State.SET_ASIDE}:
        raise errors.NotOwed
    if incident.kinds is None:
        raise errors.KindsMissing
    result = assessing.evaluate(incident, now=at)
    last = Report.objects.filter(incident=incident, series=series).order_by("-version").first()
    told = _told(last, assessing.recipients(result, series))
    if not told:
        raise errors.NotOwed
    why = records.reason(reason) if last else ""
    made = _made(incident, series, told, last, why, actor, at)
    due = {one.series: one.due_at for one in assessing.clocks(incident, result)}
    _deliver(made, told, due.get(series))
    records.log(
        "incident:reported",
        incident,
        by,
        at,
        report=made.number,
        sha256=made.sha256,
        to=list(told),
        learned_at=ledger.instant(incident.learned_at),
    )
    assessing.reckon(incident, at)
    return made


def _told(last: Report | None, wanted: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Return whom a report goes to: whom the rulebook wants told, and who has the one before."""
    before = Copy.objects.filter(report=last) if last else Copy.objects.none()
    kinds = {*wanted, *before.values_list("authority__kind", flat=True)}
    return tuple(kind for kind in _PARTIES if kind in kinds)


def _made(
    incident: Incident,
    series: Series,
    told: tuple[Kind, ...],
    last: Report | None,
    why: str,
    actor: Actor,
    at: datetime,
) -> Report:
    version = last.version + 1 if last else 1
    number = f"{incident.number}/{series}/{version}"
    content = content_of(incident, series, told, at) | {
        "report": number,
        "version": version,
        "prior": last.sha256 if last else None,
        "reason": why,
    }
    if last is not None and _said(content) == _said(last.content):
        raise errors.UnchangedReport
    return Report.objects.create(
        incident=incident,
        series=series,
        version=version,
        number=number,
        content=content,
        sha256=digest(content),
        reason=why,
        at=at,
        by_id=actor.person_id,
    )


def _deliver(made: Report, told: tuple[Kind, ...], due_at: datetime | None) -> None:
    for kind in told:
        authority = organisations.authority(kind)
        if authority is None:
            raise errors.NoAuthority
        Copy.objects.create(
            report=made, authority=authority, state=COPY.initial, sent_at=made.at, due_at=due_at
        )


def content_of(
    incident: Incident, series: Series, told: tuple[Kind, ...], at: datetime
) -> dict[str, Any]:
    """Return the neutral record of an incident as it is told to the authorities.

    The salt keeps the digest in the public log from being guessed back to a VIN.
    """
    return {
        "schema": SCHEMA,
        "series": series,
        "incident": incident.number,
        "to": list(told),
        "at": ledger.instant(at),
        "manufacturer": {
            "slug": incident.manufacturer.slug,
            "name": incident.manufacturer.name,
        },
        "type": _type(incident),
        "vehicle": _vehicle(incident),
        "function": _function(incident),
        "trigger": incident.trigger,
        "learned_at": ledger.instant(incident.learned_at),
        "stated": incident.known,
        "known_since": _since(incident),
        "software": [
            {"ecu": one.ecu.name, "version": one.version, "basis": one.basis}
            for one in Ran.objects.filter(incident=incident)
            .select_related("ecu")
            .order_by("ecu__name", "ecu__address")
        ],
        "preserved": [
            {"recorder": one.recorder, "sha256": one.sha256}
            for one in Exhibit.objects.filter(hold__incident=incident).order_by("pk")
        ],
        "defect": incident.defect_number or None,
        "event_code": _event_code(incident, at),
        "salt": secrets.token_hex(16),
    }


def is_whole(report: Report) -> bool:
    """Say whether the content that is kept still has the digest that was logged."""
    return digest(report.content) == report.sha256


def _type(incident: Incident) -> dict[str, Any] | None:
    kept = incident.type
    if kept is None:
        return None
    return {
        "code": kept.code,
        "name": kept.name,
        "approval": kept.approval_number,
        "level": kept.automation_level,
    }


def _vehicle(incident: Incident) -> dict[str, Any] | None:
    car = incident.vehicle
    if car is None:
        return None
    moment = incident.occurred_at or incident.learned_at
    number = SwinRecord.objects.filter(vehicle=car, at__lte=moment).order_by("-at", "-pk").first()
    update = (
        Action.objects.filter(vehicle=car, offered_at__lte=moment)
        .order_by("-pk")
        .values_list("campaign__release__number", "campaign_id", "state")
        .first()
    )
    return {
        "vin": car.vin,
        "swin": number.swin if number else None,
        "last_update": dict(zip(("release", "campaign", "state"), update, strict=True))
        if update
        else None,
    }


def _event_code(incident: Incident, at: datetime) -> str | None:
    """Return the draft standard's code of the event (INC-13), where it has one on that day."""
    event = incident.known.get("safety_event")
    if event is None:
        return None
    try:
        codes = rulebook().law.parameters["safety_event_codes"].on(legal_day(at)).value
    except NotInForce:
        return None
    code: str | None = codes.get(event)
    return code


def _function(incident: Incident) -> dict[str, Any] | None:
    kept = incident.function
    if kept is None:
        return None
    return {"code": kept.code, "name": kept.name, "level": kept.level}


def _since(incident: Incident) -> dict[str, str]:
    """Return since when each statement that stands is known to the manufacturer."""
    found: dict[str, str] = {}
    for one in Known.objects.filter(incident=incident).order_by("pk"):
        found[one.name] = ledger.instant(one.learned_at)
    return {name: at for name, at in found.items() if name in incident.known}


def _said(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in _FRAME}
