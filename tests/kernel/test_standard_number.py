"""A standard has one identity, however it is written; two standards never have one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.kernel import standard_number
from roadworthy.kernel.standard_number import NotANumber, Number, SeveralNumbers

DIGITS = st.from_regex(r"[1-9][0-9]{0,5}", fullmatch=True)
PARTS = st.one_of(st.just(""), st.from_regex(r"[1-9][0-9]?(\.[1-9])?", fullmatch=True))
YEARS = st.integers(1950, 2099)
CHINESE = st.builds(
    Number,
    st.sampled_from(["GB", "GB/T", "GB/Z", "GBZ", "GBZ/T", "YD/T", "QC/T", "QB", "DB11/T"]),
    DIGITS,
    PARTS,
    st.one_of(st.none(), YEARS),
)
ASSOCIATIONS = st.builds(
    Number,
    st.from_regex(r"T/[A-Z]{2,8}", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}", fullmatch=True),
    PARTS,
    YEARS,
)
FOREIGN = st.builds(
    Number,
    st.sampled_from(["ISO", "IEC", "ISO/IEC", "ISO/SAE", "ISO/TS", "ISO/PAS"]),
    DIGITS,
    st.one_of(st.just(""), st.from_regex(r"[1-9][0-9]?", fullmatch=True)),
    st.one_of(st.none(), YEARS),
)
UN = st.builds(Number, st.just("UN R"), st.from_regex(r"[1-9][0-9]{0,2}", fullmatch=True))
NUMBERS = st.one_of(CHINESE, ASSOCIATIONS, FOREIGN, UN)


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


SPELLINGS = [
    str,
    str.lower,
    _full_width,
    lambda text: f"  {text}　",
    lambda text: text.replace(" ", ""),
    lambda text: text.replace(" ", "　"),
    lambda text: text.replace("-", "—"),
    lambda text: text.replace("-", " – "),
    lambda text: text.replace("-", "―"),
    lambda text: text.replace("/", "∕"),
    lambda text: text.replace("/", "／"),
    lambda text: f"《{text}》",
    lambda text: text.replace(":", "："),
]


@given(NUMBERS)
def test_a_number_is_read_back_from_how_it_is_written(number):
    assert standard_number.parse(str(number)) == number
    assert standard_number.normal(str(number)) == str(number)


@given(NUMBERS, st.sampled_from(SPELLINGS))
def test_every_spelling_is_the_same_number(number, spelling):
    assert standard_number.parse(spelling(str(number))) == number


@given(NUMBERS, NUMBERS)
def test_two_numbers_are_never_written_alike(one, other):
    assert (str(one) == str(other)) == (one == other)


@given(st.text(max_size=40))
def test_whatever_is_read_once_is_read_again_as_the_same(text):
    try:
        once = standard_number.normal(text)
    except (NotANumber, SeveralNumbers):
        return
    assert standard_number.normal(once) == once


@given(NUMBERS, NUMBERS)
def test_numbers_sort_as_numbers(one, other):
    if one.body == other.body and one.part == other.part == "" and one.digits != other.digits:
        by_value = int(one.digits) < int(other.digits) if one.digits.isdigit() else True
        if len(one.digits.lstrip("0")) != len(other.digits.lstrip("0")):
            assert (one.sort_key < other.sort_key) == by_value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("GBT44721—2024", "GB/T 44721-2024"),
        ("GB-T 44721-2024", "GB/T 44721-2024"),
        ("gb_t_44721-2024", "GB/T 44721-2024"),
        ("GB 18584 -- 2001", "GB 18584-2001"),
        ("GB 7258-87", "GB 7258-1987"),
        ("ISO/SAE 21434-2021", "ISO/SAE 21434:2021"),
        ("UN Regulation No. 155", "UN R155"),
        ("ECE R156", "UN R156"),
        ("R157", "UN R157"),
        ("ITU-T F.DLT-FAM", "ITU-T F.DLT-FAM"),
        ("IEEE 2142.1-2021", "IEEE 2142.1-2021"),
        ("T/BFIA 005-2021", "T/BFIA 005-2021"),
        ("JR/T 0071-2020", "JR/T 0071-2020"),
        ("YDT 4778-2024", "YD/T 4778-2024"),
        ("Draft: furniture-limits", "DRAFT furniture-limits"),
    ],
)
def test_what_people_write_is_understood(written, meant):
    assert standard_number.normal(written) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GB/T 44721-2024", "GB 44721-2026"),
        ("GB/T 44721-2024", "GB/T 44721"),
        ("GBZ 2.1-2019", "GB/Z 2.1-2019"),
        ("GB 2793.1-2008", "GB 22793.1-2008"),
        ("T/BFIA 005-2021", "T/BFIA 5-2021"),
        ("GB/T 44461.1-2024", "GB/T 44461.2-2024"),
    ],
)
def test_what_differs_stays_apart(one, other):
    assert standard_number.normal(one) != standard_number.normal(other)


@given(CHINESE)
def test_one_typing_error_is_a_neighbour_in_both_directions(number):
    for one in standard_number.neighbours(number):
        other = standard_number.parse(one)
        assert other != number
        if not number.digits.startswith("0"):
            assert str(number) in standard_number.neighbours(other)


@pytest.mark.parametrize(
    "written", ["", "GB", "GB/T", "XQ/T 12-2020", "GB 4472l-2026", "44721", "GB/T 1-2-2020", "标准"]
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(NotANumber):
        standard_number.parse(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("YD/T 4778–4780-2024", ("YD/T 4778-2024", "YD/T 4779-2024", "YD/T 4780-2024")),
        ("GB/T 44461.1/.2-2024", ("GB/T 44461.1-2024", "GB/T 44461.2-2024")),
        ("GB/T 32905/32907/32918", ("GB/T 32905", "GB/T 32907", "GB/T 32918")),
        ("GB 44496-2024", ("GB 44496-2024",)),
    ],
)
def test_what_stands_for_several_is_taken_apart_and_never_entered_as_one(written, meant):
    assert tuple(map(str, standard_number.expand(written))) == meant
    if len(meant) > 1:
        with pytest.raises(SeveralNumbers) as told:
            standard_number.parse(written)
        assert meant[-1] in str(told.value)
