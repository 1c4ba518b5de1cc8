"""The deployment's choices where no law gives a number: ``data/policy.yaml`` says why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Policy:
    """What the public may see, and what one question may cost."""

    smallest_cell: int  # vehicles or cases behind a figure; fewer are not shown to the public
    memory: str  # of DuckDB, as it reads it: "1GB"
    threads: int


@cache
def policy() -> Policy:
    """Return the policy as it stands in the package."""
    file = resources.files(__package__) / "data" / "policy.yaml"
    return Policy(**yaml.safe_load(file.read_text(encoding="utf-8")))
