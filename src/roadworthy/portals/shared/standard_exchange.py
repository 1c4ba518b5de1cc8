"""Standards as files: give the catalogue out, take a list in, with a step to say which column is
what and a report that names every row that was not taken.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy import stores
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.standards import importing, rows, services
from roadworthy.domains.standards.rows import ForAll
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, keeping, standard_page
from roadworthy.portals.shared import standard_words as words
from roadworthy.portals.shared.forms import FileForm, Form, Upload
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Crumb
from roadworthy.portals.shared.standard_forms import GRADES, places

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_SAMPLE: Final = 5
PER_PAGE: Final = 100


class GiveForm(FileForm):
    file = forms.FileField(
        label=_later("File of standards"),
        help_text=_later("CSV, Excel (.xlsx) or an OSCAL catalog (.json)"),
        widget=Upload({"accept": ".csv,.xlsx,.json"}),
    )


class MapForm(Form):
    """Which column holds which field, and what holds for all rows."""

    source = forms.CharField(label=_later("Source of rows that name none"), max_length=200)
    grade = forms.ChoiceField(
        label=_later("Grade of evidence"), choices=list(GRADES.items()), initial="C"
    )
    place = forms.ChoiceField(
        label=_later("Place of new rows that name none"),
        required=False,
        help_text=_later("Without one, a new standard that has no place is refused."),
    )

    def __init__(self, *args: Any, columns: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", _("none")),
            *places(),
        ]
        found = rows.suggested(columns)
        choices = [("", _("not in the file")), *((one, one) for one in columns if one)]
        for name in rows.COLUMNS:
            self.fields[f"c_{name}"] = forms.ChoiceField(
                label=_column(name),
                choices=choices,
                required=name in rows.REQUIRED,
                initial=found.get(name, ""),
                widget=forms.Select({"class": "input"}),
            )

    @property
    def mapping(self) -> dict[str, str]:
        """Return {field: column} of what is mapped."""
        given = {name: self.cleaned_data[f"c_{name}"] for name in rows.COLUMNS}
        return {name: column for name, column in given.items() if column}

    @property
    def everywhere(self) -> ForAll:
        given = self.cleaned_data
        return ForAll(given["source"], given["grade"], given["place"])


def exported(request: HttpRequest, space: str, base: str, form: str) -> HttpResponse:  # noqa: ARG001
    """Give the catalogue as CSV, Excel or an OSCAL catalog."""
    mine = standard_page.reader_of(getattr(request, "acting", None))
    makers: dict[str, Callable[[int | None], str | bytes]] = {
        "csv": lambda who: "\ufeff" + importing.as_csv(who),
        "xlsx": importing.as_xlsx,
        "json": importing.as_oscal,
    }
    made = makers.get(form)
    if made is None:
        raise Http404
    name = "standards.oscal.json" if form == "json" else f"standards.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made(mine), content_type=_TYPES[form], headers=headers)


def give(request: Any, space: str, base: str) -> HttpResponse:
    """Take a file and go on to say which column is what."""
    services.scope(request.acting.actor)
    form = GiveForm(request.POST or None, request.FILES or None)
    if form.stay_or():
        try:
            return _given(request, space, form.cleaned_data["file"])
        except DomainError as error:
            errors.on_form(form, error, {error.code: "file"})
    found = listing(
        request,
        lambda: importing.runs(_mine(request)),
        nothing=Empty(_("No file of standards was taken in")),
    )
    context = {
        "base": base,
        "form": form,
        "crumbs": _crumbs(space),
        "listing": found,
        "rows": [(one, reverse(f"{space}:standards-run", args=[one.pk])) for one in found.page],
    }
    status = 422 if form.errors else 200
    return render(request, "shared/standards_import.html", context, status=status)


def mapped(request: Any, space: str, base: str, sha256: str) -> HttpResponse:
    """Say which column is what, with the first rows in sight, then take the rows in."""
    kept = documents.document(request.acting.organisation_id, sha256)
    path = stores.documents().path(kept.sha256)
    sheet = importing.sheet(path, kept.filename)
    form = MapForm(request.POST or None, columns=tuple(sheet.columns))
    if form.stay_or():
        try:
            run = importing.take_in(
                path=path,
                name=kept.filename,
                mapping=form.mapping,
                everywhere=form.everywhere,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse(f"{space}:standards-run", args=[run.pk]))
    context = {
        "base": base,
        "form": form,
        "name": kept.filename,
        "crumbs": _crumbs(space, kept.filename),
        "columns": sheet.columns,
        "sample": [
            (number, [cells.get(one) for one in sheet.columns])
            for number, cells in sheet.rows[:_SAMPLE]
        ],
        "count": len(sheet.rows) + len(sheet.unread),
        "general": [form[name] for name in ("source", "grade", "place")],
        "fields": [form[f"c_{name}"] for name in rows.COLUMNS],
        "back": reverse(f"{space}:standards-import"),
    }
    status = 422 if form.errors else 200
    return render(request, "shared/standards_map.html", context, status=status)


def run(request: Any, space: str, base: str, run_id: int) -> HttpResponse:
    """Show what became of a file's rows."""
    found = importing.run(_mine(request), run_id)
    faults = listing(
        request,
        lambda: importing.faults(found.pk),
        nothing=Empty(_("Every row was taken")),
        per_page=PER_PAGE,
    )
    context = {
        "base": base,
        "run": found,
        "crumbs": _crumbs(space, found.file_name),
        "listing": faults,
        "rows": [(one, _reason(one)) for one in faults.page],
    }
    return render(request, "shared/standards_run.html", context)


def _given(request: Any, space: str, file: Any) -> HttpResponse:
    form = importing.form_of(file.name or "")
    kept = keeping.kept(request, file)
    path = stores.documents().path(kept.sha256)
    if form == importing.OSCAL:
        made = importing.take_in_oscal(
            path=path, name=kept.filename, actor=request.acting.actor, at=datetime.now(UTC)
        )
        return HttpResponseRedirect(reverse(f"{space}:standards-run", args=[made.pk]))
    importing.sheet(path, kept.filename)
    return HttpResponseRedirect(reverse(f"{space}:standards-map", args=[kept.sha256]))


def _reason(fault: Any) -> str:
    facts = dict(fault.facts)
    message = facts.pop("message", "")
    if not message:
        return str(facts.get("reason", ""))
    for name in ("later", "earlier", "name", "field"):
        if name in facts:
            facts[name] = str(words.FIELDS.get(facts[name], facts[name]))
    return str(_(message).format(**facts))


def _column(name: str) -> Any:
    more = {"note_zh": _later("Note in Chinese"), "note_en": _later("Note in English")}
    return more.get(name) or words.FIELDS[name]


def _mine(request: Any) -> int | None:
    return services.scope(request.acting.actor)


def _crumbs(space: str, last: str = "") -> list[Crumb]:
    home = Crumb(_("Standards"), reverse(f"{space}:standards"))
    if not last:
        return [home, Crumb(_("Import"))]
    return [home, Crumb(_("Import"), reverse(f"{space}:standards-import")), Crumb(last)]
