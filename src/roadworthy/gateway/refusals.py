"""What a gateway answers when it cannot do what was asked, in the words DDI clients know."""

from __future__ import annotations

from typing import ClassVar

from roadworthy.kernel.errors import DomainError


class Refusal(DomainError):
    """A refusal has a status, an ``errorCode`` and the last part of an ``exceptionClass``."""

    status: ClassVar[int]
    exception: ClassVar[str] = ""
    headers: ClassVar[tuple[tuple[str, str], ...]] = ()


class Empty(Refusal):
    """A refusal without a body."""

    code = ""
    message = ""


class Unauthenticated(Empty):
    status = 401


class NoSuchThing(Refusal):
    status = 404
    code = "hawkbit.server.error.repo.entityNotFound"
    exception = "EntityNotFoundException"
    message = "There is no {what} for this vehicle at this time."


class WrongMethod(Refusal):
    status = 405
    code = "hawkbit.server.error.rest.methodNotAllowed"
    exception = "HttpRequestMethodNotSupportedException"
    message = "Only {allowed} can be used here."

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(allowed=", ".join(allowed))


class NotCancellable(Refusal):
    status = 405
    code = "hawkbit.server.error.action.notCancelable"
    exception = "CancelActionNotAllowedException"
    message = "Action {action_id} is not being cancelled."


class NotAcceptable(Empty):
    status = 406


class ActionClosed(Empty):
    status = 410


class ImageGone(Refusal):
    status = 410
    code = "hawkbit.server.error.artifact.binaryDeleted"
    exception = "ArtifactBinaryNoLongerExistsException"
    message = "The content of {filename} is no longer kept."


class NoMatch(Empty):
    status = 412


class TooLarge(Refusal):
    status = 413
    code = "hawkbit.server.error.rest.body.tooLarge"
    exception = "MaxUploadSizeExceededException"
    message = "A body may have at most {most} bytes."


class UnknownMediaType(Empty):
    status = 415


class TooMany(Refusal):
    status = 429
    code = "hawkbit.server.error.quota.tooManyEntries"
    exception = "AssignmentQuotaExceededException"
    message = "At most {most} {what} are kept for {scope}."


class TooFast(Empty):
    status = 429
    headers = (("retry-after", "1"),)


class Unreadable(Refusal):
    status = 400
    code = "hawkbit.server.error.rest.body.notReadable"
    exception = "MessageNotReadableException"
    message = "The body cannot be read: {reason}"


class NotPermitted(Refusal):
    status = 403
    code = "roadworthy.not_permitted"
    exception = "NotPermittedException"
    message = "Nothing of this may be kept: {reasons}."


class WrongAttributes(Refusal):
    status = 400
    code = "hawkbit.server.error.repo.invalidTargetAttributes"
    exception = "InvalidTargetAttributeException"
    message = "Attribute {name}: {reason}."


class WrongIdentifier(Refusal):
    status = 400
    code = "hawkbit.server.error.repo.constraintViolation"
    exception = "ConstraintViolationException"
    message = "A vehicle's identifier has 1 to {most} printable characters."


class WrongAddress(Empty):
    status = 400


class ComeBackLater(Empty):
    """Nothing was stored: the same request may succeed in a moment."""

    status = 503
    headers = (("retry-after", "2"),)
