"""``roadworthy hand``: takes steps in one deployment, for the demonstration and its tests.

One process has one database, and four deployments have four. Each gets such a process, which reads
a step a line from standard input and answers a line on what was standard output:

    {"act": "releasing.standing", "given": {"number": "R-1"}}
    {"told": {...}}  or  {"wrong": {"code": "...", "message": "..."}}

It is no way around anything: a step is what a person does in the portals, by the same services,
under the same account, with the same passphrase.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import click
from django.db import connections

from roadworthy.cli.federation import (
    driving,
    peering,
    recalling,
    releasing,
    reviewing,
    seat,
    testing,
)
from roadworthy.kernel.errors import DomainError, NotFound

_MODULES = (driving, peering, recalling, releasing, reviewing, testing)
ACTS: Mapping[str, Callable[..., Any]] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": step
    for module in _MODULES
    for name, step in vars(module).items()
    if callable(step) and not name.startswith("_") and step.__module__ == module.__name__
}


class NoSuchStep(NotFound):
    code = "no-such-step"
    message = "There is no step {act}."


@click.command()
@click.argument("party")
def hand(*, party: str) -> None:
    """Take steps in one deployment, read from standard input."""
    # What a library prints must not come between two answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    taken = seat.take(json.loads(sys.stdin.readline()), party=party)
    _tell(answers, {"told": taken.slug})
    for line in sys.stdin:
        connections.close_all()  # the database may have been started anew meanwhile
        _tell(answers, _answer(taken, json.loads(line)))


def _answer(taken: seat.Seat, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        step = ACTS.get(asked["act"])
        if step is None:
            raise NoSuchStep(act=asked["act"])
        return {"told": step(taken, **asked["given"])}
    except DomainError as wrong:
        return {"wrong": {"code": wrong.code, "message": str(wrong)}}


def _tell(answers: TextIO, told: Mapping[str, Any]) -> None:
    answers.write(json.dumps(told, ensure_ascii=False) + "\n")
