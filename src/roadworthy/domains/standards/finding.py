"""Find standards as people remember them: a bare number, a title in Chinese, pinyin or English.

Each entry keeps one folded text. A query is folded the same way; every word of it has to be in it.
Pinyin is there in full and as initials, so "shujuanquan" and "sjaq" both find 数据安全.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pypinyin import Style, lazy_pinyin

from roadworthy.kernel import standard_number

_LONGEST_QUERY = 200
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DIGITS = re.compile(r"\d+(\.\d+)*(-\d{4})?")
_HAN = re.compile(r"[\u3400-\u9fff]+")


def folded(number: str, title_zh: str, title_en: str, *more: str) -> str:
    """Return what an entry is found by, in lower case: parts between blanks."""
    texts = [number, _tight(number), *_bare(number), _fold(title_zh), _fold(title_en)]
    texts += [_tight(title_en), *_pinyin(title_zh), *(_fold(one) for one in more if one)]
    return " ".join(dict.fromkeys(filter(None, (one.lower() for one in texts))))


def words(query: str) -> tuple[str, ...]:
    """Return the folded words that an entry's text has to hold, all of them."""
    text = query.strip()[:_LONGEST_QUERY]
    if not text:
        return ()
    if _DIGITS.fullmatch(text):
        return (text,)
    try:
        return (_tight(standard_number.normal(text)).lower(),)
    except (standard_number.NotANumber, standard_number.SeveralNumbers):
        return tuple(dict.fromkeys(_fold(text).replace("'", " ").split()))


def _fold(text: str) -> str:
    """Lower case without accents or full-width forms; "lǜ" and "lv" are typed for 绿."""
    plain = unicodedata.normalize("NFKD", text.replace("ü", "v").replace("ǜ", "v"))
    plain = "".join(one for one in plain if not unicodedata.combining(one)).lower()
    return " ".join(_WORD.findall(plain))


def _tight(text: str) -> str:
    return "".join(_WORD.findall(text))


def _bare(number: str) -> tuple[str, ...]:
    """Return the digits as people say them: "44461.1", "44461.1-2024"."""
    found = re.search(r"\d[\d.:-]*$", number)
    return (found[0],) if found else ()


@cache
def _reading(text: str) -> tuple[str, str]:
    full = lazy_pinyin(text, errors="ignore")
    first = lazy_pinyin(text, style=Style.FIRST_LETTER, errors="ignore")
    return "".join(full), "".join(first)


def _pinyin(text: str) -> tuple[str, ...]:
    """Return the reading of each run of Chinese characters, and of all of them together."""
    runs = _HAN.findall(text)
    whole = "".join(runs)
    return tuple(one for run in dict.fromkeys([*runs, whole]) if run for one in _reading(run))
