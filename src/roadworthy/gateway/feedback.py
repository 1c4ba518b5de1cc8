"""What vehicles report: progress, results, answers to a cancel, and what they are.

A report is kept as it was sent, whatever it holds; only what the answer depends on is checked.
The vehicle's clock is data. Text is not interpreted: whoever shows it escapes it.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from roadworthy.gateway import exchange, outcomes, records, refusals
from roadworthy.gateway.deployments import number
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.outcomes import Note
from roadworthy.gateway.standing import Standing, admit
from roadworthy.gateway.writer import Report

LONGEST_ATTRIBUTE = 128

T = TypeVar("T")


class Result(msgspec.Struct):
    finished: Literal["success", "failure", "none"]


class Status(msgspec.Struct):
    execution: Literal[
        "closed", "proceeding", "canceled", "scheduled", "rejected", "resumed", "downloaded",
        "download",
    ]  # fmt: skip
    result: Result
    code: int | None = None
    details: list[Any] | str | None = None


class Feedback(msgspec.Struct):
    status: Status


class Attributes(msgspec.Struct):
    data: dict[str, str | int | float | bool | None]
    mode: Literal["merge", "replace", "remove"] | None = None


async def deployment_feedback(host: Host, request: Request) -> Response:
    """Keep what a vehicle says about an update."""
    action, standing, content = await _received(host, request)
    status = _read(content, Feedback).status
    _require_open(standing, action)
    return await _keep(host, request, standing, "feedback", content, status)


async def cancel_feedback(host: Host, request: Request) -> Response:
    """Keep what a vehicle says about giving up an update."""
    action, standing, content = await _received(host, request)
    status = _read(content, Feedback).status
    _require_open(standing, action)
    if standing.assignment.kind != records.CANCEL:
        raise refusals.NotCancellable(action_id=action)
    return await _keep(host, request, standing, "cancel-feedback", content, status)


async def config_data(host: Host, request: Request) -> Response:
    """Keep what a vehicle says about itself."""
    standing = admit(host, request)
    content = await _content(host, request)
    attributes = _read(content, Attributes)
    _check_attributes(host, attributes)
    if not standing.is_known and not host.outcomes.is_registered(standing.key):
        raise refusals.NoSuchThing(what="registration")
    data = {name: _text(value) for name, value in attributes.data.items()}
    body = _encoded({"mode": attributes.mode or "merge", "data": data})
    await host.writer.report(Report(request.tenant, request.controller_id, "attributes", body))
    return exchange.DONE


async def _received(host: Host, request: Request) -> tuple[str, Standing, Any]:
    action = number(request.path[6])
    standing = admit(host, request)
    return action, standing, await _content(host, request)


async def _content(host: Host, request: Request) -> Any:
    body = await request.body(most=host.settings.max_body_bytes)
    return exchange.decode(request, body)


def _read(content: Any, shape: type[T]) -> T:
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as wrong:
        raise refusals.Unreadable(reason=str(wrong)) from None


def _require_open(standing: Standing, action: str) -> None:
    """Check that an action takes reports.

    Raises:
        ActionClosed: it is over.
        NoSuchThing: it is not this vehicle's.
    """
    if action == standing.open_action:
        return
    if standing.has_closed(action):
        raise refusals.ActionClosed
    raise refusals.NoSuchThing(what="action")


async def _keep(
    host: Host, request: Request, standing: Standing, kind: str, content: Any, status: Status
) -> Response:
    _check_quota(host, standing, status)
    is_final = status.execution == "closed"
    closed = outcomes.closed_by(kind, status.result.finished) if is_final else ""
    action = standing.open_action
    note = Note(standing.key, action, is_report=True, closed=closed)
    await host.writer.report(
        Report(request.tenant, request.controller_id, kind, _encoded(content), action, note)
    )
    return exchange.DONE


def _check_quota(host: Host, standing: Standing, status: Status) -> None:
    """Refuse a flood of reports, but never the last word of a vehicle.

    Raises:
        TooMany: reports of this action, or messages in this report.
    """
    settings = host.settings
    messages = len(status.details) if isinstance(status.details, list) else 1
    if messages > settings.messages_per_report:
        raise refusals.TooMany(
            most=settings.messages_per_report, what="messages", scope="one report"
        )
    reports = int(standing.outcome.reports) if standing.outcome else 0
    if reports >= settings.reports_per_action and status.execution != "closed":
        raise refusals.TooMany(most=settings.reports_per_action, what="reports", scope="one action")


def _check_attributes(host: Host, attributes: Attributes) -> None:
    if not attributes.data:
        raise refusals.Unreadable(reason="data is empty")
    most = host.settings.attributes_per_report
    if len(attributes.data) > most:
        raise refusals.TooMany(most=most, what="attributes", scope="one vehicle")
    for name, value in attributes.data.items():
        for text in (name, _text(value) or ""):
            if len(text) > LONGEST_ATTRIBUTE:
                raise refusals.WrongAttributes(
                    name=name[:LONGEST_ATTRIBUTE], reason=f"longer than {LONGEST_ATTRIBUTE}"
                )
            if not text.replace("\t", " ").replace("\n", " ").isprintable():
                raise refusals.WrongAttributes(name=ascii(name), reason="control characters")
        if not name:
            raise refusals.WrongAttributes(name="''", reason="no name")


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _encoded(content: Any) -> bytes:
    """Write a report as JSON that PostgreSQL takes: its ``jsonb`` has no NUL character."""
    try:
        body = msgspec.json.encode(content)
    except (TypeError, ValueError, RecursionError) as wrong:  # CBOR can say more than JSON
        raise refusals.Unreadable(reason=type(wrong).__name__) from None
    return msgspec.json.encode(_without_nul(content)) if rb"\u0000" in body else body


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return value
