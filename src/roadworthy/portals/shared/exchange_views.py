"""The exchange with other deployments, for the organisation that this one serves.

Every portal has these pages under ``exchange/``: who the peers are and how it goes with each, what
came, and what a person decides: to confirm a peer or a key, to try a dead letter again or to go on
without it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from roadworthy.domains.exchange import applying, asking, keeping, lines, peering, queries
from roadworthy.domains.exchange.errors import AskedJustNow
from roadworthy.domains.exchange.states import MESSAGE, PEER, MessageAct, PeerAct, PeerState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, exchange_page, exchange_words, stories, words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Ask, Crumb
from roadworthy.trust import cards

_HISTORY = 20


class LetterFilter(FilterForm):
    search = Search(label=_later("Matter, kind or digest"))
    peer = forms.ChoiceField(label=pgettext_lazy("exchange", "From"))
    state = forms.ChoiceField(label=_later("State"))
    which = forms.ChoiceField(label=pgettext_lazy("exchange", "Shown"))


class FingerprintForm(Form):
    fingerprint = forms.CharField(
        max_length=200,
        label=_later("Fingerprint, as their people read it out"),
        help_text=_later("64 digits, with or without spaces. Do not copy it from this page."),
    )


class WhyForm(Form):
    reason = forms.CharField(
        max_length=500, label=_later("Why"), widget=forms.Textarea({"rows": 3})
    )


def urls(*roles: Role, base: str) -> list[URLPattern]:
    """Return the addresses of these pages for one portal."""
    pages = _Pages(base)
    guard = for_roles(*roles)
    return [
        path("exchange/", guard(never_cache(pages.peers)), name="exchange"),
        path("exchange/letters/", guard(never_cache(pages.letters)), name="exchange-letters"),
        path(
            "exchange/letters/<int:pk>/", guard(never_cache(pages.letter)), name="exchange-letter"
        ),
        path(
            "exchange/letters/<int:pk>/<str:act>/",
            guard(never_cache(pages.decide)),
            name="exchange-decide",
        ),
        path(
            "exchange/lines/<int:pk>/go-on/", guard(require_POST(pages.line)), name="exchange-line"
        ),
        path("exchange/peers/<slug:name>/", guard(never_cache(pages.peer)), name="exchange-peer"),
        path(
            "exchange/peers/<slug:name>/compare/",
            guard(require_POST(pages.compare)),
            name="exchange-compare",
        ),
        path(
            "exchange/peers/<slug:name>/<str:act>/",
            guard(never_cache(pages.change)),
            name="exchange-change",
        ),
        path(
            "exchange/peers/<slug:name>/keys/<str:keyid>/<str:act>/",
            guard(require_POST(pages.key)),
            name="exchange-key",
        ),
    ]


class _Pages:
    """The pages, written on one portal's frame."""

    def __init__(self, base: str) -> None:
        self.base = base

    def peers(self, request: Signed) -> HttpResponseBase:
        """Say who we are to others, and how it goes with each."""
        mine = request.acting.organisation_id
        own = queries.deployment(mine)
        found = queries.overview(mine)
        context = {
            "own": own,
            "fingerprint": cards.shown(own.fingerprint) if own else "",
            "rows": [
                (
                    one,
                    _to(request, "exchange-peer", one.name),
                    exchange_words.PEERS[one.state],
                    *exchange_words.trouble(one.last_error),
                )
                for one in found
            ],
            "letters": _to(request, "exchange-letters"),
            "empty": exchange_page.no_peers(is_on=own is not None),
        }
        return self._page(request, "shared/exchange.html", context)

    def peer(self, request: Signed, name: str) -> HttpResponseBase:
        """Show one peer."""
        found = queries.peer(request.acting.organisation_id, name)
        acts = PEER.available(found.peer.state, request.acting.role)  # type: ignore[arg-type]
        context = {
            "found": found,
            "crumbs": _crumbs(request, localised(found.overview.names)),
            "chip": exchange_words.PEERS[found.peer.state],
            "fingerprint": cards.shown(found.peer.fingerprint),
            "buttons": exchange_page.peer_buttons(
                acts, lambda act: _to(request, "exchange-change", name, act)
            ),
            **_troubles(request, found),
            "differences": exchange_page.differences(found),
            "trouble": exchange_words.trouble(found.overview.last_error),
            "compare": _to(request, "exchange-compare", name)
            if found.peer.state == PeerState.CONFIRMED
            else "",
            "again": _to(request, "exchange-peer", name),
            "keys": [
                (
                    one,
                    words.PURPOSES[KeyPurpose(one.purpose)],
                    _to(request, "exchange-key", name, one.keyid, "confirm"),
                    _to(request, "exchange-key", name, one.keyid, "refuse"),
                )
                for one in found.keys
            ],
            "events": stories.events(ledger.latest_about(f"peer/{name}", _HISTORY)),
        }
        return self._page(request, "shared/exchange_peer.html", context)

    def change(self, request: Signed, name: str, act: str) -> HttpResponseBase:
        """Confirm a peer, or suspend, resume or end it."""
        found = queries.peer(request.acting.organisation_id, name)
        wanted = _of(PeerAct, act)
        form = _form_for(wanted, request)
        if request.method == "POST" and (form is None or form.is_valid()):
            try:
                _change(wanted, name, form, request)
            except DomainError as error:
                if form is None:
                    raise
                errors.on_form(form, error, {"wrong-fingerprint": "fingerprint"})
            else:
                messages.success(
                    request, exchange_page.changed(wanted, localised(found.overview.names))
                )
                return HttpResponseRedirect(_to(request, "exchange-peer", name))
        ask = exchange_page.ask_peer(
            wanted, found, form, _to(request, "exchange-change", name, act)
        )
        return self._ask(request, ask, _to(request, "exchange-peer", name), form)

    def compare(self, request: Signed, name: str) -> HttpResponseBase:
        """Ask for a comparison now; the page of the peer says what came of it."""
        try:
            asking.ask(name=name, actor=request.acting.actor, at=datetime.now(UTC))
        except AskedJustNow as error:
            messages.warning(request, errors.sentence(error))
        else:
            messages.success(
                request, _("The two sides are compared; what is missing is sent again.")
            )
        return HttpResponseRedirect(_to(request, "exchange-peer", name))

    def key(self, request: Signed, name: str, keyid: str, act: str) -> HttpResponseBase:
        """Let a new key of a peer's organisation count, or refuse it."""
        if act not in {"confirm", "refuse"}:
            raise Http404
        keeping.settle_key(
            name=name,
            keyid=keyid,
            counts=act == "confirm",
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        messages.success(
            request, _("The key counts.") if act == "confirm" else _("The key is refused.")
        )
        return HttpResponseRedirect(_to(request, "exchange-peer", name))

    def line(self, request: Signed, pk: int) -> HttpResponseBase:
        """Go on with a halted line."""
        found = lines.go_on(line_id=pk, actor=request.acting.actor, at=datetime.now(UTC))
        messages.success(request, _("{matter} goes on.").format(matter=found.matter))
        return HttpResponseRedirect(_to(request, "exchange-peer", found.peer.name))

    def letters(self, request: Signed) -> HttpResponseBase:
        """List what came."""
        mine = request.acting.organisation_id
        peers = [(one, localised(name)) for one, name in queries.names(mine)]
        states = [(key, chip.text) for key, chip in exchange_words.MESSAGES.items()]
        which = [
            ("", _("About filings, reports, incidents, keys")),
            (queries.ALL, _("All, those about logs too")),
        ]
        found = listing(
            request,
            lambda sort, **filters: queries.letters(mine, sort=sort, **filters),
            nothing=Empty(
                _("No message has come"),
                _("What other deployments send appears here, with what became of it."),
            ),
            form=LetterFilter(request, {"peer": peers, "state": states, "which": which}),
            sort="-received",
        )
        context = {
            "listing": found,
            "sort": found.sort,
            "crumbs": _crumbs(request, pgettext("exchange", "Messages")),
            "rows": [
                (
                    one,
                    exchange_words.matter(one.line.matter),
                    exchange_words.kind(one.kind),
                    _to(request, "exchange-letter", one.pk),
                    exchange_words.MESSAGES[one.state],
                    exchange_page.reason(one),
                )
                for one in found.page
            ],
        }
        return self._page(request, "shared/exchange_letters.html", context)

    def letter(self, request: Signed, pk: int) -> HttpResponseBase:
        """Show one message: what it says, what became of it, and why."""
        found = queries.letter(request.acting.organisation_id, pk)
        acts = MESSAGE.available(found.row.state, request.acting.role)  # type: ignore[arg-type]
        context = {
            "found": found,
            "matter": exchange_words.matter(found.row.line.matter),
            "kind": exchange_words.kind(found.row.kind),
            "peer": found.row.line.peer,
            "about_href": _about(request, found.about),
            "peer_href": _to(request, "exchange-peer", found.row.line.peer.name),
            "crumbs": [
                Crumb(pgettext("exchange", "Exchange"), _to(request, "exchange")),
                Crumb(pgettext("exchange", "Messages"), _to(request, "exchange-letters")),
                Crumb(f"{exchange_words.matter(found.row.line.matter)} · {found.row.sequence}"),
            ],
            "chip": exchange_words.MESSAGES[found.row.state],
            "reason": exchange_page.reason(found.row),
            "buttons": exchange_page.letter_buttons(
                acts, lambda act: _to(request, "exchange-decide", pk, act)
            ),
        }
        return self._page(request, "shared/exchange_letter.html", context)

    def decide(self, request: Signed, pk: int, act: str) -> HttpResponseBase:
        """Try a dead letter again, or go on without it."""
        found = queries.letter(request.acting.organisation_id, pk)
        wanted = _of(MessageAct, act)
        if wanted not in {MessageAct.RETRY, MessageAct.SET_ASIDE}:
            raise Http404
        form = WhyForm(request.POST or None) if wanted is MessageAct.SET_ASIDE else None
        if request.method == "POST" and (form is None or form.is_valid()):
            _decide(pk, form, request)
            messages.success(request, exchange_page.decided(wanted))
            return HttpResponseRedirect(_to(request, "exchange-letter", pk))
        ask = exchange_page.ask_letter(
            wanted, found, form, _to(request, "exchange-decide", pk, act)
        )
        return self._ask(request, ask, _to(request, "exchange-letter", pk), form)

    def _ask(self, request: Signed, ask: Ask, back: str, form: Form | None) -> HttpResponse:
        status = 422 if form is not None and form.is_bound and form.errors else 200
        context = {"ask": exchange_page.with_back(ask, back)}
        return self._page(request, "shared/confirm.html", context, status)

    def _page(
        self, request: Signed, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        return render(request, template, context | {"base": self.base}, status=status)


def _form_for(act: PeerAct, request: Signed) -> Form | None:
    made: dict[PeerAct, Callable[[Any], Form]] = {
        PeerAct.CONFIRM: FingerprintForm,
        PeerAct.SUSPEND: WhyForm,
        PeerAct.END: WhyForm,
    }
    return made[act](request.POST or None) if act in made else None


def _change(act: PeerAct, name: str, form: Form | None, request: Signed) -> None:
    values = form.cleaned_data if form else {}
    services: dict[PeerAct, Callable[..., object]] = {
        PeerAct.CONFIRM: peering.confirm,
        PeerAct.SUSPEND: peering.suspend,
        PeerAct.RESUME: peering.resume,
        PeerAct.END: peering.end,
    }
    services[act](name=name, **values, actor=request.acting.actor, at=datetime.now(UTC))


def _decide(pk: int, form: Form | None, request: Signed) -> None:
    who, now = request.acting.actor, datetime.now(UTC)
    if form is None:
        applying.retry(message_id=pk, actor=who, at=now)
    else:
        applying.set_aside(message_id=pk, reason=form.cleaned_data["reason"], actor=who, at=now)


def _of(kind: Any, act: str) -> Any:
    try:
        return kind(act)
    except ValueError:
        raise Http404 from None


def _to(request: Signed, name: str, *args: Any) -> str:
    assert request.resolver_match is not None
    return reverse(f"{request.resolver_match.namespace}:{name}", args=args)


def _crumbs(request: Signed, here: str) -> list[Crumb]:
    return [Crumb(pgettext("exchange", "Exchange"), _to(request, "exchange")), Crumb(here)]


def _troubles(request: Signed, found: queries.PeerPage) -> dict[str, Any]:
    """Return what does not go on with a peer, each with its way on."""
    return {
        "halted": [
            (line, what, why, _to(request, "exchange-line", line.pk) if may_go_on else "")
            for line, what, why, may_go_on in exchange_page.halted(found)
        ],
        "dead": [
            (
                one,
                exchange_words.matter(one.line.matter),
                exchange_words.kind(one.kind),
                _to(request, "exchange-letter", one.pk),
                exchange_page.reason(one),
            )
            for one in found.dead
        ],
        "regaining": [
            (
                one,
                exchange_words.matter(one.message.line.matter),
                exchange_words.kind(one.message.kind),
                exchange_page.reason(one),
            )
            for one in found.regaining
        ],
    }


def _about(request: Signed, found: tuple[str, int] | None) -> str:
    """Return the page of what a message speaks of, where this portal has one."""
    try:
        return _to(request, found[0], found[1]) if found else ""
    except NoReverseMatch:
        return ""
