"""What can go wrong with a standard."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchStandard(NotFound):
    code = "no-such-standard"
    message = "There is no such standard in the catalogue."


class NoSuchPlace(Invalid):
    code = "no-such-place"
    message = 'The catalogue has no place "{place}".'


class WithoutPlace(Invalid):
    code = "standard-without-place"
    message = "{number} has no place in a framework. Say under which sub-area it stands."


class NumberTaken(Conflict):
    code = "standard-number-taken"
    message = "{number} is in the catalogue already."


class Cycle(Invalid):
    code = "supersession-cycle"
    message = "{number} would replace itself, by way of {path}."


class BeforePredecessor(Invalid):
    code = "successor-before-predecessor"
    message = (
        "{number} takes effect on {on}, before {predecessor}, which it replaces ({earlier}). "
        "Check both dates."
    )


class DatesOutOfOrder(Invalid):
    code = "standard-dates-out-of-order"
    message = "{later} ({later_on}) lies before {earlier} ({earlier_on})."


class WrongDate(Invalid):
    code = "standard-wrong-date"
    message = '"{value}" is no date. Write it as 2026-07-01.'


class NotYoursToChange(Forbidden):
    code = "standard-not-yours"
    message = "What everybody reads is kept by MIIT. Add an entry of your own instead."


class SourceMissing(Invalid):
    code = "standard-source-missing"
    message = "Say where this is from: an entry without source cannot be checked."


class DateMissing(Invalid):
    code = "standard-date-missing"
    message = "For this step a date is needed: {name}."


class WrongGrade(Invalid):
    code = "standard-wrong-grade"
    message = 'A grade of evidence is A, B, C or D, not "{value}".'


class WrongKind(Invalid):
    code = "standard-wrong-kind"
    message = (
        'The kind "{told}" does not go with {number}. Leave it empty, and it follows from the '
        "number; of a draft without number say what it is to be."
    )


class WrongState(Invalid):
    code = "standard-wrong-state"
    message = 'The catalogue knows no state "{value}".'


class NoSuchPredecessor(Invalid):
    code = "no-such-predecessor"
    message = (
        "{number} replaces {predecessor}, which is not in the catalogue. Enter that one first."
    )


class TwiceInFile(Invalid):
    code = "standard-twice-in-file"
    message = "{number} stands in this file before, in row {first}."


class NotEligible(Conflict):
    code = "standard-not-eligible"
    message = "{number} cannot be analysed yet: {why}"


class HandedIn(Conflict):
    code = "analysis-handed-in"
    message = "This analysis was handed in and stays as it is."


class WrongAnswer(Invalid):
    code = "analysis-wrong-answer"
    message = '"{value}" is no answer to this question.'


class NoSuchFramework(NotFound):
    code = "no-such-framework"
    message = "There is no such system of standards in the catalogue."


class WrongOscal(Invalid):
    code = "wrong-oscal"
    message = "This is no OSCAL catalog that can be read ({where}): {reason}."


class NoSuchForm(Invalid):
    code = "no-such-table-form"
    message = "The file {name} is neither CSV nor Excel (.xlsx) nor an OSCAL catalog (.json)."


class NotMapped(Invalid):
    code = "column-not-mapped"
    message = "No column is chosen for: {field}."


class WrongWorkbook(Invalid):
    code = "wrong-workbook"
    message = "The workbook cannot be read: {reason}."


class NoSuchRun(NotFound):
    code = "no-such-standards-import"
    message = "There is no such import."


class PerhapsMeant(Invalid):
    code = "perhaps-another-standard"
    message = (
        "{number} replaces {predecessor}, which is not in the catalogue. Is {near} meant? Correct "
        "the number, or enter {predecessor} first."
    )
