"""One vehicle through the real gateway; nobody but the test decides what it is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from roadworthy.vehicle.conditions import Conditions
from roadworthy.vehicle.ddi import NotLetIn
from roadworthy.vehicle.flash import DirectoryFlash, RamFlash
from roadworthy.vehicle.record import Phase
from tests.gateway import hosting
from tests.vehicle import stand

GIVEN_UP = ("closed", "success")
RESTORED = ("closed", "failure")


def attributes(fleet: hosting.Fleet) -> dict[str, str]:
    """What the vehicle said last that it is."""
    return dict(fleet.reports("attributes")[-1][3]["data"])


def test_an_update_ends_with_the_vehicle_saying_its_new_version(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet, hardware="camera-a", revision="2")

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec) as agent:
            await agent.turn()
            assert attributes(fleet) == {
                "vin": spec.vin,
                "hw_boardname": "camera-a",
                "hw_revision": "2",
                "ecu": stand.ECU,
                "sw_version": stand.OLD,
            }
            assert agent.phase is Phase.WAITING
            action = car.offer(stand.deploy(fleet))
            await agent.turn()
            assert agent.phase is Phase.PROVEN
            assert agent.record.installs == [action]

    asyncio.run(cycle())
    assert attributes(fleet)["sw_version"] == stand.NEW
    assert stand.said(fleet, "feedback") == [
        ("proceeding", "none"),
        ("proceeding", "none"),
        ("closed", "success"),
    ]


def test_every_acknowledged_report_is_in_the_database(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet))

    async def cycle() -> list[tuple[str, int | None, int]]:
        async with stand.agent_of(fleet, spec) as agent:
            await agent.turn()
            return [(a.kind, a.action_id, a.sequence) for a in agent.record.acknowledged]

    acknowledged = asyncio.run(cycle())
    stored = [
        (kind, action, body.get("sequence", 0))
        for _, action, kind, body in fleet.reports()
        if kind in {"attributes", "feedback"}
    ]
    assert acknowledged == stored


def test_software_that_fails_its_test_gives_way_to_what_ran_before(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet))

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec, self_test=lambda _: "no picture") as agent:
            await stand.drive(agent, lambda: agent.phase is Phase.FAILED)
            assert agent.record.version == stand.OLD
            await agent.turn()
            assert len(agent.record.installs) == 1

    asyncio.run(cycle())
    assert stand.said(fleet, "feedback")[-1] == RESTORED
    details = fleet.reports("feedback")[-1][3]["status"]["details"]
    assert details == ["no picture", "the previous software is restored"]
    assert attributes(fleet)["sw_version"] == stand.OLD


def test_a_vehicle_that_is_not_ready_waits_and_says_why(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet))
    now = [Conditions(is_parked=False, charge_percent=15)]

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec, conditions=lambda: now[0]) as agent:
            await stand.drive(agent, lambda: agent.phase is Phase.DEFERRED)
            await agent.turn()
            assert not agent.record.installs
            now[0] = Conditions()
            await stand.drive(agent, lambda: agent.phase is Phase.PROVEN)

    asyncio.run(cycle())
    assert stand.said(fleet, "feedback").count(("scheduled", "none")) == 1  # said once
    deferred = fleet.reports("feedback")[1][3]["status"]["details"]
    assert deferred == ["deferred: not parked, charge below 20 % (update and recovery)"]


def test_a_cancelled_update_is_given_up(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet))

    async def cycle() -> None:
        driving = Conditions(is_parked=False)
        async with stand.agent_of(fleet, spec, conditions=lambda: driving) as agent:
            await stand.drive(agent, lambda: agent.phase is Phase.DEFERRED)
            car.tell(kind="cancel")
            await stand.drive(agent, lambda: agent.phase is Phase.CANCELLED)
            assert not agent.record.installs

    asyncio.run(cycle())
    assert stand.said(fleet, "cancel-feedback") == [GIVEN_UP]


@pytest.mark.parametrize("word", ["cancel", "stop", "hold"])
def test_what_is_taken_back_at_the_last_moment_is_not_installed(
    fleet: hosting.Fleet, word: str
) -> None:
    car, spec = stand.vehicle(fleet)
    deployment = stand.deploy(fleet)
    car.offer(deployment)
    taken: list[str] = []

    def conditions() -> Conditions:
        """The vehicle is about to install; now its offer is taken back."""
        if not taken:
            taken.append(word)
            if word == "stop":
                fleet.stop(deployment)
                hosting.until(lambda: "deploymentBase" not in car.links())
            else:
                car.tell(kind="cancel" if word == "cancel" else "")
        return Conditions()

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec, conditions=conditions) as agent:
            for _ in range(3):
                await agent.turn()
            assert taken
            assert not agent.record.installs
            assert agent.phase is (Phase.CANCELLED if word == "cancel" else Phase.WAITING)

    asyncio.run(cycle())


def test_a_result_whose_acknowledgement_was_lost_is_said_again(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    action = car.offer(stand.deploy(fleet))

    async def cycle() -> None:
        async with (
            stand.line_to(fleet, stand.Cut(b'"closed"')).open() as line,
            stand.agent_of(fleet, spec, url=line.url) as agent,
        ):
            unanswered = await stand.drive(agent, lambda: agent.phase is Phase.PROVEN)
            assert unanswered == 1
            assert len(line.requests(b'"closed"')) == 2
            assert agent.record.installs == [action]
            # The gateway had it: it answers "that is over", which is as good.
            assert [report.execution for report in agent.record.known] == ["closed"]

    asyncio.run(cycle())
    assert stand.said(fleet, "feedback").count(("closed", "success")) == 1


def test_a_result_that_never_arrived_is_said_again(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet))

    async def cycle() -> None:
        cut = stand.Cut(b'"closed"', reaches_server=False)
        async with (
            stand.line_to(fleet, cut).open() as line,
            stand.agent_of(fleet, spec, url=line.url) as agent,
        ):
            assert await stand.drive(agent, lambda: agent.phase is Phase.PROVEN) == 1
            assert not agent.record.known

    asyncio.run(cycle())
    assert stand.said(fleet, "feedback").count(("closed", "success")) == 1


def test_a_download_goes_on_where_it_was_cut(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet))

    async def cycle() -> None:
        async with (
            stand.line_to(fleet, stand.Cut(b"/artifacts/", after=200_000)).open() as line,
            stand.agent_of(fleet, spec, url=line.url) as agent,
        ):
            assert await stand.drive(agent, lambda: agent.phase is Phase.PROVEN) == 1
            first, second = line.requests(b"/artifacts/")
            assert b"Range:" not in first
            begin = int(second.partition(b"Range: bytes=")[2].partition(b"-")[0])
            assert 100_000 < begin < 200_000  # without the head of the answer

    asyncio.run(cycle())


def test_after_a_restart_nothing_is_installed_again(fleet: hosting.Fleet, tmp_path: Path) -> None:
    """The result is lost together with the process; only files are left."""
    car, spec = stand.vehicle(fleet)
    action = car.offer(stand.deploy(fleet))

    async def first_life() -> None:
        cuts = [stand.Cut(b'"closed"', reaches_server=False)]
        async with (
            stand.line_to(fleet, *cuts).open() as line,
            stand.agent_of(fleet, spec, url=line.url, flash=DirectoryFlash(tmp_path)) as agent,
        ):
            await stand.drive(agent, lambda: agent.phase is Phase.REPORTING)
            assert agent.record.installs == [action]

    async def second_life() -> None:
        async with stand.agent_of(fleet, spec, flash=DirectoryFlash(tmp_path)) as agent:
            assert agent.record.version == stand.NEW
            await stand.drive(agent, lambda: agent.phase is Phase.PROVEN)
            assert not agent.record.installs

    asyncio.run(first_life())
    asyncio.run(second_life())
    assert stand.said(fleet, "feedback").count(("closed", "success")) == 1
    assert attributes(fleet)["sw_version"] == stand.NEW
    images = [file.read_bytes() for file in (tmp_path / "images").iterdir()]
    assert images == [stand.IMAGE]


def test_an_action_that_another_gateway_offers_again_is_not_installed_again(
    fleet: hosting.Fleet, own_settings: hosting.Settings
) -> None:
    """A second host knows nothing of the result until the engine has applied it."""
    car, spec = stand.vehicle(fleet)
    action = car.offer(stand.deploy(fleet))
    flash = RamFlash()

    async def cycle(url: str) -> list[int]:
        async with stand.agent_of(fleet, spec, url=url, flash=flash) as agent:
            await agent.turn()
            assert agent.phase is Phase.PROVEN
            return agent.record.installs

    with hosting.hosting(own_settings) as other:
        hosting.until(lambda: other.has_taken_all(fleet.connection) and other.is_fresh())
        assert asyncio.run(cycle(fleet.host.url)) == [action]
        assert asyncio.run(cycle(other.url)) == []
    closed = [body for _, _, _, body in fleet.reports("feedback") if "closed" in str(body)]
    assert [body["sequence"] for body in closed] == [closed[0]["sequence"]] * 2


def test_power_cut_before_the_self_test_brings_the_old_software_back(
    fleet: hosting.Fleet, tmp_path: Path
) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet))

    class PowerCut(BaseException):
        pass

    def cut(_: object) -> str:
        raise PowerCut

    async def first_life() -> None:
        async with stand.agent_of(
            fleet, spec, flash=DirectoryFlash(tmp_path), self_test=cut
        ) as agent:
            await agent.turn()

    async def second_life() -> None:
        async with stand.agent_of(fleet, spec, flash=DirectoryFlash(tmp_path)) as agent:
            assert agent.record.version == stand.OLD
            await stand.drive(agent, lambda: agent.phase is Phase.FAILED)
            await agent.turn()
            assert not agent.record.installs

    with pytest.raises(PowerCut):
        asyncio.run(first_life())
    asyncio.run(second_life())
    assert stand.said(fleet, "feedback")[-1] == RESTORED
    assert attributes(fleet)["sw_version"] == stand.OLD


def test_what_runs_already_is_not_installed_again(fleet: hosting.Fleet) -> None:
    """A second campaign with the same release."""
    car, spec = stand.vehicle(fleet)

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec) as agent:
            first = car.offer(stand.deploy(fleet))
            await stand.drive(agent, lambda: agent.phase is Phase.PROVEN)
            car.offer(stand.deploy(fleet))
            await stand.drive(
                agent, lambda: stand.said(fleet, "feedback").count(("closed", "success")) == 2
            )
            assert agent.record.installs == [first]

    asyncio.run(cycle())


def test_an_image_for_an_ecu_that_is_not_there_is_refused(fleet: hosting.Fleet) -> None:
    car, spec = stand.vehicle(fleet)
    car.offer(stand.deploy(fleet, ecu="engine"))

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec) as agent:
            await stand.drive(agent, lambda: agent.phase is Phase.REFUSED)
            assert [refusal.code for refusal in agent.record.refusals] == ["vehicle.unfit"]
            assert not agent.record.installs

    asyncio.run(cycle())
    assert not fleet.reports("download")


def test_a_vehicle_with_a_wrong_token_is_not_let_in(fleet: hosting.Fleet) -> None:
    car, _ = stand.vehicle(fleet)
    spec = stand.VehicleSpec(car.id, "another", "VIN", stand.OLD)

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec) as agent:
            await agent.turn()

    with pytest.raises(NotLetIn):
        asyncio.run(cycle())
