"""What people and the clock do while a recall is followed, in one place."""

from __future__ import annotations

from roadworthy.domains.remedies.answering import owner_answers, record_answer, record_bounce
from roadworthy.domains.remedies.proving import follow, record_completion, record_completions
from roadworthy.domains.remedies.reporting import draft_report
from roadworthy.domains.remedies.telling import fill, post, queue_notices, record_posted

__all__ = [
    "draft_report",
    "fill",
    "follow",
    "owner_answers",
    "post",
    "queue_notices",
    "record_answer",
    "record_bounce",
    "record_completion",
    "record_completions",
    "record_posted",
]
