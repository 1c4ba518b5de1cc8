"""A table's row as an entry: columns by a mapping, cells as offices write them.

What a row does not say stays as it was; a new entry takes what is given for all rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from roadworthy.domains.standards import entries, errors
from roadworthy.domains.standards.entries import Adopted, Entry, Link, Place
from roadworthy.domains.standards.states import Grade, Kind, State
from roadworthy.kernel import standard_number

# Every field with the names of columns it is known by; the first is what an export writes.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("number", "标准号", "标准编号", "编号", "standard", "standard number"),
    "title_zh": ("title_zh", "中文名称", "标准名称", "名称"),
    "title_en": ("title_en", "英文名称", "title", "english title"),
    "kind": ("kind", "标准性质", "性质", "类别", "type"),
    "state": ("state", "标准状态", "状态", "status"),
    "issuer": ("issuer", "发布单位", "发布部门", "issued by"),
    "plan_number": ("plan_number", "计划号", "plan"),
    "planned_on": ("planned_on", "立项日期"),
    "comment_from": ("comment_from", "征求意见开始", "comments from"),
    "comment_until": ("comment_until", "征求意见截止", "comments until"),
    "approved_on": ("approved_on", "批准日期"),
    "published_on": ("published_on", "发布日期", "published"),
    "in_force_on": ("in_force_on", "实施日期", "in force", "in force from"),
    "withdrawn_on": ("withdrawn_on", "废止日期", "withdrawn"),
    "places": ("places", "所属子领域", "子领域", "sub-area"),
    "supersedes": ("supersedes", "代替标准", "代替", "replaces"),
    "adopts": ("adopts", "采用国际标准", "采标", "adopted"),
    "source": ("source", "来源"),
    "grade": ("grade", "证据等级"),
    "note_zh": ("note_zh", "备注", "中文备注"),
    "note_en": ("note_en", "英文备注", "note"),
}
REQUIRED: Final = ("number",)
_STATES: Final = {
    "立项": "planned",
    "计划": "planned",
    "起草": "drafting",
    "在研": "drafting",
    "征求意见": "comment",
    "报批": "approved",
    "批准": "approved",
    "已批准": "approved",
    "已发布": "published",
    "即将实施": "published",
    "未实施": "published",
    "现行": "in-force",
    "现行有效": "in-force",
    "实施": "in-force",
    "in force": "in-force",
    "被代替": "superseded",
    "已被代替": "superseded",
    "废止": "withdrawn",
}
_KINDS: Final = {
    "强制性": "mandatory",
    "强制性国家标准": "mandatory",
    "推荐性": "recommended",
    "推荐性国家标准": "recommended",
    "指导性技术文件": "guidance",
    "行业标准": "sector",
    "地方标准": "local",
    "团体标准": "association",
    "企业标准": "enterprise",
    "国际标准": "international",
    "联合国法规": "un",
}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SPLIT = re.compile(r"[;；\n|]+")
_DEFAULT: Final = "iov-security/2022"


@dataclass(frozen=True, slots=True)
class ForAll:
    """What holds for every row that does not say otherwise."""

    source: str = ""
    grade: str = Grade.D
    place: str = ""
    stated_on: date | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """How a cell may name a sub-area: path, code, or title in either language."""

    by_name: Mapping[str, str] = field(default_factory=dict)

    def path(self, told: str) -> str:
        name = told.strip()
        found = self.by_name.get(name.casefold()) or self.by_name.get(
            f"{_DEFAULT}/{name}".casefold()
        )
        if found is None:
            raise errors.NoSuchPlace(place=name)
        return found


class WrongCell(Exception):
    """A cell that cannot be read: which field, what it holds, and the error about it."""

    def __init__(self, name: str, value: str, error: Any) -> None:
        self.name, self.value, self.error = name, value, error
        super().__init__(name)


def suggested(columns: Sequence[str]) -> dict[str, str]:
    """Return which column probably holds which field."""
    by_name = {" ".join(one.split()).casefold(): one for one in columns if one}
    return {
        name: by_name[known.casefold()]
        for name, names in COLUMNS.items()
        for known in names[::-1]
        if known.casefold() in by_name
    }


def number_of(cells: Mapping[str, Any], mapping: Mapping[str, str]) -> str:
    """Return a row's normalised number.

    Raises:
        WrongCell: it is none, or several.
    """
    raw = _text(cells.get(mapping["number"]))
    try:
        return standard_number.normal(raw)
    except (standard_number.NotANumber, standard_number.SeveralNumbers) as wrong:
        raise WrongCell("number", raw, wrong) from None


def entry(
    cells: Mapping[str, Any],
    mapping: Mapping[str, str],
    known: Entry | None,
    everywhere: ForAll,
    places: Places,
    today: date,
) -> Entry:
    """Return what a row says as an entry, on top of the one that is known.

    Raises:
        WrongCell: a cell cannot be read.
    """
    told = {name: cells.get(column) for name, column in mapping.items()}
    number = number_of(cells, mapping)
    found = known or _blank(number, told, everywhere, today)
    changes: dict[str, Any] = {}
    for name in entries.DAYS:
        if (day := _day(name, told.get(name))) is not None:
            changes[name] = day
    for name in ("title_zh", "title_en", "issuer", "plan_number", "source", "grade"):
        if text := _text(told.get(name)):
            changes[name] = text
    if note := {
        key: text
        for key, name in (("zh-hans", "note_zh"), ("en", "note_en"))
        if (text := _text(told.get(name)))
    }:
        changes["note"] = note
    found = replace(found, **changes)
    found = replace(found, **_relations(found, told, places, everywhere))
    state = _word("state", told.get("state"), _STATES, State, errors.WrongState)
    return replace(found, state=state or entries.state_on(found, today))


def _blank(number: str, told: Mapping[str, Any], everywhere: ForAll, today: date) -> Entry:
    kind = _word("kind", told.get("kind"), _KINDS, Kind, errors.WrongGrade)
    try:
        known = entries.kind_of(number, kind)
    except errors.WrongKind as wrong:
        raise WrongCell("kind", kind, wrong) from None
    return Entry(
        number=number,
        kind=known,
        # Without a date or a state nothing is known but that it is named: as in force by its
        # source, or as a draft by its number.
        state=State.PLANNED if number.startswith("DRAFT") else State.IN_FORCE,
        source=everywhere.source,
        grade=everywhere.grade,
        raw=_text(told.get("number")),
        stated_on=everywhere.stated_on or today,
    )


def _relations(
    found: Entry, told: Mapping[str, Any], places: Places, everywhere: ForAll
) -> dict[str, Any]:
    proof: dict[str, Any] = {"source": found.source, "grade": found.grade}
    changes: dict[str, Any] = {}
    cell = _text(told.get("places")) or ("" if found.places else everywhere.place)
    if cell:
        kept = {one.path: one for one in found.places}
        try:
            paths = [places.path(one) for one in _SPLIT.split(cell) if one.strip()]
        except errors.NoSuchPlace as wrong:
            raise WrongCell("places", cell, wrong) from None
        changes["places"] = tuple(kept.get(one, Place(one, **proof)) for one in paths)
    links = {one.number: one for one in found.supersedes}
    if numbers := _numbers("supersedes", told.get("supersedes")):
        changes["supersedes"] = tuple(links.get(one, Link(one, **proof)) for one in numbers)
    adopted = {one.number: one for one in found.adopts}
    if numbers := _numbers("adopts", told.get("adopts")):
        changes["adopts"] = tuple(adopted.get(one, Adopted(one, **proof)) for one in numbers)
    return changes


def _numbers(name: str, cell: Any) -> tuple[str, ...]:
    text = _text(cell)
    try:
        found = [
            str(number)
            for part in _SPLIT.split(text)
            if part.strip()
            for number in standard_number.expand(part)
        ]
    except standard_number.NotANumber as wrong:
        raise WrongCell(name, text, wrong) from None
    return tuple(dict.fromkeys(found))


def _day(name: str, cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _text(cell)
    if not text or text in {"-", "–", "—", "/"}:
        return None
    digits = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    found = digits or _DAY.fullmatch(text.removesuffix(" 00:00:00"))
    try:
        if found is not None:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise WrongCell(name, text, errors.WrongDate(value=text))


def _word(name: str, cell: Any, words: Mapping[str, str], known: Any, wrong: Any) -> str:
    text = _text(cell)
    found = words.get(text.casefold(), text.casefold())
    if found and found not in set(known):
        raise WrongCell(name, text, wrong(value=text))
    return found


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(cell).replace("\0", "").strip()
