"""What people and the clock do while a recall is followed, in one place."""

from __future__ import annotations

from roadworthy.domains.remedies.answering import owner_answers, record_answer
from roadworthy.domains.remedies.bouncing import record_bounce, record_returned, send_again
from roadworthy.domains.remedies.proving import follow, record_completion, record_completions
from roadworthy.domains.remedies.reporting import file_report, follow_reports
from roadworthy.domains.remedies.telling import fill, post, queue_notices, record_posted

__all__ = [
    "file_report",
    "fill",
    "follow",
    "follow_reports",
    "owner_answers",
    "post",
    "queue_notices",
    "record_answer",
    "record_bounce",
    "record_completion",
    "record_completions",
    "record_posted",
    "record_returned",
    "send_again",
]
