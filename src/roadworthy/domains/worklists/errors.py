"""What can be wrong with a step on a work list."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchItem(NotFound):
    code = "no-such-item"
    message = "There is no such piece of work, or it is done."


class NotYourItem(Forbidden):
    code = "not-your-item"
    message = "Only {roles} may hand this over."


class NobodyToGiveItTo(Invalid):
    code = "nobody-to-give-it-to"
    message = "Choose somebody of your organisation who may do this: {roles}."


class GivenElsewhere(Conflict):
    code = "given-elsewhere"
    message = "This is handed over on its own page, where the record of it is kept."


class HandedOverMeanwhile(Conflict):
    code = "handed-over-meanwhile"
    message = "Somebody has handed this over meanwhile. Look who has it now, then decide again."


class NoSuchDuty(NotFound):
    code = "no-such-duty"
    message = "There is no such duty."


class DayToCome(Invalid):
    code = "day-to-come"
    message = "{day} has not come yet. Enter the day on which it was sent."


class DayBeforeApproval(Invalid):
    code = "day-before-approval"
    message = "{day} lies before the approval of the type on {approved_on}."


class EvidenceMissing(Invalid):
    code = "evidence-missing"
    message = (
        "Nothing shows that it was sent. Attach a document or enter the number of the receipt."
    )


class NoSuchLink(NotFound):
    code = "no-such-link"
    message = "This link does not lead anywhere."


class WrongDigestTime(Invalid):
    code = "wrong-digest-time"
    message = "Choose an hour from 0 to 23 and a day of the week."
