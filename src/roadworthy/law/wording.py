"""The marketing text check: what a text claims, phrase by phrase, and what N45-13 says of it.

Pure: the text is looked at and not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from roadworthy.kernel.errors import Invalid
from roadworthy.law.evaluation import Evaluation, Finding
from roadworthy.law.rulebook import Rulebook
from roadworthy.rules.wording import Checked, Claim, Kind, Lexicon, check

PACK, RULE = "cn_n45", "N45-13"
LONGEST = 20_000  # characters; a page of a website has fewer
LEVELS = range(6)  # GB/T 40429: 0 to 5


class TextTooLong(Invalid):
    code = "text-too-long"
    message = "The text has {length} characters; at most {longest} are checked at once."


class NoText(Invalid):
    code = "no-text"
    message = "There is no text to check."


class NoSuchLevel(Invalid):
    code = "no-such-level"
    message = "Level {level} does not exist: GB/T 40429 has the levels 0 to 5."


@dataclass(frozen=True)
class TextAnswer:
    """What was found, phrase by phrase, and the rule's finding that follows."""

    kind: Kind
    level: int
    checked: Checked
    lexicon: Lexicon
    evaluation: Evaluation

    @property
    def finding(self) -> Finding | None:
        """The rule's finding; None before the rule was in force."""
        return self.evaluation.findings[0] if self.evaluation.findings else None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "level": self.level,
            "hits": [hit.to_json() for hit in self.checked.hits],
            "absent": [
                {
                    "limit": limit.name,
                    "label": limit.label.to_json(),
                    "why": self.lexicon.limits_why.to_json(),
                    "citation": self.lexicon.limits_source.to_json(),
                    "grade": self.lexicon.limits_grade,
                }
                for limit in self.checked.absent
            ],
            "evaluation": self.evaluation.to_json(),
        }


def facts_of(checked: Checked, level: int) -> Mapping[str, Any]:
    """Return what a checked text states to the rulebook."""
    return {
        "text_system_level": level,
        "text_states_autonomy": checked.claims(Claim.AUTONOMY),
        "text_claims_absent_capability": checked.claims(Claim.CAPABILITY),
        "text_lacks_limits": bool(checked.absent),
    }


def check_text(book: Rulebook, words: str, *, kind: Kind, level: int, as_of: date) -> TextAnswer:
    """Check a text about a system of ``level``.

    Raises:
        NoText: it is empty.
        TextTooLong: it has more than ``LONGEST`` characters.
        NoSuchLevel: the level is not one of GB/T 40429.
    """
    if not words.strip():
        raise NoText
    if len(words) > LONGEST:
        raise TextTooLong(length=len(words), longest=LONGEST)
    if level not in LEVELS:
        raise NoSuchLevel(level=level)
    lexicon = book.law.wording[PACK]
    checked = check(lexicon, words, kind=kind, level=level)
    answer = book.evaluate(facts_of(checked, level), as_of=as_of, rules=[RULE])
    return TextAnswer(kind, level, checked, lexicon, answer)
