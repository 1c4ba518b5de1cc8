"""What a release touches, told before anybody files: computed from ECU sets and the rulebook.

* What follows from the ECUs is computed: types, numbers, approvals, other work on the same units.
* What the law makes of it is the rulebook's answer, for China and for the parties that apply
  UN R156, side by side. A fact that nobody has stated leaves an answer undetermined; nothing here
  fills it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from roadworthy.domains.access import queries as access
from roadworthy.domains.access.models import Condition
from roadworthy.domains.access.queries import Current
from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.conformity import register
from roadworthy.domains.conformity.register import Effect
from roadworthy.domains.filings import assessment
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.software import queries as software
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.domains.vehicles.models import InstalledSoftware, VehicleType
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import Jurisdiction, Topic, rulebook

SHOWN: Final = 50
_OPEN = (FilingState.DRAFT, FilingState.SUBMITTED, FilingState.RETURNED)
_GONE = (FilingState.WITHDRAWN, FilingState.REFUSED)
_UNDER_WAY = (
    CampaignState.DRAFT,
    CampaignState.NOTIFYING,
    CampaignState.RUNNING,
    CampaignState.PAUSED,
    CampaignState.STOPPED,
)
# UN R156 7.1.2.5: which point of the questionnaire is which part of the record.
_RECORD: Mapping[str, str] = {
    "a": "purpose",
    "b": "systems",
    "c": "approved_systems",
    "d": "requirements",
    "e": "parameters",
    "f": "approval_sought",
    "g": "execution",
    "h": "safe_execution",
    "i": "verification",
}


@dataclass(frozen=True, slots=True)
class TypeImpact:
    """What a release does to one type."""

    type: VehicleType
    current: Current | None
    effect: Effect
    running: Mapping[str, int]  # vehicles by what they run: "from", "to", "other"


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything that a release touches. The evaluations are the rulebook's, not kept."""

    release: Release
    changes: Sequence[Change]
    types: Sequence[TypeImpact]
    china: Evaluation
    un: Evaluation
    filings: Sequence[Filing]  # open ones about the release or its types
    recalls: Sequence[Filing]
    campaigns: Sequence[tuple[Campaign, bool]]  # open ones of its types; whether an ECU is shared
    conditions: Sequence[Condition]  # commitments that come with its types' approvals
    others: Sequence[Release]  # that change the same ECUs of the same types and are not out yet

    @property
    def undetermined(self) -> tuple[str, ...]:
        """The facts that somebody has to state before the rulebook can answer."""
        return tuple(dict.fromkeys((*self.china.missing, *self.un.missing)))


def of_release(manufacturer_id: int, number: str, *, at: datetime) -> Impact:
    """Return what one of the manufacturer's releases touches.

    Raises:
        NoSuchRelease: there is none, or it is another manufacturer's.
    """
    release = software.release(manufacturer_id, number)
    changes = list(software.changes_of(release.pk))
    types = sorted(release.types.all(), key=lambda one: one.code)
    names = sorted({change.ecu_name for change in changes})
    effects = register.effects_of(release, changes)
    currents = access.currents([one.pk for one in types])
    running = _running(types, changes)
    mine = Filing.objects.select_related("dossier__release", "authority").filter(
        manufacturer_id=manufacturer_id
    )
    touching = _touching(mine, release, types)
    recall = Q(dossier__kind=FilingKind.RECALL_PLAN)
    open_ = touching.filter(~recall, state__in=_OPEN)
    recalls = touching.filter(recall).exclude(state__in=_GONE)
    conditions = access.open_conditions(manufacturer_id).filter(approval__type__in=types)
    return Impact(
        release=release,
        changes=changes,
        types=tuple(
            TypeImpact(one, currents.get(one.pk), effects[one.pk], running[one.pk]) for one in types
        ),
        china=assessment.evaluate(release, at=at),
        un=_un(release, effects.values(), at),
        filings=list(open_[:SHOWN]),
        recalls=list(recalls[:SHOWN]),
        campaigns=_campaigns(manufacturer_id, types, names),
        conditions=list(conditions[:SHOWN]),
        others=list(_others(release, types, names)),
    )


def _touching(
    mine: QuerySet[Filing], release: Release, types: Sequence[VehicleType]
) -> QuerySet[Filing]:
    codes = [one.code for one in types]
    return (
        mine.filter(
            Q(dossier__release=release)
            | Q(dossier__release__types__in=types)
            | Q(dossier__content__types__has_any_keys=codes)
        )
        .distinct()
        .order_by("-pk")
    )


def _running(types: Sequence[VehicleType], changes: Sequence[Change]) -> dict[int, dict[str, int]]:
    """Count what runs on the changed ECUs of each type, in the database."""
    versions = {change.ecu_name: (change.from_version, change.to_version) for change in changes}
    found = {one.pk: {"from": 0, "to": 0, "other": 0} for one in types}
    rows = (
        InstalledSoftware.objects.filter(ecu__type__in=types, ecu__name__in=versions)
        .order_by()
        .values_list("ecu__type", "ecu__name", "version")
        .annotate(Count("pk"))
    )
    for type_id, name, version, count in rows:
        before, after = versions[name]
        key = "from" if version == before else "to" if version == after else "other"
        found[type_id][key] += count
    return found


def _campaigns(
    manufacturer_id: int, types: Sequence[VehicleType], names: Sequence[str]
) -> tuple[tuple[Campaign, bool], ...]:
    open_ = list(
        Campaign.objects.select_related("release")
        .filter(manufacturer_id=manufacturer_id, state__in=_UNDER_WAY, release__types__in=types)
        .distinct()
        .order_by("-pk")[:SHOWN]
    )
    shared = set(
        Change.objects.filter(
            release__in=[one.release_id for one in open_], ecu_name__in=names
        ).values_list("release", flat=True)
    )
    return tuple((one, one.release_id in shared) for one in open_)


def _others(
    release: Release, types: Sequence[VehicleType], names: Sequence[str]
) -> QuerySet[Release]:
    same = Change.objects.filter(ecu_name__in=names).exclude(release=release)
    return (
        Release.objects.filter(
            manufacturer_id=release.manufacturer_id,
            types__in=types,
            state__in=[ReleaseState.DRAFT, ReleaseState.FROZEN, ReleaseState.SIGNED],
            pk__in=same.values("release"),
        )
        .distinct()
        .order_by("-pk")[:SHOWN]
    )


def _un(release: Release, effects: Iterable[Effect], at: datetime) -> Evaluation:
    """Ask the UN regulations. Where the vehicles are registered nobody has said."""
    facts: dict[str, Any] = {
        "un_update_record": [
            part for key, part in _RECORD.items() if (release.answers.get(key) or "").strip()
        ],
    }
    if not any(effect.changes for effect in effects):
        facts["un_approval_affected"] = False  # no ECU is changed whose software counts
    return rulebook().evaluate(
        facts, as_of=legal_day(at), about=[Topic.UPDATE], jurisdiction=Jurisdiction.UN
    )
