"""What can be asked about releases. The manufacturer comes first; nobody sees another's."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from roadworthy.domains.software.models import Change, Evidence, Image, Release
from roadworthy.domains.software.services import NoSuchRelease


def release(manufacturer_id: int, number: str) -> Release:
    """Return the manufacturer's release of that number, its types with it.

    Raises:
        NoSuchRelease: there is none, or it is another manufacturer's.
    """
    found = (
        Release.objects.select_related("manufacturer", "registered_by")
        .prefetch_related("types")
        .filter(manufacturer_id=manufacturer_id, number=number)
        .first()
    )
    if found is None:
        raise NoSuchRelease
    return found


def of_manufacturer(
    manufacturer_id: int, *, state: str = "", search: str = ""
) -> QuerySet[Release]:
    """Return a manufacturer's releases, newest first."""
    found = Release.objects.filter(manufacturer_id=manufacturer_id)
    found = found.order_by("-registered_at", "-id")
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(Q(number__icontains=search) | Q(title__icontains=search))
    return found


def changes_of(release_id: int) -> QuerySet[Change]:
    """Return what a release changes, in order of the ECUs' names, images with it."""
    return Change.objects.select_related("image").filter(release_id=release_id).order_by("ecu_name")


def evidence_of(release_id: int) -> QuerySet[Evidence]:
    """Return the documents attached to a release, oldest first."""
    return (
        Evidence.objects.select_related("institution").filter(release_id=release_id).order_by("id")
    )


def document(release_id: int, sha256: str) -> Evidence | Image:
    """Return what a release carries under that digest: a document, or an image.

    Raises:
        NoSuchRelease: the release carries nothing of the kind.
    """
    evidence = Evidence.objects.filter(release_id=release_id, sha256=sha256).first()
    if evidence is not None:
        return evidence
    change = Change.objects.select_related("image").filter(
        release_id=release_id, image__sha256=sha256
    )
    found = change.first()
    if found is None:
        raise NoSuchRelease
    return found.image


def with_number(number: str) -> tuple[Release, ...]:
    """Return the releases of that number, of whichever manufacturer: numbers are public."""
    return tuple(
        Release.objects.select_related("manufacturer")
        .filter(number=number)
        .order_by("manufacturer__slug")
    )
