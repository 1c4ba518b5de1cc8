"""The task queue: what is done leaves no row behind."""

from __future__ import annotations

import asyncio

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from roadworthy.portals.shared import tasks

pytestmark = pytest.mark.django_db(transaction=True)


async def work_off() -> None:
    """Work like the worker process does, until nothing waits."""
    worker = app.with_connector(app.connector.get_worker_connector())
    async with worker.open_async():
        await worker.run_worker_async(**tasks.WORKER, wait=False, listen_notify=False)


def test_a_job_that_succeeded_leaves_no_row_and_one_that_failed_does() -> None:
    tasks.forget_jobs.defer(timestamp=0)
    tasks.forget_jobs.configure(queueing_lock="other").defer()  # lacks what the clock gives
    asyncio.run(work_off())
    assert list(ProcrastinateJob.objects.values_list("task_name", "status")) == [
        ("forget-jobs", "failed")
    ]


def test_every_task_of_the_clock_takes_the_moment_only() -> None:
    timetable = {one.task for one in app.periodic_registry.periodic_tasks.values()}
    assert "forget-jobs" in {one.name for one in timetable}
    assert all(one.queueing_lock for one in timetable), "two turns at once are never queued"
