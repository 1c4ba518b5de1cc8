"""Many manufacturers, filings and vehicles around a town: rows as the services write them, in bulk.

Every constraint of the database holds, and every digest is that of its content. What is copied is
what the town's own steps made, with other numbers and words.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.filings import dossiers, searching
from roadworthy.domains.filings.models import Dossier, Filing, Obligation
from roadworthy.domains.filings.states import State
from roadworthy.domains.ledger.models import Entry, Pending
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Evaluation, Release
from roadworthy.domains.vehicles.models import Ecu, InstalledSoftware, Vehicle, VehicleType
from roadworthy.kernel import vin
from tests.portals.town import Town
from tests.world import ECU, OLD

ZH = (
    "仪表 制动 转向 电池 摄像头 雷达 座舱 充电 热管理 车窗 "
    "驾驶辅助 灯光 更新 修复 优化 显示 控制 策略 提示 标定"
)
EN = (
    "cluster brake steering battery camera radar cockpit charging thermal window "
    "assistance light update repair tuning display control policy notice calibration"
)
BATCH = 1000
PER_RELEASE = 5  # filings
DAYS = 730
OWN_SHARE = 5  # every fifth filing is the town's manufacturer's


def crowd(
    town: Town,
    *,
    manufacturers: int,
    filings: int,
    vehicles: int,
    duties: int | None = None,
    seed: int = 7,
) -> None:
    """Put so many around the town; filings are open ones, a quarter as many are decided.

    ``duties`` are open ones of the town's manufacturer; one for each of its releases unless told.
    """
    draw = random.Random(seed)
    makers = _makers(town, manufacturers)
    releases = _releases(town, makers, filings // PER_RELEASE, draw)
    _filings(town, releases, filings, State.SUBMITTED, draw)
    _filings(town, releases, filings // 4, State.ACCEPTED, draw)
    searching.keep_missing()
    own = [one for one in releases if one.manufacturer_id == makers[0].pk]
    _around(town, own)
    _duties(town, own, len(own) if duties is None else duties)
    _vehicles(town, vehicles)


def _makers(town: Town, count: int) -> Sequence[Organisation]:
    own = Organisation.objects.get(pk=town.world.cast.manufacturer_id)
    others = [
        Organisation(
            slug=f"maker-{number}",
            kind=Party.MANUFACTURER,
            name={"zh-hans": f"第{number}汽车厂", "en": f"Motor Works {number}"},
        )
        for number in range(1, count)
    ]
    return [own, *Organisation.objects.bulk_create(others)]


def _releases(
    town: Town, makers: Sequence[Organisation], count: int, draw: random.Random
) -> list[Release]:
    model = town.releases["signed"]
    made = []
    for number in range(count):
        maker = makers[0] if number % OWN_SHARE == 0 else makers[1 + number % (len(makers) - 1)]
        one = copy.copy(model)
        one.pk, one.number, one.manufacturer = None, f"C-{number:05}", maker
        one.title = {"zh-hans": _words(draw, ZH, 3, ""), "en": _words(draw, EN, 3)}
        one.description = {
            "zh-hans": {"purpose": _words(draw, ZH, 60, "")},
            "en": {"purpose": _words(draw, EN, 60)},
        }
        made.append(one)
    Release.objects.bulk_create(made, BATCH)
    through = Release.types.through
    through.objects.bulk_create(
        [
            through(release_id=one.pk, vehicletype_id=town.world.type_id)
            for one in made
            if one.manufacturer_id == makers[0].pk
        ]
    )
    answer = Evaluation.objects.filter(release=model).order_by("-id")[0]
    with connection.cursor() as cursor:  # an answer is long: it is copied where it lies
        cursor.execute(
            "INSERT INTO software_evaluation"
            " (release_id, as_of, at, stated, decision, result, sha256)"
            " SELECT r, as_of, at, stated, decision, result, sha256"
            " FROM software_evaluation, unnest(%s::bigint[]) AS r WHERE id = %s",
            [[one.pk for one in made], answer.pk],
        )
    return made


def _filings(
    town: Town, releases: Sequence[Release], count: int, state: State, draw: random.Random
) -> None:
    model = town.filings["submitted" if state == State.SUBMITTED else "accepted"]
    about = town.filings["submitted"].dossier
    prefix = "F3-2031" if state == State.SUBMITTED else "F3-2030"
    written = []
    for number in range(count):
        release = releases[number % len(releases)]
        content = copy.deepcopy(about.content)
        content["details"]["impact"] = _words(draw, ZH, 80, "") + _words(draw, EN, 40)
        content["release"] |= {
            "number": release.number,
            "title": release.title,
            "description": release.description,
        }
        one = copy.copy(about)
        one.pk, one.content, one.release = None, content, release
        one.manufacturer, one.sha256 = release.manufacturer, dossiers.sha256(content)
        written.append(one)
    Dossier.objects.bulk_create(written, BATCH)
    made = []
    for number, dossier in enumerate(written):
        one = copy.copy(model)
        one.pk, one.number, one.state = None, f"{prefix}-{number:05}", state
        one.dossier, one.manufacturer = dossier, dossier.manufacturer
        one.authority_id = town.filings["submitted"].authority_id
        one.submitted_at = town.world.now - timedelta(minutes=draw.randrange(100_000))
        made.append(one)
    Filing.objects.bulk_create(made, BATCH)


def _around(town: Town, releases: Sequence[Release]) -> None:
    """Give the town's manufacturer a log and campaigns for so many releases."""
    entry = Entry.objects.order_by("pk")[0]
    campaign = Campaign.objects.get(pk=town.campaign.pk)
    entries, campaigns = [], []
    for release in releases:
        for kept, model in ((entries, entry), (campaigns, campaign)):
            one = copy.copy(model)
            one.pk = None
            if isinstance(one, Entry):
                one.release_id, one.subject = release.pk, f"release/{release.pk}"
            else:
                one.release = release
            kept.append(one)
    Pending.objects.bulk_create(
        [Pending(entry=one) for one in Entry.objects.bulk_create(entries, BATCH)]
    )
    Campaign.objects.bulk_create(campaigns, BATCH)


def _duties(town: Town, releases: Sequence[Release], count: int) -> None:
    """Give the town's manufacturer so many open duties, over the days of two years."""
    model = Obligation.objects.filter(
        manufacturer_id=town.world.cast.manufacturer_id,
        fulfilled_at__isnull=True,
        due_on__isnull=False,
    ).order_by("pk")[0]
    made = []
    for number in range(count):
        one = copy.copy(model)
        one.pk, one.release = None, releases[number % len(releases)]
        one.key = f"{model.key}.{number}"
        one.due_on = model.due_on + timedelta(days=number % DAYS)
        made.append(one)
    Obligation.objects.bulk_create(made, BATCH)


def _vehicles(town: Town, count: int) -> None:
    kind = VehicleType.objects.get(pk=town.world.type_id)
    ecu = Ecu.objects.get(type=kind, name=ECU)
    made = Vehicle.objects.bulk_create(
        [
            Vehicle(
                manufacturer_id=kind.manufacturer_id,
                type=kind,
                vin=vin.compose(
                    wmi="LTV", descriptor="CCCCC", year=2025, plant="A", serial=number
                ).text,
                controller_id=f"crowd-{number}",
                salt=number.to_bytes(16),
                registered_at=town.world.now,
            )
            for number in range(1, count + 1)
        ],
        BATCH,
    )
    InstalledSoftware.objects.bulk_create(
        [
            InstalledSoftware(
                vehicle=one, ecu=ecu, version=OLD, since=town.world.now, source="baseline"
            )
            for one in made
        ],
        BATCH,
    )


def _words(draw: random.Random, of: str, count: int, between: str = " ") -> str:
    return between.join(draw.choices(of.split(), k=count))
