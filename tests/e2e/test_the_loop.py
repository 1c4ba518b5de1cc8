"""The loop in one run: from what happens on the road to a changed requirement.

Events of simulated vehicles, a signal, a defect, the stop of sale, the recall plan, both
authorities, the remedy over the air with Debian's SWUpdate among the vehicles, completion by proof,
the final report, the lesson: in Chromium, by what is seen on the pages, each person in a window of
their own. ``ROADWORTHY_TEST_LANGUAGES=zh,en`` plays it in each of these, ``ROADWORTHY_TEST_WIDTH``
on a screen of that width. The type's approval comes before it and is played without a browser.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from pytest_django import DjangoDbBlocker

from roadworthy.cli.demo.cast import PARTS, Cast
from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.campaigns.states import ActionState
from roadworthy.domains.incidents.models import Incident
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls.models import Defect
from roadworthy.vehicle.swupdate import Outcome, SwupdateVehicle
from tests.conformance.test_swupdate_cycle import wait_until
from tests.e2e.conftest import Site, serving
from tests.e2e.loop import clock, road
from tests.e2e.loop.people import FUNCTION, SITE_NAMES
from tests.e2e.loop.recalling import Recall
from tests.e2e.mouse import Mouse
from tests.e2e.test_cases_to_signed_release import empty, languages, number
from tests.portals import town as towns
from tests.portals.cases.conftest import opener
from tests.portals.cases.story import Story
from tests.portals.cases.test_cases_to_signed_release import DEFECT, RECEIPTS
from tests.portals.cases.window import Window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.swupdate,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def begin(
    transactional_db: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path, database_url: str
) -> Iterator[Callable[[str], tuple[Recall, road.Road]]]:
    """Begin on a platform where one type is approved and its updates are filed."""
    home = tmp_path / "town"
    before = towns.settle(home)
    with ExitStack() as stack:

        def begun(language: str) -> tuple[Recall, road.Road]:
            town = empty(home)
            first = Story(
                town.world.platform, town.world.cast, language, lambda _role: None, Window.head
            )
            first.person = opener(first, {})
            first.type_approved()
            first.foundation()
            cars = stack.enter_context(
                road.built(first.cast, first.platform.home, database_url, tmp_path)
            )
            site = stack.enter_context(serving(town, django_db_blocker))
            so_far = {one.name: getattr(first, one.name) for one in dataclasses.fields(first)}
            own = {
                "person": seats(site, first.cast, language, stack),
                "number_at": number,
                "stranger": lambda: window(site, language, stack),
                "packed": road.remedy(cars.signer),
            }
            return Recall(**(so_far | own)), cars

        yield begun
    settings.ROADWORTHY = before
    cache.clear()


def window(site: Site, language: str, stack: ExitStack) -> Mouse:
    """Open a window in which nobody has signed in."""
    width = int(os.environ.get("ROADWORTHY_TEST_WIDTH", "1440"))
    context, page = site.open(None, language=language, width=width)
    stack.callback(context.close)
    return Mouse(page, language, base=site.url)


def seats(site: Site, cast: Cast, language: str, stack: ExitStack) -> Callable[[Role], Mouse]:
    """Return who seats somebody who signs in by the form; each stays at their window."""
    seated: dict[Role, Mouse] = {}

    def person(role: Role) -> Mouse:
        if role not in seated:
            seated[role] = window(site, language, stack)
            email = next(one.email for one in PARTS if one.role == role)
            seated[role].sign_in(email, cast.passwords[email])
        return seated[role]

    return person


@pytest.mark.parametrize("language", languages("zh"))
def test_what_happens_on_the_road_ends_in_a_changed_requirement(
    begin: Callable[[str], tuple[Recall, road.Road]], language: str, tmp_path: Path
) -> None:
    story, cars = begin(language)
    with cars.driving() as vehicle:
        defect_found(story, cars)
        remedy_released(story, cars, tmp_path)
        remedied(story, cars, vehicle)
    story.completed()
    story.taught("RCL-24")


def defect_found(story: Recall, cars: road.Road) -> None:
    """Events, incidents, signal, defect, stop."""
    story.watched(fewest=len(cars.simulated))
    assert cars.happens("disengagement", FUNCTION) == len(cars.simulated)
    clock.events_taken()
    numbers = list(Incident.objects.order_by("pk").values_list("number", flat=True))
    assert len(numbers) == len(cars.simulated)
    story.reported(numbers)
    clock.signals_looked_for()
    story.alarm(Defect.objects.get().number, len(cars.simulated))
    story.concluded()
    story.stops(SITE_NAMES)
    for car in cars.cars:
        story.locked(car.vin, locked=True)


def remedy_released(story: Recall, cars: road.Road, tmp_path: Path) -> None:
    """A service is held up; the recall with both authorities is released."""
    story.begins("R-SERVICE")
    story.release_written({})
    clock.compared()
    story.concealed()
    story.begins(story.remedy_number)
    story.release_written(DEFECT)
    story.labelled("defect_remedy", "regulated_performance")
    plan = story.planned()
    activity = story.prepared("Update activity", story.activity("Recall"))
    story.signed()
    story.submitted(plan, *activity)
    story.accepted(Kind.MIIT, activity[0])
    story.accepted(Kind.SAMR, activity[1])
    story.accepted(Kind.SAMR, plan)
    clock.recalls_followed()
    clock.gates_looked_at(story.platform)
    story.released(
        "defect_remedy+regulated_performance", RECEIPTS | {"samr.recall-plan"}, tmp_path / "tuf"
    )
    story.begun()


def remedied(story: Recall, cars: road.Road, vehicle: SwupdateVehicle) -> None:
    """Three prove what they run; who declined is followed up, and completed by a workshop."""
    *willing, decliner = cars.cars
    links = story.campaign()
    for car in cars.cars:
        story.answers(links[car.vehicle_id], agrees=car is not decliner)
    story.rolled_out()
    assert vehicle.update_once() is Outcome.INSTALLED
    wait_until(lambda: proven() == len(willing), f"{proven()} are proven")
    clock.recalls_followed()
    story.remedied(len(willing), len(cars.cars), waiting=1)
    story.declined(decliner.vin)
    for car in willing:
        story.locked(car.vin, locked=False)
    story.locked(decliner.vin, locked=True)
    story.repaired(decliner.vin, road.REMEDY)
    story.remedied(len(willing), len(cars.cars), by_workshop=1)
    story.locked(decliner.vin, locked=False)


def proven() -> int:
    return Action.objects.filter(state=ActionState.PROVEN).count()
