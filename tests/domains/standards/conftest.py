"""The bundled catalogue, loaded once for the tests of a module that look at it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from roadworthy.domains.standards import bundle

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalogue(django_db_setup, django_db_blocker):
    """Load what comes with the software, outside the tests' own transactions; empty it after."""
    with django_db_blocker.unblock():
        kept = bundle.load(at=NOW)
        yield kept
        _empty()


def _empty():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE standards_framework, standards_standard, standards_bundle CASCADE")
