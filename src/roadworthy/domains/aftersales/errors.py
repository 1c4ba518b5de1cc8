"""What can go wrong with a complaint."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchComplaint(NotFound):
    code = "no-such-complaint"
    message = "There is no such complaint."


class NoSuchVin(Invalid):
    code = "no-such-vin"
    message = "None of your registered vehicles has this VIN. Check its 17 characters."


class NotAboutThisType(Invalid):
    code = "not-about-this-type"
    message = "The function or release is not one of this vehicle's type."


class NothingSaid(Invalid):
    code = "nothing-said"
    message = "This is empty. Write what was said."


class SummaryMissing(Invalid):
    code = "summary-missing"
    message = "SAMR reads the summary in Chinese and in English. Write both."


class PersonalDataInside(Invalid):
    code = "personal-data-inside"
    message = (
        'The summary names the vehicle or the owner ("{found}"). SAMR reads it without personal '
        "data: leave that out."
    )


class NotAColleague(Invalid):
    code = "not-a-colleague"
    message = "A complaint is handed over to somebody in after-sales service of your organisation."


class TooManyWords(Invalid):
    code = "too-many-words"
    message = "Write at most {longest} characters; these are {length}."


class WrongPolicy(Invalid):
    code = "wrong-policy"
    message = "A threshold needs a span of days: say how far back complaints are counted."


class NotWritten(Forbidden):
    code = "not-written"
    message = "Only after-sales service writes to owners."


class TooManyComplaints(Conflict):
    code = "too-many-complaints"
    message = "{count} complaints of this vehicle are still open. Add to one of them instead."


class StillOpen(Conflict):
    code = "still-open"
    message = "This complaint is still open. Close it before the contact is erased."
