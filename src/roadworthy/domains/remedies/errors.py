"""What can go wrong while a recall is followed."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NotInForce(Conflict):
    code = "recall-plan-not-in-force"
    message = "This plan is {state}. Owners are told once it is filed with SAMR."


class WordsMissing(Invalid):
    code = "notice-words-missing"
    message = "The plan lacks what owners must be told (REG626 18): {fields}."


class MailingExists(Conflict):
    code = "mailing-exists"
    message = "The owners of this plan are already told by this channel."


class NotCompleted(Conflict):
    code = "recall-not-completed"
    message = (
        "The recall goes on. Its final report follows once it is completed; file a stage report."
    )


class ReportUnderWay(Conflict):
    code = "recall-report-under-way"
    message = "{number} is not decided yet. Hand it in or withdraw it first."


class NotReturned(NotFound):
    code = "notice-not-returned"
    message = "No notice to the owner of this vehicle has come back by this channel."


class NoticeNotSent(NotFound):
    code = "notice-not-sent"
    message = (
        "No notice was sent by this channel to the owner of this vehicle, or it came back already."
    )


class AddressMissing(Invalid):
    code = "address-missing"
    message = "Give the address that the notice is sent to now."
    field = "address"


class NoSuchMailing(NotFound):
    code = "no-such-mailing"
    message = "There is no such mailing."


class NotYourTask(Forbidden):
    code = "not-yours-to-follow"
    message = "Only {roles} may do this."


class NotInScope(NotFound):
    code = "vehicle-not-in-scope"
    message = "The recall has no such vehicle in its scope."


class BadChoice(Invalid):
    code = "bad-choice"
    message = '"{value}" is no answer; choose one of {choices}.'


class ProofMissing(Invalid):
    code = "posting-proof-missing"
    message = "Say what proves the sending: the number of the registered items or of the receipt."


class WorkshopMissing(Invalid):
    code = "workshop-missing"
    message = "The workshop is missing."


class WrongDay(Invalid):
    code = "wrong-completion-day"
    message = '"{value}" cannot be the day of the repair: write YYYY-MM-DD, not in the future.'


class NothingProven(Invalid):
    code = "nothing-proven"
    message = "Neither a version as read back nor evidence of the repair is given."


class OtherVersion(Invalid):
    code = "other-version"
    message = "{ecu} reports {version}; the defect is removed by {wanted}."


class TwiceInFile(Invalid):
    code = "vehicle-twice"
    message = "The vehicle stands further up in the same file."
