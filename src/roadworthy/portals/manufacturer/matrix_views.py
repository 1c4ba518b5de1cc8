"""The matrix of a type: list, matrix at a day, one cell that explains itself, what comes, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from roadworthy.domains.compliance import exporting, gaps, overview, queries, services
from roadworthy.domains.compliance.services import Proof
from roadworthy.domains.compliance.states import CellState, EvidenceKind
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import matrix_export, matrix_page
from roadworthy.portals.manufacturer.matrix_forms import (
    EvidenceForm,
    FactForm,
    MatrixFilter,
    TypeFilter,
)
from roadworthy.portals.shared import errors, keeping
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Crumb
from roadworthy.rules.facts import in_range

READERS = (Role.HOMOLOGATION, Role.COMPLIANCE_OFFICER, Role.RELEASE_ENGINEER, Role.DATA)
SPANS = (6, 12, 24, 36)  # months to choose from: a reader's choice, not periods of the law
_EVERY = 400
_ON_FIELD = {
    "not-that-kind": "kind",
    "report-missing": "report_id",
    "no-such-report": "report_id",
    "report-failed": "report_id",
    "report-of-other-standard": "report_id",
    "report-of-other-type": "report_id",
    "document-missing": "file",
    "ends-before-it-begins": "valid_until",
    "begins-before-test": "valid_from",
}


@for_roles(*READERS)
def matrices(request: Signed) -> HttpResponse:
    """List the types with what each lacks."""
    mine = request.acting.organisation_id
    found = listing(
        request,
        lambda sort, **filters: overview.types(mine, sort=sort, **filters),
        nothing=Empty(
            _("No vehicle type is registered"), _("Types come with the import of an inventory.")
        ),
        form=TypeFilter(request),
        sort="-missing",
        per_page=50,
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "waiting": queries.to_confirm(mine).count(),
        "is_loaded": queries.requirements().exists(),
    }
    return render(request, "manufacturer/matrices.html", context)


@for_roles(*READERS)
def matrix(request: Signed, type_id: int) -> HttpResponse:
    """Show every requirement for a type on a day."""
    on = day_asked(request)
    found = queries.matrix(request.acting.organisation_id, type_id, on)
    standards = dict.fromkeys(one.requirement.standard.number for one in found.cells)
    shown = listing(
        request,
        lambda sort, **used: _narrowed(found, sort, used),
        nothing=Empty(
            _("No requirement is loaded"),
            _("They come with the catalogue of standards when the platform starts."),
        ),
        form=MatrixFilter(request, standards),
        sort="place",
        per_page=_EVERY,
    )
    rows = [matrix_page.row(one) for one in shown.page]
    context = {
        "found": found,
        "type": found.type,
        "on": on,
        "crumbs": [Crumb(_("Requirements"), reverse("m:matrices")), Crumb(found.type.code)],
        "listing": shown,
        "sort": shown.sort,
        "groups": _grouped(rows) if shown.sort == "place" else [(None, rows)],
        "tally": matrix_page.tally(found),
        "about": matrix_page.about(found.profile),
        "missing": [(name, matrix_page.fact_label(name)) for name in found.missing],
        "may_state": matrix_page.may_attach(request.acting),
        "query": f"?on={on.isoformat()}",
    }
    return render(request, "manufacturer/matrix.html", context)


@for_roles(*READERS)
@never_cache
def cell(request: Signed, type_id: int, key: str) -> HttpResponse:
    """Explain one cell; homologation attaches evidence to it here."""
    who, on = request.acting, day_asked(request)
    found = queries.matrix(who.organisation_id, type_id, on)
    one = found.cell(key)
    form = None
    if matrix_page.may_attach(who):
        form = EvidenceForm(
            request.POST or None,
            request.FILES or None,
            kinds=one.requirement.evidence,
            reports=overview.reports_for(one.requirement, found.type),
        )
    if form is not None and form.stay_or():
        try:
            _attach(request, type_id, key, form)
        except DomainError as error:
            errors.on_form(form, error, _ON_FIELD)
        else:
            messages.success(request, _("The evidence is attached."))
            return HttpResponseRedirect(reverse("m:matrix-cell", args=[type_id, key]))
    row = matrix_page.row(one)
    context = {
        "found": found,
        "type": found.type,
        "on": on,
        "row": row,
        "guards": matrix_page.guards(row, queries.guarded(type_id, one.requirement.guards)),
        "acts": [(shown, matrix_page.acts(shown["line"], who)) for shown in row["proofs"]],
        "form": form,
        "may_state": matrix_page.may_attach(who),
        "missing": [(name, matrix_page.fact_label(name)) for name in one.missing],
        "crumbs": [
            Crumb(_("Requirements"), reverse("m:matrices")),
            Crumb(found.type.code, reverse("m:matrix", args=[type_id])),
            Crumb(f"{row['standard'].number} {row['clause'].number}"),
        ],
    }
    bad = form is not None and bool(form.errors)
    return render(request, "manufacturer/matrix_cell.html", context, status=422 if bad else 200)


@for_roles(*READERS)
def coming(request: Signed, type_id: int) -> HttpResponse:
    """List what becomes mandatory for a type, and which evidence ends, in the months to come."""
    on = day_asked(request)
    asked = request.GET.get("months", "")
    months = int(asked) if asked in {str(one) for one in SPANS} else gaps.AHEAD_MONTHS
    found = queries.matrix(request.acting.organisation_id, type_id, on)
    context = {
        "found": found,
        "type": found.type,
        "on": on,
        "months": months,
        "spans": SPANS,
        "rows": matrix_page.coming(queries.coming(found, months)),
        "crumbs": [
            Crumb(_("Requirements"), reverse("m:matrices")),
            Crumb(found.type.code, reverse("m:matrix", args=[type_id])),
            Crumb(_("What comes")),
        ],
    }
    return render(request, "manufacturer/matrix_coming.html", context)


@for_roles(Role.HOMOLOGATION)
def state(request: Signed, type_id: int, fact: str) -> HttpResponse:
    """State a fact of a type that its approval does not say."""
    today = legal_day(datetime.now(UTC))
    kind = overview.own_type(request.acting.organisation_id, type_id, fact, today)
    form = FactForm(request.POST or None, fact=fact)
    back = reverse("m:matrix", args=[type_id])
    if form.stay_or():
        try:
            services.state(
                type_id=type_id,
                fact=fact,
                value=form.value,
                source=form.cleaned_data["source"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"statement-source-missing": "source"})
        else:
            messages.success(request, _("It is stated, with where it was read."))
            return HttpResponseRedirect(back)
    heading = _("State: {fact}").format(fact=matrix_page.fact_label(fact))
    context = {
        "form": form,
        "heading": heading,
        "lead": _("What you state is kept with your name; the approval goes before it."),
        "submit": _("State it"),
        "crumbs": [
            Crumb(_("Requirements"), reverse("m:matrices")),
            Crumb(kind.code, back),
            Crumb(heading),
        ],
        "back": back,
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
def download(request: Signed, type_id: int, form: str) -> HttpResponse:
    """Give the matrix at a day as CSV or as a workbook, every cell with its reason."""
    found = queries.matrix(request.acting.organisation_id, type_id, day_asked(request))
    content, media = exporting.written(matrix_export.table(found), form)
    name = f"matrix-{found.type.code}-{found.as_of.isoformat()}.{form}"
    return HttpResponse(
        content,
        content_type=media,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _attach(request: Signed, type_id: int, key: str, form: Any) -> None:
    values = form.cleaned_data
    kind = EvidenceKind(values["kind"])
    is_report = kind is EvidenceKind.TEST_REPORT
    services.attach(
        type_id=type_id,
        requirement_key=key,
        proof=Proof(
            kind=kind,
            title=values["title"],
            report_id=values["report_id"] if is_report else None,
            document_sha256="" if is_report else keeping.digest_of(request, values["file"]),
            valid_from=values["valid_from"],
            valid_until=values["valid_until"],
            note=values["note"],
        ),
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )


def _narrowed(found: queries.Matrix, sort: str, used: Mapping[str, Any]) -> list[queries.Cell]:
    rows = queries.narrowed(
        found.cells, used.get("state", ""), used.get("standard", ""), used.get("search", "")
    )
    key = _ORDERS.get(sort.removeprefix("-"), _ORDERS["place"])
    return sorted(rows, key=key, reverse=sort.startswith("-"))


_STATES = list(CellState)
_ORDERS: Mapping[str, Callable[[queries.Cell], Any]] = {
    "place": lambda one: one.requirement.place,
    "state": lambda one: (_STATES.index(one.state), one.requirement.place),
    "since": lambda one: (one.since or date.max, one.requirement.place),
}


def _grouped(rows: Sequence[dict[str, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Return the rows by standard, in their order."""
    return [
        (standard, list(group))
        for standard, group in groupby(rows, key=lambda row: row["standard"])
    ]


def day_asked(request: Signed) -> date:
    """Return the day that is asked for; today where none is, or none that can be asked about."""
    try:
        return in_range(date.fromisoformat(request.GET.get("on", "")))
    except ValueError:
        return legal_day(datetime.now(UTC))
