"""The words of a scope: what is read, what is refused and why, and what holds of a vehicle."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.domains.recalls import scope, scope_vin
from roadworthy.domains.recalls.scope import Known, ScopeError
from roadworthy.kernel.vin import CHARACTERS, compose

DVSA = Path(__file__).parents[4] / "shared/data/recalls/dvsa_small.csv"
CAR = Known("VF7ABCDEFAZ025999", "S1", date(2024, 3, 1), {"adas": ("2.0.1",), "mcu": ()})


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("all", True),
        ("type S1", True),
        ("type S2, S3", False),
        ("vin VF7******AZ025918 .. VF7******AZ030421", True),
        ("vin VF7******AZ026000 to VF7******AZ030421", False),
        ("vin *025999", True),
        ("vin VF7*999, LTVAAAAA0SA000150", True),
        ("built 2024-02-06..2024-11-26", True),
        ("built from 2024-03-02", False),
        ("built until 2024-03-01", True),
        ("built unknown", False),
        ('ecu adas = "2.0.1", "2.0.2"', True),
        ("ecu adas = 2.0.2", False),
        ("ecu mcu = 1.0", None),
        ("ecu radar = 1.0", False),
        ("not type S1 or (type S1 and built 2024-03-01)", True),
        ("type S1 AND NOT ecu mcu = 1.0", None),
    ],
)
def test_a_line_says_of_a_vehicle_what_it_means(line, answer):
    assert scope.parse(line).verdict(CAR).included is answer


def test_what_is_not_known_is_neither_in_nor_out():
    bare = Known("VF7ABCDEFAZ025999", "S1")
    assert scope.parse("built from 2024-01-01").verdict(bare).included is None
    assert scope.parse("built from 2024-01-01\nbuilt unknown").verdict(bare).included is True
    left_open = scope.parse("type S1\nexcept built from 2024-01-01").verdict(bare)
    assert (left_open.included, left_open.clause) == (None, 2)
    assert scope.parse("type S2\nexcept built from 2024-01-01").verdict(bare).included is False


def test_an_exception_weighs_more_and_one_clause_is_the_reason():
    read = scope.parse("# all of it\ntype S1\n\nexcept vin *999\nall")
    assert read.verdict(CAR) == scope.Verdict(included=False, clause=2)
    assert [one.text for one in read.clauses] == ["type S1", "except vin *999", "all"]


@pytest.mark.parametrize(
    ("text", "line", "wrong"),
    [
        ("", 1, scope.Unclear),
        ("except type S1", 1, scope.Unclear),
        ("type S1\ncolour red", 2, scope.Unclear),
        ("type S1 S2", 1, scope.Unclear),
        ("type", 1, scope.Unclear),
        ("built 2024-13-01", 1, scope.Unclear),
        ("built 2024-03-02 .. 2024-03-01", 1, scope.Unclear),
        ("(type S1", 1, scope.Unclear),
        ('type "S1', 1, scope.Unclear),
        ("ecu adas 2.0", 1, scope.Unclear),
        ("vin 740405", 1, scope_vin.PartOfAVin),
        ("vin VF7**AZ*25918", 1, scope_vin.WrongPatternLength),
        ("vin VF7******AZ030421 .. VF7******AZ025918", 1, scope_vin.EndsFirst),
        ("vin VF7******AZ030421 .. VF7*****9AZ035918", 1, scope_vin.OtherWildcards),
        ("vin WJME2NSJ004286634 .. WJMM1VUJ004291516", 1, scope_vin.OtherDescriptor),
    ],
)
def test_what_is_unclear_is_refused_with_its_line_and_its_reason(text, line, wrong):
    with pytest.raises(ScopeError) as refused:
        scope.parse(text)
    assert refused.value.data["line"] == line
    assert isinstance(refused.value.data["problem"], wrong)


def test_a_check_digit_is_no_part_of_the_counting():
    """Both ends carry a right check digit, so place 9 follows from the rest."""
    low, high = (
        compose(wmi="LTV", descriptor="AAAAA", year=2025, plant="A", serial=n).text
        for n in (1, 100)
    )
    inside = compose(wmi="LTV", descriptor="AAAAA", year=2025, plant="A", serial=57).text
    assert low[8] != inside[8]
    assert scope_vin.between(low, high).matches(inside)


places = st.integers(min_value=0, max_value=16)
vins = st.text(alphabet=CHARACTERS, min_size=17, max_size=17)


@given(vins, st.sets(st.integers(min_value=3, max_value=16)), st.data())
def test_a_range_is_what_an_integer_of_its_places_says(low, wild, data):
    """Another reading of the same words: the compared places as a number of base 33."""
    tail = data.draw(st.text(alphabet=CHARACTERS, min_size=8, max_size=8))
    other = low[:9] + tail
    first, last = ("".join("*" if i in wild else c for i, c in enumerate(v)) for v in (low, other))
    if _number(last) < _number(first):
        first, last = last, first
    made = scope_vin.between(first, last)
    asked = low[: data.draw(st.integers(min_value=7, max_value=9))]
    asked += data.draw(st.text(alphabet=CHARACTERS, min_size=17, max_size=17))
    asked = asked[:17]
    same_head = all(h in ("*", a) for h, a in zip(made.head, asked[:9], strict=True))
    counted = "".join("*" if i in wild else c for i, c in enumerate(asked))
    inside = _number(first) <= _number(counted) <= _number(last)
    assert made.matches(asked) is (same_head and inside)
    assert made.matches(low) or made.head[8] != "*", "an end is in its own range"


def _number(pattern: str) -> int:
    value = 0
    for character in pattern[9:]:
        if character != "*":
            value = value * len(CHARACTERS) + CHARACTERS.index(character)
    return value


def test_every_cell_of_a_public_register_is_read_or_refused_with_a_reason():
    """274 recalls of the DVSA: 150 rows name no VIN; the rest is read or refused one by one."""
    if not DVSA.exists():
        pytest.skip("the register is not here")
    answers: Counter[str] = Counter()
    reasons: list[str] = []
    with DVSA.open(encoding="cp1252", newline="") as file:
        for row in csv.DictReader(file):
            start, end = row["VIN Start"], row["VIN End"]
            if not start.strip():
                answers["none"] += 1
                continue
            try:
                read = scope_vin.read_fields(start, end)
            except scope_vin.Invalid as refused:
                answers[refused.code] += 1
                reasons.append(str(refused))
                continue
            answers["read"] += 1
            _check_on_a_fleet(read, start, end)
    assert answers["none"] == 150
    assert sum(answers.values()) == 555
    assert answers["read"] == 201
    assert len(reasons) == 204
    assert all(reasons)


def _check_on_a_fleet(read: scope_vin.VinRange, start: str, end: str) -> None:
    """Ask about vehicles around both ends; the oracle reads the cells by a regular expression."""
    low, high = (re.sub(r"[#.?]", "*", one.strip().upper()) for one in (start, end or start))
    if len(low) != 17:
        return  # the whole range stands in the first cell
    serial = re.search(r"[0-9]*$", low)
    assert serial is not None
    digits = len(serial.group())
    head = re.compile(low[:8].replace("*", "."))
    for number in (0, 1, int(serial.group() or 0), 10**digits - 1):
        vin = (low[: 17 - digits] + f"{number:0{digits}d}").replace("*", "A")
        expected = bool(head.match(vin)) and _plain(low) <= _like(vin, low) <= _plain(high)
        assert read.matches(vin) is expected, (start, end, vin)
    assert not read.matches("0" + low[1:].replace("*", "A")) or low[0] in "*0"


def _plain(pattern: str) -> str:
    return pattern[9:].replace("*", "")


def _like(vin: str, pattern: str) -> str:
    return "".join(c for c, p in zip(vin[9:], pattern[9:], strict=True) if p != "*")
