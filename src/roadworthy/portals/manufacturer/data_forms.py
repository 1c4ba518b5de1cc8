"""What data compliance writes: items, recipients, notices, how consent is asked for, flows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roadworthy.domains.processing.register import Entry
from roadworthy.domains.processing.states import (
    Important,
    NoticeItem,
    Sensitive,
    Subject,
)
from roadworthy.egress.policy import Kind, Origin
from roadworthy.portals.shared import data_words as terms
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField, Form, WholeNumber, dress

MANY = 10_000_000_000
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


def one_of(pairs: Mapping[str, Any], **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(str(k), t) for k, t in pairs.items()], **kwargs)


def text_field(label: Any, rows: int = 2, **kwargs: Any) -> forms.CharField:
    kwargs.setdefault("max_length", 2000)
    return forms.CharField(label=label, widget=forms.Textarea({"rows": rows}), **kwargs)


def pair_of(values: Mapping[str, Any], name: str) -> dict[str, str]:
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
    kind = one_of(terms.KINDS, label=_("What a value looks like"))
    origin = one_of(terms.ORIGINS, label=_("Where it comes about"))
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
    subjects = Several(terms.SUBJECTS, label=_("Whose information it is"))
    sensitive = Several(terms.SENSITIVE, label=_("Sensitive personal information in it"))
    shows_persons_outside = forms.BooleanField(
        required=False, label=_("It can show persons outside the vehicle")
    )
    persons = WholeNumber(
        lowest=0,
        highest=MANY,
        required=False,
        label=_("Persons whose information it holds"),
        unit=_("persons"),
    )
    examined = forms.BooleanField(
        required=False, label=_("Examined for the six categories of important data")
    )
    important = Several(terms.IMPORTANT, label=_("Categories of important data"))
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
        if not functions:
            self.fields["function_ids"].widget = forms.MultipleHiddenInput()

    @property
    def entry(self) -> Entry:
        """Return what was written."""
        v = self.cleaned_data
        important = tuple(map(Important, v["important"]))
        return Entry(
            name=pair_of(v, "name"),
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
                field = text_field(terms.NOTICE[item], required=False, help_text=language)
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
    purpose = one_of(terms.PURPOSES, label=_("Purpose"))
    words_zh = text_field(_("What the person agrees to, in Chinese"), 3)
    words_en = text_field(_("What the person agrees to, in English"), 3)
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
    protection_zh = text_field(_("Protection measures, in Chinese"), 3, required=False)
    protection_en = text_field(_("Protection measures, in English"), 3, required=False)


class GroupForm(Form):
    name = forms.CharField(required=False, max_length=120, label=_("Name of a new group"))
    code = forms.CharField(required=False, max_length=40, label=_("or the code of an existing one"))


class AssessmentForm(Form):
    """A security assessment of an export, with all that it covers."""

    number = forms.CharField(max_length=64, label=_("Number that the authority gave"))
    state = one_of(terms.ASSESSMENTS, label=_("Result"))
    result_on = DayField(required=False, label=_("Day of the result"))
    expires_on = DayField(required=False, label=_("Last day on which it holds"))
    purposes = Several(terms.PURPOSES, label=_("Purposes it covers"))
    item_codes = forms.MultipleChoiceField(
        label=_("Data items it covers"), widget=forms.CheckboxSelectMultiple
    )
    recipient_ids = forms.TypedMultipleChoiceField(
        coerce=int, label=_("Recipients it covers"), widget=forms.CheckboxSelectMultiple
    )
    countries = Listed(required=False, label=_("Countries it covers"))
    covers_remote_access = forms.BooleanField(
        required=False, label=_("It covers access from abroad")
    )
    persons = WholeNumber(
        lowest=0, highest=MANY, label=_("Scale that was assessed"), unit=_("persons")
    )

    def __init__(self, data: Any, *, items: Iterable[Any], recipients: Iterable[Any]) -> None:
        super().__init__(data)
        self.fields["item_codes"].choices = [  # type: ignore[attr-defined]
            (one.item.code, localised(one.name)) for one in items
        ]
        self.fields["recipient_ids"].choices = [  # type: ignore[attr-defined]
            (one.pk, localised(one.name)) for one in recipients
        ]
