"""What can be wrong with an application or an approval."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Invalid, NotFound


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
