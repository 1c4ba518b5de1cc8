"""What can be asked about the ledger. Entries hold no personal data; whoever may ask may see."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from roadworthy.domains.ledger import sequencing
from roadworthy.domains.ledger.models import Checkpoint, Entry, Leaf, Restoration, Tile

CONTEXT_EVENTS = (
    "organisation:entered",
    "key:created",
    "key:confirmed",
    "key:revoked",
    "repository:initialised",
    "repository:role:appointed",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as it is told to a reader; ``index`` is None until it is sequenced."""

    id: int
    index: int | None
    at: datetime
    event: str
    subject: str
    actor: dict[str, Any]
    data: dict[str, Any]
    body: bytes
    release_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the body as the JSON that the log commits to."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


def story_of_release(release_id: int) -> tuple[Told, ...]:
    """Return every step of a release, in the order in which the steps were taken."""
    return told(Entry.objects.filter(release_id=release_id).order_by("id"))


def milestones_of_release(release_id: int) -> tuple[Told, ...]:
    """Return the steps of a release without those of single vehicles, in the order taken."""
    return told(_milestones(release_id).order_by("id"))


def count_of_release(release_id: int) -> int:
    """Count the steps of a release, those of single vehicles too."""
    return Entry.objects.filter(release_id=release_id).count()


def context() -> tuple[Told, ...]:
    """Return the steps that every release rests on: organisations, keys, signing roles."""
    return told(Entry.objects.filter(event__in=CONTEXT_EVENTS).order_by("id"))


def about(subject: str) -> tuple[Told, ...]:
    """Return the steps about one subject, such as "filing/7"."""
    return told(Entry.objects.filter(subject=subject).order_by("id"))


def latest_about(subject: str, count: int) -> tuple[Told, ...]:
    """Return the newest steps about one subject, newest first."""
    return told(Entry.objects.filter(subject=subject).order_by("-id")[:count])


def newest(subject: str, event: str) -> Told | None:
    """Return the newest step of one kind about one subject, if there is one."""
    found = told(Entry.objects.filter(subject=subject, event=event).order_by("-id")[:1])
    return found[0] if found else None


def latest_of_release(release_id: int, count: int) -> tuple[Told, ...]:
    """Return the newest steps of a release but those of single vehicles, newest first."""
    return told(_milestones(release_id).order_by("-id")[:count])


def latest_checkpoint() -> Checkpoint | None:
    """Return the newest signed size of the tree."""
    return Checkpoint.objects.order_by("-size").first()


def checkpoint_of(size: int) -> Checkpoint | None:
    """Return the checkpoint of that size, if one was signed."""
    return Checkpoint.objects.filter(size=size).first()


def latest_witnessed() -> Checkpoint | None:
    """Return the newest checkpoint that a witness has cosigned."""
    return Checkpoint.objects.filter(witnessed_at__isnull=False).order_by("-size").first()


def earliest_witnessed() -> Checkpoint | None:
    """Return the oldest checkpoint that a witness has cosigned: where its memory begins."""
    return Checkpoint.objects.filter(witnessed_at__isnull=False).order_by("size").first()


def gone() -> tuple[range, ...]:
    """Return places in the log whose steps a restored database does not hold any more.

    Whoever follows the log to tell of steps passes over them: what they speak of is not here, or
    stands as it did before.
    """
    rows = Restoration.objects.values_list("found_size", "known_size", "brought_back")
    found = (range(first, max(known, first + back)) for first, known, back in rows)
    return tuple(one for one in found if one)


def inclusion_proof(index: int, size: int) -> tuple[bytes, ...]:
    """Return the audit path of an entry in the tree of ``size``."""
    return sequencing.log(size).prove_inclusion(index)


def tile(level: int, number: int) -> bytes | None:
    """Return the hashes of a tile, as many as there are."""
    row = Tile.objects.filter(level=level, number=number).first()
    return bytes(row.hashes) if row else None


def bodies(first: int, count: int) -> tuple[bytes, ...]:
    """Return the bodies of sequenced entries, from an index on."""
    leaves = Leaf.objects.select_related("entry").filter(index__gte=first, index__lt=first + count)
    return tuple(bytes(leaf.entry.body) for leaf in leaves.order_by("index"))


def entry_at(index: int) -> Told | None:
    """Return the entry that stands at a place in the tree."""
    leaf = Leaf.objects.select_related("entry").filter(index=index).first()
    return _one(leaf.entry, leaf.index) if leaf else None


def told(entries: Iterable[Entry]) -> tuple[Told, ...]:
    """Return entries as they are told, in the order given, each with its place in the tree."""
    rows = list(entries)
    places = _places(row.pk for row in rows)
    return tuple(_one(row, places.get(row.pk)) for row in rows)


def _milestones(release_id: int) -> QuerySet[Entry]:
    """Leave out what is about one vehicle: its software number, its update, its owner's answer."""
    of_vehicles = Q(subject__startswith="vehicle/") | Q(subject__startswith="action/")
    return Entry.objects.filter(release_id=release_id).exclude(of_vehicles)


def _places(ids: Iterable[int]) -> dict[int, int]:
    return dict(Leaf.objects.filter(entry_id__in=list(ids)).values_list("entry_id", "index"))


def _one(row: Entry, index: int | None) -> Told:
    body = bytes(row.body)
    parsed = json.loads(body)
    return Told(
        row.pk,
        index,
        row.at,
        row.event,
        row.subject,
        parsed["actor"],
        parsed["data"],
        body,
        row.release_id,
    )
