"""Filings that wait for an answer or a signature: an authority's, or the officer's who attests."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from roadworthy.domains.filings import attested
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import Lines, lines
from roadworthy.domains.worklists.items import Kind


def to_review(asked: Asked) -> Lines:
    """Return the filings that wait for the authority's decision."""
    found = filings.awaiting_review(asked.organisation_id)
    return _lines(asked, found, Kind.REVIEW, about="manufacturer__name", since="submitted_at")


def to_countersign(asked: Asked) -> Lines | None:
    """Return the accepted filings whose release waits for the authority's signature."""
    found = filings.awaiting_countersignature(asked.organisation_id)
    return _accepted(asked, found, Kind.COUNTERSIGN, about="manufacturer__name", page="countersign")


def to_enter(asked: Asked) -> Lines:
    """Return what was handed in on paper and is not answered yet."""
    found = attested.awaiting(asked.organisation_id)
    return _lines(asked, found, Kind.ATTEST, about="authority__name", since="submitted_at")


def to_attest(asked: Asked) -> Lines | None:
    """Return the accepted filings whose release waits for the attesting signature."""
    found = filings.attested_to_sign(asked.organisation_id)
    return _accepted(asked, found, Kind.ATTEST_SIGN, about="authority__name")


def _accepted(
    asked: Asked, found: tuple[Filing, ...], kind: Kind, *, about: str, page: str = "filing"
) -> Lines | None:
    if not found:
        return None
    rows = Filing.objects.filter(pk__in=[one.pk for one in found])
    return _lines(asked, rows, kind, about=about, since="decided_at", page=page)


def _lines(
    asked: Asked, found: Any, kind: Kind, *, about: str, since: str, page: str = "filing"
) -> Lines:
    return lines(
        asked.among(found),
        kind=kind,
        subject=F("number"),
        about=F(about),
        since=Coalesce(F(since), F("created_at")),
        state=F("dossier__kind"),
        page=(page, F("pk")),
    )
