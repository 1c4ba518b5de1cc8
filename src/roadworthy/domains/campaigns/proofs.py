"""Judge what a vehicle says it runs against what it was sent.

* Proof is a report by the vehicle itself that every ECU which the release changes runs the new
  version. A baseline somebody entered, or "installed" in a feedback, proves nothing.
* An old version after "installed" is written down once and decides nothing: the vehicle may not
  have restarted yet. Time decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from roadworthy.domains.campaigns import targets
from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.campaigns.moves import Moves
from roadworthy.domains.campaigns.states import UNDER_WAY, ActionAct, ActionState, Actor
from roadworthy.domains.campaigns.targets import Fitting
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles import labels
from roadworthy.domains.vehicles.models import Ecu, InstalledSoftware
from roadworthy.domains.vehicles.reporting import FROM_VEHICLE, Said

NOT_PROVEN = "not-proven"  # says "installed" and still runs the old version
RUNS = "runs"  # what it said it runs after the end


@dataclass(frozen=True, slots=True)
class Spoken:
    """One vehicle said what it runs, by ECU label."""

    report_id: int
    vehicle_id: int
    type_id: int | None
    versions: Mapping[str, str]
    at: datetime


class Proofs:
    """What vehicles of one batch said they run, before and during it."""

    def __init__(self, types: Mapping[int, int | None], actions: Iterable[Action]) -> None:
        """``types`` gives the type of each vehicle that says something; ``actions`` are theirs."""
        wanted = list(actions)
        releases = Release.objects.in_bulk({action.campaign.release_id for action in wanted})
        self._fits = {pk: targets.fitting(release) for pk, release in releases.items()}
        self._slots = labels.slots_by_type(
            Ecu.objects.filter(type_id__in={t for t in types.values() if t is not None})
        )
        ecu_ids = {ecu_id for fit in self._fits.values() for ecu_id in fit.ecu_ids()}
        rows = InstalledSoftware.objects.filter(
            vehicle_id__in=list(types), ecu_id__in=ecu_ids, source=FROM_VEHICLE
        )
        self._running = {(row.vehicle_id, row.ecu_id): row.version for row in rows}

    def ecu_under_update(self, type_id: int | None, action: Action | None) -> str:
        """Return the label of the ECU that a bare ``sw_version`` speaks of, if that is clear."""
        fit = self._fits.get(action.campaign.release_id) if action else None
        if fit is not None and len(fit.changes) == 1:
            return fit.changes[0].ecu_name
        slots = self._slots.get(type_id or 0)
        if slots is not None and len(slots.by_label) == 1:
            return next(iter(slots.by_label))
        return ""

    def judge(self, spoken: Spoken, action: Action | None, change: Moves) -> list[Said]:
        """Move the vehicle's newest action if this proves it; return what was said, to be kept."""
        slots = self._slots.get(spoken.type_id or 0)
        said_of = {}
        for label, version in spoken.versions.items():
            ecu = slots.get(label) if slots else None
            if ecu is not None:
                said_of[ecu.pk] = version
                self._running[spoken.vehicle_id, ecu.pk] = version
        proven = False
        if action is not None:
            proven = self._judge(spoken, action, change, said_of)
        basis, release_id = "", None
        if action is not None and proven:
            basis, release_id = f"action/{action.pk}", action.campaign.release_id
        return [
            Said(spoken.vehicle_id, label, version, spoken.at, basis, release_id)
            for label, version in spoken.versions.items()
        ]

    def _judge(
        self, spoken: Spoken, action: Action, change: Moves, said_of: Mapping[int, str]
    ) -> bool:
        fit = self._fits[action.campaign.release_id]
        ecus = fit.ecus.get(spoken.type_id or 0, ())
        named = [said_of[ecu.pk] for ecu in ecus if ecu is not None and ecu.pk in said_of]
        if not named:
            return False
        before, action.seen_version = action.seen_version, named[0]
        change.touch(action)
        versions = dict(spoken.versions)
        if action.state in UNDER_WAY and self._runs_all(spoken.vehicle_id, fit, ecus):
            change.move(
                action,
                ActionAct.PROVE,
                Actor.VEHICLE,
                spoken.at,
                report_id=spoken.report_id,
                detail={"versions": versions},
            )
            return True
        if before != named[0] and action.state not in {ActionState.WAITING, ActionState.DECLINED}:
            note = NOT_PROVEN if action.state == ActionState.INSTALLED else RUNS
            change.note(action, note, spoken.at, spoken.report_id, versions=versions)
        return False

    def _runs_all(self, vehicle_id: int, fit: Fitting, ecus: tuple[Ecu | None, ...]) -> bool:
        return all(
            ecu is not None and self._running.get((vehicle_id, ecu.pk)) == change.to_version
            for change, ecu in zip(fit.changes, ecus, strict=True)
        )
