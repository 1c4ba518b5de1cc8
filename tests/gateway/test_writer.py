"""Group commit on real PostgreSQL."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace

import psycopg
import pytest

from roadworthy.gateway import database, places, refusals
from roadworthy.gateway.outcomes import Note, Outcomes
from roadworthy.gateway.settings import Settings
from roadworthy.gateway.writer import Report, Unstorable, Writer


def report(tenant: str, vehicle: str, body: bytes = b"{}", **more: object) -> Report:
    return Report(tenant, vehicle, "feedback", body, **more)  # type: ignore[arg-type]


def written(
    settings: Settings, use: Callable[[Writer, Outcomes], Awaitable[None]], *, starts: bool = True
) -> None:
    async def run() -> None:
        places.prepare(settings)
        outcomes = Outcomes(settings)
        writer = Writer(settings, outcomes)
        if starts:
            await writer.start()
        try:
            await use(writer, outcomes)
        finally:
            await writer.stop()
            outcomes.close()

    asyncio.run(run())


def stored(settings: Settings, tenant: str) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        found = connection.execute(
            "DELETE FROM gateway_report WHERE tenant = %s"
            " RETURNING id, controller_id, action_id, body, xmin::text",
            [tenant],
        ).fetchall()
    return sorted(found)


@pytest.fixture
def tenant() -> str:
    return f"T{secrets.token_hex(6)}"


def test_reports_that_come_together_share_a_commit(own_settings: Settings, tenant: str) -> None:
    async def use(writer: Writer, _: Outcomes) -> None:
        await asyncio.gather(*(writer.report(report(tenant, f"v{n}")) for n in range(500)))

    written(own_settings, use)
    rows = stored(own_settings, tenant)
    assert [row[1] for row in rows] == [f"v{n}" for n in range(500)], "in the order they came"
    assert len({row[4] for row in rows}) <= 3


def test_what_is_awkward_for_copy_arrives_unchanged(own_settings: Settings, tenant: str) -> None:
    names = ["a\tb", "a\\b", "a\nb", "\\N", "\\.", "京", "a\rb"]
    bodies = [rb'{"x": "a\\b\n\t\\N\u4eac"}', b"{}", b'{"y": [1, "\\\\."]}']

    async def use(writer: Writer, _: Outcomes) -> None:
        for name in names:
            await writer.report(report(tenant, name))
        for body in bodies:
            await writer.report(report(tenant, "body", body, action_id="5"))

    written(own_settings, use)
    rows = stored(own_settings, tenant)
    assert [row[1] for row in rows[: len(names)]] == names
    assert [row[2:4] for row in rows[len(names) :]] == [
        (5, {"x": "a\\b\n\t\\N京"}), (5, {}), (5, {"y": [1, "\\."]}),
    ]  # fmt: skip


def test_a_report_that_cannot_be_stored_takes_no_other_with_it(
    own_settings: Settings, tenant: str
) -> None:
    async def use(writer: Writer, _: Outcomes) -> None:
        bodies = [b"{}" if n != 7 else rb'{"x": "\ud800"}' for n in range(20)]
        results = await asyncio.gather(
            *(writer.report(report(tenant, f"v{n}", body)) for n, body in enumerate(bodies)),
            return_exceptions=True,
        )
        assert [type(result) for result in results].count(Unstorable) == 1
        assert isinstance(results[7], Unstorable)

    written(own_settings, use)
    assert len(stored(own_settings, tenant)) == 19


def test_outcomes_are_written_before_the_report_is_acknowledged(
    own_settings: Settings, tenant: str
) -> None:
    async def use(writer: Writer, outcomes: Outcomes) -> None:
        note = Note(b"key", "5", is_report=True, closed="succeeded")
        await writer.report(report(tenant, "v", action_id="5", note=note))
        last = outcomes.last(b"key")
        assert last is not None
        assert (last.action_id, last.reports, last.closed) == ("5", "1", "succeeded")

    written(own_settings, use)
    stored(own_settings, tenant)


def test_without_a_database_nothing_is_acknowledged(own_settings: Settings, tenant: str) -> None:
    settings = replace(own_settings, database_url="postgresql://nobody@127.0.0.1:1/none")

    async def use(writer: Writer, outcomes: Outcomes) -> None:
        for _ in range(2):
            with pytest.raises(refusals.ComeBackLater):
                await writer.report(report(tenant, "v", note=Note(b"key", "5", closed="failed")))
        assert not writer.mention(report(tenant, "v"))
        assert outcomes.last(b"key") is None

    database_patience = database.CONNECT_SECONDS
    assert database_patience < 10
    written(settings, use)


def test_a_lost_connection_is_made_again(own_settings: Settings, tenant: str) -> None:
    async def use(writer: Writer, _: Outcomes) -> None:
        await writer.report(report(tenant, "before"))
        with psycopg.connect(own_settings.database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'roadworthy gateway' AND datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        async with asyncio.timeout(20):
            while True:
                try:
                    await writer.report(report(tenant, "after"))
                except refusals.ComeBackLater:
                    await asyncio.sleep(0.01)
                else:
                    break

    written(own_settings, use)
    assert [row[1] for row in stored(own_settings, tenant)] == ["before", "after"]


def test_too_many_waiting_reports_are_refused_at_once(own_settings: Settings, tenant: str) -> None:
    settings = replace(own_settings, max_waiting_reports=10)

    async def use(writer: Writer, _: Outcomes) -> None:
        results = await asyncio.gather(
            *(writer.report(report(tenant, f"v{n}")) for n in range(50)), return_exceptions=True
        )
        assert [type(one) for one in results] == [type(None)] * 10 + [refusals.ComeBackLater] * 40

    written(settings, use)
    assert len(stored(settings, tenant)) == 10


def test_a_commit_that_takes_too_long_is_not_acknowledged(
    own_settings: Settings, tenant: str
) -> None:
    settings = replace(own_settings, commit_seconds=0.3)

    async def use(writer: Writer, _: Outcomes) -> None:
        with psycopg.connect(settings.database_url) as blocking:
            blocking.execute("LOCK TABLE gateway_report IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(refusals.ComeBackLater):
                await writer.report(report(tenant, "v"))
            blocking.rollback()
        await asyncio.sleep(0.05)

    written(settings, use)
    assert len(stored(settings, tenant)) <= 1
