"""Which permits a release needs: one for each approval of the types that it touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roadworthy.domains.filings import assessment, dossiers
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Release


@dataclass(frozen=True, slots=True)
class Permit:
    """An approval that a release changes, and the filing that asks for it if there is one."""

    approval: str  # its number
    type_code: str
    type_name: Mapping[str, str]
    filing_id: int | None
    filing_number: str
    state: str  # of the filing; "" while there is none


def of_release(release: Release, kind: Kind) -> tuple[Permit, ...]:
    """Return the permits of a kind that a release needs, by approval number.

    Types that were not approved here have none: their change is filed with the release.
    """
    here = dossiers.approved_here(release)
    if not here:
        return ()
    types = {one.pk: one for one in release.types.all()}
    found = Filing.objects.select_related("supersedes").filter(
        dossier__release=release, dossier__kind=kind, authority__kind=Party.MIIT
    )
    rows = assessment.standing(found).exclude(state=State.WITHDRAWN).order_by("id")
    filed = {
        approval: (pk, number, state)
        for approval, pk, number, state in rows.values_list(
            "dossier__content__details__approval", "pk", "number", "state"
        )
    }
    return tuple(
        Permit(number, types[pk].code, types[pk].name, *filed.get(number, (None, "", "")))
        for pk, number in sorted(here.items(), key=lambda one: one[1])
    )
