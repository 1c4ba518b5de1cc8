"""Steps 2 and 3: vehicle types from real firmware inventories, and a thousand vehicles."""

from __future__ import annotations

from roadworthy.cli.demo.evidence import OLD_VERSION
from roadworthy.cli.demo.stage import BRAND, Stage
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import csv_import, demo_csv, importing, inventory, queries
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.domains.vehicles.registration import Registered

COUNT = 1000
REGISTERED = 22  # working days before today
SENSIBLE_POLLING = "00:00:30"


def types(stage: Stage) -> None:
    """Read the whole inventory, and register one brand's platforms as types."""
    figures = inventory.carried().figures()
    stage.narrator.say(
        f"the carried inventory (opendbc 0.3.1, MIT): {figures.platforms} platforms, "
        f"{figures.slots:,} ECU slots, {figures.rows:,} firmware rows"
    )
    done = importing.import_types(
        manufacturer_id=stage.cast.manufacturer_id,
        brand=BRAND,
        actor=stage.actor(Role.HOMOLOGATION),
        at=stage.days.before(REGISTERED),
    )
    stage.type_ids = list(queries.types(stage.cast.manufacturer_id).values_list("pk", flat=True))
    vehicles.learn_firmware(
        manufacturer_id=stage.cast.manufacturer_id,
        type_ids=stage.type_ids,
        ecu_name="fwdCamera",
        version=OLD_VERSION,
        actor=stage.actor(Role.HOMOLOGATION),
        at=stage.days.before(REGISTERED),
    )
    stage.narrator.good(
        f"{done.types} types with {done.ecus} ECUs and {done.firmware} versions, as demo data"
    )
    stage.narrator.see("/m/types/")


def register(stage: Stage) -> None:
    """Import a thousand vehicles from a CSV file with valid VINs and baselines."""
    path = stage.work / "vehicles.csv"
    fleet = demo_csv.Fleet(brand=BRAND, count=COUNT, versions={"fwdCamera": OLD_VERSION})
    demo_csv.write(path, fleet)
    with path.open("a", encoding="utf-8") as file:
        file.write("LSVAA49J13204737I,bad-vin-vehicle,TOYOTA_RAV4\n")
    registered: list[Registered] = []
    with stage.narrator.progress() as bars:
        bar = bars.add_task("bytes of the vehicles file", total=path.stat().st_size)
        summary = csv_import.import_csv(
            path,
            manufacturer_id=stage.cast.manufacturer_id,
            actor=stage.actor(Role.HOMOLOGATION),
            at=stage.days.before(REGISTERED),
            on_registered=registered.extend,
            on_progress=lambda done: bars.update(bar, completed=done),
        )
    stage.vehicles = registered
    campaigns.publish_tenant(
        manufacturer_id=stage.cast.manufacturer_id, polling_sleep=SENSIBLE_POLLING
    )
    published = campaigns.publish_vehicles(manufacturer_id=stage.cast.manufacturer_id)
    stage.narrator.good(
        f"{summary.registered} vehicles from {path.name}, {published} known to the gateway"
    )
    for refusal in summary.refused:
        stage.narrator.refused(f"row {refusal.number}, {refusal.column}: {refusal.error}")
    stage.narrator.see("/m/vehicles/")
