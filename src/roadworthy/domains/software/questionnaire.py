"""What is asked about every release: UN R156 7.1.2.5 a-i, and the facts the rulebook turns on.

An answer that was not given is absent, never false: the rulebook then says "undetermined".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_noop as _m

from roadworthy.kernel.errors import Invalid

FUNCTION_LEVELS = frozenset(range(6))  # GB/T 40429: 0 to 5


class UnknownAnswer(Invalid):
    code = "unknown-answer"
    message = 'The questionnaire has no question "{question}".'


class WrongAnswer(Invalid):
    code = "wrong-answer"
    message = '"{value}" does not answer "{question}". Give {wanted}.'


@dataclass(frozen=True, slots=True)
class Question:
    """One point of the record that UN R156 7.1.2.5 asks for; answered in words."""

    key: str
    text: Mapping[str, str]

    @property
    def clause(self) -> str:
        """Name the clause."""
        return f"UN R156 7.1.2.5 ({self.key})"


def _question(key: str, zh: str, en: str) -> Question:
    return Question(key, MappingProxyType({"zh-hans": zh, "en": en}))


QUESTIONS = (
    _question("a", "本次升级的目的是什么？", "What is the update for?"),
    _question("b", "影响哪些系统或功能？", "Which systems or functions does it affect?"),
    _question("c", "其中哪些属于型式批准范围？", "Which of these are type-approved?"),
    _question(
        "d",
        "是否影响这些系统满足的任何要求？",
        "Does it affect any requirement that those systems fulfil?",
    ),
    _question("e", "是否影响型式批准的参数？", "Does it affect parameters of the type approval?"),
    _question(
        "f",
        "是否已就本次升级申请批准或扩展？",
        "Was an approval or an extension sought for it?",
    ),
    _question(
        "g",
        "如何执行、在什么条件下执行？",
        "How is it executed, and under which conditions?",
    ),
    _question(
        "h",
        "有何证据表明升级的执行安全且防篡改？",
        "What shows that it is executed safely and securely?",
    ),
    _question("i", "验证与确认是否通过？", "Were verification and validation passed?"),
)

YES_NO_FACTS = (
    "changes_main_parameters",
    "changes_primary_version",
    "changes_automation_function",
    "affects_regulated_performance",
    "removes_defect",
    "known_defect_for_same_fault",
    "conforms_after_update",
)
FACTS = (*YES_NO_FACTS, "function_level", "declared_kind")
DECLARED_KINDS = ("service", "recall")


def check(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as they are stored, blanks left out.

    ``answers`` maps question keys to text and fact names to values.

    Raises:
        UnknownAnswer: there is no such question.
        WrongAnswer: the value is of another kind than the question asks for.
    """
    keys = {question.key for question in QUESTIONS}
    checked: dict[str, Any] = {}
    for name, value in answers.items():
        if name not in keys and name not in FACTS:
            raise UnknownAnswer(question=name)
        if value is None or value == "":
            continue
        checked[name] = _text(name, value) if name in keys else _fact(name, value)
    return checked


def unanswered(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of the questions a-i that have no answer yet."""
    return tuple(question.key for question in QUESTIONS if not answers.get(question.key))


def facts_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that the rulebook reads as facts."""
    return {name: answers[name] for name in FACTS if name in answers}


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise WrongAnswer(question=name, value=value, wanted=_m("a text"))
    return value.strip()


def _fact(name: str, value: Any) -> Any:
    if name in YES_NO_FACTS:
        if not isinstance(value, bool):
            raise WrongAnswer(question=name, value=value, wanted=_m("yes or no"))
    elif name == "function_level":
        if isinstance(value, bool) or value not in FUNCTION_LEVELS:
            raise WrongAnswer(question=name, value=value, wanted=_m("a level from 0 to 5"))
    elif value not in DECLARED_KINDS:
        raise WrongAnswer(question=name, value=value, wanted=_m("service or recall"))
    return value
