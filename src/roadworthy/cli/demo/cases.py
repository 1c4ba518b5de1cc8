"""The three releases of the demonstration: what they change and what was answered about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NUMBERS = ("SW-2026.11.1", "SW-2026.11.2", "SW-2026.11.3")


@dataclass(frozen=True)
class Case:
    """One release: its words in both languages, the ECU and the answers."""

    number: str
    ecu: str
    title: Mapping[str, str]
    description: Mapping[str, Mapping[str, str]]
    answers: Mapping[str, Any]


_NONE: Mapping[str, Any] = {
    "changes_main_parameters": False,
    "changes_primary_version": False,
    "changes_automation_function": False,
    "affects_regulated_performance": False,
    "removes_defect": False,
    "known_defect_for_same_fault": False,
    "conforms_after_update": True,
    "declared_kind": "service",
}


def _answers(texts: Mapping[str, str], **facts: Any) -> dict[str, Any]:
    common = {
        "f": "No, where none is named below.",
        "g": "Over the air, parked, battery above the limit including recovery, doors can open.",
        "h": "Signed package and TUF metadata; the previous version is restored on failure.",
        "i": "Yes. See the attached report.",
    }
    return common | dict(texts) | dict(_NONE) | facts


INTERFACE = Case(
    NUMBERS[0],
    "fwdCamera",
    {"zh-hans": "车道提示文字与图标更新", "en": "Clearer lane messages and symbols"},
    {
        "zh-hans": {
            "purpose": "使车道提示更清晰易读",
            "content": "前视摄像头单元的提示文字与图标",
        },
        "en": {
            "purpose": "Lane messages are easier to read",
            "content": "Texts and symbols shown by the forward camera unit",
        },
    },
    _answers(
        {
            "a": "Lane messages are easier to read.",
            "b": "Messages and symbols of the forward camera unit.",
            "c": "The unit is; its messages are not.",
            "d": "No.",
            "e": "No.",
        }
    ),
)

PARAMETERS = Case(
    NUMBERS[1],
    "engine",
    {"zh-hans": "最高车速参数调整", "en": "New maximum speed"},
    {
        "zh-hans": {"purpose": "调整最高车速", "content": "发动机控制单元标定"},
        "en": {"purpose": "Change the maximum speed", "content": "Engine control calibration"},
    },
    _answers(
        {
            "a": "Change the maximum speed.",
            "b": "Engine control.",
            "c": "Engine control.",
            "d": "Yes: maximum speed.",
            "e": "Yes: a main technical parameter.",
            "f": "Yes: product change applied for.",
        },
        changes_main_parameters=True,
        affects_regulated_performance=True,
    ),
)

DEFECT = Case(
    NUMBERS[2],
    "abs",
    {"zh-hans": "制动提示优化", "en": "Brake warning improvement"},
    {
        "zh-hans": {"purpose": "制动提示更及时", "content": "制动控制单元"},
        "en": {"purpose": "Brake warnings come sooner", "content": "Brake control unit"},
    },
    _answers(
        {
            "a": "Brake warnings come sooner.",
            "b": "Brake control unit.",
            "c": "Brake control unit.",
            "d": "Yes: warning of the driver.",
            "e": "No.",
        },
        removes_defect=True,
        known_defect_for_same_fault=True,
        affects_regulated_performance=True,
        declared_kind="service",  # what RCL-24 is about: a defect called a service activity
    ),
)

CAPABILITY: Mapping[str, Any] = {
    "permit_number": "DEMO-P-0001",
    "management_system": "Software update management manual, issue 3",
    "responsible_person": "Head of software release",
    "security_measures": "Offline root keys, threshold signatures, witnessed log",
    "commitments": "Information is true, accurate and complete; capability is kept up",
}
TYPE: Mapping[str, Any] = {
    "ota_functions": "Forward camera, engine control, brake control",
    "notice_channel": "In the vehicle and on the owner's page",
    "evidence": "Type report of the test institution",
}
ACTIVITY: Mapping[str, Any] = {
    "schedule": "Three groups; the next begins when the one before is proven",
    "impact": "Grade 1: no regulated performance is touched",
    "assessment": "OTA safety assessment form: no open risk",
    "contingency": "Emergency stop; previous version restored; workshop as the last resort",
}
NOTICE: Mapping[str, Mapping[str, str]] = {
    "zh-hans": {
        "purpose": "使车道提示更清晰易读。本次升级不是召回。",
        "content": "前视摄像头单元的提示文字与图标。驾驶功能不变。",
        "duration": "约10分钟。",
        "impact": "升级期间车辆不能行驶。",
        "precautions": "请将车辆停放在安全地点，电量不低于30%。",
        "unavailable_functions": "升级期间车道辅助不可用。",
        "risks": "升级失败时自动恢复原版本。",
        "instructions": "升级后用户手册的相应章节已更新。",
    },
    "en": {
        "purpose": "Lane messages become easier to read. This is not a recall.",
        "content": "Texts and symbols of the forward camera unit. No driving function changes.",
        "duration": "About 10 minutes.",
        "impact": "The car cannot be driven during the update.",
        "precautions": "Park in a safe place with at least 30% charge.",
        "unavailable_functions": "Lane assistance is not available during the update.",
        "risks": "If the update fails, the previous version comes back by itself.",
        "instructions": "The owner's manual has the new symbols.",
    },
}
