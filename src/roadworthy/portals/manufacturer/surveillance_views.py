"""What incident reports add up to: the table, the picture, the reports behind a count, the alarms.

Rates stand beside the vehicle days they are rates of; where none are known there is no rate.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.surveillance import alarm_words, alarms, counting, exposure, queries
from roadworthy.domains.surveillance.counting import Counted, Narrowed
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.import_views import MAY
from roadworthy.portals.manufacturer.surveillance_forms import (
    CountsFilter,
    ExposureForm,
    LevelForm,
)
from roadworthy.portals.shared import count_charts, errors, formats, tile_map
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Crumb, Tab

SHOWN_REGIONS = 40
UNNAMED = _later("not named")


@for_roles(*MAY)
def counts(request: Signed) -> HttpResponse:
    """Count incidents by function and software version, with a picture of time and place."""
    registers = list(queries.registers(request.acting.organisation_id))
    register = _chosen(request, registers)
    if register is None:
        return render(request, "manufacturer/signal_counts.html", {"tabs": _tabs("counts")})
    form = CountsFilter(request, counting.choices(register.pk))
    asked = _narrowed(register.pk, form.used)
    found = listing(
        request,
        lambda sort, **_used: counting.counted(asked, sort=sort),
        nothing=Empty(_("Nothing to count"), _("This register holds no incident.")),
        form=form,
        sort="-incidents",
        per_page=50,
    )
    months = counting.monthly(asked)
    places = counting.regions(asked)
    drawn, off_map = tile_map.maps(places)
    context = {
        "tabs": _tabs("counts"),
        "registers": registers,
        "register": register,
        "sources": [(one, _named(one)) for one in registers],
        "listing": found,
        "sort": found.sort,
        "rows": [_row(one, register.pk, form.used) for one in found.page],
        "chart": count_charts.over_time(months),
        "months": months,
        "bars": count_charts.by_region(places[:SHOWN_REGIONS]),
        "maps": drawn,
        "off_map": off_map,
    }
    return render(request, "manufacturer/signal_counts.html", context)


@for_roles(*MAY)
def reports(request: Signed) -> HttpResponse:
    """List the reports behind a count, the latest first."""
    register = counting.of_register(_number(request), request.acting.organisation_id)
    form = CountsFilter(request, counting.choices(register.pk))
    used = {**form.used, **{name: request.GET[name] for name in _EXACT if name in request.GET}}
    asked = _narrowed(register.pk, used)
    found = listing(
        request,
        lambda: counting.reports(asked)[: counting.MOST_ROWS],
        nothing=Empty(_("No report"), _("No report is counted here.")),
        per_page=50,
    )
    context = {
        "listing": found,
        "heading": _("Reports behind a count"),
        "crumbs": _crumbs(_("Reports behind a count")),
        "pills": [one for one in (used.get("function"), used.get("software")) if one],
        "most": counting.MOST_ROWS,
    }
    return render(request, "manufacturer/signal_reports.html", context)


@for_roles(*MAY)
def report(request: Signed, report_id: int) -> HttpResponse:
    """Show one report, what was blacked out of it, and its earlier versions."""
    found, earlier = counting.report(request.acting.organisation_id, report_id)
    facts = [
        (text, getattr(found, name), name in found.redacted)
        for name, text in _FACTS.items()
        if getattr(found, name) or name in found.redacted
    ]
    others = [
        (name, "" if isinstance(value, dict) else value, isinstance(value, dict))
        for name, value in found.content.items()
    ]
    context = {
        "report": found,
        "source": count_charts.SOURCES[found.register.source],
        "facts": facts,
        "others": others,
        "earlier": earlier,
        "heading": found.report_key,
        "crumbs": _crumbs(found.report_key),
    }
    return render(request, "manufacturer/signal_report.html", context)


@for_roles(*MAY)
def alarms_page(request: Signed) -> HttpResponse:
    """List the alarms with the numbers that raised them, and the levels they are measured by."""
    mine = request.acting.organisation_id
    found = listing(
        request,
        lambda: alarms.alarms(mine),
        nothing=Empty(_("No alarm"), _("No level of yours was reached.")),
    )
    context = {
        "tabs": _tabs("alarms"),
        "listing": found,
        "rows": [(one, formats.localised(alarm_words.told(one)), _of(one)) for one in found.page],
        "levels": alarms.levels(mine),
        "now": alarms.level(mine, legal_day(datetime.now(UTC))),
    }
    return render(request, "manufacturer/signal_alarms.html", context)


@for_roles(*MAY)
def levels(request: Signed) -> HttpResponse:
    """Set from when on a count opens a defect analysis."""
    today = legal_day(datetime.now(UTC))
    form = LevelForm(request.POST or None, initial={"applies_from": today, "window_days": 90})
    if form.is_bound and form.is_valid():
        try:
            alarms.set_levels(levels=form.levels, actor=request.acting.actor, at=datetime.now(UTC))
        except DomainError as error:
            where = {"no-signal-level": "fewest", "signal-level-backdated": "applies_from"}
            errors.on_form(form, error, where)
        else:
            messages.success(request, _("The levels are set."))
            return HttpResponseRedirect(reverse("m:signal-alarms"))
    lead = _("Your own numbers, from a day on: no law says how many similar events are enough.")
    return _write(request, form, _("Levels that open a defect analysis"), lead)


@for_roles(*MAY)
def exposure_page(request: Signed) -> HttpResponse:
    """Enter vehicle days that the platform cannot know."""
    form = ExposureForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            exposure.enter(
                register_id=exposure.own_register(request.acting.organisation_id).pk,
                **form.cleaned_data,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {})
        else:
            messages.success(request, _("The vehicle days are entered."))
            return HttpResponseRedirect(reverse("m:signal-counts"))
    lead = _("Of vehicles on this platform they are counted by themselves, each night.")
    return _write(request, form, _("Enter vehicle days"), lead)


_EXACT = ("function", "software", "reporter")
_FACTS = {
    "reporter": _later("Reported by"),
    "make": _later("Make"),
    "model": _later("Model"),
    "model_year": _later("Model year"),
    "vin": "VIN",
    "function": _later("Function"),
    "software": _later("Software version"),
    "occurred_time": _later("Time there"),
    "region": _later("Region"),
    "city": _later("City"),
    "narrative": _later("Account"),
}


def _write(request: Signed, form: Any, heading: str, lead: str) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "crumbs": _crumbs(heading),
        "back": reverse("m:signal-alarms"),
        "submit": heading,
        "lead": lead,
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _crumbs(here: str) -> list[Crumb]:
    return [Crumb(_("Incident reports"), reverse("m:signal-counts")), Crumb(here)]


def _tabs(here: str) -> list[Tab]:
    names = {
        "complaints": (_("Complaints"), "m:signals"),
        "counts": (_("Incident reports"), "m:signal-counts"),
        "alarms": (_("Alarms"), "m:signal-alarms"),
    }
    return [Tab(text, reverse(name), key == here) for key, (text, name) in names.items()]


def _chosen(request: Signed, registers: list[Any]) -> Any:
    asked = request.GET.get("register", "")
    own = [one for one in registers if one.manufacturer_id is not None]
    by_id = {str(one.pk): one for one in registers}
    if asked:
        return by_id.get(asked) or counting.of_register(0, request.acting.organisation_id)
    return next(iter(own or registers), None)


def _number(request: Signed) -> int:
    asked = request.GET.get("register", "")
    return int(asked) if asked.isdigit() and len(asked) < 10 else 0


def _narrowed(register_id: int, used: dict[str, Any]) -> Narrowed:
    known: dict[str, Any] = {name: used.get(name) for name in (*_EXACT, "since", "until")}
    return Narrowed(register_id, **known)


def _named(register: Any) -> str:
    name = str(count_charts.SOURCES[register.source])
    return _("{name} (public)").format(name=name) if register.manufacturer_id is None else name


def _row(one: Counted, register_id: int, used: dict[str, Any]) -> dict[str, Any]:
    query: dict[str, Any] = {"register": register_id}
    query |= {"function": one.function, "software": one.software}
    for name in ("since", "until", "reporter"):
        if name in used:
            query[name] = used[name].isoformat() if isinstance(used[name], date) else used[name]
    rate, interval = one.per_million, one.interval
    return {
        "one": one,
        "href": f"{reverse('m:signal-reports')}?{urlencode(query)}",
        "function": one.function or UNNAMED,
        "software": one.software or UNNAMED,
        "rate": None if rate is None else f"{rate:,.2f}",
        "interval": "" if interval is None else f"{interval[0]:,.2f}–{interval[1]:,.2f}",
    }


def _of(alarm: Any) -> str:
    return _("Incidents on this platform") if alarm.register is None else _named(alarm.register)
