"""A fleet of reference agents against a real gateway.

* Every vehicle speaks real DDI over HTTP; only what it drives on is made up.
* Who asks when, and with what jitter, follows from the seed.
* A vehicle that is done with an update asks rarely; one that gets no answer asks less and less
  often, up to ``LONGEST_PAUSE``, and goes on where it stopped.
* A fleet that is run again remembers everything; one with a ``home`` does so after a restart.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from roadworthy.kernel.errors import DomainError, Unavailable
from roadworthy.vehicle.agent import Agent, VehicleSpec
from roadworthy.vehicle.conditions import Conditions
from roadworthy.vehicle.ddi import CONNECTIONS, Gateway, Unreachable
from roadworthy.vehicle.flash import DirectoryFlash, Flash, RamFlash, Software
from roadworthy.vehicle.record import SETTLED, Phase, Record
from roadworthy.vehicle.trusted import Trust

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0  # after no answer
LOOK_SECONDS = 0.1  # how often "is it over?" is asked
GRACE_SECONDS = 10.0  # for vehicles in the middle of something when it is over


class DeadlinePassed(Unavailable):
    code = "vehicle.deadline_passed"
    message = "The fleet did not get there in {seconds:g} s: {counts}."


@dataclass(frozen=True)
class Counts:
    """How many vehicles are in which phase, and how much was asked of the gateway."""

    by_phase: Mapping[Phase, int]
    requests: int
    troubles: int  # turns that ended without a usable answer

    def __getitem__(self, phase: Phase) -> int:
        return self.by_phase.get(phase, 0)

    def __str__(self) -> str:
        return ", ".join(f"{phase} {count}" for phase, count in self.by_phase.items() if count)

    @property
    def total(self) -> int:
        return sum(self.by_phase.values())

    @property
    def settled(self) -> int:
        """Vehicles that are done with their update, and whose server knows it."""
        return sum(count for phase, count in self.by_phase.items() if phase in SETTLED)


Until = Callable[[Counts], bool]


@dataclass
class _Vehicle:
    spec: VehicleSpec
    flash: Flash
    record: Record
    dice: random.Random
    agent: Agent | None = None


def _always_ready(_controller_id: str) -> Conditions:
    return Conditions()


class Fleet:
    """``fails`` are vehicles whose new software does not pass its self-test."""

    def __init__(  # noqa: PLR0913 - what a fleet is like, each by its name
        self,
        gateway_url: str,
        tenant: str,
        specs: Iterable[VehicleSpec],
        *,
        trust: Trust,
        fails: Collection[str] = (),
        seed: int = 1,
        interval: float | None = 1.0,
        settled_interval: float = 20.0,
        concurrency: int = CONNECTIONS,
        conditions: Callable[[str], Conditions] = _always_ready,
        home: Path | None = None,
    ) -> None:
        """``interval`` is the pause between polls, in seconds; None: as the server wishes."""
        self._url, self._tenant = gateway_url, tenant
        self._trust, self._conditions = trust, conditions
        self._fails = frozenset(fails)
        self._interval, self._settled_interval = interval, settled_interval
        self._concurrency = concurrency
        self._by_phase = dict.fromkeys(Phase, 0)
        self._requests = self._troubles = 0
        self.last_trouble: DomainError | None = None
        self._fault: BaseException | None = None
        self._gateway: Gateway | None = None
        self._vehicles = [self._prepare(spec, seed, home) for spec in specs]
        self.records = {one.spec.controller_id: one.record for one in self._vehicles}

    def counts(self) -> Counts:
        """Return how things stand; may be called from any thread."""
        under_way = self._gateway.requests if self._gateway else 0
        return Counts(dict(self._by_phase), self._requests + under_way, self._troubles)

    async def run(
        self,
        *,
        until: Until | None = None,
        stop: threading.Event | None = None,
        deadline: float | None = None,
        on_change: Callable[[Counts], None] | None = None,
    ) -> Counts:
        """Let the fleet live until it is where it should be, or is told to stop.

        Raises:
            DeadlinePassed: it is not there after ``deadline`` seconds.
        """
        leaving, fault = asyncio.Event(), asyncio.Event()
        # Two for each vehicle that is at work: in a download it asks whether to go on.
        connections = 2 * self._concurrency
        async with Gateway(self._url, self._tenant, connections=connections) as gateway:
            self._gateway = gateway
            at_once = asyncio.Semaphore(self._concurrency)
            lives = [
                asyncio.create_task(
                    self._live(self._awake(one, gateway), one.dice, at_once, leaving)
                )
                for one in self._vehicles
            ]
            try:
                for life in lives:  # only a fault ends one early
                    life.add_done_callback(lambda _: fault.set())
                await self._watch(fault, until, stop, deadline, on_change)
            finally:
                leaving.set()
                await _finish(lives)
                self._requests += gateway.requests
                self._gateway = None
        counts = self.counts()
        if on_change:
            on_change(counts)
        return counts

    def run_blocking(
        self,
        *,
        until: Until | None = None,
        stop: threading.Event | None = None,
        deadline: float | None = None,
        on_change: Callable[[Counts], None] | None = None,
    ) -> Counts:
        """Do the same from code that is not asynchronous."""
        return asyncio.run(self.run(until=until, stop=stop, deadline=deadline, on_change=on_change))

    @contextmanager
    def running(self) -> Iterator[Fleet]:
        """Let the fleet live in a thread of its own until the block ends."""
        stop = threading.Event()

        def live() -> None:
            try:
                self.run_blocking(stop=stop)
            except BaseException as wrong:  # noqa: BLE001 - raised again by the one who waits
                self._fault = wrong

        thread = threading.Thread(target=live, name="fleet")
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join()
            self._raise_fault()

    def wait(self, until: Until, deadline: float) -> Counts:
        """Wait, beside a running fleet, until it is where it should be.

        Raises:
            DeadlinePassed: it is not there after ``deadline`` seconds.
        """
        end = time.monotonic() + deadline
        pause = threading.Event()
        while not until(counts := self.counts()):
            self._raise_fault()
            if time.monotonic() > end:
                raise DeadlinePassed(seconds=deadline, counts=counts)
            pause.wait(LOOK_SECONDS)
        return counts

    def _raise_fault(self) -> None:
        fault, self._fault = self._fault, None
        if fault is not None:
            raise fault

    def _prepare(self, spec: VehicleSpec, seed: int, home: Path | None) -> _Vehicle:
        flash: Flash = RamFlash()
        if home is not None:
            # A simulated vehicle survives the end of this process; nobody cuts its power.
            folder = home / quote(spec.controller_id, safe="")
            flash = DirectoryFlash(folder, is_durable=False)
        record = Record(version=spec.version, on_phase=self._count)
        self._by_phase[record.phase] += 1
        return _Vehicle(spec, flash, record, random.Random(f"{seed}/{spec.controller_id}"))  # noqa: S311

    def _count(self, before: Phase, after: Phase) -> None:
        self._by_phase[before] -= 1
        self._by_phase[after] += 1

    def _awake(self, vehicle: _Vehicle, gateway: Gateway) -> Agent:
        spec = vehicle.spec
        return Agent(
            spec,
            gateway.vehicle(spec.controller_id, spec.token),
            trust=self._trust,
            flash=vehicle.flash,
            record=vehicle.record,
            conditions=partial(self._conditions, spec.controller_id),
            self_test=partial(self._self_test, spec.controller_id),
        )

    def _self_test(self, controller_id: str, _software: Mapping[str, Software]) -> str:
        return "the self-test failed" if controller_id in self._fails else ""

    async def _live(
        self, agent: Agent, dice: random.Random, at_once: asyncio.Semaphore, leaving: asyncio.Event
    ) -> None:
        # Vehicles of one fleet do not all come at once.
        pause = dice.uniform(0, self._interval if self._interval is not None else 1.0)
        after_trouble = FIRST_PAUSE
        while not await _is_over(leaving, pause):
            try:
                async with at_once:
                    if leaving.is_set():
                        return
                    await agent.turn()
            except DomainError as trouble:
                self._troubles += 1
                self.last_trouble = trouble
                pause = after_trouble * dice.uniform(0.5, 1.5)
                if isinstance(trouble, Unreachable):
                    pause = max(pause, min(trouble.seconds, LONGEST_PAUSE))
                after_trouble = min(after_trouble * 2, LONGEST_PAUSE)
            else:
                after_trouble = FIRST_PAUSE
                pause = self._pause(agent) * dice.uniform(0.8, 1.2)

    def _pause(self, agent: Agent) -> float:
        if self._interval is None:
            return float(agent.server_seconds)
        return self._settled_interval if agent.phase in SETTLED else self._interval

    async def _watch(
        self,
        fault: asyncio.Event,
        until: Until | None,
        stop: threading.Event | None,
        deadline: float | None,
        on_change: Callable[[Counts], None] | None,
    ) -> None:
        end = None if deadline is None else time.monotonic() + deadline
        told: Counts | None = None
        while stop is None or not stop.is_set():
            counts = self.counts()
            if on_change and counts != told:
                on_change(counts)
                told = counts
            if until is not None and until(counts):
                return
            if end is not None and time.monotonic() > end:
                raise DeadlinePassed(seconds=deadline, counts=counts)
            if await _is_over(fault, LOOK_SECONDS):
                return


async def _is_over(event: asyncio.Event, pause: float) -> bool:
    try:
        async with asyncio.timeout(pause):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _finish(lives: list[asyncio.Task[None]]) -> None:
    """Let every vehicle end its turn; cut off those that hang; raise what went wrong in one."""
    ended = asyncio.gather(*lives, return_exceptions=True)
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await asyncio.shield(ended)
    except TimeoutError:
        for life in lives:
            life.cancel()
    for outcome in await ended:
        if isinstance(outcome, Exception):
            raise outcome
