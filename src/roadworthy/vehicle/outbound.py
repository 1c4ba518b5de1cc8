"""What leaves one vehicle: by the policy that it runs, by what the people in it have said.

* The policy is the software of an ECU, installed as any other: vouched for, unchanged, on trial
  until it could be read. It counts from the next drive on.
* No policy, another type's policy, damaged bytes: nothing leaves, and ``problem`` says why.
* Before anything is sent the owner's consents are asked of the gateway. Each holds for a day at
  most: a vehicle that cannot ask has none of them.
* What waits for a connection is dropped when its period ends, or when the consent is withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from roadworthy.egress import imaging
from roadworthy.egress import policy as policies
from roadworthy.egress.buffer import Buffer, Held
from roadworthy.egress.detecting import Detector
from roadworthy.egress.drive import Consent, Drive
from roadworthy.egress.filtering import Filter, Filtered
from roadworthy.egress.imaging import Shown
from roadworthy.egress.policy import Policy
from roadworthy.egress.records import Measured
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import DomainError
from roadworthy.vehicle.ddi import Agreed, Ddi, NotOffered, OwnerSaid, Refused
from roadworthy.vehicle.flash import DirectoryFlash, Software

ECU = "dataPolicy"
HOLDS = timedelta(days=1)  # how long an owner's consent counts without asking again


@dataclass(frozen=True, slots=True)
class Built:
    """What the vehicle was built as: a policy is for this and nothing else."""

    manufacturer: str
    vehicle_type: str
    ecu: str = ECU  # the one whose software is the policy


class Outbound:
    def __init__(
        self,
        built: Built,
        flash: DirectoryFlash,
        *,
        buffer: Buffer | None = None,
        detector: Detector | None = None,
    ) -> None:
        """``detector`` looks for faces and plates; without one no picture of persons leaves."""
        self.drive = Drive()
        self.buffer = buffer or Buffer()
        self.problem = "no drive has started"
        self.refused = 0  # by the gateway
        self._built, self._flash, self._detector = built, flash, detector
        self._filter = Filter(None)

    @property
    def policy(self) -> Policy | None:
        return self._filter.policy

    def start_drive(self) -> None:
        """Begin a drive, with the policy that is installed now."""
        memory = self._flash.load()
        software: Mapping[str, Software] = {}
        if memory is not None:
            software = memory.trial.before if memory.trial is not None else memory.software
        found, self.problem = read(self._flash, software, self._built)
        self._filter = Filter(found)
        self.drive.start()

    def measure(self, measured: Measured, *, at: datetime) -> Filtered:
        """Let out what may leave of a record, as soon as there is a connection."""
        filtered = self._filter.record(measured, said=self.drive, at=at)
        if filtered.leaving is not None and filtered.drop_at is not None:
            items = frozenset(filtered.leaving.items)
            self.buffer.put(
                Held(measured.id, filtered.leaving.body, filtered.drop_at, measured.purpose, items)
            )
        return filtered

    def picture(self, measured: Measured, content: bytes, *, at: datetime) -> Shown:
        """Return what may leave of a picture.

        Raises:
            Withheld, NotAPicture, Blocked, NoDetector: as ``egress.imaging.picture``.
        """
        return imaging.picture(
            self._filter, measured, content, said=self.drive, at=at, detector=self._detector
        )

    def withdraw(self, item: str, purpose: str) -> int:
        """Take a consent back; return how many waiting records went with it."""
        self.drive.withdraw(item, purpose)
        return self.buffer.forget(item, purpose)

    async def hear(self, ddi: Ddi, *, at: datetime) -> int:
        """Ask what the owner consents to; return how many waiting records went with a withdrawal.

        Raises:
            Unreachable: ask again later.
        """
        try:
            said = await ddi.consents()
        except NotOffered:  # a gateway that knows of no owners
            said = OwnerSaid()
        given = [_held(one, at) for one in said.given if one.until is None or one.until > at]
        ended = self.drive.owner_said(given, said.withdrawn)
        gone = ended | set(said.withdrawn)
        return sum(self.buffer.forget(item, purpose) for item, purpose in gone)

    async def send(self, ddi: Ddi, *, clock: Callable[[], datetime]) -> int:
        """Hear the owner, send what waits, oldest first; return how many records arrived.

        Raises:
            Unreachable: ask again later; nothing is lost before its period ends.
        """
        await self.hear(ddi, at=clock())
        sent = 0
        while (held := self.buffer.oldest(at=clock())) is not None:
            try:
                await ddi.telemetry(held.body)
                sent += 1
            except Refused:  # it will be refused again
                self.refused += 1
            self.buffer.sent(held.id)
        return sent


def _held(one: Agreed, at: datetime) -> Consent:
    """Return an owner's consent as it counts until the vehicle asks again."""
    until = at + HOLDS if one.until is None else min(one.until, at + HOLDS)
    return Consent(one.item, one.purpose, min(one.given_at, at), until)


def read(
    flash: DirectoryFlash, software: Mapping[str, Software], built: Built
) -> tuple[Policy | None, str]:
    """Return the policy among the software of a vehicle; or none, and why."""
    installed = software.get(built.ecu)
    if installed is None or not installed.sha256:
        return None, "no policy is installed"
    content = flash.image(installed.sha256)
    if content is None or sha256_hex(content) != installed.sha256:
        return None, "the policy is damaged"
    try:
        found = policies.parse(content)
    except DomainError as wrong:
        return None, str(wrong)
    if (found.manufacturer, found.vehicle_type) != (built.manufacturer, built.vehicle_type):
        return None, f"the policy is for {found.manufacturer} {found.vehicle_type}"
    return found, ""


def self_test(flash: DirectoryFlash, built: Built) -> Callable[[Mapping[str, Software]], str]:
    """Return what an agent asks of new software: a policy that comes has to be readable."""

    def test(software: Mapping[str, Software]) -> str:
        installed = software.get(built.ecu)
        if installed is None or not installed.sha256:
            return ""
        return read(flash, software, built)[1]

    return test
