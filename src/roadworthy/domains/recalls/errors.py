"""What can go wrong with defects, plans, notices and lessons."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchDefect(NotFound):
    code = "no-such-defect"
    message = "There is no such defect."


class NoSuchPlan(NotFound):
    code = "no-such-recall-plan"
    message = "There is no such recall plan."


class NoSuchMatter(NotFound):
    code = "no-such-producer-matter"
    message = "There is no such entry."


class NotForYou(Forbidden):
    code = "producer-matter-not-your-task"
    message = "Only {roles} may do this."


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
    message = "{why} ({rule})"


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


class WrongSite(Invalid):
    code = "wrong-site"
    message = "{code}: name its kind (plant, dealer, importer), a code and a name; not “{kind}”."


class NothingToRecall(Conflict):
    code = "nothing-to-recall"
    message = "A plan follows a defect that is confirmed; {number} is not."


class PlanUnderWay(Conflict):
    code = "recall-plan-under-way"
    message = "{number} is not finished yet. Change that plan, or withdraw it."


class WrongPlan(Invalid):
    code = "wrong-recall-plan"
    message = "The plan ends before it starts."


class NotResolved(Conflict):
    code = "recall-scope-not-resolved"
    message = "The vehicles in scope are not counted yet. Try again in a moment."


class NobodyInScope(Conflict):
    code = "recall-scope-empty"
    message = "No vehicle is in the scope. Correct what it says."


class Undecided(Conflict):
    code = "recall-scope-undecided"
    message = (
        "Of {count} vehicles it cannot be said whether they are in the scope. Say so for them, "
        "for example by “built unknown”."
    )


class NotAllByOta(Conflict):
    code = "recall-not-all-by-ota"
    message = "{count} vehicles cannot be updated over the air. Choose a remedy by both."


class ReleaseMissing(Conflict):
    code = "recall-release-missing"
    message = "The plan names no release that removes the defect over the air."


class NotThatRelease(Invalid):
    code = "not-that-release"
    message = "{number} is no release for a type of this defect, or it is withdrawn."


class DealersNotTold(Conflict):
    code = "dealers-not-told"
    message = "First note when the dealers were told of the plan; the law asks for both together."


class NotAllRemedied(Conflict):
    code = "recall-not-complete"
    message = "{count} vehicles are not remedied. Say how the rest is followed up."


class WrongFailure(Invalid):
    code = "wrong-failure"
    message = "Say what is wrong with the recall: its remedy, a new defect, or its scope."


class ObjectionStillPossible(Conflict):
    code = "objection-still-possible"
    message = "The manufacturer may object until {day}; an order follows when it has not."


class ObjectionTooLate(Conflict):
    code = "objection-too-late"
    message = "The period to object ended on {day}."


class NotReceivedYet(Conflict):
    code = "recall-notice-not-received"
    message = (
        "The manufacturer's deployment has not said yet that it received the notice. The period "
        "to object runs from that day, so its end is not known."
    )


class ReceiptKnown(Conflict):
    code = "recall-notice-receipt-known"
    message = "When {number} was received is known already, or no notice of recall was given."


class NotSamrs(Forbidden):
    code = "not-samrs-notice"
    message = "Only SAMR gives notice to recall, to manufacturers; this is from {organisation}."


class UnknownTypes(Invalid):
    code = "recall-notice-unknown-types"
    message = "No vehicle type {codes} is known here."


class OtherNotice(Conflict):
    code = "other-recall-notice"
    message = "{number} stands for another notice here already."


class NoSuchStep(Conflict):
    code = "no-such-notice-step"
    message = "That step of {number} was not taken here."


class WrongTarget(Invalid):
    code = "lesson-wrong-target"
    message = "“{target}” is no rule, parameter or instrument that the rulebook knows."


class WrongValue(Invalid):
    code = "lesson-wrong-value"
    message = "Propose a whole number for the parameter; “{value}” is none."


class NotAdopted(Invalid):
    code = "lesson-not-adopted"
    message = "Name the changed text and the day from which it applies."
