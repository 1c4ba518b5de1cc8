"""What a reviewer writes: the decision, its reasons, and the signature."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from roadworthy.domains.filings.states import Action
from roadworthy.portals.shared.forms import Choice, Form, PassphraseField

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

    def __init__(self, data: Any = None, *, broken: int = 0, unknown: int = 0) -> None:
        super().__init__(data)
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
