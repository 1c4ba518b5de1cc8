"""What can go wrong with an incident."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchIncident(NotFound):
    code = "no-such-incident"
    message = "There is no such incident."


class NoSuchReport(NotFound):
    code = "no-such-incident-report"
    message = "There is no such report of an incident."


class NoSuchHold(NotFound):
    code = "no-such-hold"
    message = "There is no such hold."


class NoSuchField(Invalid):
    code = "no-such-incident-field"
    message = "The record of an incident has no field {field}."


class WrongValue(Invalid):
    code = "wrong-incident-value"
    message = "{field} cannot be “{value}”. See which values the record takes."


class NotTheVehicle(Invalid):
    code = "incident-vehicle-unknown"
    message = "None of your registered vehicles has this VIN. Check its 17 characters."


class NotThisType(Invalid):
    code = "incident-type-unknown"
    message = "None of your vehicle types has this code, or the function belongs to another."


class VehicleOrType(Invalid):
    code = "incident-about-nothing"
    message = "Say which vehicle it is about, or at least which type."


class WordsMissing(Invalid):
    code = "incident-words-missing"
    message = "This is empty. Write what happened, or why."


class TooManyWords(Invalid):
    code = "incident-words-too-many"
    message = "Write at most {longest} characters; these are {length}."


class KindsMissing(Invalid):
    code = "incident-kinds-missing"
    message = "Say what it is before the law; the reports and their clocks follow from it."


class LearnedLater(Invalid):
    code = "incident-learned-in-the-future"
    message = "Nobody can have learned it after now. Check the day and the time."


class HappenedLater(Invalid):
    code = "incident-happened-after-learning"
    message = "It cannot have happened after you learned of it."


class NothingNew(Invalid):
    code = "incident-nothing-new"
    message = "This says what is known already. Nothing was changed."


class NotTheSame(Invalid):
    code = "incident-cannot-be-merged"
    message = "An incident is merged with another open one of yours, not with itself."


class NotAcknowledged(Conflict):
    code = "incident-not-acknowledged"
    message = "It stays open until every report has been sent and acknowledged. Still open: {open}."


class NotInvestigated(Conflict):
    code = "incident-not-investigated"
    message = "Write down a root cause and what is done about it before you conclude."


class NotOwed(Invalid):
    code = "incident-report-not-owed"
    message = "The rulebook asks for no such report of this incident. State what it is first."


class NoAuthority(Conflict):
    code = "incident-no-authority"
    message = "The authority that has to be told has no account here."


class UnchangedReport(Invalid):
    code = "incident-report-unchanged"
    message = "The report that was sent last says the same."


class ReasonMissing(Invalid):
    code = "incident-reason-missing"
    message = "Give the reason; it is kept beside what it changes."


class NoSuchQuestion(NotFound):
    code = "no-such-incident-question"
    message = "There is no such question."


class WrongWindow(Invalid):
    code = "hold-window-wrong"
    message = "The hold ends before it begins. Check the two moments."


class NothingHeld(Invalid):
    code = "hold-holds-nothing"
    message = "Give a file, or say where the recording lies and what its digest is."


class WrongDigest(Invalid):
    code = "hold-digest-wrong"
    message = "A SHA-256 digest has 64 hexadecimal digits."


class HoldEnded(Conflict):
    code = "hold-ended"
    message = "This hold has ended. Place a new one."


class FourEyes(Forbidden):
    code = "hold-four-eyes"
    message = "You proposed the end yourself. A second person decides it."


class NotYours(Forbidden):
    code = "incident-not-your-task"
    message = "Only {roles} may do this."


class TooManyReports(Conflict):
    code = "incident-too-many-from-owner"
    message = "You have told of several incidents already. Add to one of them by telephone."


class DefectOpen(Conflict):
    code = "incident-defect-open"
    message = "A defect analysis is open for this incident already: {number}."


class OtherReport(Invalid):
    code = "incident-other-report"
    message = "The report has the SHA-256 {found}; its sender says {wanted}."


class BadReport(Invalid):
    code = "incident-bad-report"
    message = "The report cannot be read: {reason}."


class AcknowledgementRefused(Forbidden):
    code = "incident-acknowledgement-refused"
    message = "The acknowledgement of {report} does not hold: {reason}."
