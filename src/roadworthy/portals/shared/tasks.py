"""What the task queue does on the clock; each loads nothing and calls one service.

A job that succeeded leaves no row: a clock that ticks every ten seconds would leave millions. One
that failed stays for a month, so that somebody can look.

The queue gives each turn to one worker only; were it to give it to two, the database decides.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from procrastinate import JobContext
from procrastinate.builtin_tasks import remove_old_jobs
from procrastinate.contrib.django import app
from procrastinate.jobs import DeleteJobCondition

from roadworthy.domains.compliance import gaps as evidence_gaps
from roadworthy.domains.compliance import watching
from roadworthy.domains.incidents import events
from roadworthy.domains.insight import tasks as insight
from roadworthy.domains.processing import counting, telemetry
from roadworthy.domains.remedies import queries as remedies
from roadworthy.domains.remedies import services as following
from roadworthy.domains.standards import services as standards
from roadworthy.domains.surveillance import effect
from roadworthy.domains.surveillance import tasks as surveillance
from roadworthy.domains.worklists import duties
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.shared import digest_mail, recall_sending, smtp

# How the queue is worked off; the process installs its own handlers of signals.
WORKER: dict[str, Any] = {
    "install_signal_handlers": False,
    "delete_jobs": DeleteJobCondition.SUCCESSFUL,
}
_FAILED_FOR = timedelta(days=30)


@app.periodic(cron="* * * * *")
@app.task(name="send-digests", queueing_lock="send-digests", pass_context=False)
def send_digests(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Send the work lists whose hour has come, if there is a mail server."""
    url = settings.ROADWORTHY.smtp_url
    if url is None:
        return
    close_old_connections()
    try:
        digest_mail.turn(smtp.Server.at(url.reveal()))
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="follow-recalls", queueing_lock="follow-recalls", pass_context=False)
def follow_recalls(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Queue what was ordered for owners, send what is queued, count what vehicles prove."""
    told = settings.ROADWORTHY
    close_old_connections()
    try:
        for mailing_id in remedies.unqueued():
            following.fill(mailing_id=mailing_id, at=datetime.now(UTC))
        for mailing_id in remedies.unposted():
            following.post(mailing_id=mailing_id, at=datetime.now(UTC))
        following.follow_reports(at=datetime.now(UTC))
        for plan_id in remedies.running():
            following.follow(plan_id=plan_id, at=datetime.now(UTC))
        if told.smtp_url is not None:
            recall_sending.mail_turn(smtp.Server.at(told.smtp_url.reveal()))
        if told.sms_url and told.sms_secret is not None:
            recall_sending.sms_turn(told.sms_url, told.sms_secret.reveal())
    finally:
        close_old_connections()


# Shortly after each legal day begins (Asia/Shanghai is UTC+8), and each hour for new types.
@app.periodic(cron="2 * * * *")
@app.task(name="schedule-type-duties", queueing_lock="schedule-type-duties", pass_context=False)
def schedule_type_duties(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Keep what each type owes in line with the rulebook and the day."""
    close_old_connections()
    try:
        duties.schedule_due(at=datetime.now(UTC))
    finally:
        close_old_connections()


@app.periodic(cron="12 * * * *")
@app.task(name="watch-standards", queueing_lock="watch-standards", pass_context=False)
def watch_standards(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Say what types lack today, and what there is to know about the standards that they cite."""
    close_old_connections()
    try:
        now = datetime.now(UTC)
        evidence_gaps.settle_all(at=now)
        watching.settle_all(at=now)
    finally:
        close_old_connections()


# The last field counts seconds: hours of the law run from when the manufacturer learns of it.
@app.periodic(cron="* * * * * */10")
@app.task(name="take-events", queueing_lock="take-events", pass_context=False)
def take_events(timestamp: int) -> None:  # noqa: ARG001 - the queue names the moment
    """Make incidents of what vehicles said happened to them."""
    close_old_connections()
    try:
        events.take_all()
    finally:
        close_old_connections()


@app.task(name="take-in-reports")
def take_in_reports(run_id: int, path: str, name: str, form: str) -> None:
    """Take in a file of reports that somebody gave; the file goes when it is in."""
    close_old_connections()
    try:
        surveillance.take_in(run_id, Path(path), name=name, form=form)
    finally:
        Path(path).unlink(missing_ok=True)
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="look-for-signals", queueing_lock="look-for-signals", pass_context=False)
def look_for_signals(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Open a defect analysis where a manufacturer's own level is reached."""
    close_old_connections()
    try:
        surveillance.look_everywhere()
    finally:
        close_old_connections()


@app.task(name="check-effect")
def check_effect(plan_id: int) -> None:
    """Count anew what a recall changed, because somebody asked."""
    close_old_connections()
    try:
        effect.count(plan_id=plan_id, at=datetime.now(UTC))
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="drop-telemetry", queueing_lock="drop-telemetry", pass_context=False)
def drop_telemetry(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Drop what vehicles sent and may be kept no longer."""
    close_old_connections()
    try:
        telemetry.drop_ended(settings.ROADWORTHY.home / "pictures", at=datetime.now(UTC))
    finally:
        close_old_connections()


# Each night: a counter of exports needs to know whom it counted within its own year only.
@app.periodic(cron="29 16 * * *")
@app.task(name="forget-exported", queueing_lock="forget-exported", pass_context=False)
def forget_exported(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Erase whom the counters of earlier years counted; the numbers stay."""
    close_old_connections()
    try:
        counting.forget_years(before=legal_day(datetime.now(UTC)).year)
    finally:
        close_old_connections()


# Once a legal day (Asia/Shanghai is UTC+8), after the day that it counts is over.
@app.periodic(cron="17 16 * * *")
@app.task(name="count-vehicle-days", queueing_lock="count-vehicle-days", pass_context=False)
def count_vehicle_days(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Count how long vehicles drove with each function and version, and what remedies changed."""
    close_old_connections()
    try:
        surveillance.count_vehicle_days()
        surveillance.check_effects()
    finally:
        close_old_connections()


# Also what earlier versions of the platform left behind.
@app.periodic(cron="41 16 * * *")
@app.task(name="forget-jobs", queueing_lock="forget-jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - as above
    """Forget what was done, and a month later also what failed."""
    await remove_old_jobs(
        context,
        max_hours=int(_FAILED_FOR / timedelta(hours=1)),
        remove_failed=True,
        remove_cancelled=True,
        remove_aborted=True,
    )


# Shortly after each legal day begins (Asia/Shanghai is UTC+8).
@app.periodic(cron="4 16 * * *")
@app.task(name="carry-out-standards", queueing_lock="carry-out-standards", pass_context=False)
def carry_out_standards(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Bring into force, replace and withdraw the standards whose day has come."""
    close_old_connections()
    try:
        standards.carry_out(at=datetime.now(UTC))
    finally:
        close_old_connections()


# Once a legal day (Asia/Shanghai is UTC+8), after the day that it counts is over.
@app.periodic(cron="27 16 * * *")
@app.task(name="write-facts", queueing_lock="write-facts", pass_context=False)
def write_facts(timestamp: int) -> None:  # noqa: ARG001 - the queue names the minute
    """Add the day's facts to those that the figures are counted from."""
    close_old_connections()
    try:
        insight.write_facts(settings.ROADWORTHY.home)
    finally:
        close_old_connections()
