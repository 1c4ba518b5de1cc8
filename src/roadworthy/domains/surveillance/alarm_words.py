"""Alarms in words, in both languages: an analysis that a signal opened is read by everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadworthy.domains.surveillance.models import Alarm


def title(alarm: Alarm) -> dict[str, str]:
    """Name the analysis that an alarm opens."""
    # The versions of all ECUs of a vehicle are too many words for a title; the reason names them.
    software = alarm.software if alarm.register_id is not None else ""
    what = f"{alarm.function} {software}".strip()
    return {"zh-hans": f"事件信号：{what}", "en": f"Signal from incidents: {what}"}


def told(alarm: Alarm) -> dict[str, str]:
    """Say in both languages why an alarm was raised, in numbers that can be checked."""
    said = _told(alarm.why)
    if alarm.software and alarm.register_id is None:
        said["zh-hans"] += f"事发时运行的软件：{alarm.software}。"
        said["en"] += f" The software that ran: {alarm.software}."
    if "again_after" in alarm.why:
        again, why = alarm.why["again_after"], alarm.why["level_reason"]
        said["zh-hans"] += (
            f"{again}曾就同一对象报警；{alarm.why['level_from']}起改用新的阈值（{why}），"
            "只计此后发生的。"
        )
        said["en"] += (
            f" It was raised on {again} before; other levels apply from "
            f"{alarm.why['level_from']} ({why}), and only what happened since counts."
        )
    return said


def _told(why: Mapping[str, Any]) -> dict[str, str]:
    if why["test"] == "count":
        return {
            "zh-hans": (
                f"最近{why['window_days']}天内发生{why['incidents']}起同类事件，"
                f"达到企业自行设定的{why['fewest']}起。"
            ),
            "en": (
                f"{why['incidents']} similar incidents in the last {why['window_days']} days; "
                f"the manufacturer's own level is {why['fewest']}."
            ),
        }
    return {
        "zh-hans": (
            f"截至{why['month'][:7]}，该版本{why['vehicle_days']}车日发生{why['incidents']}起，"
            f"其他版本{why['other_vehicle_days']}车日发生{why['other_incidents']}起；"
            f"若风险相同，出现该结果的概率为{why['chance']}，"
            f"低于本次检验可用的{why['spends']}（第{why['look']}次检验，"
            f"企业自行设定的总误报率为{why['false_alarm']}）。"
        ),
        "en": (
            f"Up to {why['month'][:7]}, {why['incidents']} incidents in {why['vehicle_days']} "
            f"vehicle days of this version, {why['other_incidents']} in "
            f"{why['other_vehicle_days']} of the others. Equal rates give this with a chance of "
            f"{why['chance']}; look {why['look']} may spend {why['spends']} of the manufacturer's "
            f"own false alarm rate of {why['false_alarm']}."
        ),
    }
