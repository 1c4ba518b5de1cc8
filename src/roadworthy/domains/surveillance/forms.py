"""The forms that files come in, and which one a header is.

Columns are known by their names, never by their place. A file is of the form of which it has the
largest share of columns; what that form needs and the file lacks is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import yaml

from roadworthy.domains.surveillance import errors, values
from roadworthy.domains.surveillance.values import Reader

NAMES: Final = ("sgo", "ca-dmv", "generic-csv", "generic-json")
_GENERIC: Final = "generic"
_FEWEST: Final = 2  # columns by which a form is believed
_SHOWN: Final = 12
_BRACKETS: Final = re.compile(r"[(（][^)）]*[)）]")
_DASHES: Final = str.maketrans({"–": "-", "—": "-", "‐": "-", "‑": "-", "\ufeff": " ", "\0": " "})

_KINDS: Final = {"monthly - no incidents": "nothing", "no new": "nothing", "nothing": "nothing"}
_SEVERITIES: Final = {
    "": "unknown",
    "fatal": "fatal",
    "serious": "serious",
    "moderate": "moderate",
    "minor": "minor",
    "no injur": "none",
    "none": "none",
    "property damage": "none",
    "死亡": "fatal",
    "重伤": "serious",
    "轻伤": "minor",
    "轻微": "minor",
    "无": "none",
}
_CDAS: Final = {
    "": "unknown",
    "verified engaged": "active",
    "alleged engaged": "alleged",
    "verified not engaged": "inactive",
    "ads": "active",
    "adas": "active",
    "active": "active",
    "within-30s": "within-30s",
    "inactive": "inactive",
    "激活": "active",
    "已激活": "active",
    "未激活": "inactive",
}
TRIGGERS: Final = (
    "collision",
    "failure-disengagement",
    "disengagement",
    "takeover-unanswered",
    "fire",
    "loss-of-control",
    "intrusion",
    "ota-accident",
    "other",
)
_TRIGGERS: Final = {
    **{one: one for one in TRIGGERS},
    "": "other",
    "碰撞": "collision",
    "失效脱离": "failure-disengagement",
    "系统失效": "failure-disengagement",
    "脱离": "disengagement",
    "退出": "disengagement",
    "接管": "takeover-unanswered",
    "起火": "fire",
    "冒烟": "fire",
    "失控": "loss-of-control",
    "入侵": "intrusion",
    "升级事故": "ota-accident",
    "其他": "other",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form: which columns of a file say what, and how each is read."""

    key: str
    title: str
    needs: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]  # names in a file by field of the neutral record
    known: frozenset[str]  # further columns that the form is known to have
    american_dates: bool
    trigger: str | None  # of every report of this form; None: a column says it

    @property
    def is_numbered(self) -> bool:
        """Say whether its reports carry a number of their own."""
        return "report_key" in self.needs

    def readers(self) -> Mapping[str, Reader]:
        """Return how each field is read, in the order in which they are stored."""
        plain = {"make": values.name, "model": values.name, "city": values.name}
        return {
            "report_key": values.key if self.is_numbered else values.text,
            "version": values.version,
            "kind": values.word_of(_KINDS, otherwise="event"),
            "incident_key": values.optional_key,
            "reporter": values.key if "reporter" in self.needs else values.name,
            "make": plain["make"],
            "model": plain["model"],
            "model_year": values.year,
            "vin": values.vin,
            "function": values.name if self.key == _GENERIC else _engaged,
            "software": values.name,
            "occurred": values.day_of(is_american=self.american_dates, required=self.key != "sgo"),
            "submitted_on": values.submitted,
            "region": values.name,
            "city": plain["city"],
            "trigger": values.word_of(_TRIGGERS, otherwise=None),
            "severity": values.word_of(_SEVERITIES),
            "cdas_state": values.word_of(_CDAS),
            "narrative": values.text,
        }


def _engaged(raw: str) -> str:
    """Read the kind of system from "Automation System Engaged?": what is not told stays empty."""
    plain = raw.strip().upper()
    return plain if plain in {"ADS", "ADAS"} else ""


def normal(name: str) -> str:
    """Return a column's name as names are compared."""
    return " ".join(_BRACKETS.sub(" ", name).translate(_DASHES).split()).casefold()


@cache
def forms() -> Mapping[str, Form]:
    """Return the forms that are known, by key."""
    source = resources.files(__package__).joinpath("data/forms.yaml").read_text(encoding="utf-8")
    return {
        key: Form(
            key=key,
            title=one["title"],
            needs=tuple(one["needs"]),
            columns={field: tuple(names) for field, names in one["columns"].items()},
            known=frozenset(one["known"]),
            american_dates=one["american_dates"],
            trigger=one.get("trigger"),
        )
        for key, one in yaml.safe_load(source).items()
    }


def of_header(header: Sequence[str], *, file: str, asked: str = "auto") -> Form:
    """Return the form of a header, or the one asked for if the header has what it needs.

    Raises:
        UnknownForm: it has none of the forms.
        ColumnMissing: it lacks what its form needs.
        ColumnTwice: two columns say the same field.
    """
    names = [normal(one) for one in header]
    if asked == "auto":
        form = max(forms().values(), key=lambda one: _share(one, names))
        if _common(form, names) < _FEWEST:
            raise errors.UnknownForm(
                file=file, forms=", ".join(forms()), columns=", ".join(_shown(header))
            )
    else:
        form = forms()[_GENERIC if asked.startswith(_GENERIC) else asked]
    for field in form.needs:
        if not any(name in names for name in form.columns[field]):
            raise errors.ColumnMissing(
                column=form.columns[field][0], form=form.key, columns=", ".join(_shown(header))
            )
    for name in _read_by(form):
        if names.count(name) > 1:
            raise errors.ColumnTwice(column=name)
    return form


def is_header(cells: Sequence[str]) -> bool:
    """Say whether a row could be the header of a known form."""
    names = [normal(one) for one in cells]
    return any(_common(form, names) >= _FEWEST for form in forms().values())


def _read_by(form: Form) -> Iterator[str]:
    yield from {name for names in form.columns.values() for name in names}


def _common(form: Form, names: Sequence[str]) -> int:
    return len({*_read_by(form), *form.known} & set(names))


def _share(form: Form, names: Sequence[str]) -> float:
    return _common(form, names) / (len(names) or 1)


def _shown(header: Sequence[str]) -> list[str]:
    shown = [" ".join(one.split()) for one in header if one.strip()]
    return shown[:_SHOWN] + (["…"] if len(shown) > _SHOWN else [])
