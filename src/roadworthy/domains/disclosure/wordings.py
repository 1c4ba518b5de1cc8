"""Which fields a text of each sort has, what the rulebook asks of it, and what it answers.

The words for owners follow N45 2(1): content, purpose, risk and mitigation; a description also says
under which conditions the function works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from roadworthy.domains.disclosure import errors
from roadworthy.domains.disclosure.states import Channel
from roadworthy.kernel.canonical import digest
from roadworthy.law import wording
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import Outcome
from roadworthy.rules.wording import Hit, Kind

LANGUAGES = ("zh-hans", "en")
RECORD = ("content", "purpose", "risk", "mitigation")  # N45-14, by the rulebook's names
FIELDS: Mapping[Channel, tuple[str, ...]] = {
    Channel.PRODUCT_NAME: ("words",),
    Channel.FUNCTION_NAME: ("words",),
    Channel.ADVERTISEMENT: ("words",),
    Channel.WEB_PAGE: ("words",),
    Channel.IN_CAR: ("words",),
    Channel.DESCRIPTION: ("content", "purpose", "conditions", "risk", "mitigation"),
    Channel.UPDATE: RECORD,
}
OF_A_FUNCTION = frozenset({Channel.FUNCTION_NAME, Channel.DESCRIPTION})
KINDS: Mapping[Channel, Kind] = {
    Channel.PRODUCT_NAME: Kind.NAME,
    Channel.FUNCTION_NAME: Kind.NAME,
    Channel.ADVERTISEMENT: Kind.DESCRIPTION,
    Channel.WEB_PAGE: Kind.DESCRIPTION,
    Channel.IN_CAR: Kind.INTERFACE,
    Channel.DESCRIPTION: Kind.DESCRIPTION,
    # It tells of a change and not of a whole function, so it need not repeat all limits.
    Channel.UPDATE: Kind.INTERFACE,
}
LONGEST = 3_900  # characters of one field; five fields stay within what the checker takes
LONGEST_WORDS = wording.LONGEST
Content = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Read:
    """What the checker found in a text, in both languages together."""

    answers: Mapping[str, wording.TextAnswer]  # by language

    @property
    def faults(self) -> tuple[dict[str, str], ...]:
        """Return what breaks a binding rule, each in both languages: phrases, limits left out."""
        found: dict[str, dict[str, str]] = {}
        for answer in self.answers.values():
            finding = answer.finding
            if finding is None or finding.outcome != Outcome.BROKEN or not finding.binding:
                continue
            for hit in answer.checked.hits:
                if hit.counts:
                    found[hit.found] = {"zh-hans": f"“{hit.found}”", "en": f"“{hit.found}”"}
            for limit in answer.checked.absent:
                found[limit.name] = {
                    "zh-hans": f"未说明{limit.label.zh_hans}",
                    "en": f"nothing is said of {limit.label.en}",
                }
        return tuple(found.values())

    @property
    def hints(self) -> tuple[str, ...]:
        """Return the phrases that no law names and that are pointed out only."""
        hits = (hit for answer in self.answers.values() for hit in answer.checked.hits)
        return tuple(dict.fromkeys(hit.found for hit in hits if is_hint(hit)))

    def to_json(self) -> dict[str, Any]:
        """Return what is kept as evidence of the check."""
        return {
            "faults": [dict(one) for one in self.faults],
            "hints": list(self.hints),
            "rulebook": {
                language: answer.evaluation.pack_digest for language, answer in self.answers.items()
            },
        }


def is_hint(hit: Hit) -> bool:
    """Say whether a phrase is pointed out without deciding anything."""
    return not hit.counts and not hit.denied


def cleaned(channel: Channel, content: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the content as it is kept: every field of the channel, both languages, stripped.

    Raises:
        WordsMissing: a field is empty in one of the languages; ``missing`` names each.
        WordsTooLong: a field is longer than can be checked at once.
    """
    kept: dict[str, dict[str, str]] = {}
    missing = []
    fields = FIELDS[channel]
    longest = LONGEST_WORDS if len(fields) == 1 else LONGEST
    for language in LANGUAGES:
        texts = content.get(language) or {}
        kept[language] = {}
        for field in fields:
            words = str(texts.get(field) or "").replace("\r\n", "\n").strip()
            if not words:
                missing.append(f"{language}.{field}")
            if len(words) > longest:
                raise errors.WordsTooLong(field=field, length=len(words), longest=longest)
            kept[language][field] = words
    if missing:
        raise errors.WordsMissing(missing=", ".join(missing))
    return kept


def sha256(content: Content) -> str:
    """Return the digest of a wording, as 64 hex digits."""
    return digest(dict(content))


def whole(channel: Channel, texts: Mapping[str, str]) -> str:
    """Return one language of a text as its reader reads it: field after field."""
    return "\n".join(texts[field] for field in FIELDS[channel] if texts.get(field))


def check(channel: Channel, content: Content, *, level: int, as_of: date) -> Read:
    """Ask the rulebook about both languages; a text about a system of ``level`` (GB/T 40429)."""
    return Read(
        {
            language: wording.check_text(
                rulebook(),
                whole(channel, content[language]),
                kind=KINDS[channel],
                level=level,
                as_of=as_of,
            )
            for language in LANGUAGES
        }
    )
