"""The same expressions on a Spark cluster of several processes, with the same results."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roadworthy.domains.insight import answers, engines, register
from tests.domains.insight import cluster
from tests.domains.insight.small import ANSWERS, UNTIL, cells_of, write

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.timeout(900),  # a cluster on a machine that others use
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),  # PySpark on pandas 3
    # PySpark lets its sockets to Java go unclosed, one for each question.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("cluster")
    with (
        cluster.standing(folder) as (master, settings),
        engines.spark(master, **settings) as backend,
    ):
        gateway = backend._session.sparkContext._gateway
        yield backend
    cluster.hang_up(gateway)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # here, so that no other test is told of them


def test_each_indicator_is_the_same_on_a_cluster(spark: Any, facts: Path) -> None:
    """One question each, the last of its case: a cluster takes seconds for any."""
    found, expected = {}, {}
    for key, every in ANSWERS.items():
        by, known = list(every.items())[-1]
        on_spark = answers.expression(spark, register.indicator(key), facts, UNTIL)
        found[key] = answers.run(on_spark(by), by)
        with engines.duckdb() as backend:
            on_duckdb = answers.expression(backend, register.indicator(key), facts, UNTIL)
            expected[key] = answers.run(on_duckdb(by), by)
        assert cells_of(found[key]) == known
    assert found == expected


def test_the_work_was_done_by_other_processes(spark: Any) -> None:
    context = spark._session.sparkContext
    executors = context._jsc.sc().getExecutorMemoryStatus().size()
    assert context.master.startswith("spark://")
    assert executors == cluster.WORKERS + 1  # and the one that asks
