"""What anybody may ask: only releases that were published, and no vehicle and no person."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import State
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.software.services import NoSuchRelease
from roadworthy.kernel.errors import NotFound

_SHORTEST_DIGEST = 8


class NoSuchEntry(NotFound):
    code = "no-such-entry"
    message = "The log has no such entry, or it is not public yet."


def releases() -> QuerySet[Release]:
    """Return every release that vehicles were ever allowed to take, newest first."""
    return (
        Release.objects.select_related("manufacturer")
        .prefetch_related("types")
        .filter(released_at__isnull=False)
        .order_by("-released_at", "-id")
    )


def recent(count: int) -> QuerySet[Release]:
    """Return the releases that were published last."""
    return releases()[:count]


def release(manufacturer: str, number: str) -> Release:
    """Return one published release.

    Raises:
        NoSuchRelease: there is none, or it is not published.
    """
    found = releases().filter(manufacturer__slug=manufacturer, number=number).first()
    if found is None:
        raise NoSuchRelease
    return found


def find(asked: str) -> QuerySet[Release]:
    """Return the published releases that a number of theirs, of a filing, or a digest points to."""
    plain = asked.removeprefix("sha256:").lower()
    by = Q(number__iexact=asked)
    by |= Q(pk__in=Filing.objects.filter(number__iexact=asked).values("dossier__release"))
    if len(plain) >= _SHORTEST_DIGEST and all(c in "0123456789abcdef" for c in plain):
        by |= Q(sha256__startswith=plain)
        by |= Q(pk__in=_with_image(plain))
    return releases().filter(by)


def releases_with_number(number: str) -> QuerySet[Release]:
    """Return the published releases of that number, one a manufacturer at most."""
    return releases().filter(number=number).order_by("manufacturer__slug")


def entry(index: int) -> ledger.Told:
    """Return one entry of the log.

    Raises:
        NoSuchEntry: there is none, or it tells of a release that is not published.
    """
    found = ledger.entry_at(index)
    if found is None or not _may_be_read(found):
        raise NoSuchEntry
    return found


def of_release(release_id: int | None) -> Release | None:
    """Return the published release that an entry tells of, if it tells of one."""
    return releases().filter(pk=release_id).first() if release_id else None


def _may_be_read(found: ledger.Told) -> bool:
    return found.release_id is None or releases().filter(pk=found.release_id).exists()


def accepted_by(release_id: int) -> tuple[str, ...]:
    """Return the authorities (by kind) that have accepted a filing about a release."""
    kinds = Filing.objects.filter(
        dossier__release=release_id, dossier__kind="activity", state=State.ACCEPTED
    ).values_list("authority__kind", flat=True)
    return tuple(sorted(set(kinds)))


def manufacturer_of(release_id: int) -> str:
    """Return the slug of the manufacturer of a release."""
    found = Release.objects.filter(pk=release_id).values_list("manufacturer__slug", flat=True)
    return str(found.first() or "")


def _with_image(digest: str) -> QuerySet[Change, int]:
    return Change.objects.filter(image__sha256__startswith=digest).values_list("release", flat=True)
