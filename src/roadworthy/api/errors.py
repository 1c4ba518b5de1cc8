"""The one place where a domain error becomes an HTTP answer (RFC 9457 problem+json)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja.errors import ValidationError

from roadworthy.kernel.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)

STATUS: dict[type[DomainError], int] = {
    Invalid: 422,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}
MEDIA_TYPE = "application/problem+json"


def problem(_request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer ``error`` in the reader's language; its code stays the same in every language."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    data = {name: str(value) for name, value in error.data.items()}
    return JsonResponse(
        {
            "type": f"/problems/{error.code}",
            "title": _(error.message).format(**data),
            "status": status,
            "data": data,
        },
        status=status,
        content_type=MEDIA_TYPE,
    )


def unreadable(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer for a body that is not of the form: which field, and what is wrong with it."""
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]), "why": fault["msg"]}
        for fault in error.errors
    ]
    return JsonResponse(
        {
            "type": "/problems/unreadable",
            "title": _("The request does not have the expected form."),
            "status": 422,
            "faults": faults,
        },
        status=422,
        content_type=MEDIA_TYPE,
    )
