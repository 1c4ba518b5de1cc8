"""What is not as it was approved or filed: found by comparing, again and again, in one pass.

* A version that vehicles report and nothing covers: one finding for a type, an ECU and a version,
  however many vehicles report it. When something covers it later, the finding says so.
* A release whose content is no longer what was filed, by three digests: of the filing, of the
  frozen release, of what the tables say now.
* More activities of one type within a period than somebody has called frequent; no law says how
  many that is, and nobody is asked who has set no number.
* A release that is declared a service while the rulebook sees a defect in it (RCL-24).
* One process at a time compares; another waits for its turn and then finds nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q
from django.db.models.fields.json import KeyTextTransform

from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.conformity import concealing, limits, services
from roadworthy.domains.conformity.limits import Key
from roadworthy.domains.conformity.models import Finding
from roadworthy.domains.conformity.states import FINDING, Act, Kind, State
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import content
from roadworthy.domains.software.models import Evaluation, Release
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.kernel.calendar import PRC, legal_day
from roadworthy.law.rulebook import Outcome, rulebook

NOT_COVERED, DIFFERS, FREQUENT, CONCEALED = "N45-04", "DRF-04", "DRF-05", "RCL-24"
AT_ONCE = 500
_TURN = 4_496_156  # of the advisory lock: any number that nobody else here uses
_FILED = (ReleaseState.FROZEN, ReleaseState.SIGNED, ReleaseState.RELEASED)
_OPEN = (
    CampaignState.DRAFT,
    CampaignState.NOTIFYING,
    CampaignState.RUNNING,
    CampaignState.PAUSED,
    CampaignState.STOPPED,
)
_COVERABLE = tuple(s for s in State if Act.COVER in set(FINDING.available(s, Role.PLATFORM)))
_UNKNOWN = """
SELECT v.manufacturer_id, v.type_id, u.ecu_id, u.version, count(*),
       (array_agg(u.vehicle_id ORDER BY u.first_seen_at, u.id))[1],
       min(u.first_seen_at), max(u.last_seen_at),
       EXISTS (SELECT 1 FROM vehicles_knownfirmware k
               WHERE k.ecu_id = u.ecu_id AND k.version = u.version)
FROM vehicles_unknownsoftware u JOIN vehicles_vehicle v ON v.id = u.vehicle_id
GROUP BY v.manufacturer_id, v.type_id, u.ecu_id, u.version
ORDER BY min(u.first_seen_at), min(u.id)
"""
_SEEN = """
UPDATE conformity_finding f
SET vehicles = n.vehicles, last_seen_at = n.last_seen_at
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS n (id, vehicles, last_seen_at)
WHERE f.id = n.id
"""


class Group(NamedTuple):
    """Vehicles of one type that report one version on one ECU."""

    manufacturer_id: int
    type_id: int | None
    ecu_id: int | None
    version: str
    vehicles: int
    first_vehicle_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    covered: bool


@transaction.atomic(durable=True)
def detect(*, at: datetime) -> int:
    """Compare everything; return how many findings are new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
    wanted = [*_unfiled(at), *_differing(at), *_frequent(at), *_concealed()]
    count = _open(wanted, at)
    concealing.refer(at)
    return count


@transaction.atomic(durable=True)
def escalate(*, at: datetime) -> int:
    """Put before the authorities what nobody has explained in time; return how many."""
    late = list(
        Finding.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related("manufacturer", "type", "ecu")
        .filter(state=State.OPEN, explain_by__lt=legal_day(at))
        .order_by("explain_by", "pk")[:AT_ONCE]
    )
    if not late:
        return 0
    to = services.authorities()
    by = witnessed(PLATFORM)
    for finding in late:
        services.refer(finding, to, Role.PLATFORM, by, at)
    return len(late)


def _unfiled(at: datetime) -> list[Finding]:
    """Return findings on versions nobody knows; bring those that are there up to date."""
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN)
        groups = [Group(*row) for row in cursor.fetchall()]
    there = {
        (one.manufacturer_id, one.type_id, one.ecu_id, one.version): one
        for one in Finding.objects.filter(kind=Kind.UNFILED_SOFTWARE)
    }
    new, changed, covered = [], [], []
    for group in groups:
        finding = there.get(group[:4])
        if finding is None:
            if not group.covered:
                new.append(_of_group(group))
            continue
        if (finding.vehicles, finding.last_seen_at) != (group.vehicles, group.last_seen_at):
            changed.append((finding.pk, group.vehicles, group.last_seen_at))
        if group.covered and finding.state in _COVERABLE:
            covered.append(finding.pk)
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, [list(column) for column in zip(*changed, strict=True)])
    for finding in _locked(covered):
        services.cover(finding, at)
    return new


def _of_group(group: Group) -> Finding:
    return Finding(
        kind=Kind.UNFILED_SOFTWARE,
        manufacturer_id=group.manufacturer_id,
        type_id=group.type_id,
        ecu_id=group.ecu_id,
        version=group.version,
        rule_id=NOT_COVERED,
        vehicles=group.vehicles,
        first_vehicle_id=group.first_vehicle_id,
        first_seen_at=group.first_seen_at,
        last_seen_at=group.last_seen_at,
    )


def _differing(at: datetime) -> list[Finding]:
    """Return findings on releases that are not what stands before an authority.

    The two digests on file are compared for every release; what the tables say now is digested
    anew only while the release can still reach a vehicle.
    """
    on_its_way = Q(dossier__release__state=ReleaseState.SIGNED) | Q(
        dossier__release__in=Campaign.objects.filter(state__in=_OPEN).values("release")
    )
    filings = (
        Filing.objects.select_related("dossier__release", "authority")
        .filter(
            dossier__kind=FilingKind.ACTIVITY,
            dossier__release__isnull=False,
            state__in=[FilingState.SUBMITTED, FilingState.ACCEPTED],
        )
        .exclude(dossier__release__state=ReleaseState.WITHDRAWN)
        .alias(filed=KeyTextTransform("release_sha256", "dossier__content"))
        .filter(on_its_way | ~Q(filed=F("dossier__release__sha256")))
        .order_by("pk")
    )
    known = _known(Kind.CONTENT_DIFFERS)
    found: dict[int, Finding] = {}
    for filing in filings:
        release = filing.dossier.release
        if release is None or release.pk in found or release.pk in known:
            continue
        filed = filing.dossier.content.get("release_sha256", "")
        now = content.sha256(release)
        if filed != now or (release.sha256 and release.sha256 != now):
            facts = {"filing": filing.number, "filed": filed, "frozen": release.sha256, "now": now}
            found[release.pk] = _on_release(Kind.CONTENT_DIFFERS, release, DIFFERS, facts, at)
    return list(found.values())


def _concealed() -> list[Finding]:
    """Return findings on releases in which the rulebook sees a defect that a service removes."""
    newest = (
        Evaluation.objects.filter(release__state__in=_FILED)
        .order_by("release", "-id")
        .distinct("release")
        .values("pk")
    )
    broken = {"rule_id": CONCEALED, "outcome": Outcome.BROKEN.value}
    evaluations = (
        Evaluation.objects.select_related("release")
        .filter(pk__in=newest, result__findings__contains=[broken])
        .order_by("pk")
    )
    known = _known(Kind.DEFECT_AS_SERVICE)
    found = []
    for evaluation in evaluations:
        row = next(one for one in evaluation.result["findings"] if one["rule_id"] == CONCEALED)
        if evaluation.release_id not in known:
            facts = {one["name"]: one["shown"] for one in row["facts"]}
            facts["evaluation_sha256"] = evaluation.sha256
            facts |= concealing.facts(evaluation.release)
            found.append(
                _on_release(
                    Kind.DEFECT_AS_SERVICE, evaluation.release, CONCEALED, facts, evaluation.at
                )
            )
    return found


def _frequent(at: datetime) -> list[Finding]:
    """Return findings on types that are updated more often than somebody calls frequent."""
    found: list[Finding] = []
    makers = Campaign.objects.filter(started_at__isnull=False).values_list(
        "manufacturer", flat=True
    )
    for manufacturer_id in makers.distinct().order_by("manufacturer"):
        found += _frequent_of(manufacturer_id, at)
    return found


def _frequent_of(manufacturer_id: int, at: datetime) -> Iterable[Finding]:
    on = legal_day(at)
    set_ = limits.in_force(manufacturer_id, on=on)
    most, days = set_[Key.FREQUENT_UPDATES].value, set_[Key.FREQUENT_PERIOD_DAYS].value
    if most is None or days is None:
        return
    since = at - timedelta(days=days)
    known = set(
        Finding.objects.filter(
            manufacturer=manufacturer_id, kind=Kind.FREQUENT_UPDATES, first_seen_at__gt=since
        ).values_list("type", flat=True)
    )
    rows = (
        Campaign.objects.filter(manufacturer=manufacturer_id, started_at__gt=since)
        .values_list("release__types")
        .annotate(Count("pk", distinct=True), Min("started_at"), Max("started_at"))
        .order_by("release__types")
    )
    for type_id, count, first, last in rows:
        if type_id is None or type_id in known or not _is_frequent(count, most, on):
            continue
        yield Finding(
            kind=Kind.FREQUENT_UPDATES,
            manufacturer_id=manufacturer_id,
            type_id=type_id,
            version=last.date().isoformat(),  # a type can be updated too often more than once
            rule_id=FREQUENT,
            facts={"updates": count, "limit": most, "days": days},
            first_seen_at=first,
            last_seen_at=last,
        )


def _is_frequent(count: int, most: int, on: date) -> bool:
    """Ask the rulebook: before the draft was published there was no such question."""
    facts = {"updates_in_period": count, "own_frequent_updates": most}
    answer = rulebook().evaluate(facts, as_of=on, rules=[FREQUENT])
    return any(finding.outcome is Outcome.BROKEN for finding in answer.findings)


def _on_release(
    kind: Kind, release: Release, rule_id: str, facts: dict[str, Any], at: datetime
) -> Finding:
    return Finding(
        kind=kind,
        manufacturer_id=release.manufacturer_id,
        release=release,
        rule_id=rule_id,
        facts=facts,
        first_seen_at=at,
        last_seen_at=at,
    )


def _open(wanted: Sequence[Finding], at: datetime) -> int:
    on = legal_day(at)
    by_maker: dict[int, date] = {}
    for finding in wanted:
        finding.opened_at = at
        maker = finding.manufacturer_id
        if maker not in by_maker:
            days = limits.value(maker, Key.EXPLAIN_WORKING_DAYS, on=on)
            by_maker[maker] = PRC.after(on, days or 0).day
        finding.explain_by = by_maker[maker]
    Finding.objects.bulk_create(wanted, batch_size=1000)
    made = Finding.objects.select_related("manufacturer", "type", "ecu").filter(
        pk__in=[one.pk for one in wanted]
    )
    services.opened(list(made.order_by("pk")), at)
    return len(wanted)


def _known(kind: Kind) -> set[int]:
    rows = Finding.objects.filter(kind=kind).values_list("release", flat=True)
    return {release_id for release_id in rows if release_id is not None}


def _locked(ids: Sequence[int]) -> list[Finding]:
    return list(
        Finding.objects.select_for_update(no_key=True, of=("self",))
        .select_related("manufacturer", "type", "ecu")
        .filter(pk__in=ids, state__in=_COVERABLE)
        .order_by("pk")
    )
