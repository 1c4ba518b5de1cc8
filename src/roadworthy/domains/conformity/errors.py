"""What can be wrong with a step of a finding."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Invalid, NotFound


class NoSuchFinding(NotFound):
    code = "no-such-finding"
    message = "There is no such finding."


class NoSuchSnapshot(NotFound):
    code = "no-such-snapshot"
    message = "There is no such comparison."


class NoSuchVin(NotFound):
    code = "no-such-vin"
    message = "No vehicle with this VIN is registered."


class TextMissing(Invalid):
    code = "text-missing"
    message = "Say what it is and how you know. The authorities read it."


class ReasonMissing(Invalid):
    code = "undo-reason-missing"
    message = "Say why. The reason is kept with the finding."


class EvidenceMissing(Invalid):
    code = "evidence-missing"
    message = "Attach what shows it: without evidence it stays unexplained."


class NotNoise(Invalid):
    code = "not-noise"
    message = "Only an answer that is no version, or a wrong report, can be set aside as noise."


class NoAuthority(Conflict):
    code = "authority-missing"
    message = "{authority} has no account on this deployment; nothing can be reported to it."


class LimitInThePast(Invalid):
    code = "limit-in-the-past"
    message = "A limit applies from today or a later day; the past stays as it was."


class LimitOutOfRange(Invalid):
    code = "limit-out-of-range"
    message = "Enter a whole number from {low} to {high}."
