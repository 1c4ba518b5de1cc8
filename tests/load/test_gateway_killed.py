"""SIGKILL in the middle of a thousand reporting vehicles loses nothing that was acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field, replace

import httpx
import pytest

from roadworthy.gateway.settings import Settings
from tests.gateway.hosting import Fleet, GatewayHost, _numbers, fleet_of, hosting, sha256, until

VEHICLES = 1000
TOKEN = "the-same-for-all"
CONNECTIONS = 100
KILLS = 3
PROGRESS = 3  # reports before the last one


@dataclass
class Acknowledged:
    """What vehicles were told is stored."""

    reports: list[tuple[str, str]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    heard: asyncio.Event = field(default_factory=asyncio.Event)


def prepare(fleet: Fleet) -> dict[str, int]:
    """Offer an action to each vehicle, in one statement."""
    deployment = fleet.deploy(b"image")
    actions = {f"V{number}": next(_numbers) for number in range(VEHICLES)}
    fleet.connection.execute(
        "INSERT INTO gateway_assignment (tenant, controller_id, token_sha256, action_id, kind,"
        " deployment_id, want_attributes, closed_actions, seq)"
        " SELECT %s, v, %s, a, 'deploy', %s, false, '{}', 0 FROM unnest(%s::text[], %s::int[])"
        " AS x (v, a)",
        [fleet.tenant, sha256(TOKEN), deployment, list(actions), list(actions.values())],
    )
    fleet.wait()
    return actions


async def drive(
    client: httpx.AsyncClient,
    turns: asyncio.Semaphore,
    fleet: Fleet,
    vehicle: str,
    action: int,
    told: Acknowledged,
) -> None:
    """Be one vehicle: report progress, then success; repeat whatever was not acknowledged."""
    path = f"/{fleet.tenant}/controller/v1/{vehicle}/deploymentBase/{action}/feedback"
    for step in range(PROGRESS + 1):
        is_last = step == PROGRESS
        word = f"{vehicle}/{step}"
        status = {
            "execution": "closed" if is_last else "proceeding",
            "result": {"finished": "success" if is_last else "none"}, "details": [word],
        }  # fmt: skip
        while True:
            try:
                async with turns:
                    answer = await client.post(path, json={"status": status})
            except httpx.TransportError as gone:
                told.refused[type(gone).__name__] += 1
                await asyncio.sleep(random.uniform(0, 0.05))
                continue
            if answer.status_code == 200:
                told.reports.append((vehicle, word))
                told.heard.set()
                break
            if answer.status_code == 410 and is_last:
                break  # stored the time before, when the acknowledgement was lost
            assert answer.status_code == 503, answer.status_code
            told.refused["503"] += 1
            await asyncio.sleep(random.uniform(0, 0.05))
    told.closed.add(vehicle)


async def kill_now_and_then(host: GatewayHost, told: Acknowledged) -> None:
    """SIGKILL a worker each time another part of the vehicles has been heard.

    The oldest one: granian gives up when the same worker dies twice within five seconds.
    """
    for number in range(1, KILLS + 1):
        share = VEHICLES * (PROGRESS + 1) * number // (KILLS + 2)
        while len(told.reports) < share:
            told.heard.clear()
            await told.heard.wait()
        min(host.workers(), key=lambda worker: worker.create_time()).kill()


async def campaign(host: GatewayHost, fleet: Fleet, actions: dict[str, int]) -> Acknowledged:
    told = Acknowledged()
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    # httpx looks through all that wait for a connection each time one is free: let few wait there.
    turns = asyncio.Semaphore(CONNECTIONS)
    async with httpx.AsyncClient(
        base_url=host.url, limits=limits, timeout=30,
        headers={"Authorization": f"TargetToken {TOKEN}"},
    ) as client:  # fmt: skip
        killing = asyncio.create_task(kill_now_and_then(host, told))
        await asyncio.gather(
            *(
                drive(client, turns, fleet, vehicle, action, told)
                for vehicle, action in actions.items()
            )
        )
        await killing
    return told


def still_offered(host: GatewayHost, fleet: Fleet, vehicles: list[str]) -> list[str]:
    offered = []
    with httpx.Client(
        base_url=host.url, headers={"Authorization": f"TargetToken {TOKEN}"}
    ) as client:
        for vehicle in vehicles:
            links = client.get(f"/{fleet.tenant}/controller/v1/{vehicle}").json()["_links"]
            offered += [vehicle] if "deploymentBase" in links else []
    return offered


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_no_acknowledged_report_is_lost_and_nothing_is_offered_twice(
    own_settings: Settings,
) -> None:
    # No model goes stale here: what hides a closed action must be the outcome on this host.
    settings = replace(own_settings, workers=2, stale_seconds=3600)
    with hosting(settings) as host, fleet_of(host) as fleet:
        actions = prepare(fleet)
        told = asyncio.run(campaign(host, fleet, actions))
        stored = [(row[0], row[3]["status"]["details"][0]) for row in fleet.reports("feedback")]
        assert told.closed == set(actions)
        lost = Counter(told.reports) - Counter(stored)
        assert not lost, f"{len(lost)} acknowledged reports are not in the database"
        assert len({vehicle for vehicle, word in stored if word.endswith(f"/{PROGRESS}")}) == (
            VEHICLES
        )
        host.projector().suspend()  # the read model goes on offering every action
        assert still_offered(host, fleet, list(actions)) == []
        host.kill()
        host.start()
        host.projector().suspend()
        until(lambda: len(host.workers()) == settings.workers)
        assert still_offered(host, fleet, list(actions)[:200]) == []
