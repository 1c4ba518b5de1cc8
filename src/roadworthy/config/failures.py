"""What keeps Roadworthy from starting, said in one sentence to the person who started it."""

from __future__ import annotations

from typing import ClassVar


class CannotStart(Exception):
    """Something outside must change first; the message says what and how. Never a traceback."""

    exit_code: ClassVar[int] = 1


class DatabaseRefused(CannotStart):
    """The database cannot be started or reached."""

    exit_code = 3


class PortTaken(CannotStart):
    """Another program listens where one of ours should."""

    exit_code = 4
