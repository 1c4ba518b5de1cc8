"""A "service" against a defect that is confirmed: before the authorities at once (RCL-24).

Other findings wait for the manufacturer's explanation; what is known to be a defect has none.
"""

from __future__ import annotations

from datetime import datetime

from roadworthy.domains.conformity import errors, services
from roadworthy.domains.conformity.models import Finding
from roadworthy.domains.conformity.states import Kind, State
from roadworthy.domains.filings import known_defects
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release


def facts(release: Release) -> dict[str, str]:
    """Return which confirmed defects the release would remove, by their numbers."""
    numbers = dict.fromkeys(known_defects.of(release).values_list("number", flat=True))
    return {"defects": ", ".join(numbers)} if numbers else {}


def refer(at: datetime) -> int:
    """Put such findings before both authorities, inside the caller's transaction."""
    waiting = (
        Finding.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related("manufacturer", "type", "ecu", "release")
        .filter(kind=Kind.DEFECT_AS_SERVICE, state=State.OPEN, release__isnull=False)
        .order_by("pk")
    )
    concealed = [one for one in waiting if one.release and known_defects.of(one.release).exists()]
    if not concealed:
        return 0
    try:
        to = services.authorities()
    except errors.NoAuthority:
        return 0
    by = witnessed(PLATFORM)
    for one in concealed:
        services.refer(one, to, Role.PLATFORM, by, at)
    return len(concealed)
