"""A standard is found by what people remember of it."""

from __future__ import annotations

import pytest

from roadworthy.domains.standards import finding

TEXT = finding.folded(
    "GB 44496-2024",
    "汽车软件升级通用技术要求",
    "General technical requirements for software update",
)


def found(query):
    return all(word in TEXT for word in finding.words(query))


@pytest.mark.parametrize(
    "query",
    [
        "44496",
        "44496-2024",
        "GB44496",
        "ＧＢ　44496—2024",
        "软件升级",
        "升级 汽车",
        "ruanjianshengji",
        "ruan jian",
        "rjsj",
        "Software Update",
        "gb 软件",
        "4449",
    ],
)
def test_it_is_found(query):
    assert found(query)


@pytest.mark.parametrize(
    "query", ["44495", "GB/T 44496", "GB/T 44496-2024", "数据", "shuju", "44496-2025"]
)
def test_it_is_not_found_by_something_else(query):
    assert not found(query)


def test_part_numbers_are_kept_whole():
    text = finding.folded("GB/T 44461.1-2024", "", "")
    assert all(word in text for word in finding.words("44461.1"))
    assert not all(word in text for word in finding.words("44461.2"))


def test_nothing_asked_finds_nothing_in_particular():
    assert finding.words("  ") == ()
