"""The yearly report on automobile data security, made from the register (ADP21, Articles 13, 14).

* What is reported is what stands in the register on the day; what is not there is named as missing.
* A report never changes: made again, it is the next version. What was filed stays marked.
* Its day is the rulebook's (DAT-17); whether the export items are there is DAT-18's to say.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.processing import counters, errors, exports, implied, records, tallies
from roadworthy.domains.processing.duty_models import AnnualReport, Breach, RiskAssessment
from roadworthy.domains.processing.models import Flow, ItemVersion, Profile
from roadworthy.domains.processing.states import State
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.engine import Obligation

RULES: Final = ("DAT-17", "DAT-18")
EXPORT_ITEMS: Final = ("recipients", "exported_data", "storage_abroad", "complaints")


@transaction.atomic(durable=True)
def make(*, year: int, complaints: int, actor: Actor, at: datetime) -> AnnualReport:
    """Make the report of a year as the register stands; made again, it is the next version.

    ``complaints`` is how many of that year were about data: another domain counts them.

    Raises:
        NotAMember, WrongRole.
        NotAYear: the year has not begun.
    """
    by = records.writer(actor, action="make")
    if year > legal_day(at).year:
        raise errors.NotAYear(year=year)
    mine = records.mine(actor)
    content = content_of(mine, year=year, complaints=complaints)
    records.numbering(mine)
    number = AnnualReport.objects.filter(manufacturer_id=mine, year=year).count() + 1
    made = AnnualReport.objects.create(
        manufacturer_id=mine,
        year=year,
        number=number,
        content=content,
        sha256=digest(content),
        made_by_id=actor.person_id,
        made_at=at,
    )
    data = {"year": year, "version": number, "sha256": made.sha256}
    records.log("data-report:made", f"data-report/{made.pk}", by, at, data)
    return made


@transaction.atomic(durable=True)
def filed(*, report_id: int, on: date, receipt: str, actor: Actor, at: datetime) -> AnnualReport:
    """Note that a version was handed to the provincial CAC, on which day, under which receipt.

    Raises:
        NotAMember, WrongRole, NoSuchReport.
        WrongTime: the day lies in the future.
    """
    by = records.writer(actor, action="file")
    found = (
        AnnualReport.objects.select_for_update(no_key=True)
        .filter(pk=report_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchReport
    if on > legal_day(at):
        raise errors.WrongTime
    found.filed_on, found.filed_as = on, receipt.strip()
    found.save(update_fields=["filed_on", "filed_as"])
    data = {"year": found.year, "sha256": found.sha256, "filed_on": on.isoformat()}
    records.log("data-report:filed", f"data-report/{found.pk}", by, at, data)
    return found


def duties(manufacturer_id: int, *, on: date) -> tuple[Obligation, ...]:
    """Return what the rulebook asks of the company this year: the report and its export items."""
    versions = _newest(manufacturer_id)
    flows = _flows(manufacturer_id)
    marked = [v for v in versions if v.important or v.marked_important or v.told_important]
    unexamined = any(v.important is None for v in versions) or not versions
    important = sorted({one for version in marked for one in version.important or ()})
    known: dict[str, Any] = {
        "today": on,
        "important_data_categories": important if important or not unexamined else None,
        "marked_important": bool(marked) or None,
        "personal_information_subjects": max((v.persons or 0 for v in versions), default=0),
        "transferred_abroad": any(map(exports.is_export, flows)),
        "opened_from_abroad": False,
        "processed_abroad": False,
        "annual_data_report_year": on.year,
    }
    report = (
        AnnualReport.objects.filter(manufacturer_id=manufacturer_id, year=on.year)
        .exclude(filed_on=None)
        .order_by("-number")
        .first()
    )
    if report:
        known["annual_data_report_filed_on"] = report.filed_on
        known["annual_data_report_export_items"] = sorted(report.content.get("exports", {}))
    stated = {name: value for name, value in known.items() if value is not None}
    return rulebook().evaluate(stated, as_of=on, rules=RULES).obligations


def content_of(manufacturer_id: int, *, year: int, complaints: int) -> dict[str, Any]:
    """Return the items of Article 13, and those of Article 14 where something is exported."""
    profile = Profile.objects.filter(manufacturer_id=manufacturer_id).first()
    flows = _flows(manufacturer_id)
    out = [flow for flow in flows if exports.is_export(flow)]
    content: dict[str, Any] = {
        "year": year,
        "persons_in_charge": {
            "responsible": profile.responsible if profile else "",
            "user_contact": profile.user_contact if profile else "",
            "province": profile.province if profile else "",
        },
        "data": [_item(version) for version in _newest(manufacturer_id)],
        "protection": dict(profile.protection) if profile else {},
        "storage": [_stored(flow) for flow in flows],
        "domestic_recipients": _recipients(f for f in flows if not exports.is_export(f)),
        "incidents": _incidents(manufacturer_id, year),
        "complaints": complaints,
        "risk_assessments": _risks(manufacturer_id, year),
    }
    if out:
        content["exports"] = {
            "recipients": _recipients(out),
            "exported_data": [_exported(flow) for flow in out],
            "storage_abroad": [_stored(flow) for flow in out],
            "complaints": complaints,
        }
        content["counters"] = _counters(manufacturer_id, year)
    content["missing"] = missing(content)
    return content


def missing(content: dict[str, Any]) -> list[str]:
    """Return the parts of the report about which the register says nothing."""
    people = content["persons_in_charge"]
    found = [name for name in ("responsible", "user_contact", "province") if not people[name]]
    if not all(content["protection"].get(one) for one in records.LANGUAGES):
        found.append("protection")
    if not content["data"]:
        found.append("data")
    if any(one["important"] is None for one in content["data"]):
        found.append("examined")
    return found


def _newest(manufacturer_id: int) -> list[ItemVersion]:
    found = (
        ItemVersion.objects.select_related("item")
        .filter(item__manufacturer_id=manufacturer_id)
        .order_by("item_id", "-number")
        .distinct("item_id")
    )
    return sorted(found, key=lambda one: one.item.code)


def _flows(manufacturer_id: int) -> list[Flow]:
    found = Flow.objects.select_related("item__item", "recipient", "assessment")
    return list(
        found.filter(manufacturer_id=manufacturer_id, state=State.APPROVED).order_by("number")
    )


def _item(version: ItemVersion) -> dict[str, Any]:
    return {
        "code": version.item.code,
        "name": version.name,
        "important": version.important,
        "sensitive": sorted(implied.sensitive(version)),
        "personal": implied.personal(version),
        "persons": version.persons,
    }


def _stored(flow: Flow) -> dict[str, Any]:
    return {
        "flow": flow.number,
        "item": flow.item.item.code,
        "place": flow.stored,
        "days": flow.retention_days,
        "country": flow.recipient.country if flow.recipient else "CN",
        "purpose": flow.purpose,
        "way": [name for name, holds in exports.abroad(flow).items() if holds],
        "opened_from": flow.opened_from,
    }


def _exported(flow: Flow) -> dict[str, Any]:
    return {
        "flow": flow.number,
        "item": flow.item.item.code,
        "name": flow.item.name,
        "persons": flow.persons,
        "purpose": flow.purpose_words,
        "necessity": flow.necessity,
        "path": flow.path,
        "path_number": flow.path_number,
        "assessment": flow.assessment.number if flow.assessment else "",
    }


def _recipients(flows: Any) -> list[dict[str, Any]]:
    found = {}
    for flow in flows:
        one = flow.recipient
        if one is not None:
            found[one.code] = {
                "code": one.code,
                "name": one.name,
                "country": one.country,
                "contact": one.contact,
            }
    return [found[code] for code in sorted(found)]


def _incidents(manufacturer_id: int, year: int) -> list[dict[str, Any]]:
    found = Breach.objects.filter(manufacturer_id=manufacturer_id).order_by("found_at")
    return [
        {
            "number": one.number,
            "kind": one.kind,
            "title": one.title,
            "found_at": one.found_at.isoformat(),
            "reported_at": one.reported_at.isoformat() if one.reported_at else None,
            "remedied_at": one.remedied_at.isoformat() if one.remedied_at else None,
        }
        for one in found
        if legal_day(one.found_at).year == year
    ]


def _risks(manufacturer_id: int, year: int) -> list[dict[str, Any]]:
    found = (
        RiskAssessment.objects.filter(manufacturer_id=manufacturer_id, assessed_on__year=year)
        .prefetch_related("flows")
        .order_by("number")
    )
    return [
        {
            "number": one.number,
            "subject": one.subject,
            "conclusion": one.conclusion,
            "flows": sorted({flow.number for flow in one.flows.all()}),
            "assessed_on": one.assessed_on.isoformat(),
            "reported_on": one.reported_on.isoformat() if one.reported_on else None,
        }
        for one in found
    ]


def _counters(manufacturer_id: int, year: int) -> dict[str, Any]:
    found = tallies.of_year(manufacturer_id, year)
    return {
        "ordinary": found[0],
        "sensitive": found[1],
        "counted": counters.party_of(manufacturer_id),
    }
