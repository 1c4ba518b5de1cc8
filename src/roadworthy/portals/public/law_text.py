"""The page that checks a text about driver assistance. The text is looked at and not kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _later

from roadworthy.law import wording
from roadworthy.law.rulebook import rulebook
from roadworthy.law.wording import TextAnswer
from roadworthy.portals.public.law_form import LEVELS
from roadworthy.portals.shared import presenting
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, Form
from roadworthy.portals.shared.shapes import Article, Chip, Tone
from roadworthy.rules.answers import Outcome
from roadworthy.rules.wording import Hit, Kind, Weight

_FAULT = Chip(Tone.BROKEN, _later("To be corrected"))
_WARNING = Chip(Tone.DUE, _later("A hint: no law names these words"))
_DENIED = Chip(Tone.IDLE, _later("Denied in its own clause"))
VERDICTS = {
    Outcome.BROKEN: Chip(Tone.BROKEN, _later("To be corrected before publication")),
    Outcome.MET: Chip(Tone.MET, _later("Nothing to correct was found")),
}
NOT_IN_FORCE = Chip(Tone.IDLE, _later("No rule in force on that day"))


class TextForm(Form):
    """What the text says, about which system, and what sort of text it is."""

    words = forms.CharField(
        label=_later("The text"),
        help_text=_later("Chinese or English. It is checked and not kept."),
        max_length=wording.LONGEST,
        widget=forms.Textarea({"rows": 8}),
        error_messages={
            "max_length": _later(
                "The text has %(show_value)d characters; at most %(limit_value)d are checked."
            )
        },
    )
    level = forms.TypedChoiceField(
        label=_later("Of which level is the system?"),
        help_text=_later("GB/T 40429. Combined driver assistance is level 2."),
        coerce=int,
        choices=tuple(LEVELS.items()),
        initial="2",
    )
    kind = Choice(
        label=_later("What sort of text is it?"),
        choices=(
            (Kind.NAME, _later("A name")),
            (Kind.DESCRIPTION, _later("A description")),
            (Kind.INTERFACE, _later("A text on a screen")),
        ),
        hints={
            Kind.NAME: _later("Of a product, a function or a package"),
            Kind.DESCRIPTION: _later("Advertisement, website, manual: has to state the limits"),
            Kind.INTERFACE: _later("In the vehicle or the app"),
        },
        initial=Kind.DESCRIPTION,
    )


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


def context(form: TextForm, on: date) -> dict[str, Any]:
    """Return what the page shows of an answer."""
    values = form.cleaned_data
    answer = wording.check_text(
        rulebook(), values["words"], kind=Kind(values["kind"]), level=values["level"], as_of=on
    )
    hits = answer.checked.hits
    finding = answer.finding
    return {
        "verdict": VERDICTS[finding.outcome] if finding else NOT_IN_FORCE,
        "why": localised(finding.why) if finding else "",
        "parts": list(_parts(values["words"], hits)),
        "found": [_found(number, hit) for number, hit in enumerate(hits, 1)],
        "absent": [localised(limit.label) for limit in answer.checked.absent],
        "absent_why": localised(answer.lexicon.limits_why),
        "grounds": _grounds(answer),
    }


def _grounds(answer: TextAnswer) -> list[Article]:
    """Return each cited provision once, in the order in which the claims stand."""
    sources = [hit.phrase.source for hit in answer.checked.hits]
    if answer.checked.absent:
        sources.append(answer.lexicon.limits_source)
    unique = {source.citation: source for source in sources}
    return [presenting.article(source.to_json()) for source in unique.values()]


def _parts(words: str, hits: tuple[Hit, ...]) -> Iterator[Part]:
    """Cut the text at its claims; of two that overlap the first is marked."""
    at = 0
    for number, hit in enumerate(hits, 1):
        if hit.start < at:
            continue
        yield Part(words[at : hit.start])
        yield Part(words[hit.start : hit.end], number, _chip(hit).tone)
        at = hit.end
    yield Part(words[at:])


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
        return _DENIED
    return _FAULT if hit.phrase.weight is Weight.FAULT else _WARNING
