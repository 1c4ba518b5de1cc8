"""What a verifier answers: each check with its outcome, each problem with the line at fault.

Texts are msgids with named fields, translated at the edge; ``str()`` gives the English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from roadworthy.kernel.errors import DomainError


@dataclass(frozen=True)
class Text:
    """A message that an edge can translate: first the msgid, then the fields."""

    msgid: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.msgid.format(**self.data)


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be, and the name of the line where."""

    where: str
    text: Text

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True)
class Check:
    """One question, whether all was well, and what was looked at."""

    name: Text
    ok: bool
    detail: Text


@dataclass(frozen=True)
class Report:
    """The whole answer. Without anchors of the verifier's own it proves consistency only."""

    checks: tuple[Check, ...]
    problems: tuple[Problem, ...]
    keys_from_bundle: bool

    @property
    def ok(self) -> bool:
        return not self.problems


class Inquiry:
    """Collects the problems of one check; :meth:`Findings.check` opens it."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self.detail = Text(msgid="")  # nothing to translate

    def problem(self, where: str, text: Text) -> None:
        self._problems.append(Problem(where, text))

    def refused(self, where: str, error: Exception) -> None:
        """Report in the words of an error of ours, or as what another library said."""
        if isinstance(error, DomainError):
            self.problem(where, Text(error.message, error.data))
            return
        reason = str(error.__cause__ or error) or type(error).__name__
        self.problem(where, Text("The check of the metadata says: {reason}.", {"reason": reason}))

    def saw(self, text: Text) -> None:
        self.detail = text


class Findings:
    """Collects checks and problems while a bundle is verified."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.problems: list[Problem] = []

    @contextmanager
    def check(self, name: Text) -> Iterator[Inquiry]:
        before = len(self.problems)
        inquiry = Inquiry(self.problems)
        yield inquiry
        self.checks.append(Check(name, len(self.problems) == before, inquiry.detail))
