"""A recall of 1,667,500 vehicles: planned, owners told, repairs taken, proofs counted.

    PYTHONPATH=src python -m bench.recall_follow [--vehicles 1667500] [--alone]

1,667,500 is the number of vehicles under recall over the air in China in 2025 (seed 001). The
portals run as deployed (bench/portal.py), and who manages the recall has signed in. What the clock
does (queueing, posting, counting proofs) is timed by itself; the pages are asked before and after.
The floor is a constant page through the same server.
"""

# ruff: noqa: PLC0415 - Django is set up first; the numbers are our own

from __future__ import annotations

import argparse
import os
import time
from datetime import UTC, date, datetime
from typing import Any

from bench import machine, portal
from bench.report import write

MOST_MILLISECONDS = 500.0
KNOWN = 0.95  # share of owners whose address is known
PROVEN = 0.80  # share of vehicles whose running version proves the remedy
_VEHICLES = """
INSERT INTO vehicles_vehicle (manufacturer_id, type_id, vin, controller_id, token_sha256, salt,
    registered_at, attributes, imported, software_sha256)
SELECT %s, %s, 'LTVRECALL' || lpad(n::text, 8, '0'), 'recall-' || n, '',
    '\\x00', now(), '{}', '{}', ''
FROM generate_series(1, %s) n
"""
_CONTACTS = """
INSERT INTO remedies_contact (vehicle_id, name, address, email, phone, language, updated_at)
SELECT id, '车主', '合肥市一路1号', 'owner@example.org', '13800000000', 'zh-hans', now()
FROM vehicles_vehicle WHERE controller_id LIKE 'recall-%%' AND id %% 100 < %s
"""
_SCOPE = """
INSERT INTO recalls_inscope (plan_id, vehicle_id, included, clause, path, why_workshop)
SELECT %s, id, true, 0, CASE WHEN id %% 50 = 0 THEN 'workshop' ELSE 'ota' END, ''
FROM vehicles_vehicle WHERE controller_id LIKE 'recall-%%'
"""
_ACTIONS = """
INSERT INTO campaigns_action (campaign_id, group_id, vehicle_id, state, consented, token_sha256,
    offered_at, closed_at, seen_version, detail)
SELECT %s, %s, id, CASE WHEN id %% 100 < %s THEN 'proven' ELSE 'offered' END, true,
       md5(id::text) || md5('x' || id), now(), now() - (id %% 60) * interval '1 day', '', ''
FROM vehicles_vehicle WHERE controller_id LIKE 'recall-%%'
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=1_667_500)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--alone", action="store_true")
    options = parser.parse_args()
    crowd = {"manufacturers": 2, "filings": 20, "vehicles": 60, "duties": 20}
    with portal.site(alone=options.alone, **crowd) as here:
        result = measured(here, options.vehicles, options.requests)
        floor = portal.floor_of(here, requests=options.requests * 3)
    slowest = max(result["pages"].values(), key=lambda one: one["zh"]["median"])
    result |= {
        "vehicles": options.vehicles,
        "floor_milliseconds": round(floor, 2),
        "slowest_milliseconds": slowest["zh"]["median"],
        "required_milliseconds": MOST_MILLISECONDS,
        "met": slowest["zh"]["median"] < MOST_MILLISECONDS
        and all(taken < MOST_MILLISECONDS for taken in result["acts"].values()),
        "load": round(os.getloadavg()[0], 1),
        "machine": machine.describe(),
    }
    write("recall_follow", result, _text(result))


def measured(here: Any, vehicles: int, requests: int) -> dict[str, Any]:
    """Set the recall up, let the clock work, and ask for the pages."""
    from roadworthy.domains.organisations.roles import Role
    from roadworthy.domains.remedies import reporting, services
    from roadworthy.domains.remedies.models import Mailing

    clock: dict[str, float] = {}
    plan = prepared(here.town.world, vehicles, clock)
    person = here.person(Role.RECALL, "zh")
    acts, planned = _planned(here.town.world, person, clock)
    page = f"/m/remedies/{plan.pk}/"
    acts["order letters"] = _post(person, page, f"{page}tell/letter/")
    acts["order e-mails"] = _post(person, page, f"{page}tell/email/")
    letters, mails = Mailing.objects.filter(plan=plan).order_by("-channel")
    clock["queue the letters"] = _timed(
        lambda: services.fill(mailing_id=letters.pk, at=datetime.now(UTC))
    )
    clock["queue the e-mails"] = _timed(
        lambda: services.fill(mailing_id=mails.pk, at=datetime.now(UTC))
    )
    _vacuum()
    acts["letters are posted"] = _post(person, page, f"{page}posted/{letters.pk}/", proof="RA 1 CN")
    clock["note the posting of each"] = _timed(
        lambda: services.post(mailing_id=letters.pk, at=datetime.now(UTC))
    )
    clock["count the proofs"] = _timed(
        lambda: services.follow(plan_id=plan.pk, at=datetime.now(UTC))
    )
    clock["count them again"] = _timed(
        lambda: services.follow(plan_id=plan.pk, at=datetime.now(UTC))
    )
    _vacuum()
    words = dict.fromkeys(reporting.WORDS["stage"], "零件按时到货。")
    acts["draft a stage report"] = _post(person, page, f"{page}report/stage/", **words)
    acts["write down an answer"] = _post(
        person, page, f"{page}follow-ups/", vin=_vin(plan), choice="decline"
    )
    asked = dict.fromkeys(
        [*planned, "/m/remedies/", page, f"{page}follow-ups/",
         f"{page}follow-ups/?reason=no-address&page=500",
         f"{page}follow-ups/?search=LTVRECALL0000", f"{page}completions/",
         f"{page}letters/{_with_letter(plan)}/"],
        str(Role.RECALL),
    )  # fmt: skip
    pages = portal.measured(here, asked, requests=requests)
    return {
        "clock_seconds": {name: round(taken, 1) for name, taken in clock.items()},
        "acts": {name: round(taken, 1) for name, taken in acts.items()},
        "pages": {
            address.replace(str(plan.pk), "N", 1): {lang: one.to_json() for lang, one in f.items()}
            for address, f in pages.items()
        },
    }


def prepared(world: Any, vehicles: int, clock: dict[str, float]) -> Any:
    """Make the vehicles, the owners' addresses, a plan in force and its campaign."""
    from django.db import connection

    from roadworthy.domains.campaigns.models import Campaign, Group
    from roadworthy.domains.organisations.roles import Role
    from roadworthy.domains.recalls.models import Defect, PlanRelease, RecallPlan
    from roadworthy.domains.software.models import Release
    from tests.following import TEXTS

    maker, now = world.cast.manufacturer_id, datetime.now(UTC)
    user = world.actor(Role.RECALL).user_id
    officer = world.actor(Role.COMPLIANCE_OFFICER).user_id
    words = {"zh-hans": "仪表警示延迟", "en": "Late warning"}
    defect = Defect.objects.create(
        manufacturer_id=maker, number="D-2025-9001", origin="signal", title=words, reason=words,
        state="recall-planned", opened_at=now,
    )  # fmt: skip
    plan = RecallPlan.objects.create(
        manufacturer_id=maker, defect=defect, number="RC-2025-9001", state="running",
        texts=TEXTS, remedy="both", hotline="400-000-0000", obliged_on=date(2025, 6, 3),
        starts_on=date(2025, 6, 10), created_at=now, created_by_id=user, resolved_at=now,
        vehicles=vehicles, published_on=date(2025, 6, 10),
    )  # fmt: skip
    release = Release.objects.filter(manufacturer_id=maker).order_by("pk").first()
    PlanRelease.objects.create(plan=plan, release=release, linked_at=now)
    campaign = Campaign.objects.create(
        manufacturer_id=maker, release=release, name=words, state="running", time_out_hours=1,
        created_by_id=officer, created_at=now,
    )  # fmt: skip
    group = Group.objects.create(
        campaign=campaign, number=1, size=vehicles, success_percent=90, error_percent=10
    )
    with connection.cursor() as cursor:
        cursor.execute(_VEHICLES, [maker, world.type_id, vehicles])
        cursor.execute(_CONTACTS, [int(KNOWN * 100)])
        clock["write the scope"] = _timed(lambda: cursor.execute(_SCOPE, [plan.pk]))
        cursor.execute(_ACTIONS, [campaign.pk, group.pk, int(PROVEN * 100)])
    _vacuum()
    return plan


def _planned(
    world: Any, person: Any, clock: dict[str, float]
) -> tuple[dict[str, float], list[str]]:
    """Write a plan for all of them, count its scope; return what it took and its pages."""
    from roadworthy.domains.recalls import resolving
    from roadworthy.domains.recalls.models import Defect, InScope, RecallPlan
    from roadworthy.domains.vehicles.models import VehicleType

    now, words = datetime.now(UTC), {"zh-hans": "转向助力失效", "en": "Steering assistance fails"}
    defect = Defect.objects.create(
        manufacturer_id=world.cast.manufacturer_id, number="D-2025-9002", origin="signal",
        title=words, reason=words, state="confirmed", opened_at=now, confirmed_at=now,
    )  # fmt: skip
    form = f"/m/recalls/write/{defect.pk}/"
    texts = ("defect", "consequence", "remedy", "emergency_advice")
    given = {f"{name}_{short}": words["en"] for name in texts for short in ("zh", "en")}
    code = VehicleType.objects.get(pk=world.type_id).code
    acts = {
        "write a plan": _post(
            person, form, form, scope=f"type {code}", remedy="workshop",
            starts_on=now.date().isoformat(), hotline="400-000-0000",
            **given,
        )
    }  # fmt: skip
    plan = RecallPlan.objects.get(defect=defect)
    page = f"/m/recalls/{plan.pk}/"
    acts["see it before its scope is counted"] = _timed(lambda: person.get(page)) * 1000
    clock["count the scope of the plan"] = _timed(
        lambda: resolving.resolve(plan_id=plan.pk, at=datetime.now(UTC))
    )
    _vacuum()
    vin = InScope.objects.filter(plan=plan).select_related("vehicle")[0].vehicle.vin
    scope = f"{page}scope/"
    return acts, [
        "/m/recalls/", page, f"{page}rewrite/", scope, f"{scope}?path=workshop&page=500",
        f"{scope}?which=out", f"{scope}?vin={vin}",
    ]  # fmt: skip


def _post(person: Any, page: str, address: str, **data: str) -> float:
    person.get(page)
    begun = time.perf_counter()
    answer = person.post(
        address,
        data={**data, "csrfmiddlewaretoken": person.cookies["csrftoken"]},
        follow_redirects=False,
    )
    taken = (time.perf_counter() - begun) * 1000
    if answer.status_code != 302:
        raise SystemExit(f"{address}: {answer.status_code}")
    return taken


def _timed(act: Any) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _vin(plan: Any) -> str:
    from roadworthy.domains.remedies import queries

    return str(queries.follow_ups(plan.pk)[0].vehicle.vin)


def _with_letter(plan: Any) -> int:
    from roadworthy.domains.remedies import queries

    return int(queries.letters_of(plan.pk)[0].vehicle_id)


def _text(result: dict[str, Any]) -> str:
    clock = "\n".join(f"| {n} | {s} |" for n, s in result["clock_seconds"].items())
    acts = "\n".join(f"| {n} | {ms} |" for n, ms in result["acts"].items())
    pages = "\n".join(
        f"| `{address}` | {one['zh']['median']} | {one['zh']['p95']} | {one['en']['median']} |"
        for address, one in sorted(
            result["pages"].items(), key=lambda pair: -pair[1]["zh"]["median"]
        )
    )
    return f"""
A recall of {result["vehicles"]:,} vehicles, {KNOWN:.0%} of their owners with an address, \
{PROVEN:.0%} proven by the running version. `roadworthy web`, one process; load of the machine at \
the end: {result["load"]}.

| what the clock does | s |
| --- | ---: |
{clock}

| what a person does | ms |
| --- | ---: |
{acts}

| page | zh ms | p95 | en ms |
| --- | ---: | ---: | ---: |
{pages}

Required: no page over {result["required_milliseconds"]:.0f} ms: \
**{"met" if result["met"] else "NOT met"}**. The floor, a constant page through the same server: \
{result["floor_milliseconds"]} ms."""


if __name__ == "__main__":
    main()
