"""Which schema of technical parameters counts on a day, and loading another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.access import parameters
from roadworthy.domains.access.models import ParameterSchema
from roadworthy.domains.access.parameters import Schema
from roadworthy.domains.ledger import services as ledger


def on(day: date) -> Schema:
    """Return the schema that counts on a day: the newest loaded one that applies, or ours."""
    loaded = ParameterSchema.objects.filter(applies_from__lte=day).order_by("-applies_from", "-id")
    newest = loaded.first()
    return parameters.of(newest.content) if newest else parameters.ours()


@transaction.atomic(durable=True)
def load(*, content: Mapping[str, Any], actor: ledger.Named, at: datetime) -> Schema:
    """Take a schema into use from its own first day; loading the same again changes nothing.

    ``content`` comes from ``parameters.parse``.
    """
    schema = parameters.of(content)
    _row, created = ParameterSchema.objects.get_or_create(
        sha256=schema.sha256,
        defaults={
            "key": schema.key,
            "content": dict(content),
            "applies_from": schema.applies_from,
            "loaded_at": at,
        },
    )
    if created:
        ledger.record(
            event="parameter-schema:loaded",
            subject=f"parameter-schema/{schema.key}"[:64],
            actor=actor,
            at=at,
            data={"key": schema.key, "sha256": schema.sha256, "verified": schema.verified},
        )
    return schema
