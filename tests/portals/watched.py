"""What a town gets besides, where pages are looked at with content: counts, a recall going on.

Kept out of ``town.build``: the tests of the pages themselves begin with empty registers.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recall_register import entering
from roadworthy.domains.recall_register.records import Details
from roadworthy.domains.recall_register.states import Authority, Origin
from roadworthy.domains.recalls import producer
from roadworthy.domains.recalls.models import Remedied
from roadworthy.domains.remedies import services as following_services
from roadworthy.domains.remedies.states import Channel
from roadworthy.domains.surveillance import alarms, effect, exposure
from roadworthy.domains.surveillance.alarms import Levels
from roadworthy.domains.surveillance.models import BulkReport, ImportRun
from tests import following, happening
from tests.domains.surveillance.files import OWN, as_csv, rows_of, take
from tests.portals.town import Town

PROVINCES = ("江苏省", "江苏省", "浙江", "广东省", "上海市", "上海市", "新疆维吾尔自治区", "")


@dataclass(frozen=True, slots=True)
class Watched:
    """Where the content is."""

    register_id: int
    import_id: int
    bulk_report_id: int
    recall_id: int  # of the public register
    release_number: str  # it removes a defect
    plan_id: int
    returned_id: int
    matter_id: int


def watch(town: Town, folder: Path) -> Watched:
    """Let reports come in, a recall go on, and something be published."""
    _reports(town, folder)
    plan_id, returned_id = _recall(town)
    matter = producer.enter(
        kind=producer.ABROAD,
        happened_on=town.world.now.date(),
        title={"zh-hans": "美国召回仪表", "en": "Cluster recalled in the United States"},
        source="NHTSA 25V-123",
        actor=town.world.actor(Role.RECALL),
        at=town.world.tick(),
    )
    return Watched(
        exposure.own_register(town.world.cast.manufacturer_id).pk,
        ImportRun.objects.latest("pk").pk,
        BulkReport.objects.latest("pk").pk,
        _published(town),
        town.world.frozen(removes_defect=True).number,
        plan_id,
        returned_id,
        matter.pk,
    )


def _reports(town: Town, folder: Path) -> None:
    world = town.world
    path = folder / "own.csv"
    rows = [
        {"report_id": f"R-{n}", "province": province, "occurred_on": f"2025-0{1 + n % 5}-11"}
        for n, province in enumerate(PROVINCES)
    ]
    path.write_text(as_csv(rows_of(OWN, *rows, {"report_id": "R-9", "occurred_on": "never"})))
    take(path, manufacturer_id=world.cast.manufacturer_id)
    register = exposure.own_register(world.cast.manufacturer_id)
    exposure.enter(
        register_id=register.pk,
        function="NOA",
        software="1.0.0",
        month=world.now.date(),
        vehicle_days=90_000,
        actor=world.actor(Role.SAFETY),
        at=world.tick(),
    )
    alarms.set_levels(
        levels=Levels(3, 400, Decimal("0.05"), "Three of a kind.", world.now.date()),
        actor=world.actor(Role.SAFETY),
        at=world.tick(),
    )
    alarms.look(manufacturer_id=world.cast.manufacturer_id, at=world.tick())


def _recall(town: Town) -> tuple[int, int]:
    world, recall = town.world, town.world.actor(Role.RECALL)
    alpha = world.type_id
    world.add_type("WATCHED")
    plan, cars = following.plan(
        world, 3, first=901, number="RC-2025-0077", started_on=world.now.date()
    )
    for car in cars[:2]:
        following.contact(car, world)
    mailing = following_services.queue_notices(
        plan_id=plan.pk, channel=Channel.LETTER, actor=recall, at=world.tick()
    )
    following_services.fill(mailing_id=mailing.pk, at=world.tick())
    following_services.record_posted(
        mailing_id=mailing.pk, proof="RA 1-2 CN", actor=recall, at=world.tick()
    )
    following_services.post(mailing_id=mailing.pk, at=world.tick())
    back = following_services.record_returned(
        plan_id=plan.pk,
        vin=following.vin_of(cars[0]),
        channel="letter",
        reason="查无此人",
        actor=recall,
        at=world.tick(),
    )
    happening.incident(world, cars[0])
    Remedied.objects.create(
        recall_id=plan.pk, vehicle_id=cars[1], at=world.now + timedelta(days=40)
    )
    effect.count(plan_id=plan.pk, at=world.now + timedelta(days=90))
    following_services.file_report(
        plan_id=plan.pk,
        kind="stage",
        words={"problems": "无。", "measures": "继续联系车主。", "outlook": "两个月内完成。"},
        effect=effect.of_plan(plan, on=world.now.date()).as_json(),
        actor=recall,
        at=world.tick(),
    )
    world.type_id = alpha
    return plan.pk, back.pk


@transaction.atomic
def _published(town: Town) -> int:
    key = uuid.uuid4()
    told = Details(
        Authority.SAMR,
        "星途汽车有限公司",
        products="星途 ALPHA",
        announced="2025-05-20",
        units=12_345,
        defect="仪表警示可能延迟。",
        remedy_text="通过OTA远程升级仪表软件。",
        sources=("https://www.samrdprc.org.cn/",),
    )
    done = entering.enter({key: told}, origin=Origin.API, at=town.world.tick())
    return done.ids[key]
