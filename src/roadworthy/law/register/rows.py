"""The register's files, read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from roadworthy.rules import schema, strict_yaml, text
from roadworthy.rules.instruments import Grade
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import Text

AREAS: Mapping[str, Text] = {
    "n45": Text("准入、召回与在线升级（2025）", "Access, recall and upgrades (2025)"),
    "ota22": Text("在线升级备案通知（2022）", "Filing of online upgrades (2022)"),
    "rcl": Text("缺陷与召回", "Defect and recall"),
    "std": Text("技术标准", "Technical standards"),
    "dat": Text("汽车数据安全", "Automobile data"),
    "sys": Text("标准体系", "Standards system"),
    "inc": Text("事件事故", "Incidents"),
    "drf": Text("征求意见稿（2025）", "Draft of 2025"),
}


@dataclass(frozen=True)
class Source:
    instrument: str
    provision: str  # as the Chinese text has it

    def to_json(self) -> dict[str, str]:
        return {"instrument": self.instrument, "provision": self.provision}


@dataclass(frozen=True)
class Row:
    """What the law wants, in one line; ``sources`` begins with the one that it rests on."""

    id: str
    area: str
    condition: Text
    duty: Text
    deadline_kind: str
    deadline: Text
    sources: tuple[Source, ...]
    grade: Grade
    may_bind: bool  # a draft may not
    note: Text  # why it is evidenced less well than its instrument; else nothing

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "area": self.area,
            "condition": self.condition.to_json(),
            "duty": self.duty.to_json(),
            "deadline": {"kind": self.deadline_kind, **self.deadline},
            "sources": [source.to_json() for source in self.sources],
            "grade": self.grade,
            "may_bind": self.may_bind,
            "note": self.note.to_json() if self.note else None,
        }


@dataclass(frozen=True)
class Uncovered:
    """A provision that no rule is about, on purpose."""

    instrument: str
    provision: Text
    reason: Text

    def to_json(self) -> dict[str, Any]:
        return {
            "instrument": self.instrument,
            "provision": self.provision.to_json(),
            "reason": self.reason.to_json(),
        }


@dataclass(frozen=True)
class ToVerify:
    """What a lawyer has to check, and the rules that hang on it."""

    order: int
    what: Text
    where: Text
    rules: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "order": self.order,
            "what": self.what.to_json(),
            "where": self.where.to_json(),
            "rules": list(self.rules),
        }


@cache
def rows() -> tuple[Row, ...]:
    """Return the register, area by area.

    Raises:
        BadPack: a file is wrong, or an id stands twice or under another area.
    """
    found = tuple(_row(area, raw) for area in AREAS for raw in _read(f"{area}.yaml", "rows"))
    seen: set[str] = set()
    for row in found:
        if not row.id.startswith(f"{row.area.upper()}-"):
            raise BadPack(file=_name(f"{row.area}.yaml"), fault=f"{row.id} is of another area")
        if row.id in seen:
            raise BadPack(file=_name(f"{row.area}.yaml"), fault=f"{row.id} stands twice")
        seen.add(row.id)
    return found


@cache
def uncovered() -> tuple[Uncovered, ...]:
    """Return the provisions left out on purpose.

    Raises:
        BadPack: the file is wrong.
    """
    return tuple(
        Uncovered(raw["instrument"], text.parse(raw["provision"]), text.parse(raw["reason"]))
        for raw in _read("uncovered.yaml", "uncovered")
    )


@cache
def to_verify() -> tuple[ToVerify, ...]:
    """Return what a lawyer has to check, the most valuable first.

    Raises:
        BadPack: the file is wrong, or names a row that is not there.
    """
    known = {row.id for row in rows()}
    found = tuple(
        ToVerify(
            raw["order"], text.parse(raw["what"]), text.parse(raw["where"]), tuple(raw["rules"])
        )
        for raw in _read("to_verify.yaml", "to_verify")
    )
    for entry in found:
        for name in sorted(set(entry.rules) - known):
            raise BadPack(file=_name("to_verify.yaml"), fault=f"the register has no {name}")
    return found


def _row(area: str, raw: Mapping[str, Any]) -> Row:
    return Row(
        id=raw["id"],
        area=area,
        condition=text.parse(raw["condition"]),
        duty=text.parse(raw["duty"]),
        deadline_kind=raw["deadline"]["kind"],
        deadline=text.parse(raw["deadline"]),
        sources=tuple(Source(each["instrument"], each["provision"]) for each in raw["sources"]),
        grade=Grade(raw["grade"]),
        may_bind=raw.get("binding", True),
        note=text.parse(raw["note"]) if "note" in raw else text.NOTHING,
    )


def _read(file: str, kind: str) -> Any:
    words = (resources.files(__package__) / file).read_text(encoding="utf-8")
    try:
        raw = strict_yaml.load(words)
    except yaml.YAMLError as fault:
        raise BadPack(file=_name(file), fault=" ".join(str(fault).split())) from None
    return schema.check(kind, raw, _name(file), shapes="register")


def _name(file: str) -> str:
    return f"register/{file}"
