"""The reference agent: one vehicle that follows an update to its end.

* An action is installed at most once, whatever is lost on the way: how it ended is remembered
  with what runs, in one piece, before the server is told.
* Directly before it installs, the vehicle asks whether the update is still offered.
* New software that does not pass its self-test, or was cut short before it could, gives way to
  the software before it.
* What the server has not acknowledged is said again, in order and unchanged, until it has.
* What runs is said by ``configData`` after the restart; "installed" alone proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from roadworthy.kernel.errors import DomainError
from roadworthy.vehicle import conditions as readiness
from roadworthy.vehicle.conditions import Conditions, Needs
from roadworthy.vehicle.ddi import Ddi, Instruction, Link, NotOffered, Over, Refused
from roadworthy.vehicle.flash import Flash, Memory, Report, Software, Trial
from roadworthy.vehicle.images import Images, TakenBack, Unfit
from roadworthy.vehicle.record import ATTRIBUTES, Acknowledged, Phase, Record, Refusal
from roadworthy.vehicle.trusted import NotTrusted, Trust

DEPLOYMENT, CANCEL = "deploymentBase", "cancelAction"

SelfTest = Callable[[Mapping[str, Software]], str]


@dataclass(frozen=True, slots=True)
class VehicleSpec:
    """One vehicle as it leaves the factory; ``others`` are further ECUs and their versions."""

    controller_id: str
    token: str = field(repr=False)
    vin: str
    version: str
    ecu: str = "fwdCamera"
    hardware: str = ""
    revision: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


def _ready() -> Conditions:
    return Conditions()


def _passed(_software: Mapping[str, Software]) -> str:
    return ""


class Agent:
    """``self_test`` says what is wrong with new software, or nothing."""

    def __init__(
        self,
        spec: VehicleSpec,
        ddi: Ddi,
        *,
        trust: Trust,
        flash: Flash,
        record: Record | None = None,
        conditions: Callable[[], Conditions] = _ready,
        needs: Needs = Needs(),  # noqa: B008 - frozen
        self_test: SelfTest = _passed,
    ) -> None:
        self.spec = spec
        self.record = record or Record()
        self.server_seconds = 0  # until the next poll, as the server wishes
        self._ddi = ddi
        self._flash = flash
        hardware = dict.fromkeys(spec.others, "") | {spec.ecu: spec.hardware}
        self._images = Images(ddi, trust, flash, hardware)
        self._conditions, self._needs, self._self_test = conditions, needs, self_test
        self._said: set[tuple[int, str]] = set()
        self._activity: Phase | None = None
        self._memory = self._boot()
        self._show()

    @property
    def phase(self) -> Phase:
        return self.record.phase

    async def turn(self) -> None:
        """Say what is unsaid, ask what there is to do, and do it.

        Raises:
            Unreachable: ask again later; nothing is lost.
            NotLetIn: the token is not this vehicle's.
        """
        await self._deliver()
        poll = await self._ddi.poll()
        self.server_seconds = poll.config.polling.seconds
        if poll.links.config_data or not self._memory.is_announced:
            await self._introduce()
        try:
            if poll.links.cancel_action:
                await self._give_up(poll.links.cancel_action)
            elif poll.links.deployment_base:
                await self._follow(poll.links.deployment_base)
            else:
                self._show()
        except (NotOffered, TakenBack):  # between two requests; nothing was changed
            self._show()
        if not self._memory.is_announced:
            await self._introduce()

    async def _follow(self, link: Link) -> None:
        action_id = link.action_id
        ending = self._memory.endings.get(action_id)
        if ending is not None:  # the server has not heard it yet
            self._put(ending)
            await self._deliver()
            self._show()
            return
        instruction = (await self._ddi.deployment(link)).deployment
        if not _may_begin(instruction):
            return
        try:
            self._show(Phase.DOWNLOADING)
            await self._say(action_id, "proceeding", "downloading")
            coming = await self._images.fetch(
                instruction.chunks, lambda: self._is_still_offered(action_id)
            )
            if instruction.update == "skip":
                await self._say(action_id, "downloaded", "downloaded")
            else:
                await self._install(action_id, coming)
        except (NotTrusted, Unfit, Refused, Over) as why:
            await self._refuse(action_id, why)

    async def _install(self, action_id: int, coming: Mapping[str, Software]) -> None:
        if all(self._memory.software.get(label) == one for label, one in coming.items()):
            self._confirm(action_id, "runs already")
            await self._deliver()
            return
        if await self._defer(action_id):
            return
        self._show(Phase.INSTALLING)
        await self._say(action_id, "proceeding", "installing")
        if not await self._is_still_offered(action_id):
            raise TakenBack
        if await self._defer(action_id):
            return
        # From here to the end of the action nothing is awaited.
        self._switch_on(action_id, coming)
        problem = self._self_test(self._memory.software)
        if problem:
            self._restore(problem)
        else:
            self._confirm(action_id, "installed")
        await self._deliver()
        self._memory = self._boot()

    async def _defer(self, action_id: int) -> bool:
        lacking = readiness.lacking(self._conditions(), self._needs)
        if lacking:
            self._show(Phase.DEFERRED)
            await self._say(action_id, "scheduled", "deferred: " + ", ".join(lacking))
        return bool(lacking)

    async def _is_still_offered(self, action_id: int) -> bool:
        link = (await self._ddi.poll()).links.deployment_base
        return link is not None and link.action_id == action_id

    def _switch_on(self, action_id: int, coming: Mapping[str, Software]) -> None:
        memory = self._memory
        memory.trial = Trial(action_id, dict(memory.software))
        memory.software = {**memory.software, **coming}
        memory.installs.append(action_id)
        self._flash.save(memory)
        self.record.installs.append(action_id)

    def _confirm(self, action_id: int, message: str) -> None:
        self._memory.trial = None
        self._end(self._report(DEPLOYMENT, action_id, "closed", "success", message))

    def _restore(self, problem: str) -> None:
        """Put the software back that ran before the trial."""
        trial = self._memory.trial
        assert trial is not None
        self._memory.software, self._memory.trial = trial.before, None
        details = (problem, "the previous software is restored")
        self._end(self._report(DEPLOYMENT, trial.action_id, "closed", "failure", *details))

    async def _refuse(self, action_id: int, why: DomainError) -> None:
        self.record.refusals.append(Refusal(action_id, why.code, str(why)))
        self._end(self._report(DEPLOYMENT, action_id, "closed", "failure", str(why)))
        await self._deliver()

    async def _give_up(self, link: Link) -> None:
        action_id = await self._ddi.cancellation(link)
        ending = self._memory.endings.get(action_id)
        if ending is None:
            self._end(self._report(CANCEL, action_id, "closed", "success", "given up"))
        elif _is_success(ending):
            # Too late: the server will ask for the result again, and hear it again.
            self._put(self._report(CANCEL, action_id, "closed", "failure", "already installed"))
        else:
            self._put(self._report(CANCEL, action_id, "closed", "success", "nothing is installed"))
        await self._deliver()
        self._show()

    def _end(self, report: Report) -> None:
        """Remember how an action ended; whatever was staged for it is of no use any more."""
        self._memory.end(report)
        self._memory.is_announced = False
        self._flash.save(self._memory)
        self._flash.settle(self._memory)
        self._show()

    async def _introduce(self) -> None:
        spec, software = self.spec, self._memory.software
        attributes = {
            "vin": spec.vin,
            "hw_boardname": spec.hardware,
            "hw_revision": spec.revision,
            "ecu": spec.ecu,
            "sw_version": software[spec.ecu].version,
        } | {f"ecu.{label}": software[label].version for label in spec.others}
        await self._ddi.configure({name: value for name, value in attributes.items() if value})
        acknowledged = Acknowledged(ATTRIBUTES, None, 0, "", "", datetime.now(UTC))
        self.record.acknowledged.append(acknowledged)
        if not self._memory.is_announced:
            self._memory.is_announced = True
            self._flash.save(self._memory)
        self._show(self._activity)

    async def _say(self, action_id: int, execution: str, message: str) -> None:
        """Report progress, once.

        Raises:
            TakenBack: the server says that the action is over.
        """
        if (action_id, message) in self._said:
            return
        self._put(self._report(DEPLOYMENT, action_id, execution, "none", message))
        self._said.add((action_id, message))
        if not await self._deliver():
            raise TakenBack

    def _report(
        self, resource: str, action_id: int, execution: str, finished: str, *details: str
    ) -> Report:
        self._memory.sequence += 1
        clock = round(datetime.now(UTC).timestamp() * 1000)
        return Report(
            resource, action_id, self._memory.sequence, execution, finished, details, clock
        )

    def _put(self, report: Report) -> None:
        self._memory.outbox.append(report)
        self._flash.save(self._memory)

    async def _deliver(self) -> bool:
        """Say everything that is unsaid; False if something came too late to matter."""
        is_heard = True
        outbox = self._memory.outbox
        while outbox:
            report = outbox[0]
            try:
                await self._ddi.feedback(report.resource, report.action_id, report.body)
            except (Over, NotOffered, Refused):
                self.record.known.append(report)
                is_heard = False
            else:
                acknowledged = Acknowledged.of(report, datetime.now(UTC))
                self.record.acknowledged.append(acknowledged)
            outbox.remove(report)
            self._flash.save(self._memory)
        return is_heard

    def _boot(self) -> Memory:
        """Start from what the vehicle remembers, as after a restart."""
        memory = self._flash.load()
        if memory is None:
            versions = {**self.spec.others, self.spec.ecu: self.spec.version}
            memory = Memory({label: Software(version) for label, version in versions.items()})
        self._memory = memory
        if memory.trial is not None:
            self._restore("cut short before the new software could show that it works")
        self._show()
        return memory

    def _show(self, activity: Phase | None = None) -> None:
        self._activity = activity
        self.record.version = self._memory.software[self.spec.ecu].version
        self.record.show(activity or _phase(self._memory))


def _phase(memory: Memory) -> Phase:
    """Say where a vehicle stands that is not at work on an action."""
    if not memory.endings:
        return Phase.WAITING
    if memory.outbox or not memory.is_announced:
        return Phase.REPORTING
    last = next(reversed(memory.endings.values()))
    if last.resource == CANCEL:
        return Phase.CANCELLED
    if _is_success(last):
        return Phase.PROVEN
    return Phase.FAILED if last.action_id in memory.installs else Phase.REFUSED


def _is_success(ending: Report | None) -> bool:
    return ending is not None and (ending.resource, ending.finished) == (DEPLOYMENT, "success")


def _may_begin(instruction: Instruction) -> bool:
    is_open = instruction.maintenance_window != "unavailable"
    return instruction.download != "skip" and is_open
