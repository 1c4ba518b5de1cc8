"""The working copy of an application: empty at first, or a copy of what is approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadworthy.domains.access.content import FUNCTION_TEXTS, NO, YES, Section


def empty(code: str, name: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the working copy of an application in which nothing is written yet."""
    names = name or {}
    return {
        "type": {
            "code": code,
            "name_zh": names.get("zh-hans", ""),
            "name_en": names.get("en", ""),
            "category": "",
        },
        "parameters": {},
        "functions": {"none": "", "rows": []},
        "ecus": {"rows": []},
        "ota": {},
        "recorder": {},
        "management": {},
    }


def reopened(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content as a working copy: where a product change starts from."""
    kind = content["type"]
    working = empty(kind["code"], kind["name"])
    working["type"]["category"] = kind.get("category", "")
    working["parameters"] = {
        key: one["value"] for key, one in content.get("parameters", {}).items()
    }
    rows = content.get("functions", ())
    working["functions"] = {
        # Of a type that was only taken over nobody has said that it has no such function.
        "none": "" if rows or "taken_over" in content else YES,
        "rows": [
            {
                "key": row["key"],
                "name_zh": row["name"].get("zh-hans", ""),
                "name_en": row["name"].get("en", ""),
                "level": str(row["level"]),
                "parking_only": YES if row.get("parking_only") else "",
                **{name: row.get(name, "") for name in FUNCTION_TEXTS},
            }
            for row in rows
        ],
    }
    working["ecus"] = {"rows": [_ecu_row(row) for row in content.get("ecus", ())]}
    for section in (Section.OTA, Section.RECORDER, Section.MANAGEMENT):
        working[section] = {name: _typed(value) for name, value in content.get(section, {}).items()}
    return working


def _ecu_row(row: Mapping[str, Any]) -> dict[str, str]:
    sub = row["sub_address"]
    return {
        "name": row["name"],
        "address": f"{row['address']:X}",
        "sub_address": "" if sub is None else f"{sub:X}",
        "hardware_id": row["hardware_id"],
        "approval_relevant": YES if row["approval_relevant"] else NO,
        "versions": "\n".join(row["versions"]),
    }


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)
