"""What the wording checker found, as pages show it: the claims marked, each with its ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _later

from roadworthy.law.wording import TextAnswer
from roadworthy.portals.shared import presenting
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Article, Chip, Tone
from roadworthy.rules.answers import Outcome
from roadworthy.rules.wording import Hit, Weight

FAULT = Chip(Tone.BROKEN, _later("To be corrected"))
WARNING = Chip(Tone.DUE, _later("A hint: no law names these words"))
DENIED = Chip(Tone.IDLE, _later("Denied in its own clause"))
VERDICTS = {
    Outcome.BROKEN: Chip(Tone.BROKEN, _later("To be corrected before publication")),
    Outcome.MET: Chip(Tone.MET, _later("Nothing to correct was found")),
}
NOT_IN_FORCE = Chip(Tone.IDLE, _later("No rule in force on that day"))


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text: plain, or a claim with its number in the list."""

    words: str
    number: int | None = None
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Found:
    number: int
    words: str
    chip: Chip
    why: str
    instead: str
    article: Article


def verdict(answer: TextAnswer) -> Chip:
    """Return what the rule says of the whole text."""
    return VERDICTS[answer.finding.outcome] if answer.finding else NOT_IN_FORCE


def why(answer: TextAnswer) -> str:
    """Return the rule's own words."""
    return localised(answer.finding.why) if answer.finding else ""


def found(answer: TextAnswer) -> list[Found]:
    """Return the claims in the order in which they stand."""
    return [_found(number, hit) for number, hit in enumerate(answer.checked.hits, 1)]


def absent(answer: TextAnswer) -> list[str]:
    """Return what a description does not speak of."""
    return [localised(limit.label) for limit in answer.checked.absent]


def grounds(answer: TextAnswer) -> list[Article]:
    """Return each cited provision once, in the order in which the claims stand."""
    sources = [hit.phrase.source for hit in answer.checked.hits]
    if answer.checked.absent:
        sources.append(answer.lexicon.limits_source)
    unique = {source.citation: source for source in sources}
    return [presenting.article(source.to_json()) for source in unique.values()]


def parts(words: str, hits: Sequence[Hit], *, start: int = 0) -> Iterator[Part]:
    """Cut a text at its claims; of two that overlap the first is marked.

    ``start`` is the place of ``words`` in the text that was checked.
    """
    at, end = start, start + len(words)
    for number, hit in enumerate(hits, 1):
        if hit.start < at or hit.end > end:
            continue
        yield Part(words[at - start : hit.start - start])
        yield Part(words[hit.start - start : hit.end - start], number, _chip(hit).tone)
        at = hit.end
    yield Part(words[at - start :])


def _found(number: int, hit: Hit) -> Found:
    source = {**hit.phrase.source.to_json(), "grade": hit.phrase.grade}
    return Found(
        number=number,
        words=hit.found,
        chip=_chip(hit),
        why=localised(hit.phrase.why),
        instead=localised(hit.phrase.instead),
        article=presenting.article(source),
    )


def _chip(hit: Hit) -> Chip:
    if hit.denied:
        return DENIED
    return FAULT if hit.phrase.weight is Weight.FAULT else WARNING
