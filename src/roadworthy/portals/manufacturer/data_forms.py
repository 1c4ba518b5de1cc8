"""What data compliance writes: items, recipients, notices, how consent is asked for, flows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roadworthy.domains.processing.declaring import Declared
from roadworthy.domains.processing.register import Entry
from roadworthy.domains.processing.states import (
    Anonymised,
    Ground,
    Important,
    NoticeItem,
    Path,
    Place,
    Purpose,
    Sensitive,
    Storage,
    Subject,
)
from roadworthy.egress.policy import Kind, Origin
from roadworthy.portals.shared import data_words as words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Form, WholeNumber, dress

_MANY = 10_000_000_000
_YES_NO = (("", _("Not stated yet")), ("yes", _("Yes")), ("no", _("No")))
_SAID = {"": None, "yes": True, "no": False}
_UNSAID = {None: "", True: "yes", False: "no"}
_LONGEST = 3650  # days; a slip of the finger, no rule


class YesNo(forms.ChoiceField):
    """Yes, no, or nobody has said: the third is never taken for "no"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_YES_NO, required=False, **kwargs)

    def clean(self, value: Any) -> bool | None:
        return _SAID[super().clean(value)]

    def prepare_value(self, value: Any) -> Any:
        return _UNSAID[value] if value is None or isinstance(value, bool) else value


class Several(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, pairs: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(choices=[(str(k), t) for k, t in pairs.items()], required=False, **kwargs)


class Listed(forms.CharField):
    """Several short texts in one line."""

    def clean(self, value: Any) -> list[str]:
        return [one for one in re.split(r"[\s,;，；、]+", super().clean(value)) if one]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


def _one(pairs: Mapping[str, Any], **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(str(k), t) for k, t in pairs.items()], **kwargs)


def _text(label: Any, rows: int = 2, **kwargs: Any) -> forms.CharField:
    kwargs.setdefault("max_length", 2000)
    return forms.CharField(label=label, widget=forms.Textarea({"rows": rows}), **kwargs)


def _pair(values: Mapping[str, Any], name: str) -> dict[str, str]:
    return {"zh-hans": values[f"{name}_zh"], "en": values[f"{name}_en"]}


class ItemForm(Form):
    """An entry of the register."""

    code = forms.CharField(
        max_length=100,
        label=_("Short name"),
        help_text=_("As the vehicle's records name it: letters, digits, . _ : -"),
    )
    name_zh = forms.CharField(max_length=120, label=_("Name in Chinese"))
    name_en = forms.CharField(max_length=120, label=_("Name in English"))
    kind = _one(words.KINDS, label=_("What a value looks like"))
    origin = _one(words.ORIGINS, label=_("Where it comes about"))
    lowest = forms.FloatField(required=False, label=_("Lowest value, of a number"))
    highest = forms.FloatField(required=False, label=_("Highest value, of a number"))
    words = Listed(required=False, label=_("All the words it can be, of a word"))
    precision = forms.CharField(
        required=False, max_length=200, label=_("Precision at which it is collected")
    )
    derived_from = Listed(
        required=False, label=_("Derived from"), help_text=_("Short names of other items")
    )
    ecus = Listed(required=False, label=_("Control units that produce it"))
    type_ids = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_("Vehicle types that produce it"),
        help_text=_("None chosen: all types"),
        widget=forms.CheckboxSelectMultiple,
    )
    function_ids = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_("Functions that use it"),
        widget=forms.CheckboxSelectMultiple,
    )
    personal = forms.BooleanField(required=False, label=_("Personal information"))
    subjects = Several(words.SUBJECTS, label=_("Whose information it is"))
    sensitive = Several(words.SENSITIVE, label=_("Sensitive personal information in it"))
    shows_persons_outside = forms.BooleanField(
        required=False, label=_("It can show persons outside the vehicle")
    )
    persons = WholeNumber(
        lowest=0,
        highest=_MANY,
        required=False,
        label=_("Persons whose information it holds"),
        unit=_("persons"),
    )
    examined = forms.BooleanField(
        required=False, label=_("Examined for the six categories of important data")
    )
    important = Several(words.IMPORTANT, label=_("Categories of important data"))
    marked_important = forms.BooleanField(required=False, label=_("Marked as important data"))
    told_important = YesNo(label=_("An authority told or published that it is important data"))

    def __init__(
        self,
        data: Any,
        *,
        types: Sequence[Any],
        functions: Sequence[Any],
        entry: Entry | None = None,
        code: str = "",
    ) -> None:
        super().__init__(data, initial=_initial(entry, code) if entry else None)
        self.fields["type_ids"].choices = [(t.pk, localised(t.name)) for t in types]  # type: ignore[attr-defined]
        self.fields["function_ids"].choices = [  # type: ignore[attr-defined]
            (f.pk, f"{f.type.code} · {localised(f.name)}") for f in functions
        ]
        if entry:
            del self.fields["code"]

    @property
    def entry(self) -> Entry:
        """Return what was written."""
        v = self.cleaned_data
        important = tuple(map(Important, v["important"]))
        return Entry(
            name=_pair(v, "name"),
            kind=Kind(v["kind"]),
            origin=Origin(v["origin"]),
            personal=v["personal"],
            derived_from=v["derived_from"],
            words=v["words"],
            lowest=v["lowest"],
            highest=v["highest"],
            precision=v["precision"],
            subjects=tuple(map(Subject, v["subjects"])),
            sensitive=tuple(map(Sensitive, v["sensitive"])),
            important=important if v["examined"] or important else None,
            marked_important=v["marked_important"],
            told_important=v["told_important"],
            shows_persons_outside=v["shows_persons_outside"],
            persons=v["persons"],
            type_ids=v["type_ids"],
            function_ids=v["function_ids"],
            ecus=v["ecus"],
        )


def _initial(entry: Entry, code: str) -> dict[str, Any]:
    plain = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return {
        **plain,
        "code": code,
        "name_zh": entry.name["zh-hans"],
        "name_en": entry.name["en"],
        "important": list(map(str, entry.important or ())),
        "examined": entry.important is not None,
        "sensitive": list(map(str, entry.sensitive)),
        "subjects": list(map(str, entry.subjects)),
    }


class RecipientForm(Form):
    code = forms.CharField(
        max_length=40,
        label=_("Short name"),
        help_text=_("As the vehicle's policy names it: letters, digits, . _ : -"),
    )
    name_zh = forms.CharField(max_length=120, label=_("Name in Chinese"))
    name_en = forms.CharField(max_length=120, label=_("Name in English"))
    country = forms.CharField(
        max_length=8,
        label=_("Country"),
        help_text=_("Two letters (ISO 3166-1): CN, DE, US. HK, MO and TW count as abroad here."),
    )
    is_company = forms.BooleanField(required=False, label=_("This is our own company"))
    contact = forms.CharField(required=False, max_length=200, label=_("Contact"))
    belongs_to = forms.CharField(
        required=False,
        max_length=120,
        label=_("Group it belongs to"),
        help_text=_("Exports to recipients of one group are looked at together"),
    )


class NoticeForm(Form):
    """The items of Article 7 in both languages."""

    def __init__(
        self, data: Any, *, content: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        was = content or {}
        super().__init__(
            data,
            initial={
                f"{item}_{end}": was.get(language, {}).get(item, "")
                for item in NoticeItem
                for end, language in (("zh", "zh-hans"), ("en", "en"))
            },
        )
        for item in NoticeItem:
            for end, language in (("zh", _("in Chinese")), ("en", _("in English"))):
                field = _text(words.NOTICE[item], required=False, help_text=language)
                self.fields[f"{item}_{end}"] = field
                dress(field)

    @property
    def content(self) -> dict[str, dict[str, str]]:
        """Return what was written, by language."""
        return {
            language: {str(i): self.cleaned_data[f"{i}_{end}"] for i in NoticeItem}
            for end, language in (("zh", "zh-hans"), ("en", "en"))
        }


class ConsentFormForm(Form):
    purpose = _one(words.PURPOSES, label=_("Purpose"))
    words_zh = _text(_("What the person agrees to, in Chinese"), 3)
    words_en = _text(_("What the person agrees to, in English"), 3)
    periods = Listed(
        required=False,
        label=_("Periods that are offered, in days"),
        help_text=_("The person chooses one. For example: 30, 180, 365"),
    )
    offers_always = forms.BooleanField(
        required=False, label=_("“Until I withdraw it” is offered, too")
    )

    def clean_periods(self) -> list[int]:
        raw = self.cleaned_data["periods"]
        for one in raw:
            if not one.isascii() or not one.isdigit() or not 0 < int(one) <= _LONGEST:
                raise forms.ValidationError(
                    _("“%(value)s” is not a number of days."), params={"value": one}
                )
        return [int(one) for one in raw]


class FlowForm(Form):
    """What is declared of a flow."""

    item = forms.ChoiceField(label=_("Data item"))
    type_ids = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=_("Vehicle types"),
        help_text=_("None chosen: all types that produce it"),
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = _one(words.PURPOSES, label=_("Purpose"))
    purpose_zh = _text(_("The purpose in words, in Chinese"), required=False)
    purpose_en = _text(_("The purpose in words, in English"), required=False)
    necessity_zh = _text(_("Why less would not do, in Chinese"), required=False)
    necessity_en = _text(_("Why less would not do, in English"), required=False)
    ground = _one(words.GROUNDS, label=_("Legal ground"))
    starts_in = _one(
        {k: v for k, v in words.PLACES.items() if k != Place.THIRD_PARTY}, label=_("From where")
    )
    processed_in = _one(words.PLACES, label=_("Where it is processed"))
    can_run_in_car = YesNo(label=_("The function can do with processing in the vehicle"))
    recipient_id = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("Recipient")
    )
    stored = _one(words.STORED, label=_("Where it is stored"))
    retention_days = WholeNumber(lowest=1, highest=36500, label=_("Deleted after"), unit=_("days"))
    precision_metres = WholeNumber(
        lowest=1,
        highest=1_000_000,
        required=False,
        label=_("A position leaves rounded to"),
        unit=_("metres"),
    )
    on_by_default = forms.BooleanField(
        required=False, label=_("Collection is on when a drive starts")
    )
    anonymised = _one(
        {"": _("Not stated yet"), **words.ANONYMISED},
        required=False,
        label=_("How exterior images are anonymised before they leave"),
    )
    outside_consented = forms.BooleanField(
        required=False, label=_("The persons outside the vehicle consented")
    )
    biometrics_necessary = YesNo(label=_("Collecting biometric features is truly necessary"))
    opened_from = Listed(
        required=False,
        label=_("Can be opened from these countries"),
        help_text=_("Two letters each (ISO 3166-1). Remote access from abroad is an export."),
    )
    managed_as_export = YesNo(label=_("Remote access is managed as an export"))
    persons = WholeNumber(
        lowest=0,
        highest=_MANY,
        required=False,
        label=_("Persons whose information goes, in a year"),
        unit=_("persons"),
    )
    population = forms.CharField(
        required=False,
        max_length=80,
        label=_("Which persons these are"),
        help_text=_("Flows with the same words count the same persons once"),
    )
    path = _one(words.PATHS, label=_("Way of export"))
    path_number = forms.CharField(
        required=False, max_length=64, label=_("Number of the contract or certificate")
    )
    assessment_id = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("Security assessment")
    )
    exempt = YesNo(label=_("One of the guide's exemptions applies"))
    exemption = forms.CharField(required=False, max_length=200, label=_("Which exemption"))

    def __init__(
        self,
        data: Any,
        *,
        items: Iterable[Any],
        types: Iterable[Any],
        recipients: Iterable[Any],
        assessments: Iterable[Any],
        said: Declared | None = None,
        item: str = "",
    ) -> None:
        super().__init__(data, initial=_said(said) if said else {"item": item, "exempt": None})
        self._choose("item", ((i.item.code, f"{localised(i.name)} ({i.item.code})") for i in items))
        self._choose("type_ids", ((t.pk, localised(t.name)) for t in types))
        nobody = ("", _("Nobody: it stays in the vehicle"))
        named = ((r.pk, f"{localised(r.name)} · {words.country(r.country)}") for r in recipients)
        self._choose("recipient_id", (nobody, *named))
        none = ("", words.PATHS[Path.NONE])
        self._choose("assessment_id", (none, *((a.pk, a.number) for a in assessments)))

    def _choose(self, name: str, pairs: Iterable[tuple[Any, Any]]) -> None:
        self.fields[name].choices = list(pairs)  # type: ignore[attr-defined]

    @property
    def declared(self) -> Declared:
        """Return what was written."""
        v = self.cleaned_data
        return Declared(
            item=v["item"],
            purpose=Purpose(v["purpose"]),
            purpose_words=_pair(v, "purpose"),
            necessity=_pair(v, "necessity"),
            ground=Ground(v["ground"]),
            starts_in=Place(v["starts_in"]),
            processed_in=Place(v["processed_in"]),
            stored=Storage(v["stored"]),
            retention_days=v["retention_days"],
            recipient_id=v["recipient_id"],
            can_run_in_car=v["can_run_in_car"],
            opened_from=v["opened_from"],
            managed_as_export=v["managed_as_export"],
            precision_metres=v["precision_metres"],
            on_by_default=v["on_by_default"],
            anonymised=Anonymised(v["anonymised"]) if v["anonymised"] else None,
            outside_consented=v["outside_consented"],
            biometrics_necessary=v["biometrics_necessary"],
            persons=v["persons"],
            population=v["population"],
            path=Path(v["path"]),
            path_number=v["path_number"],
            assessment_id=v["assessment_id"],
            exempt=v["exempt"],
            exemption=v["exemption"],
            type_ids=v["type_ids"],
        )


def _said(said: Declared) -> dict[str, Any]:
    plain = {name: getattr(said, name) for name in Declared.__dataclass_fields__}
    return {
        **plain,
        "purpose_zh": said.purpose_words["zh-hans"],
        "purpose_en": said.purpose_words["en"],
        "necessity_zh": said.necessity["zh-hans"],
        "necessity_en": said.necessity["en"],
        "anonymised": said.anonymised or "",
    }


class RemarkForm(Form):
    remark = _text(_("Reason"), 3)


class ApproveForm(Form):
    remark = _text(_("Remark"), 2, required=False)


class ExportForm(Form):
    number = forms.ChoiceField(label=_("Flow"))
    persons = _text(
        _("Persons, one a line"),
        6,
        max_length=2_000_000,
        help_text=_(
            "Your own identifiers, the same all over your group. Only a salted digest is kept."
        ),
    )
    reference = forms.CharField(
        required=False,
        max_length=80,
        label=_("Your reference"),
        help_text=_("Asked again with the same reference, nothing is counted twice"),
    )

    def __init__(self, data: Any, *, flows: Iterable[Any]) -> None:
        super().__init__(data)
        self.fields["number"].choices = [  # type: ignore[attr-defined]
            (one.number, f"{one.number} · {localised(one.item.name)}") for one in flows
        ]


class StatementForm(Form):
    critical_infrastructure = YesNo(label=_("We operate critical information infrastructure"))
    responsible = forms.CharField(
        required=False, max_length=200, label=_("Person responsible for data security")
    )
    user_contact = forms.CharField(
        required=False, max_length=200, label=_("Contact for users' rights")
    )
    province = forms.CharField(
        required=False, max_length=80, label=_("Province whose CAC gets the yearly report")
    )
    protection_zh = _text(_("Protection measures, in Chinese"), 3, required=False)
    protection_en = _text(_("Protection measures, in English"), 3, required=False)


class GroupForm(Form):
    name = forms.CharField(required=False, max_length=120, label=_("Name of a new group"))
    code = forms.CharField(required=False, max_length=40, label=_("or the code of an existing one"))
