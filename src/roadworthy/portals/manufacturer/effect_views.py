"""Whether the remedy of a recall does: the vehicles before and after each was remedied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.surveillance import effect
from roadworthy.domains.surveillance.effect import Effect, Missing, Side, Verdict
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer.remedy_views import READERS, crumbs
from roadworthy.portals.shared import formats, recall_words, tasks
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.shapes import Chip, Text, Tone

VERDICTS: Mapping[Verdict, Chip] = {
    one: Chip(tone, recall_words.EFFECTS[one])
    for one, tone in (
        (Verdict.GONE, Tone.MET),
        (Verdict.FEWER, Tone.MET),
        (Verdict.NOT_SHOWN, Tone.DUE),
        (Verdict.MORE, Tone.BROKEN),
        (Verdict.UNDETERMINED, Tone.UNKNOWN),
    )
}
MISSING: Mapping[Missing, Text] = {
    Missing.NOT_COUNTED: _later("Nothing was counted yet. It is counted once a day."),
    Missing.NO_VEHICLE_DAYS: _later("No vehicle has driven on both sides of its remedy yet."),
    Missing.NO_LEVEL: _later(
        "The rate of false alarms that you accept is not set; no law gives one."
    ),
}
MEANING: Mapping[Verdict, Text] = {
    Verdict.GONE: _later("No incident since the remedy; equal rates do not explain that."),
    Verdict.FEWER: _later("Equal rates before and after do not explain so few incidents."),
    Verdict.NOT_SHOWN: _later("Equal rates before and after would explain what is seen."),
    Verdict.MORE: _later(
        "Equal rates do not explain so many incidents: look whether the remedy does, or whether it "
        "made a new defect. Then the recall is done again."
    ),
    Verdict.UNDETERMINED: _later("What is missing is named; nothing is concluded."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One side with its rate and the bar that stands for it; places in per cent of the picture."""

    name: Text
    side: Side
    rate: str
    interval: str
    width: str
    low: str
    span: str


@for_roles(*READERS)
@never_cache
def shown(request: Signed, plan_id: int) -> HttpResponse:
    """Show rates before and after, and what they show."""
    plan = recalls.plan(request.acting.organisation_id, plan_id)
    found = effect.of_plan(plan, on=legal_day(datetime.now(UTC)))
    context = {
        "plan": plan,
        "crumbs": crumbs(plan, _("Effect of the remedy")),
        "effect": found,
        "chip": VERDICTS[found.verdict],
        "meaning": meaning(found),
        "lines": lines(found.before, found.after),
        "is_worse": found.verdict == Verdict.MORE,
        "chance": f"{found.look.chance:.2g}" if found.look else "",
        "spends": f"{found.look.spends:.2g}" if found.look else "",
        "needs_level": found.missing == Missing.NO_LEVEL,
    }
    return render(request, "manufacturer/remedy_effect.html", context)


@for_roles(*READERS)
@require_POST
def count(request: Signed, plan_id: int) -> HttpResponse:
    """Ask that it is counted now."""
    plan = recalls.plan(request.acting.organisation_id, plan_id)
    tasks.check_effect.defer(plan_id=plan.pk)
    messages.success(request, _("It is being counted. Load the page again in a moment."))
    return HttpResponseRedirect(reverse("m:remedy-effect", args=[plan.pk]))


def lines(before: Side, after: Side) -> Sequence[Line]:
    """Return both sides on one scale, which ends with the higher of the two intervals."""
    most = max(
        (one.interval[1] for one in (before, after) if one.interval is not None), default=0.0
    )
    return [
        _line(name, side, most)
        for name, side in (
            (_("Before the remedy"), before),
            (_("After the remedy"), after),
        )
    ]


def _line(name: Text, side: Side, most: float) -> Line:
    rate, interval = side.per_million, side.interval
    if rate is None or interval is None or not most:
        return Line(name, side, formats.NONE, "", "0", "0", "0")
    low, high = interval
    told = _("{low} to {high}").format(low=f"{low:,.2f}", high=f"{high:,.2f}")
    return Line(
        name,
        side,
        f"{rate:,.2f}",
        told,
        *(f"{100 * value / most:.2f}%" for value in (rate, low, high - low)),
    )


def told(found: Effect) -> str:
    """Say in a sentence or two what a report states of the effect."""
    verdict = f"{VERDICTS[found.verdict].text}{_('.')}"
    return formats.sentences(verdict, str(meaning(found)))


def meaning(found: Effect) -> Text:
    """Say what the count means, or what is missing."""
    return MISSING[found.missing] if found.missing else MEANING[found.verdict]
