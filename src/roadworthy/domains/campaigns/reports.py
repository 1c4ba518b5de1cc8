"""What a vehicle's words mean (``reference: hawkBit DDI v1``); nothing here touches the database.

* Every body that JSON can hold has a meaning or a reason why it has none; nothing raises.
* The device's own clock and messages are data. They decide nothing.
* ``closed`` with success means "installed", never "proven".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from roadworthy.domains.campaigns.states import ActionAct

MESSAGES_KEPT = 50
LONGEST_MESSAGE = 500
LONGEST_VERSION = 200
ECU_PREFIX = "ecu."

_EXECUTIONS = frozenset(
    {
        "closed", "proceeding", "canceled", "scheduled", "rejected", "resumed", "downloaded",
        "download",
    }
)  # fmt: skip
_FINISHED = frozenset({"success", "failure", "none"})


class Kind(StrEnum):
    """What a gateway writes down."""

    REGISTER = "register"
    ATTRIBUTES = "attributes"
    RETRIEVED = "retrieved"
    FEEDBACK = "feedback"
    CANCEL_FEEDBACK = "cancel-feedback"
    DOWNLOAD = "download"
    SEEN = "seen"


class Ignored(StrEnum):
    """Why a report changed nothing."""

    UNREADABLE = "unreadable"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_TENANT = "unknown-tenant"
    UNKNOWN_VEHICLE = "unknown-vehicle"
    UNKNOWN_ACTION = "unknown-action"  # or another vehicle's
    WRONG_STATE = "wrong-state"  # closed already, or not offered


@dataclass(frozen=True, slots=True)
class Word:
    """What one report says about an action; ``act`` is None if it moves nothing."""

    act: ActionAct | None
    message: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def of_feedback(body: Any) -> Word | Ignored:
    """Read what was posted to ``deploymentBase/<id>/feedback``."""
    status = _status(body)
    if status is None:
        return Ignored.UNREADABLE
    execution, finished = status["execution"], status["finished"]
    act = ActionAct.PROGRESS
    if execution == "closed":
        act = ActionAct.FAIL if finished == "failure" else ActionAct.SUCCEED
    return _word(act, status)


def of_cancel_feedback(body: Any) -> Word | Ignored:
    """Read what was posted to ``cancelAction/<id>/feedback``."""
    status = _status(body)
    if status is None:
        return Ignored.UNREADABLE
    execution, finished = status["execution"], status["finished"]
    act = ActionAct.PROGRESS
    if execution == "closed":
        act = ActionAct.REFUSE_CANCEL if finished == "failure" else ActionAct.CANCEL
    elif execution == "rejected":
        act = ActionAct.REFUSE_CANCEL
    return _word(act, status)


def of_action(kind: str, body: Any) -> Word | Ignored:
    """Read a report that names an action."""
    if kind == Kind.FEEDBACK:
        return of_feedback(body)
    if kind == Kind.CANCEL_FEEDBACK:
        return of_cancel_feedback(body)
    if kind == Kind.RETRIEVED:
        return Word(ActionAct.RETRIEVE)
    if kind == Kind.DOWNLOAD:
        filename = body.get("filename") if isinstance(body, dict) else None
        return Word(ActionAct.PROGRESS, detail={"downloaded": str(filename or "")[:200]})
    return Ignored.UNKNOWN_KIND


MODES = ("merge", "replace", "remove")  # no set: a vehicle may send what cannot be hashed


@dataclass(frozen=True, slots=True)
class Attributes:
    """What was put to ``configData``, as far as it can be kept."""

    mode: str
    data: Mapping[str, str | None]


def of_attributes(body: Any) -> Attributes | Ignored:
    """Read what was put to ``configData``."""
    data = body.get("data") if isinstance(body, dict) else None
    mode = body.get("mode") or "merge" if isinstance(body, dict) else None
    if not isinstance(data, dict) or mode not in MODES:
        return Ignored.UNREADABLE
    return Attributes(mode, {str(k): None if v is None else _plain(v) for k, v in data.items()})


def versions(said: Attributes, ecu_under_update: str) -> dict[str, str]:
    """Return the versions by ECU label that a vehicle says it runs.

    ``sw_version`` speaks of the ECU that ``ecu`` names, or else of ``ecu_under_update``.
    """
    if said.mode == "remove":
        return {}
    found = {}
    label = said.data.get("ecu") or ecu_under_update
    version = said.data.get("sw_version")
    if label and version:
        found[label] = version
    for key, value in said.data.items():
        if key.startswith(ECU_PREFIX) and value:
            found[key.removeprefix(ECU_PREFIX)] = value
    return {
        label: version
        for label, version in found.items()
        if label and len(version) <= LONGEST_VERSION
    }


def seen(controller_id: str, body: Any) -> list[str]:
    """Return which vehicles polled."""
    ids = body.get("vehicles") if isinstance(body, dict) else None
    if isinstance(ids, list):
        return [one for one in ids if isinstance(one, str) and one]
    return [controller_id] if controller_id else []


def _word(act: ActionAct, status: Mapping[str, Any]) -> Word:
    messages = status["details"]
    spoken = [message for message in messages if message.strip()]
    return Word(act, spoken[-1].strip() if spoken else "", status)


def _status(body: Any) -> dict[str, Any] | None:
    """Return execution, result, messages, code and the device's clock, or None if there is none."""
    status = body.get("status") if isinstance(body, dict) else None
    result = status.get("result") if isinstance(status, dict) else None
    if not isinstance(status, dict) or not isinstance(result, dict):
        return None
    execution, finished = status.get("execution"), result.get("finished")
    # A list or an object is not hashable: ask for a text first.
    if not isinstance(execution, str) or execution not in _EXECUTIONS:
        return None
    if not isinstance(finished, str) or finished not in _FINISHED:
        return None
    found: dict[str, Any] = {
        "execution": execution,
        "finished": finished,
        "details": _messages(status.get("details")),
    }
    if isinstance(status.get("code"), int):
        found["code"] = status["code"]
    for clock in ("time", "timestamp"):
        if isinstance(body.get(clock), str | int):
            found["device_time"] = str(body[clock])[:40]
    return found


def _messages(details: Any) -> list[str]:
    if isinstance(details, str):
        details = [details]
    if not isinstance(details, list):
        return []
    return [str(one)[:LONGEST_MESSAGE] for one in details[:MESSAGES_KEPT] if one is not None]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def excerpt(body: Any) -> str:
    """Return enough of a body that changed nothing to see what it was."""
    return str(body)[:LONGEST_MESSAGE]
