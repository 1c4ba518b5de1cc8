"""Vehicles from files as people have them."""

import csv
from datetime import date

import pytest

from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.vehicles import csv_import, demo_csv, errors, queries
from roadworthy.domains.vehicles.models import Vehicle
from tests.domains.vehicles.making import AT, vin_of, with_types

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "vin,controller_id,type,ecu:fwdRadar"


def line(serial, version="212053276", controller=None):
    return f"{vin_of(serial)},{controller or f'car-{serial}'},PSA_PEUGEOT_208,{version}"


def file_of(folder, *lines, header=HEADER, encoding="utf-8", end="\n"):
    path = folder / "vehicles.csv"
    path.write_bytes(end.join([header, *lines, ""]).encode(encoding))
    return path


def imported(path, maker=None, **more):
    maker = maker or with_types()
    return csv_import.import_csv(path, manufacturer_id=maker.pk, actor=PLATFORM, at=AT, **more)


def test_good_rows_are_registered_and_bad_ones_reported(tmp_path):
    path = file_of(
        tmp_path,
        line(1),
        line(2, version="nonsense"),
        f"{vin_of(1)},car-3,PSA_PEUGEOT_208,",
        "",
        "short",
        line(4) + ",more,than,columns",
        line(5),
    )
    tokens = []
    summary = imported(path, on_registered=tokens.extend)
    assert (summary.rows, summary.registered) == (6, 2)
    assert [(r.number, r.column, type(r.error)) for r in summary.refused] == [
        (3, "ecu:fwdRadar", errors.UnknownVersion),
        (4, "vin", errors.VinTwice),
        (6, "", errors.TooFewValues),
        (7, "", errors.TooManyValues),
    ]
    assert sorted(t.controller_id for t in tokens) == ["car-1", "car-5"]
    assert len({t.token for t in tokens}) == 2


def test_what_cannot_keep_its_token_is_not_registered(tmp_path):
    def disk_full(_):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        imported(file_of(tmp_path, line(1)), on_registered=disk_full)
    assert not Vehicle.objects.exists()


def test_a_second_import_of_the_same_file_registers_nothing(tmp_path):
    maker = with_types()
    path = file_of(tmp_path, line(1), line(2))
    imported(path, maker)
    later = csv_import.import_csv(
        path, manufacturer_id=maker.pk, actor=PLATFORM, at=AT.replace(year=2027)
    )
    assert later.registered == 0
    assert {type(r.error) for r in later.refused} == {errors.VinTaken}


def test_a_dry_run_finds_the_same_and_keeps_nothing(tmp_path):
    maker = with_types()
    path = file_of(tmp_path, line(1), line(1), line(2, version="9"))
    dry = imported(path, maker, dry_run=True)
    assert not Vehicle.objects.exists()
    real = imported(path, maker)
    assert (dry.registered, len(dry.refused)) == (real.registered, len(real.refused)) == (1, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "detected", "place"),
    [
        ("utf-8", "utf-8", "合肥"),
        ("utf-8-sig", "utf-8-sig", "合肥"),
        ("gb18030", "gb18030", "合肥工厂"),
        ("cp1252", "cp1252", "Ürümqi café"),
        ("utf-16", "utf-16", "合肥"),
        ("ascii", "utf-8", "Hefei"),
    ],
)
def test_encodings_are_told_apart_and_unknown_columns_kept(
    tmp_path, encoding, detected, place, end
):
    path = file_of(
        tmp_path, f"{line(1)},{place}", header=f"{HEADER},plant", encoding=encoding, end=end
    )
    summary = imported(path)
    assert (summary.encoding, summary.registered) == (detected, 1)
    assert summary.unused_columns == ("plant",)
    assert Vehicle.objects.get().imported == {"plant": place}


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_columns_may_be_separated_as_spreadsheets_do(tmp_path, delimiter):
    path = file_of(tmp_path, line(1).replace(",", delimiter), header=HEADER.replace(",", delimiter))
    assert imported(path).registered == 1


def test_columns_are_found_by_name_in_any_order(tmp_path):
    row = f"PSA_PEUGEOT_208,a-token-of-my-own-making,car-1,{vin_of(1).lower()}"
    path = file_of(tmp_path, row, header=" type , token,controller_id,vin")
    assert imported(path).registered == 1
    assert Vehicle.objects.get().vin == vin_of(1)


def test_the_day_of_building_is_kept_and_a_wrong_one_refused(tmp_path):
    rows = [
        line(1) + ",2024-02-29",
        line(2) + ",",
        line(3) + ",29.02.2024",
        line(4) + ",2999-01-01",
    ]
    summary = imported(file_of(tmp_path, *rows, header=HEADER + ",built_on"))
    assert [(r.number, r.column, type(r.error)) for r in summary.refused] == [
        (4, "built_on", errors.NoBuildDay),
        (5, "built_on", errors.NoBuildDay),
    ]
    assert summary.unused_columns == ()
    kept = dict(Vehicle.objects.values_list("controller_id", "built_on"))
    assert kept == {"car-1": date(2024, 2, 29), "car-2": None}


def test_newlines_inside_quotes_do_not_end_a_row(tmp_path):
    path = file_of(tmp_path, f'{line(1)},"two\nlines"', line(2) + ",", header=f"{HEADER},remark")
    assert imported(path).registered == 2
    assert Vehicle.objects.get(controller_id="car-1").imported == {"remark": "two\nlines"}


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("vin,type", errors.ColumnMissing),
        ("vin,controller_id,type,vin", errors.ColumnTwice),
        ("", errors.FileEmpty),
    ],
)
def test_a_header_that_cannot_be_used_says_why(tmp_path, header, error):
    with pytest.raises(error):
        imported(file_of(tmp_path, header=header))


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(errors.ColumnMissing, match='"controller_id" is missing'):
        imported(file_of(tmp_path, header="vin,type"))


def test_a_file_that_is_not_there_is_one_clear_sentence(tmp_path):
    with pytest.raises(errors.FileUnreadable, match="No such file"):
        imported(tmp_path / "none.csv")


def test_a_named_encoding_must_fit(tmp_path):
    path = file_of(tmp_path, line(1) + ",é", header=f"{HEADER},x", encoding="cp1252")
    maker = with_types()
    with pytest.raises(errors.WrongEncoding, match="byte"):
        imported(path, maker, encoding="utf-8")
    with pytest.raises(errors.FileUnreadable, match="no encoding"):
        imported(path, maker, encoding="klingon")


def test_a_binary_file_is_refused_row_by_row(tmp_path):
    path = file_of(tmp_path, line(1) + "\0", line(2))
    summary = imported(path)
    assert [type(r.error) for r in summary.refused] == [errors.NotText]
    assert summary.registered == 1


def test_a_large_file_is_read_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_import, "BATCH", 7)
    monkeypatch.setattr(csv_import, "_CHUNK", 50)
    seen = []
    path = file_of(tmp_path, *(line(i) for i in range(1, 31)), line(3), end="\r\n")
    summary = imported(path, on_progress=seen.append)
    assert summary.registered == 30
    assert [(r.number, type(r.error)) for r in summary.refused] == [(32, errors.VinTwice)]
    assert seen[-1] == path.stat().st_size
    assert seen == sorted(seen)


def test_the_demonstration_file_is_taken_without_a_word(tmp_path):
    maker = with_types(brand="mazda")
    path = tmp_path / "demo.csv"
    assert demo_csv.write(path, demo_csv.Fleet(brand="mazda", count=60)) == 60
    summary = imported(path, maker)
    assert (summary.registered, summary.refused, summary.warnings) == (60, [], [])
    assert {t.vehicles for t in queries.types_with_counts(maker.pk)} == {10}


def test_the_demonstration_file_is_the_same_for_the_same_seed(tmp_path):
    files = [tmp_path / name for name in "abc"]
    for path, seed in zip(files, (1, 1, 2), strict=True):
        demo_csv.write(path, demo_csv.Fleet(count=40, seed=seed, versions={"fwdCamera": "0.2.4"}))
    a, b, c = (path.read_bytes() for path in files)
    assert a == b != c
    with files[0].open(newline="") as file:
        assert {row["ecu:fwdCamera"] for row in csv.DictReader(file)} == {"0.2.4"}
