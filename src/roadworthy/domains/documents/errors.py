"""Why a file is not kept."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class NoSuchDocument(NotFound):
    code = "no-such-document"
    message = "There is no such document."


class BadDocumentName(Invalid):
    code = "bad-document-name"
    message = '"{filename}" is no name for a file. Use up to {most} characters without slashes.'


class EmptyDocument(Invalid):
    code = "empty-document"
    message = '"{filename}" is empty.'


class DocumentTooLarge(Invalid):
    code = "document-too-large"
    message = '"{filename}" is larger than {megabytes} MB and was not kept. Split it.'


class NotThatType(Invalid):
    code = "not-that-type"
    message = (
        '"{filename}" is not what its name says, or not of a kind that is taken here: {accepted}.'
    )


class BrokenDocument(Invalid):
    code = "broken-document"
    message = (
        '"{filename}" cannot be opened: it is damaged, or protected by a password. '
        "Open it yourself, save it anew without a password and try again."
    )


class ArchiveTooLarge(Invalid):
    code = "archive-too-large"
    message = (
        '"{filename}" would unpack to more than {megabytes} MB or {members} files, or is packed '
        "so tightly that nobody could open it safely."
    )


class DocumentRefused(Invalid):
    code = "document-refused"
    message = '"{filename}" was refused by the virus scanner and was not kept.'


class ScannerFailed(Unavailable):
    code = "scanner-failed"
    message = (
        '"{filename}" could not be examined for viruses and was not kept. Try again later; '
        "if it stays so, tell the operator."
    )


class DocumentHeld(Conflict):
    code = "document-held"
    message = "The file {sha256} is under a legal hold. It can be removed when the hold has ended."
