"""What authorities see of what manufacturers say in public, and SAMR of what owners complain of.

* Texts that are or were public, with what the checker finds; never a draft.
* Complaints as numbers; disputes by their summary. No vehicle, no owner, no words of theirs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.aftersales import queries as complaints
from roadworthy.domains.disclosure import queries
from roadworthy.domains.disclosure.states import Channel, State
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import text_view, words
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb

_SEEN = (State.PUBLISHED, State.REPLACED, State.WITHDRAWN)


class TextFilter(FilterForm):
    search = Search(label=_later("Words, type or manufacturer"))
    channel = forms.ChoiceField(label=_later("Sort of text"))
    state = forms.ChoiceField(label=_later("State"))


class TotalsFilter(FilterForm):
    search = Search(label=_later("Type or manufacturer"))


@for_roles(*AUTHORITY)
def texts(request: Signed) -> HttpResponse:
    """List what manufacturers say in public, and what the checker finds in it."""
    mine = request.acting.organisation_id
    choices: dict[str, Any] = {
        "channel": [(str(key), text) for key, text in words.CHANNELS.items()],
        "state": [(str(key), words.TEXT[key].text) for key in _SEEN],
    }
    found = listing(
        request,
        lambda sort, **filters: queries.seen_by(mine, sort=sort, **filters),
        nothing=Empty(
            _("No text has been made public"),
            _("Texts appear here once a manufacturer publishes them."),
        ),
        form=TextFilter(request, choices),
        sort="-written",
    )
    context = {"listing": found, "sort": found.sort, "rows": text_view.rows(found.page)}
    return render(request, "authority/texts.html", context)


@for_roles(*AUTHORITY)
def text(request: Signed, text_id: int) -> HttpResponse:
    """Show one text with every version that was public, read by the rulebook as of today."""
    found = queries.text_seen_by(request.acting.organisation_id, text_id)
    newest = found.versions.all()[0]
    newest.text = found
    context = {
        "text": found,
        "newest": newest,
        "subject": text_view.subject(found),
        "channel": words.CHANNELS[Channel(found.channel)],
        "chip": words.TEXT[State(newest.state)],
        "crumbs": [Crumb(_("Texts"), reverse("a:texts")), Crumb(text_view.subject(found))],
        "readings": text_view.readings(newest, datetime.now(UTC)),
        "history": text_view.history(found),
    }
    return render(request, "authority/text.html", context)


@for_roles(Role.SAMR_REVIEWER)
def complaint_totals(request: Signed) -> HttpResponse:
    """Show how many owners complain of which type, and what is in dispute."""
    mine = request.acting.organisation_id
    found = listing(
        request,
        lambda search="": complaints.totals_seen_by(mine, search=search),
        nothing=Empty(_("Nobody has complained")),
        form=TotalsFilter(request),
        per_page=50,
    )
    disputes = [(one, words.CATEGORIES[one.category]) for one in complaints.disputes_seen_by(mine)]
    context = {"listing": found, "disputes": disputes}
    return render(request, "authority/complaints.html", context)
