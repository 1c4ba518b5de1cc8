"""The steps a person can take with a release, and a question where there is no way back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.software.states import RELEASE, Action, State
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.forms import Form, PassphraseField
from roadworthy.portals.shared.shapes import Ask, Button

ASKED = frozenset({Action.SIGN, Action.WITHDRAW})


class SignForm(Form):
    passphrase = PassphraseField()


class WithdrawForm(Form):
    confirm = forms.CharField(widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, *args: Any, number: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        self.fields["confirm"].label = _("Type {number} to confirm").format(number=number)

    def clean_confirm(self) -> str:
        """Compare what was typed with the number."""
        typed: str = self.cleaned_data["confirm"].strip()
        if typed != self.number:
            raise forms.ValidationError(
                _("“{typed}” is not {number}. Type the number exactly.").format(
                    typed=typed, number=self.number
                )
            )
        return typed


def form_for(action: Action, release: Any, data: Any = None) -> Form | None:
    """Return what a step asks for, if it asks for anything."""
    prefix = str(action)
    if action == Action.SIGN:
        return SignForm(data, prefix=prefix)
    if action == Action.WITHDRAW:
        return WithdrawForm(data, prefix=prefix, number=release.number)
    return None


def button(release: Any, action: Action) -> Button:
    """Return the button of a step; what can be undone acts at once."""
    href = reverse("m:release-act", args=[release.number, action])
    texts = {
        Action.FREEZE: _("Freeze the content"),
        Action.REOPEN: _("Open again for changes"),
        Action.SIGN: _("Sign the release"),
        Action.WITHDRAW: _("Withdraw the release"),
    }
    return Button(
        texts[action],
        href,
        look="danger" if action == Action.WITHDRAW else "",
        dialog=f"ask-{action}" if action in ASKED else "",
        post=action not in ASKED,
    )


def ask(action: Action, release: Any, form: Form | None = None) -> Ask:
    """Return the question of a step that cannot be taken back."""
    form = form or form_for(action, release)
    common: dict[str, Any] = {
        "id": f"ask-{action}",
        "href": reverse("m:release-act", args=[release.number, action]),
        "back": reverse("m:release", args=[release.number]),
        "form": form,
        "open": bool(form and form.errors),
    }
    if action == Action.SIGN:
        return Ask(
            title=_("Sign {number}?").format(number=release.number),
            text=_(
                "Your signature goes on the metadata that vehicles check. It counts once every "
                "authority that has to sign has signed too."
            ),
            facts=((_("Digest that you will sign for"), f"sha256:{release.sha256}"),),
            confirm=_("Sign with my key"),
            cancel=_("Not yet"),
            **common,
        )
    return Ask(
        title=_("Withdraw {number}?").format(number=release.number),
        text=_(
            "A withdrawn release can never be filed, signed or rolled out again. Its record stays."
        ),
        confirm=_("Withdraw it"),
        cancel=_("Keep it"),
        look="danger",
        **common,
    )


def ask_anew(release: Any, form: Form) -> Ask:
    """Return the question before the metadata is made anew: nobody's signature is kept."""
    return Ask(
        id="ask-anew",
        title=_("Make the metadata of {number} anew?").format(number=release.number),
        text=_(
            "Needed only when another release was published while this one waited. Every party, "
            "you first, signs again."
        ),
        href=reverse("m:release-sign-anew", args=[release.number]),
        facts=((_("Digest that you will sign for"), f"sha256:{release.sha256}"),),
        confirm=_("Sign with my key"),
        cancel=_("Not yet"),
        form=form,
        back=reverse("m:release", args=[release.number]),
    )


def all_of(release: Any, who: Acting) -> tuple[Ask, ...]:
    """Return the questions that the reader may be asked on this page."""
    return tuple(
        ask(action, release)
        for action in RELEASE.available(State(release.state), who.role)
        if action in ASKED
    )
