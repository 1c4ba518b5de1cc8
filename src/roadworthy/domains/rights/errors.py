"""What can go wrong with what a person asks about their data."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Invalid, NotFound


class NoSuchRequest(NotFound):
    code = "no-such-request"
    message = "There is no such request."


class NoSuchConsent(NotFound):
    code = "no-such-consent"
    message = "There is no such consent."


class NoSuchVehicle(Invalid):
    code = "no-such-vin"
    message = "None of your registered vehicles has this VIN. Check its 17 characters."


class NotOffered(Invalid):
    code = "period-not-offered"
    message = "This period is not offered. Choose one from the list."


class NotChecked(Invalid):
    code = "not-checked"
    message = "Say how you know that it is the owner who asks."


class WhyMissing(Invalid):
    code = "why-missing"
    message = "Say why, and under which article. The person reads it."


class AskedAlready(Conflict):
    code = "asked-already"
    message = "{number} asks for the same and is not answered yet."
