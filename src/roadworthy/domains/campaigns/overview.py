"""Where releases stand on the whole loop: what a list, a page header and the public record show.

The highest domain looks down on the others; each question is a handful of queries, however many
releases are asked about. Words are the reader's business: here are numbers, days and states.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from roadworthy.domains.campaigns.models import Action, Campaign, Group
from roadworthy.domains.campaigns.states import ActionState, State
from roadworthy.domains.filings import assessment, signing
from roadworthy.domains.filings.models import Candidate, Filing, Obligation
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import KeyPurpose
from roadworthy.domains.software.models import Evaluation, Release
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import legal_day
from roadworthy.law import rulebook as law

_KIND_OF_PURPOSE = {
    signing.PURPOSE_OF_FILING[kind]: kind
    for kind in (Kind.ACTIVITY, Kind.PRODUCT_CHANGE, Kind.ACCESS_PERMIT, Kind.RECALL_PLAN)
}
_FILING_PARTS = (
    "id",
    "number",
    "dossier__kind",
    "authority__kind",
    "state",
    "submitted_at",
    "decided_at",
    "dossier__sha256",
    "authority__is_attested",
)
_ORDERS = {
    "number": "number",
    "registered": "registered_at",
    "planned": "planned_on",
    "state": "state",
}


@dataclass(frozen=True, slots=True)
class FilingPlace:
    """Where one filing about a release stands."""

    id: int
    number: str
    kind: str
    authority: str  # "miit"
    state: str
    submitted_at: datetime | None
    decided_at: datetime | None
    dossier_sha256: str = ""
    is_attested: bool = False  # the authority answers on paper


@dataclass(frozen=True, slots=True)
class CampaignPlace:
    """Where the newest campaign of a release stands."""

    id: int
    state: str
    started_at: datetime | None
    completed_at: datetime | None
    groups: int
    groups_open: int
    counts: Mapping[str, int]  # actions by state

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def of(self, *states: str) -> int:
        """Count the vehicles in these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def proven(self) -> int:
        return self.of(ActionState.PROVEN)

    @property
    def answered(self) -> int:
        return self.total - self.of(ActionState.WAITING)


@dataclass(frozen=True, slots=True)
class Place:
    """Everything that the twelve steps of one release are told from."""

    release_id: int
    state: str
    registered_at: datetime
    approved_on: date | None
    classified_at: datetime | None = None
    tally: Mapping[str, int] = field(default_factory=dict)  # findings by outcome
    decision: str = ""
    labels: Sequence[str] = ()
    undetermined: Sequence[str] = ()
    filings: Sequence[FilingPlace] = ()
    needed: Sequence[tuple[str, str]] = ()  # (filing kind, authority) that the labels ask for
    signed_at: datetime | None = None
    released_at: datetime | None = None
    campaign: CampaignPlace | None = None
    next_due: Obligation | None = None

    def standing(self, kind: str, authority: str) -> FilingPlace | None:
        """Return the newest filing of that kind with that authority."""
        found = [f for f in self.filings if (f.kind, f.authority) == (kind, authority)]
        return found[-1] if found else None

    def lacking(self, *states: FilingState) -> tuple[tuple[str, str], ...]:
        """Return the needed filings that are in none of these states."""
        return tuple(
            need
            for need in self.needed
            if (found := self.standing(*need)) is None or found.state not in states
        )


def releases(
    manufacturer_id: int,
    *,
    search: str = "",
    type_id: int | None = None,
    label: str = "",
    state: str = "",
    since: date | None = None,
    sort: str = "-number",
) -> QuerySet[Release]:
    """Return a manufacturer's releases, filtered and sorted; digests match by their beginning."""
    found = Release.objects.filter(manufacturer_id=manufacturer_id).prefetch_related("types")
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(title__icontains=search)
            | Q(sha256__istartswith=search.removeprefix("sha256:"))
        )
    if type_id:
        found = found.filter(types__id=type_id)
    if label:
        found = found.filter(labels__contains=[label])
    if state:
        found = found.filter(state=state)
    if since:
        found = found.filter(registered_at__date__gte=since)
    descending, key = sort.startswith("-"), sort.removeprefix("-")
    order = _ORDERS.get(key, "number")
    return found.order_by(f"-{order}" if descending else order, "-id")


def places(found: Iterable[Release], *, on: date) -> dict[int, Place]:
    """Return where each of the releases stands, in a fixed number of queries."""
    rows = list(found)
    ids = [row.pk for row in rows]
    approved = _approvals(ids)
    evaluations, filings = _evaluations(ids), _filings(ids)
    campaigns, duties = _campaigns(ids), _next_duties(ids)
    signed = dict(Candidate.objects.filter(release__in=ids).values_list("release", "created_at"))
    return {
        row.pk: Place(
            release_id=row.pk,
            state=row.state,
            registered_at=row.registered_at,
            approved_on=approved.get(row.pk),
            labels=row.labels,
            filings=filings.get(row.pk, ()),
            needed=needed_filings(row.labels, on=on),
            signed_at=signed.get(row.pk),
            released_at=row.released_at,
            campaign=campaigns.get(row.pk),
            next_due=duties.get(row.pk),
            **evaluations.get(row.pk, {}),
        )
        for row in rows
    }


def place(release: Release, *, at: datetime) -> Place:
    """Return where one release stands."""
    return places([release], on=legal_day(at))[release.pk]


def needed_filings(labels: Iterable[str], *, on: date) -> tuple[tuple[str, str], ...]:
    """Return which filings the labels ask for and with whom; the rulebook's signers say it."""
    held = [law.Label(label) for label in labels]
    if not held:
        return ()
    signers = law.rulebook().signers(held, as_of=on)
    return tuple(
        (str(_KIND_OF_PURPOSE[KeyPurpose(one.purpose)]), one.party)
        for one in signers
        if KeyPurpose(one.purpose) in _KIND_OF_PURPOSE
    )


def foundation(manufacturer_id: int) -> tuple[FilingPlace, ...]:
    """Return where the two lower levels stand: enterprise capability, type and function."""
    rows = (
        assessment.standing(
            Filing.objects.filter(
                manufacturer_id=manufacturer_id, dossier__kind__in=[Kind.CAPABILITY, Kind.TYPE]
            )
        )
        .exclude(state=FilingState.WITHDRAWN)
        .order_by("dossier__kind", "authority__kind", "id")
        .values_list(*_FILING_PARTS)
    )
    newest = {(row[2], row[3]): FilingPlace(*row) for row in rows}
    return tuple(newest.values())


def _approvals(ids: Sequence[int]) -> dict[int, date]:
    through = Release.types.through._default_manager  # noqa: SLF001 - a join table has no name
    pairs = through.filter(release__in=ids).values_list("release", "vehicletype")
    types = dict(
        VehicleType.objects.filter(pk__in={pair[1] for pair in pairs}).values_list(
            "pk", "approved_on"
        )
    )
    found: dict[int, date] = {}
    for release_id, type_id in pairs:
        found[release_id] = max(found.get(release_id, date.min), types[type_id])
    return found


def _evaluations(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    spans = Evaluation.objects.filter(release__in=ids).values("release")
    ends = {
        row["release"]: row for row in spans.annotate(newest=Max("pk"), first=Min("at")).order_by()
    }
    rows = Evaluation.objects.filter(pk__in=[row["newest"] for row in ends.values()]).values(
        "release", "decision", "result__tally", "result__undetermined_labels"
    )
    return {
        row["release"]: {
            "classified_at": ends[row["release"]]["first"],
            "decision": row["decision"],
            "tally": row["result__tally"] or {},
            "undetermined": row["result__undetermined_labels"] or (),
        }
        for row in rows
    }


def _filings(ids: Sequence[int]) -> dict[int, list[FilingPlace]]:
    rows = (
        assessment.standing(Filing.objects.filter(dossier__release__in=ids))
        .exclude(state=FilingState.WITHDRAWN)
        .order_by("id")
        .values_list("dossier__release", *_FILING_PARTS)
    )
    found: dict[int, list[FilingPlace]] = defaultdict(list)
    for release_id, *parts in rows:
        found[release_id].append(FilingPlace(*parts))
    return found


def _campaigns(ids: Sequence[int]) -> dict[int, CampaignPlace]:
    rows = Campaign.objects.filter(release__in=ids).exclude(state=State.CANCELLED).order_by("id")
    newest = {row.release_id: row for row in rows}
    found = campaign_places(newest.values())
    return {release_id: found[row.pk] for release_id, row in newest.items()}


def _next_duties(ids: Sequence[int]) -> dict[int, Obligation]:
    rows = Obligation.objects.filter(
        release__in=ids, fulfilled_at__isnull=True, due_on__isnull=False
    ).order_by("-due_on", "-id")
    return {row.release_id: row for row in rows if row.release_id is not None}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a manufacturer: the counts of its navigation."""

    filings: int  # drafts and what came back
    obligations: int
    campaigns: int  # running, paused or stopped


def waiting(manufacturer_id: int) -> Waiting:
    """Return how much waits for a manufacturer."""
    mine = {"manufacturer_id": manufacturer_id}
    return Waiting(
        filings=Filing.objects.filter(
            **mine, state__in=[FilingState.DRAFT, FilingState.RETURNED]
        ).count(),
        obligations=Obligation.objects.filter(**mine, fulfilled_at__isnull=True).count(),
        campaigns=Campaign.objects.filter(
            **mine, state__in=[State.NOTIFYING, State.RUNNING, State.PAUSED, State.STOPPED]
        ).count(),
    )


def in_work(manufacturer_id: int) -> QuerySet[Release]:
    """Return the releases that are neither withdrawn nor done, the newest first."""
    done = Campaign.objects.filter(state=State.COMPLETED).values("release")
    owed = Obligation.objects.filter(fulfilled_at__isnull=True, due_on__isnull=False)
    return (
        Release.objects.filter(manufacturer_id=manufacturer_id)
        .exclude(state="withdrawn")
        .exclude(Q(pk__in=done) & ~Q(pk__in=owed.values("release")))
        .prefetch_related("types")
        .order_by("-registered_at", "-id")
    )


def ledger_of(manufacturer_id: int) -> QuerySet[Entry]:
    """Return the ledger entries about a manufacturer's releases, newest first."""
    mine = Release.objects.filter(manufacturer_id=manufacturer_id)
    return Entry.objects.filter(release_id__in=mine.values("pk")).order_by("-id")


def told(entries: Iterable[Entry]) -> tuple[tuple[ledger.Told, str], ...]:
    """Return entries as they are told, each with the number of the release it is about."""
    rows = list(entries)
    numbers = dict(
        Release.objects.filter(pk__in={row.release_id for row in rows}).values_list("pk", "number")
    )
    return tuple(
        (one, numbers.get(row.release_id or 0, ""))
        for row, one in zip(rows, ledger.told(rows), strict=True)
    )


def campaigns(manufacturer_id: int, *, search: str = "", state: str = "") -> QuerySet[Campaign]:
    """Return a manufacturer's campaigns, newest first."""
    found = Campaign.objects.select_related("release").filter(manufacturer_id=manufacturer_id)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(release__number__icontains=search))
    if state:
        found = found.filter(state=state)
    return found.order_by("-id")


def campaign_places(found: Iterable[Campaign]) -> dict[int, CampaignPlace]:
    """Return how far campaigns are, in two queries."""
    rows = list(found)
    kept = [row.pk for row in rows]
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    tallies = Action.objects.filter(campaign__in=kept).values_list("campaign", "state")
    for campaign_id, state, number in tallies.annotate(n=Count("pk")).order_by():
        counts[campaign_id][state] = number
    opened = {
        row["campaign"]: (row["every"], row["open"])
        for row in Group.objects.filter(campaign__in=kept)
        .values("campaign")
        .annotate(every=Count("pk"), open=Count("pk", filter=Q(opened_at__isnull=False)))
    }
    return {
        row.pk: CampaignPlace(
            id=row.pk,
            state=row.state,
            started_at=row.started_at,
            completed_at=row.completed_at,
            groups=opened.get(row.pk, (0, 0))[0],
            groups_open=opened.get(row.pk, (0, 0))[1],
            counts=counts[row.pk],
        )
        for row in rows
    }


def group_numbers(campaign_id: int) -> tuple[int, ...]:
    """Return the numbers of a campaign's groups."""
    found = Group.objects.filter(campaign=campaign_id).order_by("number")
    return tuple(found.values_list("number", flat=True))
