"""The Chinese catalogue keeps the content style, and reasons come in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils import translation

import roadworthy
from roadworthy.domains.campaigns.consents import TooLate
from roadworthy.domains.filings.errors import OutOfOrder
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, formats
from roadworthy.rules.text import Text

CATALOGUE = Path(roadworthy.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po"
HAN = "\u4e00-\u9fff"
NEVER = {
    "an exclamation mark": "！",
    "half-width punctuation beside Han": f"[{HAN}][,;:!?()]|[,;!?()][{HAN}]",
    "a typed space between Han and Latin": f"[{HAN}] [A-Za-z{{%]|[A-Za-z}}] [{HAN}]",
    "straight quotation marks beside Han": f"[{HAN}][\"']|[\"'][{HAN}]",
    "a form of address that the style rules out": "请注意|温馨提示|亲爱的",
}
# A label is followed by its value in a style of its own, or a name by its kind in a page's title.
SPACED = {"limit %(limit)s%%", "now %(n)s", "%(number)s release"}


def _texts() -> Iterator[tuple[str, str]]:
    for entry in polib.pofile(str(CATALOGUE)):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else (entry.msgstr,):
            yield entry.msgid, text


@pytest.mark.parametrize("fault", NEVER)
def test_no_chinese_text_has(fault: str) -> None:
    wrong = {
        msgid: text
        for msgid, text in _texts()
        if re.search(NEVER[fault], text) and msgid not in SPACED
    }
    assert wrong == {}


def test_owners_are_addressed_politely_and_everybody_else_plainly() -> None:
    polite = {
        entry.msgid: [path for path, _ in entry.occurrences]
        for entry in polib.pofile(str(CATALOGUE))
        if "您" in entry.msgstr
    }
    for msgid, paths in polite.items():
        assert any("/owner/" in path or path.endswith("consents.py") for path in paths), msgid


@pytest.mark.parametrize(
    ("error", "en", "zh"),
    [
        (
            TooLate(why="the campaign is over"),
            "This can no longer be changed: the campaign is over.",
            "现在不能再更改：升级活动已结束。",
        ),
        (
            OutOfOrder(why=Text("能力备案未通过。", "The capability is not filed."), rules="X-1"),
            "This cannot be submitted yet. The capability is not filed. (X-1)",
            "现在还不能提交。能力备案未通过。（X-1）",
        ),
    ],
)
def test_a_reason_is_in_the_readers_language(error: DomainError, en: str, zh: str) -> None:
    with translation.override("en"):
        assert errors.sentence(error) == en
    with translation.override("zh-hans"):
        assert errors.sentence(error) == zh
    assert str(error) == en


def test_sentences_are_parted_as_the_language_does() -> None:
    with translation.override("en"):
        assert formats.sentences("Do this.", "", "Then that.") == "Do this. Then that."
    with translation.override("zh-hans"):
        assert formats.sentences("先这样。", "", "再那样。") == "先这样。再那样。"
