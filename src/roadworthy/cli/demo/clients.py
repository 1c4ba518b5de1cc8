"""The vehicles that are not simulated: real SWUpdate processes, where Debian's package is there."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from roadworthy.cli.demo.stage import Stage

if TYPE_CHECKING:
    from roadworthy.domains.software.models import Release

COUNT = 2


def choose(stage: Stage) -> dict[str, str]:
    """Return the controller ids of the vehicles that real clients will be, with their tokens."""
    if shutil.which("swupdate") is None:
        stage.narrator.say("no real SWUpdate here: install Debian's swupdate to see two of them")
        return {}
    return {each.controller_id: each.token for each in stage.vehicles[:COUNT]}


@contextlib.contextmanager
def running(stage: Stage, release: Release, real: Collection[str]) -> Iterator[None]:
    """Run the real clients while the block lasts."""
    yield
