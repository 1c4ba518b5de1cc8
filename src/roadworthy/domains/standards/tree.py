"""Frameworks as trees, with how many standards stand where; two versions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q

from roadworthy.domains.standards import errors
from roadworthy.domains.standards.models import Area, Placement, SubArea, Version


@dataclass(frozen=True, slots=True)
class Branch:
    """A sub-area."""

    code: str
    key: str
    title: Mapping[str, str]
    note: Mapping[str, str]
    count: int


@dataclass(frozen=True, slots=True)
class Bough:
    """An area with its sub-areas; ``count``: standards in it, each once."""

    code: str
    key: str
    title: Mapping[str, str]
    note: Mapping[str, str]
    count: int
    branches: Sequence[Branch]


@dataclass(frozen=True, slots=True)
class Difference:
    """One area or sub-area in two versions; None where a version has none."""

    key: str
    is_area: bool
    older: Bough | Branch | None
    newer: Bough | Branch | None

    @property
    def differs(self) -> bool:
        """Say whether anything but the count is other."""
        if self.older is None or self.newer is None:
            return True
        return (self.older.code, dict(self.older.title)) != (
            self.newer.code,
            dict(self.newer.title),
        )


def versions() -> tuple[Version, ...]:
    """Return every version of every framework, final ones first."""
    rows = Version.objects.select_related("framework")
    return tuple(rows.order_by("framework__position", "is_draft", "-key"))


def version(framework: str, key: str) -> Version:
    """Return one version.

    Raises:
        NoSuchFramework: there is none of these keys.
    """
    found = (
        Version.objects.select_related("framework")
        .filter(framework__key=framework, key=key)
        .first()
    )
    if found is None:
        raise errors.NoSuchFramework
    return found


def tree(version_id: int, *, manufacturer_id: int | None = None) -> tuple[Bough, ...]:
    """Return a version's areas with how many standards somebody may read stand in each."""
    readable = Q(standard__manufacturer=None)
    if manufacturer_id is not None:
        readable |= Q(standard__manufacturer_id=manufacturer_id)
    placed = Placement.objects.filter(readable, sub_area__area__version_id=version_id)
    below = dict(placed.values_list("sub_area_id").annotate(n=Count("standard_id", distinct=True)))
    within = dict(
        placed.values_list("sub_area__area_id").annotate(n=Count("standard_id", distinct=True))
    )
    areas = Area.objects.filter(version_id=version_id).prefetch_related(
        Prefetch("sub_areas", SubArea.objects.order_by("code"))
    )
    return tuple(
        Bough(
            area.code,
            area.key,
            area.title,
            area.note,
            within.get(area.pk, 0),
            tuple(
                Branch(one.code, one.key, one.title, one.note, below.get(one.pk, 0))
                for one in area.sub_areas.all()
            ),
        )
        for area in areas.order_by("code")
    )


def compare(older: Version, newer: Version) -> tuple[Difference, ...]:
    """Return two versions of a framework line by line, in the newer one's order."""
    before, after = tree(older.pk), tree(newer.pk)
    old = {one.key: one for one in before}
    new = {one.key: one for one in after}
    rows: list[Difference] = []
    for key in [*new, *(one for one in old if one not in new)]:
        was, is_ = old.get(key), new.get(key)
        rows.append(Difference(key, True, was, is_))
        under_old = {one.key: one for one in was.branches} if was else {}
        under_new = {one.key: one for one in is_.branches} if is_ else {}
        names = [*under_new, *(one for one in under_old if one not in under_new)]
        rows.extend(
            Difference(name, False, under_old.get(name), under_new.get(name)) for name in names
        )
    return tuple(rows)


def choices() -> tuple[tuple[Mapping[str, str], str, str, Mapping[str, str]], ...]:
    """Return every sub-area to choose from: framework, path, code, title; drafts' are left out."""
    rows = SubArea.objects.filter(area__version__is_draft=False).select_related(
        "area__version__framework"
    )
    ordered = rows.order_by("area__version__framework__position", "code")
    return tuple(
        (
            one.area.version.framework.title,
            f"{one.area.version.framework.key}/{one.area.version.key}/{one.code}",
            one.code,
            one.title,
        )
        for one in ordered
    )
