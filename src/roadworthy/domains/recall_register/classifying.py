"""What the law makes of a published recall: its label, what is owed and by when.

The rulebook is asked as of the day of publication, with what the notice says and nothing else.
Where a notice does not say when the plan was filed, the day of publication is its latest possible
day, so a last day counted from it is the latest possible one, and is marked so. A recall abroad
owes something here only if its producer sells the same products in China; the register cannot know
that, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from roadworthy.domains.recall_register.models import Recall
from roadworthy.domains.recall_register.states import OVER_THE_AIR, Authority
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.engine import Obligation

_FROM_PLAN: Final = ("RCL-05", "RCL-06", "RCL-07")  # counted from the filing of the plan
_STAGES: Final = "RCL-09"
_OTA: Final = "RCL-18"
_ABROAD: Final = "RCL-15"


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation, and whether its day is the latest possible one."""

    obligation: Obligation
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Classified:
    """What the rulebook answers; ``evaluation`` is None where the day is not known."""

    is_ota: bool
    labels: tuple[str, ...]
    owed: tuple[Owed, ...]
    evaluation: Evaluation | None

    @property
    def is_abroad(self) -> bool:
        """Say whether another country's authority published it."""
        return any(one.obligation.rule_id == _ABROAD for one in self.owed)


def classify(recall: Recall) -> Classified:
    """Ask the rulebook about a recall as of the day of its publication."""
    is_ota = recall.remedy in OVER_THE_AIR
    if recall.announced_on is None:
        return Classified(is_ota, (), (), None)
    facts, rules = _question(recall, is_ota=is_ota)
    told = rulebook().evaluate(facts, as_of=recall.announced_on, rules=rules)
    guessed = recall.plan_filed_on is None
    owed = tuple(
        Owed(one, guessed and one.rule_id in _FROM_PLAN and one.due.date is not None)
        for one in told.obligations
    )
    # The label speaks of an update over the air; a repair in a workshop is a recall without it.
    labels = tuple(sorted(str(label) for label in told.labels)) if is_ota else ()
    return Classified(is_ota, labels, owed, told)


def _question(recall: Recall, *, is_ota: bool) -> tuple[dict[str, Any], Iterable[str]]:
    if recall.authority != Authority.SAMR:
        return {"recalled_abroad_on": recall.announced_on}, [_ABROAD]
    facts: dict[str, Any] = {
        "removes_defect": True,
        "recall_plan": "submitted",  # what SAMR publishes was filed with it
        "recall_plan_filed_on": recall.plan_filed_on or recall.announced_on,
        "recall_published_on": recall.announced_on,
    }
    if recall.started_on:
        facts |= {"recall_started_on": recall.started_on, "planned_release_on": recall.started_on}
    rules = [*_FROM_PLAN, *([_STAGES] if recall.started_on else ()), *([_OTA] if is_ota else ())]
    return facts, rules
