"""What a public register calls the vehicles of its recalls, resolved on a fleet around them."""

from __future__ import annotations

import csv
import random
import re
from datetime import date
from pathlib import Path

import pytest

from roadworthy.domains.recalls import resolving, scope_vin
from roadworthy.domains.recalls.models import InScope, RecallPlan
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.vin import CHARACTERS, check_digit
from tests import recalling
from tests.world import START

DVSA = Path(__file__).parents[4] / "shared" / "data" / "recalls" / "dvsa_small.csv"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DVSA.is_file(), reason="needs ../shared/data beside the checkout"),
]


def accepted() -> list[tuple[str, str]]:
    """Return the ends of every range that is read, with ``*`` for what is any character."""
    found = []
    with DVSA.open(encoding="cp1252", newline="") as file:
        for row in csv.DictReader(file):
            if row["VIN Start"].strip():
                try:
                    read = scope_vin.read_fields(row["VIN Start"], row["VIN End"])
                except scope_vin.Invalid:
                    continue
                found.append((read.low, read.high))
    return found


def around(low: str, high: str, chance: random.Random) -> set[str]:
    """Return numbers at both ends of a range, beside them, far from them, and of other makers."""

    def whole(pattern: str) -> str:
        return "".join(chance.choice(CHARACTERS) if c == "*" else c for c in pattern)

    made = {whole(low), whole(high), whole(low[:9] + "*" * 8), whole(low[:16] + "*")}
    digits = min(len(re.search(r"[0-9]*$", one)[0]) for one in (low, high))
    for end in (low, high):
        for step in (-1, 1) if digits else ():
            number = (int(end[17 - digits :]) + step) % 10**digits
            made.add(whole(f"{end[: 17 - digits]}{number:0{digits}d}"))
    other = chance.randrange(8)
    made.add(whole(f"{low[:other]}*{low[other + 1 :]}"))
    made.add(whole(f"{low[:8]}*{low[9:]}"))
    return made


def inside(vin: str, low: str, high: str) -> bool:
    """Read the same words another way: by a regular expression, and by integers of base 33."""
    numbered = "*" not in low and all(one[8] == check_digit(one) for one in (low, high))
    ninth = "." if numbered else re.escape(low[8]).replace(r"\*", ".")
    if not re.match(low[:8].replace("*", ".") + ninth, vin):
        return False

    def number(text: str) -> int:
        value = 0
        for character, pattern in zip(text[9:], low[9:], strict=True):
            if pattern != "*":
                value = value * len(CHARACTERS) + CHARACTERS.index(character)
        return value

    return number(low) <= number(vin) <= number(high)


def test_every_range_that_is_read_names_the_vehicles_that_it_says(light):
    chance, ranges = random.Random(555), accepted()
    assert len(ranges) == 201
    vins = sorted(set().union(*(around(*one, chance) for one in ranges)))
    Vehicle.objects.bulk_create(
        Vehicle(
            manufacturer_id=light.cast.manufacturer_id,
            type_id=light.type_id,
            vin=vin,
            controller_id=f"car-{n}",
            salt=b"x",
            registered_at=START,
        )
        for n, vin in enumerate(vins)
    )
    defect, sizes = recalling.defect(light), set()
    for n, (low, high) in enumerate(sorted(set(ranges))):
        plan = RecallPlan.objects.create(
            manufacturer_id=light.cast.manufacturer_id,
            defect=defect,
            number=f"RC-{n}",
            scope={"text": f"vin {low} .. {high}"},
            remedy="workshop",
            obliged_on=date(2025, 6, 9),
            starts_on=date(2025, 6, 9),
            created_at=light.tick(),
        )
        resolving.resolve(plan_id=plan.pk, at=light.tick())
        rows = InScope.objects.filter(plan_id=plan.pk, included=True)
        named = set(rows.values_list("vehicle__vin", flat=True))
        assert named == {vin for vin in vins if inside(vin, low, high)}, (low, high)
        sizes.add(len(named))
    assert min(sizes) >= 1, "each names some"
    assert max(sizes) < len(vins), "none names all"
