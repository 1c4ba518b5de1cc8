"""What a test leaves in the database is taken out: of the tables that hold something, not of all.

Django's ``flush`` truncates every table and then writes all permissions anew, which takes longer
than most tests do. Whether a table is empty costs next to nothing to know.
"""

from __future__ import annotations

from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

# Written by migrations, and by nobody else.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
_TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_HOLDS = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")


def empty() -> None:
    """Take every row out of the test's database but those of ``KEPT``."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [name for (name,) in cursor.fetchall() if name not in KEPT]
        asked = (_HOLDS.format(sql.Literal(name), sql.Identifier(name)) for name in tables)
        cursor.execute(sql.SQL(" UNION ALL ").join(asked))
        filled = sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())
        if filled != sql.Composed([]):
            cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(filled))


def instead_of_flush() -> None:
    """Let tests that use real transactions end with ``empty``."""
    TransactionTestCase._fixture_teardown = lambda _case: empty()
