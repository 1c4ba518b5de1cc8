"""What can go wrong with requirements, evidence and statements."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class BadRequirements(Invalid):
    code = "bad-requirements"
    message = "The file of requirements is wrong at {where}: {why}"


class NoSuchRequirement(NotFound):
    code = "no-such-requirement"
    message = "There is no such requirement."


class NoSuchEvidence(NotFound):
    code = "no-such-evidence"
    message = "There is no such evidence."


class NoSuchNotice(NotFound):
    code = "no-such-notice"
    message = "There is no such notice."


class NotThatKind(Invalid):
    code = "not-that-kind"
    message = "This requirement cannot be shown by that kind of evidence."


class ReportMissing(Invalid):
    code = "report-missing"
    message = "Choose the test report that shows it."


class DocumentMissing(Invalid):
    code = "document-missing"
    message = "Attach the document that shows it."


class ReportFailed(Conflict):
    code = "report-failed"
    message = "Report {number} says that the test failed: it shows nothing."


class OtherStandard(Conflict):
    code = "report-of-other-standard"
    message = "Report {number} is about {tested}; this requirement is of {wanted}."


class OtherType(Conflict):
    code = "report-of-other-type"
    message = "Report {number} is about type {tested}, not {wanted}."


class EndsBeforeItBegins(Invalid):
    code = "ends-before-it-begins"
    message = "The last day, {until}, is before the first, {since}."


class BeginsBeforeTest(Invalid):
    code = "begins-before-test"
    message = "It cannot show anything before {tested}, the day of the test."


class StandsAlready(Conflict):
    code = "evidence-stands-already"
    message = "This is attached to the requirement already."


class OwnEvidence(Forbidden):
    code = "own-evidence"
    message = "You attached it. Somebody else has to confirm it."


class ReasonMissing(Invalid):
    code = "evidence-reason-missing"
    message = "Say why. It stays on record."


class NotToBeStated(Invalid):
    code = "not-to-be-stated"
    message = "{fact} cannot be stated here: the approval says it, or no requirement asks for it."


class SourceMissing(Invalid):
    code = "statement-source-missing"
    message = "Say where it was read."


class WrongOscal(Invalid):
    code = "matrix-wrong-oscal"
    message = (
        "This is no OSCAL profile and no assessment results that a matrix was written as: "
        "{where}, {why}."
    )
