"""Public incident reports as the authorities read them: counts, by month and by place."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from roadworthy.domains.surveillance import counting, queries
from roadworthy.domains.surveillance.counting import Narrowed
from roadworthy.portals.shared import count_charts, tile_map
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.listing import Empty, listing

SHOWN_REGIONS = 40


@for_roles(*AUTHORITY)
def reported(request: Signed) -> HttpResponse:
    """Count the incidents of a public register; manufacturers' own registers are not shown."""
    registers = list(queries.registers(None))
    asked_for = request.GET.get("register", "")
    register = next((one for one in registers if str(one.pk) == asked_for), None)
    if asked_for and register is None:
        register = counting.of_register(0, None)
    register = register or next(iter(registers), None)
    if register is None:
        return render(request, "authority/reported.html", {})
    asked = Narrowed(register.pk)
    found = listing(
        request,
        lambda sort: counting.counted(asked, sort=sort),
        nothing=Empty(_("Nothing to count"), _("This register holds no incident.")),
        sort="-incidents",
        per_page=50,
    )
    months = counting.monthly(asked)
    places = counting.regions(asked)
    drawn, off_map = tile_map.maps(places)
    context = {
        "register": register,
        "sources": [(one, count_charts.SOURCES[one.source]) for one in registers],
        "listing": found,
        "sort": found.sort,
        "chart": count_charts.over_time(months),
        "months": months,
        "bars": count_charts.by_region(places[:SHOWN_REGIONS]),
        "maps": drawn,
        "off_map": off_map,
    }
    return render(request, "authority/reported.html", context)
