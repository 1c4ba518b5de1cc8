"""What can be wrong with an application or an approval."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class NoSuchApproval(NotFound):
    code = "no-such-approval"
    message = "There is no such approval."


class NoSuchApplication(NotFound):
    code = "no-such-application"
    message = "There is no such application."


class NoSuchCondition(NotFound):
    code = "no-such-condition"
    message = "There is no such condition."


class ReasonMissing(Invalid):
    code = "access-reason-missing"
    message = "Write the reason: it is published with the approval."


class ChangeReasonMissing(Invalid):
    code = "change-reason-missing"
    message = "Write why the product changes: the authority reads it."


class ApplicationOpen(Conflict):
    code = "application-open"
    message = 'There is already an application for "{code}". Go on with that one.'


class TypeKnown(Conflict):
    code = "type-known"
    message = 'The type "{code}" is registered already. Apply for a product change instead.'


class Stale(Conflict):
    """``data`` holds ``yours`` (what the refused save wrote) and ``revision`` (what stands)."""

    code = "application-stale"
    message = (
        "{name} saved this application after you had opened it. Nothing of yours is lost: "
        "compare both below and save again."
    )


class ApplicationClosed(Conflict):
    code = "application-closed"
    message = "This application is closed. Begin a new one."


class NotInForce(Conflict):
    code = "approval-not-in-force"
    message = "The approval {number} is {state}: nothing of it can be changed."


class NothingChanges(Invalid):
    code = "nothing-changes"
    message = "Nothing differs from what is approved. Change what is to change first."


class Incomplete(Invalid):
    """``data["faults"]`` holds every ``content.Fault``."""

    code = "application-incomplete"
    message = "The application cannot be filed yet: {count} things are wrong or missing."


class IncompleteUnconfirmed(Invalid):
    """``data["gaps"]`` holds every ``completeness.Gap``."""

    code = "incomplete-unconfirmed"
    message = (
        "The law asks for {count} more things. Add them, or confirm that you file the application "
        "incomplete and write why: the authority reads it."
    )


class ApprovalMovedOn(Conflict):
    code = "approval-moved-on"
    message = (
        "This change starts from version {base} of the approval, and version {newest} is in force. "
        "Return it: the manufacturer compares and files anew."
    )


class SourceMissing(Invalid):
    code = "access-source-missing"
    message = "Write where the parameters were taken from: every reader of the approval sees it."


class NoApprovalNumber(Invalid):
    code = "no-approval-number"
    message = (
        'The type was registered with the approval number "{value}". A number here has Latin '
        "letters, digits, dot, dash and underscore, at most 64: register the type anew with it."
    )


class TakenOverAlready(Conflict):
    code = "taken-over-already"
    message = "There is already an approval {number} here, of this type or of another."


class NoAuthorityHere(Unavailable):
    code = "no-access-authority"
    message = "The authority for market access has no account on this deployment yet."


class ConditionUnclear(Invalid):
    code = "condition-unclear"
    message = "Write what the condition asks for, in Chinese or in English, and who answers for it."


class EvidenceMissing(Invalid):
    code = "condition-evidence-missing"
    message = "Write what shows that the condition is fulfilled."


class ConditionDone(Conflict):
    code = "condition-done"
    message = "This condition is fulfilled already."


class SafetyCaseMissing(Invalid):
    code = "safety-case-missing"
    message = "An access permit rests on a safety case: attach it as a document of that kind."


class ApprovalExists(Conflict):
    code = "approval-exists"
    message = (
        "There is an approval {number} already, of another manufacturer. Return this filing: its "
        "next version has a number of its own."
    )
