"""The one place where a domain error becomes an HTTP answer (RFC 9457 problem+json)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from roadworthy.kernel.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)
from roadworthy.law.facts_file import UnusableFacts
from roadworthy.rules.text import Text

STATUS: dict[type[DomainError], int] = {
    Invalid: 422,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}


METHOD_NOT_ALLOWED = 405
# What was made conditional by If-Match failed as a condition (RFC 9110, 13.1.1).
STATUS_OF_CODE = {"release-has-changed": 412}


class Refused(Exception):
    """What the API itself refuses before a domain is asked: RFC 9457 with headers."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        data: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(title)
        self.status, self.code, self.title = status, code, title
        self.headers, self.data = headers, data


def turned_away(request: HttpRequest, error: Refused) -> HttpResponse:
    """Answer what the API refuses."""
    response = _answer(error.code, error.status, error.title, data=dict(error.data))
    for name, value in error.headers.items():
        response[name] = value
    return response


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """Answer for an address that the API does not have."""
    return _answer("no-such-address", 404, _("The API has no such address."))


def problem(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer ``error`` in the reader's language; its code stays the same in every language."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    status = STATUS_OF_CODE.get(error.code, status)
    data = _data(error)
    return _answer(error.code, status, _(error.message).format(**data), data=data)


def unusable(request: HttpRequest, error: UnusableFacts) -> HttpResponse:
    """Answer facts that the rulebook refuses: every fault, each with its own type and words."""
    faults = [
        {
            "field": fault.field,
            "type": f"/problems/{fault.wrong.code}",
            "title": _(fault.wrong.message).format(**_data(fault.wrong)),
            "data": _data(fault.wrong),
        }
        for fault in error.faults
    ]
    return _answer(error.code, STATUS[Invalid], _("These facts cannot be used."), faults=faults)


def _data(error: DomainError) -> dict[str, str]:
    """Return what an error is about as words; law is told in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    return {
        name: (value.zh_hans if chinese else value.en) if isinstance(value, Text) else str(value)
        for name, value in error.data.items()
    }


def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a body that has not the form of the schema: each field, and what is wrong."""
    fields = [
        {"field": ".".join(map(str, one["loc"][1:])), "reason": one["msg"]} for one in error.errors
    ]
    return _answer(
        "unreadable", 422, _("The request has not the form that is asked for."), fields=fields
    )


def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what the framework refuses, in the same form."""
    return _answer("refused", error.status_code, str(error))


class MethodProblems:
    """Answer for a method that an address does not take, in the API's own form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let everything pass but the framework's plain answer (RFC 9110, 15.5.6)."""
        response = self._get_response(request)
        if response.status_code != METHOD_NOT_ALLOWED or not request.path.startswith("/api/"):
            return response
        allowed = response.headers.get("Allow", "")
        title = _("This address does not take {method}; it takes: {allowed}.")
        told = _answer(
            "method-not-allowed",
            METHOD_NOT_ALLOWED,
            title.format(method=request.method, allowed=allowed),
            data={"allowed": allowed},
        )
        told["Allow"] = allowed
        return told


def _answer(code: str, status: int, title: str, **more: object) -> HttpResponse:
    body = {"type": f"/problems/{code}", "status": status, "title": title, **more}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def install(api: NinjaAPI) -> None:
    """Let an API answer every error in this form."""
    api.exception_handler(DomainError)(problem)
    api.exception_handler(UnusableFacts)(unusable)
    api.exception_handler(ValidationError)(unreadable)
    api.exception_handler(HttpError)(refused)
    api.exception_handler(Refused)(turned_away)
