"""The inventory that the package carries, against the figures and against ``opendbc`` itself."""

import gzip
import importlib.util
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.domains.vehicles import inventory

needs_opendbc = pytest.mark.skipif(
    importlib.util.find_spec("opendbc") is None,
    reason="opendbc installs on Python 3.11 and 3.12 only",
)
SCRIPT = Path(__file__).parents[3] / "scripts/derive_inventory.py"


def test_the_carried_inventory_has_every_row():
    assert inventory.carried().figures() == inventory.Figures(
        platforms=225,
        slots=991,
        rows=5312,
        distinct_versions=4966,
        slots_with_several_versions=772,
        versions_on_several_platforms=185,
        counted_answers=851,
    )


def test_only_toyota_counts_its_ids():
    brands = {
        platform.brand
        for platform in inventory.carried().platforms
        for slot in platform.slots
        for firmware in slot.firmware
        if inventory.counted_ids(firmware.raw) is not None
    }
    assert brands == {"toyota"}


def test_every_version_text_is_unique_in_its_slot_and_fits_an_attribute():
    for platform in inventory.carried().platforms:
        for slot in platform.slots:
            texts = [firmware.version for firmware in slot.firmware]
            assert len(set(texts)) == len(texts)
            assert all(0 < len(text) <= 128 and text.isascii() for text in texts)
            assert all(text == text.strip() for text in texts)


@needs_opendbc
def test_the_carried_inventory_is_what_the_package_says():
    import importlib

    from opendbc.car.structs import CarParams

    ecu_number = CarParams.Ecu.schema.enumerants
    carried = inventory.carried()
    for brand in carried.brands:
        package = importlib.import_module(f"opendbc.car.{brand}.fingerprints").FW_VERSIONS
        ours = {platform.name: platform for platform in carried.of_brand(brand)}
        assert list(ours) == [str(platform) for platform in package]
        for platform, slots in package.items():
            assert {
                (ecu_number[s.ecu], s.address, s.sub_address): [f.raw for f in s.firmware]
                for s in ours[str(platform)].slots
            } == {(int(ecu), address, sub): raw for (ecu, address, sub), raw in slots.items()}


@needs_opendbc
def test_no_brand_of_the_package_is_left_out():
    import importlib
    import pkgutil

    import opendbc.car

    with_firmware = {
        module.name
        for module in pkgutil.iter_modules(opendbc.car.__path__)
        if module.ispkg
        and importlib.util.find_spec(f"opendbc.car.{module.name}.fingerprints")
        and getattr(
            importlib.import_module(f"opendbc.car.{module.name}.fingerprints"), "FW_VERSIONS", {}
        )
    }
    assert set(inventory.carried().brands) == with_firmware


@needs_opendbc
def test_the_script_derives_the_carried_file():
    spec = importlib.util.spec_from_file_location("derive_inventory", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    # The text, not the compressed bytes: another zlib packs the same text differently.
    assert gzip.decompress(script.inventory()) == gzip.decompress(script.TARGET.read_bytes())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x018966333Q6000\0\0\0\0", "8966333Q6000"),
        (b"\x028965B0R01300\0\0\0\x008965B0R02300\0\0\0\0", "8965B0R01300 + 8965B0R02300"),
        (b"68496650AH ", "68496650AH"),
        (b"LJ9C-14D003-CC\0\0\0\0", "LJ9C-14D003-CC"),
        (b"\xf1\x870CW300042F \xf1\x891604", "F187:0CW300042F F189:1604"),
        (
            b"\xf1\x00OS IEB \x02 210 \x02\x14 58520-K4000",
            r"F100:OS IEB \x02 210 \x02\x14 58520-K4000",
        ),
        (b"\xa7\xfe\xf6@\0", r"\xa7\xfe\xf6@"),
        (b'\xf1"`q\x07', r"\xf1\"`q\x07".replace('\\"', '"')),
        (b"a\\b", r"a\x5cb"),
        (b"\x02896634A13000\0\0\0\0" + bytes(16), "896634A13000"),
    ],
)
def test_answers_read_as_people_write_them(raw, text):
    assert inventory.readable(raw) == text


def test_answers_that_would_read_alike_are_written_out():
    names = inventory.versions([b"AB12", b"AB12 ", b"CD\0\0"])
    assert names == {b"AB12": "AB12", b"AB12 ": r"AB12\x20", b"CD\0\0": "CD"}
    assert inventory.versions([b"X\0", b"X\0\0"]) == {b"X\0": r"X\x00", b"X\0\0": r"X\x00\x00"}
    assert inventory.versions([b"\0\0"]) == {b"\0\0": r"\x00\x00"}


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, unique=True))
def test_no_two_answers_of_a_slot_share_a_text(answers):
    names = inventory.versions(answers)
    assert set(names) == set(answers)
    # A text may equal the exact form of another answer only by accident of a written-out escape.
    assert max(Counter(names.values()).values()) == 1
