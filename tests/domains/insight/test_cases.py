"""Each indicator on small data with a known answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.domains.insight import answers, engines, register
from tests.domains.insight.small import ANSWERS, UNTIL, cells_of, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("facts"))


@pytest.mark.parametrize("key", ANSWERS)
def test_an_indicator_is_what_was_worked_out_by_hand(folder: Path, key: str) -> None:
    with engines.duckdb() as backend:
        made = answers.expression(backend, register.indicator(key), folder, UNTIL)
        for by, expected in ANSWERS[key].items():
            assert cells_of(answers.run(made(by), by)) == expected


def test_every_computed_indicator_has_its_case() -> None:
    computed = {one.key for one in register.indicators() if one.measure}
    assert computed == set(ANSWERS)


def test_a_manufacturer_counts_itself_only(folder: Path) -> None:
    one = register.indicator("recall-completion")
    with engines.duckdb() as backend:
        made = answers.expression(backend, one, folder, UNTIL, "dawn")
        assert cells_of(answers.run(made(""))) == [(2025, 58, 50)]
