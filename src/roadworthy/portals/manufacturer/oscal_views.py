"""The matrix as OSCAL: profile and assessment results out; one that was written here, in again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.compliance import oscal, queries
from roadworthy.domains.compliance.errors import WrongOscal
from roadworthy.domains.compliance.states import CellState
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import matrix_page
from roadworthy.portals.manufacturer.matrix_views import READERS, day_asked
from roadworthy.portals.shared import errors
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form, Upload
from roadworthy.portals.shared.shapes import Crumb

FORMS = {"profile": oscal.profile, "assessment-results": oscal.results}


class OscalForm(Form):
    file = forms.FileField(
        label=_later("OSCAL profile or assessment results"),
        widget=Upload,
        help_text=_later("A file that a matrix was written as; nothing of it is kept"),
    )


@for_roles(*READERS)
def download(request: Signed, type_id: int, form: str) -> HttpResponse:
    """Give the clauses that apply, or the matrix at a day, as OSCAL."""
    if form not in FORMS:
        raise Http404
    found = queries.matrix(request.acting.organisation_id, type_id, day_asked(request))
    name = f"{form}-{found.type.code}-{found.as_of.isoformat()}.json"
    return HttpResponse(
        FORMS[form](oscal.of(found)),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@for_roles(*READERS)
def compare(request: Signed, type_id: int) -> HttpResponse:
    """Read an OSCAL document and say where the matrix of its day stands otherwise now."""
    mine = request.acting.organisation_id
    kind = queries.matrix(mine, type_id, day_asked(request)).type
    form = OscalForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {}
    if form.stay_or():
        content = form.cleaned_data["file"].read()
        try:
            told = oscal.read(content)
            if told.type != kind.code:
                raise WrongOscal(where="type", why=f"{told.type} ≠ {kind.code}")
        except DomainError as error:
            errors.on_form(form, error, {error.code: "file"})
        else:
            context = _compared(mine, type_id, told, content)
    context |= {
        "type": kind,
        "form": form,
        "on": day_asked(request),
        "crumbs": [
            Crumb(_("Requirements"), reverse("m:matrices")),
            Crumb(kind.code, reverse("m:matrix", args=[type_id])),
            Crumb("OSCAL"),
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "manufacturer/matrix_oscal.html", context, status=status)


def _compared(mine: int, type_id: int, told: oscal.Assessed, content: bytes) -> dict[str, Any]:
    found = queries.matrix(mine, type_id, date.fromisoformat(told.as_of))
    return {
        "told": told,
        "told_on": found.as_of,
        "is_same": oscal.written_again(told, content) == content,
        "rows": [_row(one) for one in oscal.differences(told, found)],
    }


def _row(one: oscal.Difference) -> dict[str, Any]:
    return {
        "key": one.line.key,
        "title": localised(one.line.title),
        "there": matrix_page.STATES[CellState(one.line.state)],
        "here": matrix_page.STATES[one.here.state] if one.here else None,
        "why": matrix_page.why(one.here) if one.here else "",
    }
