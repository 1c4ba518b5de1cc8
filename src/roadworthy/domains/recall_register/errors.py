"""What can be wrong with a recall, or with a file of recalls."""

from __future__ import annotations

from roadworthy.kernel.errors import Forbidden, Invalid, NotFound


class NoSuchRecall(NotFound):
    code = "no-such-recall"
    message = "The register has no such recall."


class UnknownFormat(Invalid):
    code = "unknown-format"
    message = (
        "This is no kind of recall file that is known here; its columns are: {columns}. "
        "Choose one with --format."
    )


class NotTheRegister(Forbidden):
    code = "not-the-register"
    message = "Only SAMR enters recalls into the register."


class NotADay(Invalid):
    code = "not-a-day"
    message = '"{value}" is no date. Write YYYY-MM-DD, or YYYY-MM or YYYY where that is all known.'


class FieldMissing(Invalid):
    code = "recall-field-missing"
    message = "The field {field} is missing."


class MakerMissing(Invalid):
    code = "maker-missing"
    message = "The maker is missing."


class CannotBeTold(Invalid):
    code = "cannot-be-told"
    message = "A recall without a number needs at least its day and its products."


class BuiltBackwards(Invalid):
    code = "built-backwards"
    message = "The first day of production ({first}) is after the last ({last})."


class PartialVin(Invalid):
    code = "partial-vin"
    message = "Enter all 17 characters of the VIN; {length} are not enough to tell a vehicle."
