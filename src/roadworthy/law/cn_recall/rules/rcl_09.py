"""While a recall runs, a stage report falls due at each interval counted from its start."""

from __future__ import annotations

from roadworthy.law.cn_base.stages import Stages
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_STAGES = Stages(
    start="recall_started_on",
    end="recall_completed_on",
    filed="recall_stage_reports_filed_on",
    interval="recall_stage_report_interval",
)


def check(ctx: Context) -> Answer:
    return _STAGES.check(ctx)
