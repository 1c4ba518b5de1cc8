"""What all operations for other systems share: pages, conditions, requests that are done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Header, Query, Schema
from pydantic import Field

from roadworthy.api.errors import Refused
from roadworthy.api.machines import MachineRequest
from roadworthy.domains.organisations import requests
from roadworthy.kernel.canonical import digest

MOST_ROWS = 200
LONGEST_KEY = 100
T = TypeVar("T")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=LONGEST_KEY,
        description="Of your choice. The same key with the same content is done only once.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag that you read; needed where a draft changes."),
]


class Problem(Schema):
    """RFC 9457; the type is stable, the title is in the language of Accept-Language."""

    type: str = Field(examples=["/problems/no-such-release"])
    status: int = Field(examples=[404])
    title: str = Field(examples=["There is no such release."])
    data: dict[str, str] | None = None
    fields: list[dict[str, str]] | None = None


class PageQuery(Schema):
    """Which part of a list."""

    page: int = Field(default=1, ge=1)
    per_page: int = Field(default=50, ge=1, le=MOST_ROWS)


Paged = Query[PageQuery]


class Rows(Schema, Generic[T]):
    """One page of a list."""

    items: list[T]
    count: int = Field(description="In the whole list.")
    page: int
    pages: int


FAILURES = {
    (400, 401, 403, 404, 409, 412, 413, 422, 428, 429, 503): Problem,
}


def answers(schema: Any, status: int = 200) -> dict[Any, Any]:
    """Return the answers that an operation declares."""
    codes: dict[Any, Any] = {status: schema}
    return codes | {code: Problem for some in FAILURES for code in some}


def rows(found: Any, query: PageQuery, made: Callable[[Any], Any]) -> dict[str, Any]:
    """Cut a page out of what was found; past the end there is nothing."""
    pages = Paginator(found, query.per_page)
    items = pages.page(query.page).object_list if query.page <= pages.num_pages else []
    return {
        "items": [made(one) for one in items],
        "count": pages.count,
        "page": query.page,
        "pages": pages.num_pages,
    }


def tagged(body: Schema, etag: str, status: int = 200) -> HttpResponse:
    """Answer with the version of what is told."""
    response = JsonResponse(body.model_dump(mode="json"), status=status)
    response["ETag"] = f'"{etag}"'
    return response


def expected(if_match: str | None) -> str:
    """Return the version that a change is made to.

    Raises:
        Refused: the client does not say what it has read (RFC 6585, 3).
    """
    if if_match is None:
        title = _("Say which version you change: send its ETag as If-Match.")
        raise Refused(428, "if-match-needed", title)
    return if_match.strip().removeprefix("W/").strip('"')


def once(
    request: MachineRequest,
    key: str | None,
    asked: Mapping[str, Any],
    take: Callable[[], tuple[Schema, Mapping[str, str]]],
) -> HttpResponse:
    """Do what makes something, once for each key; answer 201.

    ``asked`` is what was asked for as a JSON value: another one under the same key is refused.

    Raises:
        KeyMeansAnother, UnderWay, and whatever ``take`` raises.
    """
    if key is None:
        body, headers = take()
        return _made(body.model_dump(mode="json"), headers)
    client_pk = request.auth.client_pk
    sha256 = digest({"path": request.path, "asked": dict(asked)})
    before = requests.begin(client_pk=client_pk, key=key, sha256=sha256, at=datetime.now(UTC))
    if before is not None:
        return _made(before.body, {**before.headers, "Idempotent-Replayed": "true"})
    try:
        made, headers = take()
    except BaseException:
        requests.give_up(client_pk=client_pk, key=key)
        raise
    body_json = made.model_dump(mode="json")
    requests.end(client_pk=client_pk, key=key, status=201, body=body_json, headers=headers)
    return _made(body_json, headers)


def _made(body: Any, headers: Mapping[str, str]) -> HttpResponse:
    return JsonResponse(body, status=201, headers=dict(headers))
