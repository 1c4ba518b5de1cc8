"""What an observer notes about a vehicle, to be compared with what the server has written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from roadworthy.vehicle.flash import Report

KINDS = {"deploymentBase": "feedback", "cancelAction": "cancel-feedback"}  # as gateways store them
ATTRIBUTES = "attributes"


class Phase(StrEnum):
    WAITING = "waiting"
    DOWNLOADING = "downloading"
    DEFERRED = "deferred"
    INSTALLING = "installing"
    REPORTING = "reporting"  # over for the vehicle; the server has not acknowledged all of it
    PROVEN = "proven"
    FAILED = "failed"  # the previous software runs again
    REFUSED = "refused"
    CANCELLED = "cancelled"


SETTLED = frozenset({Phase.PROVEN, Phase.FAILED, Phase.REFUSED, Phase.CANCELLED})


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A report that the server has answered with "yes"."""

    kind: str  # as in gateway_report
    action_id: int | None
    sequence: int  # stands in the body of a feedback, too
    execution: str
    finished: str
    at: datetime

    @classmethod
    def of(cls, report: Report, at: datetime) -> Acknowledged:
        return cls(
            KINDS[report.resource],
            report.action_id,
            report.sequence,
            report.execution,
            report.finished,
            at,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """An update that the vehicle did not take."""

    action_id: int
    code: str
    reason: str


@dataclass
class Record:
    installs: list[int] = field(default_factory=list)  # actions; the same one twice is a fault
    acknowledged: list[Acknowledged] = field(default_factory=list)
    known: list[Report] = field(default_factory=list)  # answered with "that is over"
    refusals: list[Refusal] = field(default_factory=list)
    version: str = ""  # of the ECU that the vehicle is named for
    phase: Phase = Phase.WAITING
    on_phase: Callable[[Phase, Phase], None] = lambda _before, _after: None

    def show(self, phase: Phase) -> None:
        """Note the phase and tell who listens, if it is another one."""
        if phase != self.phase:
            before, self.phase = self.phase, phase
            self.on_phase(before, phase)
