"""Work that an authority makes which answers on paper: its answer to enter, metadata to sign."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Coalesce

from roadworthy.domains.filings import attested
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import Lines, lines
from roadworthy.domains.worklists.items import Kind


def to_enter(asked: Asked) -> Lines:
    """Return what was handed in on paper and is not answered yet."""
    return lines(
        asked.among(attested.awaiting(asked.organisation_id)),
        kind=Kind.ATTEST,
        subject=F("number"),
        about=F("authority__name"),
        since=Coalesce(F("submitted_at"), F("created_at")),
        state=F("dossier__kind"),
        page=("filing", F("pk")),
    )


def to_sign(asked: Asked) -> Lines | None:
    """Return the accepted filings whose release waits for the attesting signature."""
    ids = [one.pk for one in filings.attested_to_sign(asked.organisation_id)]
    if not ids:
        return None
    return lines(
        asked.among(Filing.objects.filter(pk__in=ids)),
        kind=Kind.ATTEST_SIGN,
        subject=F("number"),
        about=F("authority__name"),
        since=Coalesce(F("decided_at"), F("created_at")),
        state=F("dossier__kind"),
        page=("filing", F("pk")),
    )
