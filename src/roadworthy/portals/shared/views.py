"""Signing in and out, the choice of a role, and the front door."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from roadworthy.domains.organisations.roles import Kind
from roadworthy.portals.shared import access, rulebook_page, throttle
from roadworthy.portals.shared.middleware import keep
from roadworthy.portals.shared.sign_in import SignInForm

HOMES = {
    Kind.MANUFACTURER: "m:start",
    Kind.MIIT: "a:queue",
    Kind.SAMR: "a:queue",
    Kind.INSTITUTION: "t:reports",
}


@access.for_everybody
def front(request: HttpRequest) -> HttpResponse:
    """Lead to the reader's own portal, or to the public record."""
    who = access.acting(request)
    if who is not None:
        return HttpResponseRedirect(home(who))
    if access.all_of(request):
        return HttpResponseRedirect(reverse("choose"))
    return HttpResponseRedirect(_route("p:lookup") or _route("login") or reverse("rulebook"))


@access.for_everybody
@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """Sign a person in with e-mail and password."""
    form = SignInForm(request.POST or None, machine=throttle.machine_of(request))
    if request.method == "POST" and form.is_valid():
        auth.login(request, form.user)
        who = access.acting(request)
        response = HttpResponseRedirect(_safe(request) or (home(who) if who else reverse("choose")))
        keep(response, "django_language", form.user.language)
        return response
    status = 422 if form.is_bound else 200
    return render(
        request, "shared/login.html", {"form": form, "next": _safe(request)}, status=status
    )


@access.for_everybody
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Sign the person out."""
    auth.logout(request)
    return HttpResponseRedirect(_route("login"))


@access.for_everybody
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Choose in whose name and in which role to act."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("login"))
    every = access.all_of(request)
    if request.method == "POST":
        chosen = [one for one in every if str(one.membership_id) == request.POST.get("membership")]
        if chosen:
            request.session[access.SESSION_KEY] = chosen[0].membership_id
            return HttpResponseRedirect(_safe(request) or home(chosen[0]))
    context = {"memberships": every, "next": _safe(request), "missed": request.method == "POST"}
    return render(request, "shared/choose.html", context)


@access.for_everybody
def rulebook(request: HttpRequest) -> HttpResponse:
    """Lead to the public register; where this host has none, show it here."""
    public = _route("p:law")
    if public:
        return HttpResponseRedirect(public)
    return render(request, "shared/rulebook.html", rulebook_page.context(request))


def home(who: access.Acting) -> str:
    """Return the first page of the portal of somebody's organisation."""
    return _route(HOMES.get(who.kind, "p:lookup")) or reverse("choose")


def _route(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _safe(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if allowed else ""
