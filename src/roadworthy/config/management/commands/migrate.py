"""Django's ``migrate``, which fills an empty database from ``schema.sql`` first."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from roadworthy.config import schema


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        whole = not (options["app_label"] or options["fake"] or options["plan"])
        if whole and not options["check_unapplied"]:
            schema.load(connections[options["database"]])
        super().handle(*args, **options)
