"""Rows of files that others wrote."""

from __future__ import annotations

import gzip
import json
import zipfile

import pytest

from roadworthy.kernel import filetext, tabular
from roadworthy.kernel.filetext import FileUnreadable, WrongEncoding
from roadworthy.kernel.tabular import ColumnMissing, ColumnTwice, FileEmpty, Table


@pytest.fixture
def file(tmp_path):
    def write(content, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read(path, **more):
    table, refused = Table(path, **more), []
    rows = list(table.rows(refused.append))
    return table, rows, refused


def test_rows_are_found_by_name_and_numbered_as_a_reader_counts(file):
    table, rows, refused = read(file('a,"b\nc"\r\n1,"x\ny"\r\n , \r\n3,4\r\n'))
    assert table.columns == ("a", "b c")
    assert [(row.number, row.cells) for row in rows] == [
        (2, {"a": "1", "b c": "x\ny"}),
        (4, {"a": "3", "b c": "4"}),
    ]
    assert (table.count, table.blank, refused) == (3, 1, [])


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        ("a\nz\n".encode("utf-8-sig"), "utf-8-sig", "z"),
        ("a\n汉\n".encode("utf-16"), "utf-16", "汉"),
        ("a\n汉\n".encode(), "utf-8", "汉"),
        ("a\n汽车召回制动失效\n".encode("gb18030"), "gb18030", "汽车召回制动失效"),
        ("a\nMégane ’ – €\n".encode("cp1252"), "cp1252", "Mégane ’ – €"),
        (b"a\nM\xe9gane \x81\n", "cp1252", "Mégane \x81"),
        ("a\néèüöä".encode() + b"\x92\n", filetext.WITH_STRAYS, "éèüöä’"),
    ],
)
def test_the_encoding_is_found(file, content, encoding, text):
    table, rows, _ = read(file(content))
    assert table.encoding == encoding
    assert rows[0].cells["a"] == text


def test_an_encoding_that_is_given_is_kept_to(file):
    with pytest.raises(WrongEncoding, match="byte 3"):
        read(file("a\nM\xe9gane\n".encode("cp1252")), encoding="ascii")
    with pytest.raises(FileUnreadable, match="no encoding klingon"):
        read(file("a\n"), encoding="klingon")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(file, delimiter):
    assert read(file(f"a{delimiter}b\n1{delimiter}2\n"))[1][0].cells == {"a": "1", "b": "2"}


def test_a_row_that_cannot_be_read_costs_only_itself(file):
    _, rows, refused = read(file("a,b\n1,2,3\n4\n5,6,\n7,\0\n"))
    assert [(row.number, row.cells) for row in rows] == [
        (3, {"a": "4", "b": ""}),
        (4, {"a": "5", "b": "6"}),
    ]
    assert [(one.row, one.value) for one in refused] == [(2, "1,2,3"), (5, "")]


def test_a_header_that_cannot_be_used_is_told(file):
    with pytest.raises(FileEmpty):
        Table(file("\n"))
    with pytest.raises(ColumnTwice, match='"A"'):
        Table(file("a,A\n"))
    with pytest.raises(ColumnMissing, match=r'"NHTSA ID" is missing\. The file has: a, b'):
        tabular.columns(Table(file("a,b\n")), {"number": ["NHTSA ID", "ID"]}, ["number"])


def test_names_of_columns_are_compared_without_case(file):
    wanted = {"number": ["NHTSA ID", "ID"], "make": ["MAKE"]}
    found = tabular.columns(Table(file("Make,nhtsa  id\n")), wanted, ["number"])
    assert found == {"number": "nhtsa id", "make": "Make"}


def test_a_quotation_mark_that_is_never_closed_is_told(file):
    with pytest.raises(FileUnreadable, match="quotation mark"):
        read(file('a\n"' + "x\n" * tabular.LONGEST_FIELD))


def test_archives_are_looked_into(file, tmp_path):
    path = tmp_path / "one.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/x.csv", "a\n1\n")
        archive.writestr("README.md", "read me")
    assert read(path)[1][0].cells == {"a": "1"}
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y.csv", "a\n1\n")
    with pytest.raises(FileUnreadable, match=r"2 tables, and one is wanted: folder/x\.csv, y\.csv"):
        Table(path)
    assert read(file(gzip.compress(b"a\n1\n"), "x.csv.gz"))[1][0].cells == {"a": "1"}


def test_a_damaged_archive_is_told(file, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", "a\n" + "1\n" * 50_000)
    whole = (tmp_path / "x.zip").read_bytes()
    with pytest.raises(FileUnreadable):
        read(file(whole[:60], "cut.zip"))
    with pytest.raises(FileUnreadable):
        read(file(whole[:50] + b"\xff\xff\xff" + whole[53:], "flipped.zip"))


@pytest.mark.parametrize(
    "content",
    [
        '[{"a": 1}, {}, {"a": "b"}]',
        '{"a": 1}\n{}\n{"a": "b"}\n',
        '{"note": "x", "records": [{"a": 1}, {}, {"a": "b"}]}',
    ],
)
def test_json_is_read_as_a_list_as_lines_or_as_one_object(file, content):
    table, rows, _ = read(file(content, "x.json"))
    assert [(row.number, row.cells) for row in rows] == [(1, {"a": 1}), (3, {"a": "b"})]
    assert (table.count, table.blank) == (3, 1)


def test_a_long_list_is_read_piece_by_piece(file):
    records = [{"a": "x" * (n % 700), "n": n} for n in range(2000)]
    path = file(json.dumps(records, indent=1), "x.json")
    assert [row.cells for row in read(path)[1]] == records


@pytest.mark.parametrize("content", ['[{"a": 1}, ', '[{"a": 1} {"b": 2', "[1, 2]", '{"a": '])
def test_json_that_is_none_is_told(file, content):
    with pytest.raises(FileUnreadable):
        read(file(content, "x.json"))


def test_progress_ends_at_the_size_of_the_file(file):
    path, told = file("a\n" + "1\n" * 9000), []
    table = Table(path)
    list(table.rows(lambda _: None, told.append))
    assert told == sorted(told)
    assert told[-1] == table.size == path.stat().st_size
