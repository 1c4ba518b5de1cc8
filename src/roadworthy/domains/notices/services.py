"""Publish notices. A published notice is never edited: a new text is a new version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max

from roadworthy.domains.notices.models import Notice
from roadworthy.kernel.canonical import digest
from roadworthy.kernel.errors import Invalid

LANGUAGES = ("zh-hans", "en")
# OTA22, notice to users: what the filing rules ask whether it is there.
REQUIRED_BY_OTA22 = ("purpose", "content", "duration", "impact", "precautions")
# GB 44496 5.2.1 and UN R156 7.2.2.2 d, e add what cannot be used meanwhile and what to do.
FIELDS = (*REQUIRED_BY_OTA22, "unavailable_functions", "risks", "instructions")


class NoticeIncomplete(Invalid):
    code = "notice-incomplete"
    message = (
        "The notice cannot be published yet. Missing: {missing}. Owners must be told all of it, "
        "in Chinese and in English, before an update (OTA22; GB 44496, 5.2.1)."
    )


def publish(
    *,
    manufacturer_id: int,
    subject: str,
    content: Mapping[str, Mapping[str, Any]],
    at: datetime,
) -> Notice:
    """Publish the next version of the notice on ``subject``, inside the caller's transaction.

    The caller holds a lock on what the notice is about, so versions do not collide.

    Raises:
        NoticeIncomplete: a field is empty in one of the languages; ``missing`` names each.
    """
    lacking = ", ".join(missing(content))
    if lacking:
        raise NoticeIncomplete(missing=lacking)
    kept = {
        language: {field: content[language][field].strip() for field in FIELDS}
        for language in LANGUAGES
    }
    newest = Notice.objects.filter(subject=subject).aggregate(newest=Max("version"))["newest"]
    return Notice.objects.create(
        manufacturer_id=manufacturer_id,
        subject=subject,
        version=(newest or 0) + 1,
        content=kept,
        sha256=digest(kept),
        published_at=at,
    )


def missing(content: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield ``language.field`` for everything that a notice must say and this one does not."""
    for language in LANGUAGES:
        texts = content.get(language)
        for field in FIELDS:
            text = texts.get(field) if isinstance(texts, Mapping) else None
            if not isinstance(text, str) or not text.strip():
                yield f"{language}.{field}"
