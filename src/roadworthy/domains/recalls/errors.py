"""What can go wrong with defects, plans, notices and lessons."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchDefect(NotFound):
    code = "no-such-defect"
    message = "There is no such defect."


class NoSuchPlan(NotFound):
    code = "no-such-recall-plan"
    message = "There is no such recall plan."


class NoSuchOrder(NotFound):
    code = "no-such-stop-order"
    message = "There is no such order to stop."


class NoSuchNotice(NotFound):
    code = "no-such-recall-notice"
    message = "There is no such notice of SAMR."


class NoSuchLesson(NotFound):
    code = "no-such-lesson"
    message = "There is no such proposal."


class NoTypes(Invalid):
    code = "defect-without-types"
    message = "Name at least one vehicle type of one manufacturer that it concerns."


class FieldMissing(Invalid):
    code = "recall-field-missing"
    message = "{field}: write this in Chinese and in English."


class WordsMissing(Invalid):
    code = "recall-words-missing"
    message = "Say why; this stays on record."


class ReportIncomplete(Invalid):
    code = "no-defect-report-incomplete"
    message = "A report that finds no defect also states: {absent} ({citation})."


class ConclusionMissing(Invalid):
    code = "defect-conclusion-missing"
    message = "Write what the analysis concludes."


class SamePerson(Forbidden):
    code = "same-person"
    message = "Who wrote the conclusion does not confirm it: a second person decides."


class OtherOutcome(Conflict):
    code = "other-outcome"
    message = "This does not follow from the conclusion that was written: send it back instead."


class EvidenceMissing(Invalid):
    code = "stop-evidence-missing"
    message = "Attach what shows it: a receipt, a photo, a record."


class WrongDay(Invalid):
    code = "recall-wrong-day"
    message = "{day} cannot be right: it lies before what it follows, or in the future."
