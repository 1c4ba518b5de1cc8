"""VINs: the vectors of the standards and what must hold for every number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.kernel import vin

SERIALS = st.integers(0, 999_999)
SECTION = st.text(vin.CHARACTERS, min_size=1, max_size=1)


@pytest.mark.parametrize(
    "text", ["1M8GDM9AXKP042788", "11111111111111111", "LSVAA49J132047371", "5YJ3E1EA1JF000316"]
)
def test_a_known_number_is_well_formed(text):
    assert vin.parse(text).text == text


@pytest.mark.parametrize("text", ["1M8GDM9AXKP042788", "11111111111111111", "LSVAA49J132047371"])
def test_the_check_digit_of_a_known_number_fits(text):
    assert vin.parse(text).check_digit_fits


def test_a_failing_check_digit_is_no_error():
    assert not vin.parse("5YJ3E1EA1JF000316").check_digit_fits


@pytest.mark.parametrize("letter", "IOQ")
def test_letters_that_look_like_digits_are_refused(letter):
    with pytest.raises(vin.WrongCharacter) as error:
        vin.parse(f"LSVAA49J1320473{letter}1")
    assert error.value.data["place"] == 16


@pytest.mark.parametrize("text", ["", "LSVAA49J13204737", "LSVAA49J1320473711", "[REDACTED]"])
def test_another_length_is_refused(text):
    with pytest.raises(vin.WrongLength):
        vin.parse(text)


@pytest.mark.parametrize("text", ["LSVAA49J13204737*", "LSVAA49J1 2047371", "ßSVAA49J13204737"])
def test_what_is_no_letter_or_digit_is_refused(text):
    with pytest.raises((vin.WrongCharacter, vin.WrongLength)):
        vin.parse(text)


def test_spreadsheet_spelling_is_read():
    assert vin.parse(" lsvaa49j132047371\t").text == "LSVAA49J132047371"
    assert vin.parse("ＬＳＶＡＡ４９Ｊ１３２０４７３７１").text == "LSVAA49J132047371"


def test_sections_and_maker():
    number = vin.parse("LSVAA49J132047371")
    assert (number.wmi, number.vds, number.vis) == ("LSV", "AA49J1", "32047371")
    assert number.manufacturer == "SAIC Volkswagen"
    assert vin.parse("11111111111111111").manufacturer is None


@given(SERIALS, st.integers(1971, 2060), st.text(vin.CHARACTERS, min_size=5, max_size=5), SECTION)
def test_a_composed_number_always_fits(serial, year, descriptor, plant):
    number = vin.compose(wmi="LSV", descriptor=descriptor, year=year, plant=plant, serial=serial)
    assert number.check_digit_fits
    assert number.text.endswith(f"{serial:06d}")
    assert number.text[9] == vin.year_code(year)


def test_year_codes_follow_the_standard():
    codes = {1971: "1", 1980: "A", 2000: "Y", 2001: "1", 2010: "A", 2025: "S", 2026: "T", 2030: "Y"}
    assert {year: vin.year_code(year) for year in codes} == codes


@given(st.text(vin.CHARACTERS, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_one_wrong_digit_never_passes(text, place, data):
    """Modulo 11 finds every change of one digit for another, the reason the digit exists."""
    fitting = text[:8] + vin.check_digit(text) + text[9:]
    digits = [c for c in "0123456789" if c != fitting[place]]
    other = data.draw(st.sampled_from(digits))
    changed = fitting[:place] + other + fitting[place + 1 :]
    number = vin.Vin(changed)
    if fitting[place].isdigit():
        assert not number.check_digit_fits


@given(st.text(max_size=24))
def test_any_text_is_a_vin_or_a_named_fault(text):
    try:
        number = vin.parse(text)
    except (vin.WrongLength, vin.WrongCharacter):
        return
    assert vin.parse(number.text) == number
