"""A type of before the platform is taken over once, says where from, and then it changes."""

from __future__ import annotations

import pytest

from roadworthy.domains.access import preparing, queries, taking_over
from roadworthy.domains.access.content import Section
from roadworthy.domains.access.errors import SourceMissing, TakenOverAlready
from roadworthy.domains.access.states import Action, Standing
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import legal_day
from roadworthy.rules.instruments import Grade
from tests import approving
from tests.world import ECU, OLD, World


def take_over(world: World, source: str = "Announcement, batch 390"):
    return taking_over.take_over(
        manufacturer_id=world.cast.manufacturer_id,
        type_id=world.type_id,
        source=source,
        grade=Grade.C,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def test_what_is_on_file_becomes_version_zero_with_its_source_and_grade(world: World) -> None:
    known = {"top_speed": "180 km/h", "length": "4.75 m", "colour": "red"}
    VehicleType.objects.filter(pk=world.type_id).update(parameters=known)
    with pytest.raises(SourceMissing):
        take_over(world, " ")
    approval = take_over(world)
    assert approval.number == "DEMO-ALPHA"
    (version,) = queries.versions(approval.pk)
    assert version.version == 0
    assert version.content["taken_over"] == {"source": "Announcement, batch 390", "grade": "C"}
    read = version.content["parameters"]
    assert (read["top_speed"]["value"], read["top_speed"]["unit"]) == ("180", "km/h")
    assert (read["length"]["value"], read["length"]["unit"]) == ("4.75 m", "")
    assert read["colour"]["value"] == "red"
    (ecu,) = version.content["ecus"]
    assert (ecu["name"], ecu["versions"]) == (ECU, [OLD])
    assert queries.standing([world.type_id]) == {world.type_id: Standing.ENTERED}
    assert ledger.latest_about("approval/DEMO-ALPHA", 1)[0].event == "approval:taken-over"
    with pytest.raises(TakenOverAlready):
        take_over(world)


def test_a_type_that_was_taken_over_changes_like_every_other(world: World) -> None:
    approval = take_over(world)
    application = approving.change(world, approval)
    assert application.base_version == 0
    assert application.content["functions"]["none"] == ""  # nobody has said that it has none
    named = {"code": "ALPHA", "name_zh": "阿尔法", "name_en": "Alpha"}
    ecus = application.content["ecus"]
    application = approving.write(
        world, application, type=approving.WORKING[Section.TYPE] | named, ecus=ecus
    )
    made = preparing.composed(application, as_of=legal_day(world.now))
    changed = {change.key for change in preparing.compared(application, made) if change.main}
    assert {"top_speed", "pilot", "category"} <= changed
    approving.accept(world, approving.file(world, application))
    current = queries.current(world.type_id)
    assert current is not None
    assert (current.standing, current.version) == (Standing.APPROVED, 1)
    kind = vehicles.vehicle_type(world.cast.manufacturer_id, world.type_id)
    assert (kind.approval_number, kind.parameters["top_speed"]) == ("DEMO-ALPHA", "180 km/h")
    approving.move(world, approval, Action.SUSPEND)
    assert queries.standing([world.type_id]) == {world.type_id: Standing.SUSPENDED}
