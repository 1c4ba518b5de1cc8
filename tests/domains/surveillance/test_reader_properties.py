"""Whatever a file holds: every row is taken, blank or refused, and nothing is made up."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from roadworthy.domains.surveillance import errors, forms, values
from roadworthy.domains.surveillance.rows import COLUMNS, Rows
from roadworthy.domains.surveillance.tables import Extra
from tests.domains.surveillance.files import OWN

CELLS = st.text(max_size=30) | st.sampled_from(["", " ", "R-1", "2025-06-01", "[REDACTED]", "1"])


def read(rows, header=tuple(OWN)):
    form = forms.of_header(header, file="x")
    return list(Rows(form, header).batches(iter(rows), size=7))


@given(st.lists(st.lists(CELLS, max_size=14), max_size=30))
def test_every_row_is_accounted_for(rows):
    batches = read(rows)
    assert sum(one.rows for one in batches) == len(rows)
    for one in batches:
        refused = [fault for fault in one.faults if not fault.is_warning]
        assert len(refused) == one.refused
        assert one.rows == len(one.lines) + one.blank + one.refused
        assert all(1 <= fault.row <= len(rows) for fault in one.faults)


@given(st.lists(CELLS, min_size=len(OWN), max_size=len(OWN)))
def test_a_line_has_the_columns_of_the_stage_and_no_line_break_of_its_own(cells):
    for batch in read([cells]):
        for line in batch.lines:
            assert len(line.removesuffix("\n").split("\t")) == len(COLUMNS)
            assert "\n" not in line[:-1]
            assert "\0" not in line


TIMES = st.sampled_from(["", "8:05", "08:05:30", "noon"])


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from(list(OWN)), CELLS, max_size=2), TIMES),
        max_size=20,
    )
)
def test_rows_read_together_say_what_each_says_alone(drawn):
    header = (*OWN, "occurred_time", "weather")
    rows = [[*(OWN | odd).values(), time, odd.get("trigger", "")] for odd, time in drawn]
    together = read(rows, header)
    alone = read([Extra(list(row), {}) for row in rows], header)
    assert list(map(told, together)) == list(map(told, alone))


def told(batch):
    faults = [(one.row, one.column, one.value, one.error.code) for one in batch.faults]
    return batch.lines, batch.told, batch.digests, faults, batch.rows, batch.blank, batch.refused


@given(st.permutations(list(OWN)))
def test_the_order_of_columns_says_nothing(order):
    [straight] = read([list(OWN.values())])
    [turned] = read([[OWN[name] for name in order]], tuple(order))
    assert straight.lines == turned.lines


@given(st.text())
def test_a_day_is_a_day_or_refused(raw):
    for is_american in (True, False):
        try:
            found = values.day_of(is_american=is_american, required=False)(raw)
        except errors.RowFault:
            continue
        day, precision, _time = found.split("\t")
        assert (day == values.NULL) == (precision == "")


@given(st.text(max_size=50))
def test_text_comes_back_as_it_was(raw):
    """As PostgreSQL undoes what COPY's text form escapes."""
    found = values.text(raw)
    if isinstance(found, values.Redacted):
        assert raw.strip().startswith("[")
        return
    undone = found.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n")
    assert undone.replace("\\r", "\r").replace("\0", "\\") == raw.strip().replace("\0", "\\")


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=10))
def test_two_equal_rows_without_number_have_two_keys(rows):
    header = ("Manufacturer", "DATE", "VIN NUMBER")
    good = [["Maker", "3/11/2021", vin] for _, _, vin in rows]
    keys = [key for one in read(good, header) for key in one.told["report_key"]]
    assert len({*keys}) == len(keys)


@given(st.lists(st.text(alphabet='ab",\r\n', max_size=8), min_size=1, max_size=5))
def test_quoted_line_breaks_never_make_a_row(cells):
    from roadworthy.domains.surveillance import tables

    out = io.StringIO(newline="")
    csv.writer(out).writerows([["first", "line"], ["x", *cells], ["y"]])
    text = out.getvalue()
    first = "first,l"
    pieces = [first, "ine\r\n", *(text[at : at + 3] for at in range(12, len(text), 3))]
    read_back = list(csv.reader(tables._lines(iter(pieces))))
    assert read_back == list(csv.reader(io.StringIO(text, newline="")))
