"""The institution's pages put into shape: buttons, questions before a step, what is said after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.software.states import ReportAction
from roadworthy.portals.institution.forms import RevocationForm, SignatureForm
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Ask, Button


def form_of(action: ReportAction, data: Any) -> Any:
    """Return what a step asks for besides a yes."""
    form = {ReportAction.SIGN: SignatureForm, ReportAction.REVOKE: RevocationForm}.get(action)
    return form(data) if form else None


def buttons(report: Any, actions: Iterable[ReportAction]) -> list[Button]:
    """Return what can be done with a report now."""
    texts = {
        ReportAction.SIGN: (_("Sign with my key"), "primary"),
        ReportAction.HAND_OVER: (_("Hand over to the manufacturer"), "primary"),
        ReportAction.REVOKE: (_("Revoke"), "danger"),
        ReportAction.DISCARD: (_("Discard"), "quiet"),
    }
    return [
        Button(
            texts[one][0],
            reverse("t:report-act", args=[report.pk, str(one)]),
            look=texts[one][1],
        )
        for one in actions
    ]


def ask(report: Any, action: ReportAction, form: Any) -> Ask:
    """Return the question before a step, with what is at stake."""
    maker = localised(report.manufacturer.name)
    titles = {
        ReportAction.SIGN: _("Sign {number}?"),
        ReportAction.HAND_OVER: _("Hand {number} over?"),
        ReportAction.REVOKE: _("Revoke {number}?"),
        ReportAction.DISCARD: _("Discard {number}?"),
    }
    texts = {
        ReportAction.SIGN: _(
            "Your signature says that your institution found this about exactly these bytes. "
            "A signed report cannot be changed, only revoked."
        ),
        ReportAction.HAND_OVER: _(
            "{manufacturer} can then read the report and attach it to its releases and "
            "applications."
        ),
        ReportAction.REVOKE: _(
            "The report stays visible to whoever has it, with your reason. "
            "Nothing new can rest on it."
        ),
        ReportAction.DISCARD: _("The draft disappears from your list."),
    }
    confirm = {
        ReportAction.SIGN: _("Sign the report"),
        ReportAction.HAND_OVER: _("Hand it over"),
        ReportAction.REVOKE: _("Revoke it"),
        ReportAction.DISCARD: _("Discard it"),
    }
    things = [(one["name"], f"sha256:{one['sha256']}") for one in report.subjects]
    return Ask(
        id="report",
        title=titles[action].format(number=report.number),
        text=texts[action].format(manufacturer=maker),
        href=reverse("t:report-act", args=[report.pk, str(action)]),
        confirm=confirm[action],
        cancel=_("Not yet"),
        look="danger" if action in {ReportAction.REVOKE, ReportAction.DISCARD} else "primary",
        facts=[(_("Document"), f"sha256:{report.sha256}"), *things],
        form=form,
        back=reverse("t:report", args=[report.pk]),
    )


def said(action: ReportAction, number: str) -> str:
    """Return what the toast says after a step."""
    return {
        ReportAction.SIGN: _("You have signed {number}."),
        ReportAction.HAND_OVER: _("{number} is handed over."),
        ReportAction.REVOKE: _("{number} is revoked."),
        ReportAction.DISCARD: _("{number} is discarded."),
    }[action].format(number=number)
