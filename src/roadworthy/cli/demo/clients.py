"""The vehicles that are not simulated: real SWUpdate processes, where Debian's package is there."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.cli.demo import evidence
from roadworthy.cli.demo.organisations import TENANT
from roadworthy.cli.demo.stage import DemoFailed, Stage
from roadworthy.domains.software import code_signing, firmware
from roadworthy.domains.software import queries as software
from roadworthy.domains.vehicles.registration import Registered
from roadworthy.kernel.errors import DomainError
from roadworthy.vehicle import swupdate

if TYPE_CHECKING:
    from roadworthy.domains.software.models import Release

COUNT = 2
PATIENCE = 240.0  # seconds: a vehicle of the last group waits for the groups before


def choose(stage: Stage) -> Sequence[Registered]:
    """Return the vehicles that real clients will be; none where SWUpdate is not installed."""
    if not swupdate.available():
        stage.narrator.say("no real SWUpdate here: install Debian's swupdate to see two of them")
        return ()
    return stage.vehicles[:COUNT]


@contextlib.contextmanager
def running(stage: Stage, release: Release, real: Sequence[Registered]) -> Iterator[None]:
    """Run the real clients while the block lasts; say what each did.

    Raises:
        DemoFailed: one of them did not come to run the new version.
    """
    outcomes: dict[str, str] = {}
    with contextlib.ExitStack() as processes:
        drivers = []
        for registered in real:
            vehicle = swupdate.SwupdateVehicle(
                _spec(stage, release, registered), _folder(stage, registered)
            )
            processes.enter_context(vehicle)
            vehicle.leave_factory(firmware.carried(evidence.OLD_VERSION).content)
            vehicle.start()
            drivers.append(
                threading.Thread(target=_drive, args=(stage, registered, vehicle, outcomes))
            )
        for driver in drivers:
            driver.start()
        yield
        for driver in drivers:
            driver.join(PATIENCE)
    for registered in real:
        version = outcomes.get(registered.controller_id, "no answer in time")
        if version != evidence.NEW_VERSION:
            raise DemoFailed(f"SWUpdate vehicle {registered.controller_id}: {version}")


def _drive(
    stage: Stage,
    registered: Registered,
    vehicle: swupdate.SwupdateVehicle,
    outcomes: dict[str, str],
) -> None:
    name = f"SWUpdate vehicle {registered.controller_id}"
    try:
        outcome = vehicle.update_once(seconds=PATIENCE)
    except DomainError as wrong:
        outcomes[registered.controller_id] = str(wrong)
        return
    outcomes[registered.controller_id] = vehicle.version
    stage.narrator.good(f"{name}: {outcome}, now runs {vehicle.version} (log: {vehicle.log})")


def _spec(stage: Stage, release: Release, registered: Registered) -> swupdate.SwupdateSpec:
    change = software.changes_of(release.pk).get()
    return swupdate.SwupdateSpec(
        controller_id=registered.controller_id,
        token=registered.token,
        gateway_url=stage.gateway_url,
        tenant=TENANT,
        authority=evidence.signing_folder(stage) / code_signing.AUTHORITY,
        vin=registered.vin,
        ecu=change.ecu_name,
        hardware_id=change.hardware_id,
        firmware=evidence.INSTALLED_AS,
        versions={
            hashlib.sha256(firmware.carried(version).content).hexdigest(): version
            for version in (evidence.OLD_VERSION, evidence.NEW_VERSION)
        },
    )


def _folder(stage: Stage, registered: Registered) -> Path:
    folder = stage.work / f"swupdate-{registered.controller_id}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
