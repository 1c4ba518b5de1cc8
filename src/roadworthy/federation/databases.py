"""Threads that live as long as the process, each with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

T = TypeVar("T")


def steady(work: Callable[[], T]) -> T:
    """Do the work on this thread's connection; one that broke is not used again."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        raise
    finally:
        if not connection.in_atomic_block and connection.errors_occurred:
            close_old_connections()
