"""What a reviewer writes: the decision, its reasons, and the signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from roadworthy.domains.access.completeness import Gap
from roadworthy.domains.access.granting import Term
from roadworthy.domains.filings.states import Action
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import MESSAGES, Choice, DayField, Form, PassphraseField

MOST_TERMS = 50  # conditions of one decision
_TERM = re.compile(r"term-(\d{1,3})-")
_OWNERS = {
    str(role): words.ROLES[role]
    for role in (
        Role.HOMOLOGATION,
        Role.COMPLIANCE_OFFICER,
        Role.RELEASE_ENGINEER,
        Role.MARKETING,
        Role.AFTER_SALES,
        Role.SAFETY,
        Role.RECALL,
        Role.DATA,
    )
}
DECISIONS = (
    (str(Action.ACCEPT), _later("Accept")),
    (str(Action.RETURN), _later("Return for correction")),
    (str(Action.REFUSE), _later("Refuse")),
)


class DecisionForm(Form):
    """Nothing is preselected; against the manufacturer needs a reason."""

    decision = Choice(label=_later("Your decision"), choices=DECISIONS)
    reason = forms.CharField(
        required=False,
        label=_later("Reasons"),
        help_text=_later(
            "The manufacturer sees this. Say what is missing and under which article. "
            "Needed to return or refuse."
        ),
        widget=forms.Textarea({"rows": 4, "class": "input"}),
    )

    def __init__(
        self, data: Any = None, *, broken: int = 0, unknown: int = 0, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["decision"].error_messages["required"] = _("Choose one of the three decisions.")
        self.fields["decision"].hints = {  # type: ignore[attr-defined]
            str(Action.ACCEPT): self._warning(broken, unknown),
            str(Action.RETURN): _("The manufacturer corrects and resubmits"),
            str(Action.REFUSE): _("Needs a citation; open to administrative review"),
        }

    @staticmethod
    def _warning(broken: int, unknown: int) -> str:
        said = _("You sign a receipt over this digest")
        if broken:
            count = ngettext("{n} finding is broken", "{n} findings are broken", broken)
            return f"{said}{_('; ')}{count.format(n=broken)}"
        if unknown:
            count = ngettext("{n} is undetermined", "{n} are undetermined", unknown)
            return f"{said}{_('; ')}{count.format(n=unknown)}"
        return said

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a return and a refusal."""
        values = super().clean() or {}
        against = values.get("decision") in {Action.RETURN, Action.REFUSE}
        if against and not (values.get("reason") or "").strip():
            self.add_error("reason", _("Write the reason: the manufacturer reads it."))
        return values


class TermForm(Form):
    """One condition of an approval; an empty one is none."""

    text_zh = forms.CharField(
        required=False, label=_later("Condition in Chinese"), widget=forms.Textarea({"rows": 2})
    )
    text_en = forms.CharField(
        required=False, label=_later("Condition in English"), widget=forms.Textarea({"rows": 2})
    )
    owner = forms.ChoiceField(
        required=False, label=_later("Who answers for it"), choices=tuple(_OWNERS.items())
    )
    due_on = DayField(required=False, label=_later("Due on"))
    stands_for = forms.ChoiceField(
        required=False,
        label=_later("Stands for what is missing"),
        help_text=_later("Access is granted although it is missing; it follows by the day set"),
    )
    is_public = forms.BooleanField(
        required=False, label=_later("Show it on the public page of the approval")
    )

    def __init__(self, *args: Any, gaps: Sequence[Gap] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not gaps:
            del self.fields["stands_for"]
            return
        named = [(one.key, localised(one.title)) for one in gaps]
        self.fields["stands_for"].choices = [("", _("Nothing")), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a day or a mark without words: it would be lost without being said."""
        values = super().clean() or {}
        if self.is_blank and (self.data.get(self.add_prefix("due_on")) or values.get("is_public")):
            self.add_error("text_zh", MESSAGES["required"])
        return values

    @property
    def is_blank(self) -> bool:
        return not (self.cleaned_data.get("text_zh") or self.cleaned_data.get("text_en"))

    @property
    def term(self) -> Term:
        """Return the condition as the domain takes it."""
        values = self.cleaned_data
        return Term(
            {"zh-hans": values["text_zh"].strip(), "en": values["text_en"].strip()},
            Role(values["owner"]),
            values["due_on"],
            values["is_public"],
            values.get("stands_for", ""),
        )

    @property
    def said(self) -> str:
        """Return the condition in the reader's language, with what it stands for."""
        text = localised(self.term.text)
        missing = self.term.stands_for
        if not missing:
            return text
        choices = dict(self.fields["stands_for"].choices)  # type: ignore[attr-defined]
        return _("{text} (stands for: {missing})").format(text=text, missing=choices[missing])

    @property
    def sent(self) -> dict[str, str]:
        """Return the fields as they were sent, to be sent again with the signature."""
        names = {name: self.add_prefix(name) for name in self.fields}
        return {sent: self.data[sent] for sent in names.values() if self.data.get(sent)}


Terms = tuple[TermForm, ...]


def term_forms(data: Any = None, gaps: Sequence[Gap] = (), *, more: int = 0) -> Terms:
    """Return a form for each condition that was sent and ``more``; at first one, or one a gap."""
    sent = [int(found[1]) + 1 for name in data or () if (found := _TERM.match(name))]
    count = min(max([1, *sent] if data else [1, len(gaps)]) + more, MOST_TERMS)
    return tuple(_term_form(number, data, gaps) for number in range(count))


def _term_form(number: int, data: Any, gaps: Sequence[Gap]) -> TermForm:
    initial = {"stands_for": gaps[number].key} if number < len(gaps) else {}
    return TermForm(data, prefix=f"term-{number}", auto_id="%s", gaps=gaps, initial=initial)


class SignatureForm(Form):
    """The last step of an acceptance."""

    passphrase = PassphraseField()


class AskForm(Form):
    """A question to the manufacturer."""

    question = forms.CharField(
        label=_later("Ask the manufacturer"),
        help_text=_later(
            "The manufacturer sees this, the other authority does not. "
            "You cannot accept while a question is open."
        ),
        widget=forms.Textarea({"rows": 3, "class": "input"}),
    )


class NoteForm(Form):
    """Something for one's own authority."""

    note = forms.CharField(
        label=_later("Internal note"),
        help_text=_later(
            "Only your authority ever reads it: not the manufacturer, not the other authority, "
            "not the log."
        ),
        widget=forms.Textarea({"rows": 3, "class": "input"}),
    )
