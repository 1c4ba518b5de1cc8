"""The catalogue of standards, the same pages in each portal: list, one, compare, targets, edit."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.standards import asking, entries, queries, services, targets, tree
from roadworthy.domains.standards.errors import NoSuchFramework
from roadworthy.domains.standards.states import Action
from roadworthy.domains.standards.targets import Counting
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import (
    errors,
    presenting,
    standard_analysis,
    standard_exchange,
    standard_page,
)
from roadworthy.portals.shared import standard_words as words
from roadworthy.portals.shared.access import for_everybody, for_roles
from roadworthy.portals.shared.formats import is_chinese, localised
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Button, Crumb
from roadworthy.portals.shared.standard_forms import ABOUT, EntryForm, StandardFilter, StepForm

PER_PAGE = 50


def urls(
    space: str, base: str, readers: tuple[Role, ...], writers: tuple[Role, ...] = ()
) -> list[URLPattern]:
    """Return the pages for one portal; without readers they are everybody's."""

    def shown(view: Any) -> Any:
        made = _in(view, space, base)
        return for_roles(*readers)(never_cache(made)) if readers else for_everybody(made)

    pages = [
        path("standards/", shown(listed), name="standards"),
        path("standards/targets/", shown(targeted), name="standards-targets"),
        path("standards/compare/<str:framework>/", shown(compared), name="standards-compare"),
        path(
            "standards/export.<str:form>",
            shown(standard_exchange.exported),
            name="standards-export",
        ),
        path("standards/<int:standard_id>/", shown(one), name="standard"),
    ]
    if not writers:
        return pages

    def kept(view: Any) -> Any:
        return for_roles(*writers)(never_cache(_in(view, space, base)))

    analyses = path(
        "standards/analyses/", shown(standard_analysis.listed), name="standards-analyses"
    )
    return [*pages, analyses, *_keeping(kept)]


def _keeping(kept: Any) -> list[URLPattern]:
    """Return the pages for those who keep entries."""
    return [
        path("standards/new/", kept(enter), name="standard-enter"),
        path(
            "standards/analyses/<int:standard_id>/",
            kept(standard_analysis.written),
            name="standard-analysis",
        ),
        path("standards/import/", kept(standard_exchange.give), name="standards-import"),
        path(
            "standards/import/<str:sha256>/", kept(standard_exchange.mapped), name="standards-map"
        ),
        path("standards/imports/<int:run_id>/", kept(standard_exchange.run), name="standards-run"),
        path("standards/<int:standard_id>/edit/", kept(edit), name="standard-edit"),
        path("standards/<int:standard_id>/do/<str:act>/", kept(step), name="standard-act"),
    ]


def _in(view: Any, space: str, base: str) -> Any:
    @wraps(view)
    def placed(request: HttpRequest, **named: Any) -> HttpResponse:
        answer: HttpResponse = view(request, space, base, **named)
        return answer

    return placed


def listed(request: HttpRequest, space: str, base: str) -> HttpResponse:
    """List the standards of a framework, or all of them."""
    who = getattr(request, "acting", None)
    mine, today = standard_page.reader_of(who), legal_day(datetime.now(UTC))
    versions = tree.versions()
    chosen = _chosen(request.GET.get("framework", ""), versions)
    boughs = tree.tree(chosen.pk, manufacturer_id=mine) if chosen else ()
    form = StandardFilter(request, _choices(versions, boughs))
    ways: tuple[Button, ...] = ()
    if who is not None and who.role in services.EDITORS:
        ways = (Button(_("Enter a standard"), reverse(f"{space}:standard-enter"), "primary"),)

    def find(sort: str, **filters: Any) -> Any:
        filters.pop("framework", None)
        wanted = {key: str(value).replace("\0", "") for key, value in filters.items()}
        version_id = chosen.pk if chosen else None
        asked: dict[str, Any] = {**wanted, "version_id": version_id, "sort": sort}
        return queries.standards(mine, as_of=today, **asked)

    nothing = Empty(_("The catalogue is empty"), ways=ways)
    found = listing(request, find, nothing=nothing, form=form, sort="number", per_page=PER_PAGE)
    context = {
        "base": base,
        "listing": found,
        "sort": found.sort,
        "rows": standard_page.rows(found.page, space),
        "versions": [(one, f"?framework={_key(one)}", one == chosen) for one in versions],
        "chosen": chosen,
        "boughs": boughs,
        "area": form.used.get("area", ""),
        "new": ways[0] if ways else None,
        **_ways(space, may_read_analyses=who is not None, may_import=bool(ways)),
    }
    return render(request, "shared/standards.html", context)


def _choices(versions: Any, boughs: Any) -> dict[str, Any]:
    places: list[Any] = [one for bough in boughs for one in (bough, *bough.branches)]
    return {
        "stands": [(str(key), chip.text) for key, chip in words.STANDS.items()],
        "kind": [(str(key), name) for key, name in words.KINDS.items()],
        "framework": [(_key(one), str(localised(one.title))) for one in versions],
        "area": [(one.code, f"{one.code} {localised(one.title)}") for one in places],
    }


def _ways(space: str, *, may_read_analyses: bool, may_import: bool) -> dict[str, Any]:
    forms = (("CSV", "csv"), ("Excel", "xlsx"), ("OSCAL", "json"))
    return {
        "exports": [
            (text, reverse(f"{space}:standards-export", args=[form])) for text, form in forms
        ],
        "analyses_href": reverse(f"{space}:standards-analyses") if may_read_analyses else "",
        "import_href": reverse(f"{space}:standards-import") if may_import else "",
        "targets_href": reverse(f"{space}:standards-targets"),
        "compare_href": reverse(f"{space}:standards-compare", args=[asking.FRAMEWORK]),
    }


def one(request: HttpRequest, space: str, base: str, standard_id: int) -> HttpResponse:
    """Show one standard: what is known of it, from where, and what the rulebook says."""
    who = getattr(request, "acting", None)
    found = queries.standard(standard_page.reader_of(who), standard_id)
    today = legal_day(datetime.now(UTC))
    context = {"base": base, **standard_page.context(found, who, space, today)}
    return render(request, "shared/standard.html", context)


def compared(request: HttpRequest, space: str, base: str, framework: str) -> HttpResponse:
    """Show two versions of a framework side by side."""
    found = [one for one in tree.versions() if one.framework.key == framework]
    if not found:
        raise NoSuchFramework
    by_key = {one.key: one for one in found}
    newer = by_key.get(request.GET.get("newer", ""), found[0])
    older = by_key.get(request.GET.get("older", ""), found[-1])
    rows = tree.compare(older, newer)
    differs = [row for row in rows if row.differs]
    answers: tuple[Any, ...] = ()
    if older.is_draft and not newer.is_draft:
        today = legal_day(datetime.now(UTC))
        asked = asking.compared(differs=bool(differs), as_of=today).to_json()
        answers = presenting.findings(asked)
    context = {
        "base": base,
        "crumbs": [Crumb(_("Standards"), reverse(f"{space}:standards")), Crumb(_("Compare"))],
        "framework": newer.framework,
        "older": older,
        "newer": newer,
        "versions": found,
        "rows": rows,
        "differs": len(differs),
        "chinese": is_chinese(),
        **_placed(older, newer, rows),
        "source_older": words.source(older.source),
        "source_newer": words.source(newer.source),
        "findings": answers,
        "folded": presenting.folded(answers),
    }
    return render(request, "shared/standards_compare.html", context)


def _placed(older: Any, newer: Any, rows: Any) -> dict[str, Any]:
    """Return which of two versions has standards placed in it, and which has none at all."""
    told = {
        older: any(row.older and row.older.count for row in rows),
        newer: any(row.newer and row.newer.count for row in rows),
    }
    return {
        "placed": [one for one, has in told.items() if has],
        "unplaced": [one for one, has in told.items() if not has],
    }


def targeted(request: HttpRequest, space: str, base: str) -> HttpResponse:
    """Show the two targets of the guide under a rule of counting that the reader sets."""
    today = legal_day(datetime.now(UTC))
    is_set = "set" in request.GET
    default = Counting()
    named = ("association", "un", "series", "superseded", "older")
    counting = Counting(
        **{name: name in request.GET if is_set else getattr(default, name) for name in named}
    )
    asked = {
        "association": _("Association standards"),
        "un": _("UN regulations and international standards"),
        "series": _("Undated numbers, each as one standard"),
        "superseded": _("What was published and is superseded by then"),
        "older": _("What was published before the guide"),
    }
    found = targets.targets(counting, as_of=today)
    context = {
        "base": base,
        "crumbs": [Crumb(_("Standards"), reverse(f"{space}:standards")), Crumb(_("Targets"))],
        "switches": [(name, text, getattr(counting, name)) for name, text in asked.items()],
        "targets": [
            (
                one,
                presenting.OUTCOMES[one.outcome],
                standard_page.rows(one.certain, space),
                standard_page.rows(one.unsure, space),
                presenting.findings(one.evaluation.to_json())[0],
            )
            for one in found
        ],
    }
    return render(request, "shared/standards_targets.html", context)


def enter(request: HttpRequest, space: str, base: str) -> HttpResponse:
    """Enter a standard: MIIT for everybody, a manufacturer for itself."""
    form = EntryForm(request.POST or None)
    if form.stay_or():
        try:
            made = services.enter(entry=form.filled(), actor=_actor(request), at=datetime.now(UTC))
        except DomainError as error:
            errors.on_form(form, error, ABOUT)
        else:
            return HttpResponseRedirect(reverse(f"{space}:standard", args=[made.pk]))
    return _ask(request, form, _("Enter a standard"), space, base)


def edit(request: HttpRequest, space: str, base: str, standard_id: int) -> HttpResponse:
    """Change what is said of a standard."""
    found = _mine(request, standard_id)
    form = EntryForm(request.POST or None, entry=entries.of(found))
    if form.stay_or():
        try:
            services.amend(
                standard_id=found.pk,
                entry=form.filled(),
                actor=_actor(request),
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, ABOUT)
        else:
            return HttpResponseRedirect(reverse(f"{space}:standard", args=[found.pk]))
    return _ask(request, form, _("Edit"), space, base, found)


def step(request: HttpRequest, space: str, base: str, standard_id: int, act: str) -> HttpResponse:
    """Take a step of the state table, with its days."""
    found = _mine(request, standard_id)
    if act not in set(Action):
        raise Http404
    wanted = Action(act)
    form = StepForm(request.POST if request.method == "POST" else None, action=wanted)
    if form.stay_or():
        try:
            services.move(
                action=wanted,
                standard_id=found.pk,
                actor=_actor(request),
                at=datetime.now(UTC),
                **form.cleaned_data,
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse(f"{space}:standard", args=[found.pk]))
    return _ask(request, form, str(words.STEPS[wanted]), space, base, found)


def _mine(request: Any, standard_id: int) -> Any:
    """Return an entry that the reader keeps; of another's there is none."""
    found = queries.standard(standard_page.reader_of(request.acting), standard_id)
    if not standard_page.may_edit(found, request.acting):
        raise Http404
    return found


def _actor(request: Any) -> Any:
    return request.acting.actor


def _chosen(told: str, versions: Any) -> Any:
    return next((one for one in versions if _key(one) == told), None)


def _key(version: Any) -> str:
    return f"{version.framework.key}/{version.key}"


def _ask(
    request: HttpRequest, form: Any, heading: str, space: str, base: str, about: Any = None
) -> HttpResponse:
    home = reverse(f"{space}:standards")
    back = reverse(f"{space}:standard", args=[about.pk]) if about else home
    crumbs = [Crumb(_("Standards"), home), *([Crumb(about.number, back)] if about else [])]
    context = {
        "base": base,
        "form": form,
        "heading": heading,
        "back": back,
        "crumbs": [*crumbs, Crumb(heading)],
    }
    return render(request, "shared/form.html", context, status=422 if form.errors else 200)
