"""Files of reports: give one, watch it being taken in, read what was refused."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy import stores
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.surveillance import forms as known
from roadworthy.domains.surveillance import importing, queries
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import count_charts, errors, tasks, uploads
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Chip, Crumb, Tone

MAY = (Role.SAFETY, Role.COMPLIANCE_OFFICER)
SHOWN = 100  # refused rows on the page; the file has them all


class ImportForm(Form):
    file = forms.FileField(
        label=_later("File of reports"),
        help_text=_later("CSV, JSON or JSON lines, or a ZIP file with one of them"),
    )
    form = forms.ChoiceField(
        label=_later("Form of the file"),
        choices=[("auto", _later("Find it out")), *((one, one) for one in known.NAMES)],
        required=False,
    )


@for_roles(*MAY)
@uploads.takes_images
def imports(request: Signed) -> HttpResponse:
    """List the imports, and take a file."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _given(request, form.cleaned_data["file"], form.cleaned_data["form"] or "auto")
        except DomainError as error:
            errors.on_form(form, error, {error.code: "file"})
    found = listing(
        request,
        lambda: queries.runs(request.acting.organisation_id),
        nothing=Empty(
            _("No file was taken in"),
            _("Public registers are taken in on the host; your own files here."),
        ),
    )
    context = {"form": form, "listing": found, "rows": _rows(found.page)}
    status = 422 if form.errors else 200
    return render(request, "manufacturer/imports.html", context, status=status)


@for_roles(*MAY)
def imported(request: Signed, run_id: int) -> HttpResponse:
    """Show one import: how far it is, what came of each row."""
    run = queries.run(request.acting.organisation_id, run_id)
    row = _row(run, queries.at_work([run.pk]))
    refused = queries.faults(run.pk, warnings=False)
    warned = queries.faults(run.pk, warnings=True)
    context = {
        **row,
        "heading": run.file_name,
        "crumbs": [Crumb(_("Imports"), reverse("m:imports")), Crumb(run.file_name)],
        "share": f"{100 * run.done_bytes / (run.file_bytes or 1):.1f}",
        "failure": _failure(run.failure) if run.failure else "",
        "parts": [
            (_("Rows that were refused"), run.refused, _told(refused[:SHOWN])),
            (_("Rows taken with a warning"), run.warned, _told(warned[:SHOWN])),
        ],
        "shown": SHOWN,
    }
    return render(request, "manufacturer/imported.html", context)


@for_roles(*MAY)
def import_faults(request: Signed, run_id: int) -> HttpResponseBase:
    """Give the refused rows and the warnings as CSV."""
    run = queries.run(request.acting.organisation_id, run_id)
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"  # so that spreadsheets read it as UTF-8
        header = (_("Row"), _("Column"), _("Value"), _("Reason"), _("Taken"))
        yield writer.writerow(header)
        for warnings in (False, True):
            for one in queries.faults(run.pk, warnings=warnings):
                cells = (one.row, one.column, one.value, _(one.message).format(**one.facts))
                yield writer.writerow((*map(_harmless, cells), _("yes") if warnings else _("no")))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}.csv"'
    return response


class _Echo:
    """What a csv writer writes to so that it hands its line back."""

    def write(self, line: str) -> str:
        return line


def _harmless(cell: Any) -> Any:
    """Keep a spreadsheet from reading a value as a formula."""
    is_formula = isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{cell}" if is_formula else cell


def _given(request: Signed, file: Any, form: str) -> HttpResponse:
    folder = stores.home() / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    at = datetime.now(UTC)
    path = folder / f"{at:%Y%m%dT%H%M%S%f}-{request.acting.membership_id}"
    try:
        with path.open("xb") as target:
            for piece in file.chunks():
                target.write(piece)
        with importing.recognised(path, name=file.name, form=form) as found:
            run = importing.begin(
                found,
                manufacturer_id=request.acting.organisation_id,
                actor=request.acting.actor,
                at=at,
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    tasks.take_in_reports.defer(run_id=run.pk, path=str(path), name=file.name, form=form)
    messages.success(request, _("The file is being taken in."))
    return HttpResponseRedirect(reverse("m:import", args=[run.pk]))


def _rows(runs: Any) -> list[dict[str, Any]]:
    busy = queries.at_work([one.pk for one in runs])
    return [_row(one, busy) for one in runs]


def _row(run: Any, busy: frozenset[int]) -> dict[str, Any]:
    return {
        "run": run,
        "source": count_charts.SOURCES[run.register.source],
        "is_public": run.register.manufacturer_id is None,
        "chip": _chip(run, busy),
        "is_busy": run.pk in busy or run.started_at is None,
    }


def _chip(run: Any, busy: frozenset[int]) -> Chip:
    if run.failure:
        return Chip(Tone.BROKEN, _("Ended early"))
    if run.finished_at:
        return Chip(Tone.MET, _("Taken in"))
    if run.started_at is None:
        return Chip(Tone.IDLE, _("Waiting"))
    if run.pk in busy:
        return Chip(Tone.LIVE, _("At work"))
    return Chip(Tone.DUE, _("Interrupted"))


def _told(faults: Any) -> list[tuple[Any, str]]:
    return [(one, _(one.message).format(**one.facts)) for one in faults]


def _failure(failure: dict[str, Any]) -> str:
    return _(queries.message_of(failure["code"])).format(**failure["facts"])
