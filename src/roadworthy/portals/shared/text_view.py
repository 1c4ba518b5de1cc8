"""A registered text as pages show it: its wording with what the checker found, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.disclosure import records, wordings
from roadworthy.domains.disclosure.states import Channel, State
from roadworthy.law.wording import TextAnswer
from roadworthy.portals.shared import claims, comparing, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Chip, Text

_EXCERPT = 90
LANGUAGE_NAMES: Mapping[str, Text] = {"zh-hans": _later("Chinese"), "en": _later("English")}
FIELD_LABELS: Mapping[str, Text] = {
    "words": _later("The words"),
    "content": _later("What it does"),
    "purpose": _later("What it is for"),
    "conditions": _later("Where and when it works"),
    "risk": _later("Its limits and risks"),
    "mitigation": _later("What the driver must do"),
}
UPDATE_LABELS: Mapping[str, Text] = {
    **FIELD_LABELS,
    "content": _later("What changes"),
    "purpose": _later("Why it changes"),
    "risk": _later("Risks"),
    "mitigation": _later("What is done about the risks, and what the driver must do"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One language of a wording and what the checker says of it."""

    language: str
    name: Text
    verdict: Chip
    why: str
    fields: Sequence[tuple[Text, Sequence[claims.Part]]]
    found: Sequence[claims.Found]
    absent: Sequence[str]
    absent_why: str
    grounds: Sequence[Any]


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version in the history, with what it changed."""

    version: Any
    chip: Chip
    changes: Sequence[tuple[Text, Text, Sequence[comparing.Piece]]]  # language, field, pieces


def labels(channel: Channel) -> Mapping[str, Text]:
    """Return what the fields of a channel are called."""
    return UPDATE_LABELS if channel == Channel.UPDATE else FIELD_LABELS


def subject(text: Any) -> str:
    """Name what a text is about."""
    if text.release:
        return f"{text.type.code} · {text.release.number}"
    return (
        f"{text.type.code} · {localised(text.function.name)}" if text.function else text.type.code
    )


def excerpt(content: Mapping[str, Mapping[str, str]] | None) -> str:
    """Return how a wording begins, in the reader's language."""
    whole = {language: "\n".join(texts.values()) for language, texts in (content or {}).items()}
    begins = localised(whole)
    return begins if len(begins) <= _EXCERPT else f"{begins[:_EXCERPT]}…"


def readings(version: Any, at: datetime) -> list[Reading]:
    """Return both languages of a version as the checker reads them now."""
    read = records.read_of(version, at)
    channel = Channel(version.text.channel)
    return [
        reading(channel, language, version.content[language], answer)
        for language, answer in read.answers.items()
    ]


def reading(
    channel: Channel, language: str, texts: Mapping[str, str], answer: TextAnswer
) -> Reading:
    """Return one language of a wording with its marks."""
    fields, start = [], 0
    for field in wordings.FIELDS[channel]:
        written = texts.get(field, "")
        if not written:
            continue
        marked = list(claims.parts(written, answer.checked.hits, start=start))
        fields.append((labels(channel)[field], marked))
        start += len(written) + 1
    return Reading(
        language=language,
        name=LANGUAGE_NAMES[language],
        verdict=claims.verdict(answer),
        why=claims.why(answer),
        fields=fields,
        found=claims.found(answer),
        absent=claims.absent(answer),
        absent_why=localised(answer.lexicon.limits_why),
        grounds=claims.grounds(answer),
    )


def history(text: Any) -> list[VersionView]:
    """Return every version that the reader may see, newest first, each beside the one before."""
    versions = list(text.versions.all())
    channel = Channel(text.channel)
    return [
        VersionView(one, words.TEXT[State(one.state)], _changes(channel, before, one))
        for one, before in zip(versions, [*versions[1:], None], strict=True)
    ]


def _changes(channel: Channel, before: Any, after: Any) -> list[tuple[Text, Text, Any]]:
    if before is None:
        return []
    return [
        (LANGUAGE_NAMES[language], labels(channel)[field], list(comparing.pieces(old, new)))
        for language in wordings.LANGUAGES
        for field in wordings.FIELDS[channel]
        if (old := before.content[language].get(field, ""))
        != (new := after.content[language].get(field, ""))
    ]


def rows(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the lines of a list of texts."""
    return [
        {
            "text": one,
            "subject": subject(one),
            "channel": words.CHANNELS[Channel(one.channel)],
            "chip": words.TEXT[State(one.state)],
            "excerpt": excerpt(one.content),
            "faults": [localised(fault) for fault in one.checked.get("faults", ())],
            "hints": one.checked.get("hints", ()),
        }
        for one in found
    ]
