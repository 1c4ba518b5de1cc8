"""What can go wrong when something is said in public."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchFunction(NotFound):
    code = "no-such-function"
    message = "There is no such function."


class NoSuchText(NotFound):
    code = "no-such-text"
    message = "There is no such text."


class FunctionCodeTaken(Conflict):
    code = "function-code-taken"
    message = 'This type already has a function "{short}". Choose another short name.'


class NoSuchApproval(Invalid):
    code = "no-such-approval"
    message = 'The type has no approval "{approval}". A text rests on an approval that is in force.'


class NotAFunctionOfThisType(Invalid):
    code = "not-a-function-of-this-type"
    message = "The function belongs to another vehicle type."


class FunctionMissing(Invalid):
    code = "function-missing"
    message = "Say which function it is about."


class ReleaseMissing(Invalid):
    code = "release-missing"
    message = "Say which release it is about; it has to be one for this vehicle type."


class WordsMissing(Invalid):
    code = "words-missing"
    message = "Missing: {missing}. Owners read it in Chinese and in English."


class WordsTooLong(Invalid):
    code = "words-too-long"
    message = "{field} has {length} characters; at most {longest} can be kept."


class VersionInWork(Conflict):
    code = "version-in-work"
    message = "Version {number} is still in work. Finish or withdraw it first."


class NothingChanged(Conflict):
    code = "nothing-changed"
    message = "The wording is the same as that of version {number}."


class ClaimsTooMuch(Conflict):
    code = "claims-too-much"
    message = (
        "This cannot go on: {phrases}. Correct the wording first (N45 Annex 1; Advertising Law, "
        "Articles 4 and 28)."
    )


class HintNeedsReason(Invalid):
    code = "hint-needs-reason"
    message = (
        "The checker hints at: {phrases}. No law names these words; say why they are used all "
        "the same, or change them."
    )


class OwnWriting(Forbidden):
    code = "own-writing"
    message = "You wrote this version. Somebody else has to approve it."


class RemarkMissing(Invalid):
    code = "remark-missing"
    message = "Say why. The writer reads it, and it stays on record."


class ApprovalNotInForce(Conflict):
    code = "approval-not-in-force"
    message = (
        "The approval {approval} is not in force. Nothing that rests on it goes public meanwhile."
    )
