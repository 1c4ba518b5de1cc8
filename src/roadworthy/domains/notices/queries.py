"""What can be asked of notices."""

from __future__ import annotations

from django.db.models import QuerySet

from roadworthy.domains.notices.models import Notice


def versions(organisation_id: int, subject: str) -> QuerySet[Notice]:
    """Every version of a notice that the manufacturer published, newest first."""
    return Notice.objects.filter(manufacturer_id=organisation_id, subject=subject).order_by(
        "-version"
    )


def latest(organisation_id: int, subject: str) -> Notice | None:
    """The version that owners are shown now."""
    return versions(organisation_id, subject).first()


def text(notice: Notice, language: str) -> dict[str, str]:
    """The fields of a notice in one language; Chinese where the language is not one of ours."""
    content: dict[str, dict[str, str]] = notice.content
    return content.get(language, content["zh-hans"])
