"""Dates, times, numbers and digests as the content style writes them, in the reader's language.

* Times are shown in Asia/Shanghai, whatever the server's zone; a legal day is a day there.
* Data: ``2026-08-31`` / ``31 Aug 2026``. Prose: ``2026年8月31日`` / ``31 August 2026``.
* A missing value is an en dash, never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import dateformat
from django.utils.translation import get_language, gettext, ngettext

from roadworthy.kernel.calendar import PRC, SHANGHAI, legal_day

NONE = "–"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def localised(texts: Mapping[str, str] | str | None) -> str:
    """Pick the reader's language of a text kept in two, or the one that is there."""
    if isinstance(texts, str):
        return texts
    if not texts:
        return ""
    first, second = ("zh-hans", "en") if is_chinese() else ("en", "zh-hans")
    return texts.get(first) or texts.get(second) or ""


def sentences(*parts: str) -> str:
    """Put sentences after one another: with a space in English, without in Chinese."""
    return ("" if is_chinese() else " ").join(part for part in parts if part)


def in_shanghai(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)


def day(value: date) -> str:
    """Write a day as in a table: ``2026-08-31``, ``31 Aug 2026``."""
    return f"{value:%Y-%m-%d}" if is_chinese() else dateformat.format(value, "j M Y")


def short_day(value: date) -> str:
    """Write a day whose year is plain: ``08-31``, ``31 Aug``."""
    return f"{value:%m-%d}" if is_chinese() else dateformat.format(value, "j M")


def long_day(value: date) -> str:
    """Write a day inside a sentence: ``2026年8月31日``, ``31 August 2026``."""
    if is_chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return dateformat.format(value, "j F Y")


def moment(at: datetime) -> str:
    """Write an instant as in a table: ``08-18 09:14``; with its year when that is another."""
    local = in_shanghai(at)
    same_year = local.year == in_shanghai(datetime.now(SHANGHAI)).year
    return f"{short_day(local) if same_year else day(local)} {local:%H:%M}"


def full_moment(at: datetime) -> str:
    """Write an instant so that nobody can misread it."""
    local = in_shanghai(at)
    if is_chinese():
        return f"{day(local)} {local:%H:%M}（北京时间）"
    return f"{day(local)}, {local:%H:%M} (Asia/Shanghai)"


def full_moment_short(at: datetime) -> str:
    """Write an instant with its year: ``2026-08-11 16:20``, ``11 Aug 2026, 16:20``."""
    local = in_shanghai(at)
    return f"{day(local)}{' ' if is_chinese() else ', '}{local:%H:%M}"


def number(value: float | None, places: int = 0) -> str:
    return NONE if value is None else f"{value:,.{places}f}"


def percent(part: float, whole: float, places: int = 1) -> str:
    """Write a share: ``42.1%``; a dash when there is nothing to take a share of."""
    return f"{100 * part / whole:.{places}f}%" if whole else NONE


def size(length: int) -> str:
    """Write a file's length in binary units."""
    value, unit = float(length), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return (
        f"{value:,.0f} {_UNITS[unit]}"
        if unit == 0 or value >= 100
        else f"{value:,.1f} {_UNITS[unit]}"
    )


def digest(value: str) -> str:
    """Shorten a digest for reading; the full one stands in a proof and before signing."""
    plain = value.removeprefix("sha256:")
    return f"{plain[:8]}…{plain[-6:]}" if len(plain) > 16 else plain


def working_days(due: date, today: date) -> str:
    """Say how far a day is: ``9 working days left``, ``1 day overdue``."""
    left = PRC.between(today, due)
    if due < today:
        late = -left
        if late == 0:
            return overdue_days((today - due).days)
        return ngettext("{n} working day overdue", "{n} working days overdue", late).format(n=late)
    if due == today:
        return gettext("today")
    return ngettext("{n} working day left", "{n} working days left", left).format(n=left)


def overdue_days(days: int) -> str:
    return ngettext("{n} day overdue", "{n} days overdue", days).format(n=days)


def waited(since: datetime, now: datetime) -> tuple[int, str]:
    """Return the working days since an instant, and the words for them."""
    days = max(PRC.between(legal_day(since), legal_day(now)), 0)
    return days, ngettext("{n} working day", "{n} working days", days).format(n=days)


def as_text(value: Any) -> str:
    """Write a fact of the rulebook, which may be of any JSON type."""
    if value is None:
        return gettext("not stated")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return localised(value) if set(value) <= {"zh-hans", "en"} else _pairs(value)
    if isinstance(value, list | tuple):
        return _joined([as_text(one) for one in value]) if value else gettext("empty")
    return str(value)


def _joined(parts: list[str]) -> str:
    return ("；" if is_chinese() else "; ").join(parts)


def _pairs(value: Mapping[str, Any]) -> str:
    colon = "：" if is_chinese() else ": "
    return _joined([f"{name}{colon}{as_text(one)}" for name, one in value.items()])
