"""An application as forms, one for each section.

A form holds what was typed and never refuses it: an unfinished or wrong value is saved, and named
beside its field, until it is filed. Rows (functions, ECUs) end with empty ones to be filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.access import content
from roadworthy.domains.access.applications import KINDS
from roadworthy.domains.access.completeness import REPORTS_TO
from roadworthy.domains.access.content import Fault, Section
from roadworthy.domains.access.parameters import Parameter, Schema
from roadworthy.portals.shared import errors, words
from roadworthy.portals.shared.approved import DOCUMENTS, FIELDS
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, FileForm, Form, Upload

YES_NO = (("", _later("Not said yet")), ("yes", _later("Yes")), ("no", _later("No")))
LEVELS = (
    ("", _later("Not said yet")),
    ("0", _later("0, emergency assistance")),
    ("1", _later("1, partial driver assistance")),
    ("2", _later("2, combined driver assistance")),
    ("3", _later("3, conditional automation")),
    ("4", _later("4, high automation")),
    ("5", _later("5, full automation")),
)
BLANKS = {Section.FUNCTIONS: 1, Section.ECUS: 3}
_HINTS: Mapping[str, Any] = {
    "versions": _later("One version a line, as the vehicle reports it"),
    "address": _later("Hexadecimal, for example 18DA60F1"),
    "hardware_id": _later("board:revision"),
    "key": _later("Latin letters and digits; it stays the same through all versions"),
}


class RowForm(Form):
    """Text fields of one section, or of one row of it."""

    def __init__(self, names: Mapping[str, forms.Field], data: Mapping[str, Any]) -> None:
        super().__init__(dict(data), auto_id="w-%s")
        self.fields.update(names)
        for name, field in self.fields.items():
            field.required = False
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs.setdefault("class", "input")
            if isinstance(field, forms.CharField):
                field.strip = False
            self.data.setdefault(name, "")  # type: ignore[attr-defined]
        self.is_valid()


def blame(made: Sequence[tuple[Any, RowForm]], faults: Iterable[Fault]) -> None:
    """Write each fault beside its field; one whose field is not shown goes on top."""
    for fault in faults:
        said = errors.sentence(fault.error)
        for name in (fault.field, f"p-{fault.field}"):
            form = next((form for _title, form in made if name in form.fields), None)
            if form is not None:
                form.add_error(name, said)
                break
        else:
            made[0][1].add_error(None, f"{fault.field}: {said}")


def to_mend(made: Sequence[tuple[Any, RowForm]]) -> list[tuple[Any, Any]]:
    """Return each fault's place: its entry and its field, or what is said of no field."""
    found: list[tuple[Any, Any]] = []
    for entry, form in made:
        found += [(said, None) for said in form.non_field_errors()]
        found += [(entry, field) for field in form if field.errors]
    return found


def section(
    which: Section, working: Mapping[str, Any], schema: Schema, *, renaming: bool
) -> Sequence[tuple[Any, RowForm]]:
    """Return a section's forms with their headings, filled in from the working copy."""
    given = working[which]
    if which == Section.PARAMETERS:
        return _parameters(given, schema)
    if which == Section.FUNCTIONS:
        first = RowForm({"none": _check(FIELDS["none"])}, {"none": given.get("none") == "yes"})
        return [("", first), *_rows(which, given, _function)]
    if which == Section.ECUS:
        return _rows(which, given, _ecu)
    fields = _plain(which)
    if which == Section.TYPE and not renaming:
        fields["code"].widget.attrs["readonly"] = True
    return [("", RowForm(fields, given))]


def typed(which: Section, post: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed into a section, as the working copy keeps it."""
    if which == Section.PARAMETERS:
        return {
            name.removeprefix("p-"): str(value)
            for name, value in post.items()
            if name.startswith("p-") and str(value).strip()
        }
    if which == Section.FUNCTIONS:
        none = "yes" if post.get("none") else ""
        return {"none": none, "rows": _typed_rows(which, post, tuple(_function()))}
    if which == Section.ECUS:
        return {"rows": _typed_rows(which, post, tuple(_ecu()))}
    return {name: str(post.get(name, "")) for name in _plain(which)}


def differing(yours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what two versions of a section differ in: field, yours, the colleague's."""
    flat = [_flat(one) for one in (yours, theirs)]
    names = dict.fromkeys([*flat[0], *flat[1]])
    return [
        (name, flat[0].get(name, ""), flat[1].get(name, ""))
        for name in names
        if flat[0].get(name, "") != flat[1].get(name, "")
    ]


class TakeOverForm(Form):
    """Where the parameters of a type of before the platform come from, and how sure they are."""

    source = forms.CharField(
        max_length=400,
        label=_later("Where the parameters were taken from"),
        help_text=_later("For example the batch and the date of the announcement, or its file"),
    )
    grade = Choice(
        label=_later("How well they are verified"),
        choices=[(key, f"{key}: {text}") for key, text in words.GRADES.items()],
    )


class IncompleteForm(Form):
    """Filing what the law finds incomplete: said in so many words, and why."""

    incomplete = forms.BooleanField(
        label=_later("I file the application incomplete"),
    )
    reason = forms.CharField(
        label=_later("Why it is filed without them"),
        help_text=_later("The authority reads this, and it becomes part of the dossier."),
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        said = _("Confirm it, or add what is missing first.")
        self.fields["incomplete"].error_messages["required"] = said


class BeginForm(Form):
    code = forms.CharField(
        max_length=64,
        label=_later("Code of the new type"),
        help_text=_later("As you name it; Latin letters, digits, dot, dash and underscore"),
    )


class ReasonForm(Form):
    reason = forms.CharField(
        label=_later("Why the product changes"),
        help_text=_later("The authority reads it, and it stands on the public page"),
        widget=forms.Textarea({"rows": 4}),
    )


class EndForm(Form):
    reason = forms.CharField(label=_later("Reason"), widget=forms.Textarea({"rows": 4}))


class FulfilForm(Form):
    evidence = forms.CharField(
        label=_later("What shows that it is fulfilled"), widget=forms.Textarea({"rows": 4})
    )
    document = forms.FileField(
        label=_later("Document that shows it"), required=False, widget=Upload
    )


class DocumentForm(FileForm):
    """A document; a test report comes with the statement that its institution signed."""

    kind = forms.ChoiceField(label=_later("Kind"))
    title = forms.CharField(max_length=200, label=_later("Title"))
    standard = forms.CharField(
        max_length=40,
        required=False,
        label=_later("Standard it was tested to"),
        widget=forms.TextInput({"list": "standards"}),
    )
    envelope = forms.FileField(
        required=False,
        label=_later("Statement of the test institution (DSSE)"),
        help_text=_later("Needed for a test report: the institution signs for exactly this file"),
    )
    field_order = ("kind", "title", "standard", "file", "envelope")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.fields["kind"].choices = [(kind, DOCUMENTS[kind]) for kind in KINDS]  # type: ignore[attr-defined]
        self.fields["file"].label = _("File")
        self.fields["standard"].help_text = _("For example {names}").format(
            names=_(", ").join(REPORTS_TO)
        )


def _plain(which: Section) -> dict[str, forms.Field]:
    if which == Section.TYPE:
        choices = [("", _("Not said yet")), *((one, one) for one in content.CATEGORIES)]
        return {
            "code": _text("code"),
            "name_zh": _text("name_zh"),
            "name_en": _text("name_en"),
            "category": forms.ChoiceField(label=FIELDS["category"], choices=choices),
        }
    if which == Section.OTA:
        yes_no = {name: _choice(name) for name in ("capable", "updatable")}
        return yes_no | {name: _area(name) for name in content.OTA_TEXTS}
    if which == Section.RECORDER:
        names = (*content.RECORDERS, *content.RECORDING)
        return {name: _choice(name) for name in names} | {
            name: _text(name) for name in content.RECORDER_NUMBERS
        }
    return {name: _area(name) for name in content.MANAGEMENT_TEXTS}


def _parameters(given: Mapping[str, str], schema: Schema) -> list[tuple[Any, RowForm]]:
    made = []
    for key, title in schema.groups.items():
        mine = [one for one in schema.parameters.values() if one.group == key]
        fields = {f"p-{one.key}": _parameter(one) for one in mine}
        data = {f"p-{one.key}": given.get(one.key, "") for one in mine}
        made.append((localised(title), RowForm(fields, data)))
    unknown = {key: value for key, value in given.items() if key not in schema.parameters}
    if unknown:
        fields = {f"p-{key}": forms.CharField(label=key) for key in unknown}
        data = {f"p-{key}": value for key, value in unknown.items()}
        made.append((_("Not in the schema"), RowForm(fields, data)))
    return made


def _parameter(one: Parameter) -> forms.Field:
    label = localised(one.name)
    if one.type == "choice":
        choices = [(key, localised(text)) for key, text in (one.choices or {}).items()]
        return forms.ChoiceField(label=label, choices=[("", _("Not said yet")), *choices])
    field = forms.CharField(label=label)
    field.unit = one.unit  # type: ignore[attr-defined]
    if one.lowest is not None and one.highest is not None:
        field.help_text = _("from {low} to {high}").format(low=one.lowest, high=one.highest)
    if one.main:
        mark = _("main parameter")
        field.help_text = f"{mark} · {field.help_text}" if field.help_text else mark
    return field


def _rows(
    which: Section, given: Mapping[str, Any], fields: Callable[[], dict[str, forms.Field]]
) -> list[tuple[Any, RowForm]]:
    rows = [*given.get("rows", ()), *({} for _blank in range(BLANKS[which]))]
    made = []
    for number, row in enumerate(rows):
        at = f"{which}-{number}-"
        data = {f"{at}{name}": value for name, value in row.items()}
        data[f"{at}parking_only"] = row.get("parking_only") == "yes"
        named = row.get("name_en") or row.get("name") or row.get("key")
        heading = named or _("New entry {n}").format(n=number + 1)
        made.append((heading, RowForm(_at(fields(), at), data)))
    return made


def _at(fields: Mapping[str, forms.Field], at: str) -> dict[str, forms.Field]:
    return {f"{at}{name}": field for name, field in fields.items()}


def _function() -> dict[str, forms.Field]:
    return {
        "key": _text("key"),
        "level": forms.ChoiceField(label=FIELDS["level"], choices=LEVELS),
        "name_zh": _text("name_zh"),
        "name_en": _text("name_en"),
        "parking_only": _check(FIELDS["parking_only"]),
        **{name: _area(name) for name in content.FUNCTION_TEXTS},
    }


def _ecu() -> dict[str, forms.Field]:
    return {
        "name": _text("name"),
        "address": _text("address"),
        "sub_address": _text("sub_address"),
        "hardware_id": _text("hardware_id"),
        "approval_relevant": _choice("approval_relevant"),
        "versions": _area("versions"),
    }


def _typed_rows(
    which: Section, post: Mapping[str, Any], names: Sequence[str]
) -> list[dict[str, str]]:
    numbers = {
        int(name.split("-")[1])
        for name in post
        if name.startswith(f"{which}-") and name.split("-")[1].isdecimal()
    }
    rows = []
    for number in sorted(numbers)[: content.MOST_ROWS + 1]:
        at = f"{which}-{number}-"
        row = {name: str(post.get(f"{at}{name}", "")) for name in names}
        if "parking_only" in row:
            row["parking_only"] = "yes" if row["parking_only"] else ""
        if any(value.strip() for value in row.values()):
            rows.append(row)
    return rows


def _flat(values: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if name == "rows":
            for number, row in enumerate(value, start=1):
                flat |= {f"{number}. {FIELDS.get(k, k)}": str(v) for k, v in row.items()}
        else:
            flat[str(FIELDS.get(name, name))] = str(value)
    return flat


def _text(name: str) -> forms.Field:
    return forms.CharField(label=FIELDS[name], help_text=_HINTS.get(name, ""))


def _area(name: str) -> forms.Field:
    widget = forms.Textarea({"rows": 2})
    return forms.CharField(label=FIELDS[name], help_text=_HINTS.get(name, ""), widget=widget)


def _choice(name: str) -> forms.Field:
    return forms.ChoiceField(label=FIELDS[name], choices=YES_NO)


def _check(label: Any) -> forms.Field:
    return forms.BooleanField(label=label, widget=forms.CheckboxInput)
