"""The sign-in form: one answer for a wrong address and a wrong password, and a limit on tries."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.throttle import BY_ACCOUNT, BY_MACHINE


class SignInForm(Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput({"autocomplete": "username", "autofocus": True}),
        error_messages={
            "invalid": _("This is not an e-mail address. Write it like name@example.org.")
        },
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, data: Any, *, machine: str) -> None:
        super().__init__(data)
        self.machine = machine
        self.user: Any = None

    def clean(self) -> dict[str, Any]:
        """Check the password, unless somebody has guessed too often."""
        values = super().clean() or {}
        email, password = values.get("email"), values.get("password")
        if not email or not password:
            return values
        if not (BY_ACCOUNT.allows(email) and BY_MACHINE.allows(self.machine)):
            raise forms.ValidationError(
                _("Too many attempts. Wait 15 minutes, then try again."), code="throttled"
            )
        self.user = authenticate(username=email, password=password)
        if self.user is None:
            BY_ACCOUNT.count(email)
            BY_MACHINE.count(self.machine)
            raise forms.ValidationError(
                _("E-mail address and password do not belong together. Check both and try again.")
            )
        BY_ACCOUNT.forget(email)
        return values
