"""The page of one campaign: what is shown, as it moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.domains.campaigns import overview, queries
from roadworthy.domains.campaigns.queries import GroupProgress, Progress
from roadworthy.domains.campaigns.states import ActionState, Reason, State
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.ledger import queries as ledger
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer import bars, campaign_next
from roadworthy.portals.shared import formats, loop, presenting, stories, words
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.shapes import Chip, Crumb, Tone

POLL_SECONDS = 5
_HISTORY, _LATEST = 12, 5
_FAILED = (ActionState.FAILED, ActionState.TIMED_OUT)
MOVING = frozenset({State.NOTIFYING, State.RUNNING, State.PAUSED, State.STOPPED})
_NEAR = 0.75  # of the limit: from here a group looks due


def context(campaign: Any, who: Acting, at: datetime) -> dict[str, Any]:
    """Return everything the campaign's page shows to somebody."""
    mine = who.organisation_id
    now = queries.progress(campaign, at)
    place = overview.place(campaign.release, at=at)
    acts = queries.available(campaign, who.role)
    latest = queries.actions(mine, campaign.pk, states=_FAILED, sort="-reported", per_page=_LATEST)
    return {
        "campaign": campaign,
        "number": campaign_next.number(campaign),
        "crumbs": [
            Crumb(_("Campaigns"), reverse("m:campaigns")),
            Crumb(campaign_next.number(campaign)),
        ],
        "chip": words.CAMPAIGN[State(campaign.state)],
        "labels": presenting.labels(campaign.release.labels),
        "steps": loop.steps(place),
        "moving": campaign.state in MOVING,
        "poll_seconds": POLL_SECONDS,
        "now": at,
        "clock": f"{formats.in_shanghai(at):%H:%M:%S}",
        "progress": now,
        "bar": bars.of_counts(now.counts),
        "groups": [_group(one) for one in now.groups],
        "series": _series(now),
        "causes": [_cause(one) for one in now.causes],
        "latest": latest,
        "reasons": _reasons(mine, campaign.pk),
        "next": campaign_next.step(campaign, now, acts),
        "acts": campaign_next.buttons(campaign, acts),
        "stop": campaign_next.stop(campaign, acts),
        "dialogs": campaign_next.dialogs(campaign, now, acts),
        "duties": presenting.duties(filings.obligations_of(campaign.release), legal_day(at)),
        "events": stories.events(ledger.latest_about(f"campaign/{campaign.pk}", _HISTORY)),
    }


def _group(one: GroupProgress) -> dict[str, Any]:
    return {
        "number": one.number,
        "size": one.size,
        "bar": bars.of_counts(one.counts, one.total),
        "proven": one.proven,
        "share": formats.percent(one.proven, one.total),
        "rate": f"{one.failed_percent:.2f}%" if one.offered else formats.NONE,
        "limit": one.error_percent,
        "gate": one.success_percent,
        "chip": _group_chip(one),
        "near": _is_near(one),
    }


def _is_near(one: GroupProgress) -> bool:
    return (
        bool(one.offered) and one.failed_percent >= _NEAR * one.error_percent and not one.closed_at
    )


def _group_chip(one: GroupProgress) -> Chip:
    if one.opened_at is None:
        return Chip(Tone.IDLE, _("Not open"))
    if one.closed_at or (one.is_over and one.total):
        return Chip(Tone.MET, _("Complete"))
    if one.offered and one.failed_percent >= one.error_percent:
        return Chip(Tone.BROKEN, _("At the limit"))
    if _is_near(one):
        return Chip(Tone.DUE, _("Near limit"))
    return Chip(Tone.LIVE, _("Rolling out"))


def _series(now: Progress) -> dict[str, Any]:
    """Return proven vehicles per interval, a line a group on one scale."""
    lines: list[dict[str, Any]] = []
    for number_, points in now.by_group.items():
        values = [
            p.proven - q for p, q in zip(points, [0, *(p.proven for p in points)], strict=False)
        ]
        lines.append(
            {
                "name": _("Group {n}").format(n=number_),
                "values": values,
                "now": values[-1] if values else 0,
            }
        )
    failed = [
        p.failed - q for p, q in zip(now.series, [0, *(p.failed for p in now.series)], strict=False)
    ]
    highest = max((value for line in lines for value in line["values"]), default=0)
    for line in lines:
        line["label"] = _("{name}, proven per interval, peak {peak}, now {now}").format(
            name=line["name"], peak=max(line["values"], default=0), now=line["now"]
        )
    step = 0
    if len(now.series) > 1:
        step = round((now.series[1].at - now.series[0].at).total_seconds())
    return {"lines": lines, "failed": failed, "highest": highest, "step": _span(step)}


def _span(seconds: int) -> str:
    if seconds < 120:
        return ngettext("{n} second", "{n} seconds", seconds).format(n=seconds)
    minutes = round(seconds / 60)
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)


def _cause(one: Any) -> dict[str, Any]:
    proven_safe = one.state == ActionState.FAILED
    return {
        "detail": one.detail or _("no message"),
        "count": one.count,
        "outcome": "met" if proven_safe else "unknown",
        "now": _("on the previous version") if proven_safe else _("version unknown"),
        "follows": _("The owner is told; a new campaign can try again")
        if proven_safe
        else _("Counts as failed until the vehicle reports"),
    }


def _reasons(manufacturer_id: int, campaign_id: int) -> list[tuple[str, int]]:
    texts = {
        Reason.NOT_REGISTERED: _("No VIN or no type on file"),
        Reason.TYPE_NOT_COVERED: _("The release is not for this type"),
        Reason.OTHER_CAMPAIGN: _("Another update is not finished"),
        Reason.NO_SUCH_ECU: _("Has no such ECU"),
        Reason.WRONG_HARDWARE: _("Other hardware"),
        Reason.UNKNOWN_VERSION: _("Running version not known"),
        Reason.ALREADY_INSTALLED: _("Runs it already"),
        Reason.WRONG_VERSION: _("The release does not start from what runs there"),
    }
    counts = queries.exclusion_reasons(manufacturer_id, campaign_id)
    return [(texts[Reason(reason)], count) for reason, count in counts.items()]
