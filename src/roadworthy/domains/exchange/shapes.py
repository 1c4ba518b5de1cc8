"""The shape of every kind of message as JSON Schema, for whoever builds another deployment.

``scripts/schemas.py`` writes them beside this module; a test keeps both the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from roadworthy.domains.exchange.kinds import Kind
from roadworthy.domains.exchange.known import REGISTRY

FOLDER: Final = Path(__file__).parent / "schemas"


def name_of(kind: Kind[Any]) -> str:
    """Return the name of a kind's file: "filing.submitted.v1.json"."""
    return f"{kind.name}.v{kind.version}.json"


def text_of(kind: Kind[Any]) -> str:
    """Return a kind's schema as its file holds it."""
    schema = msgspec.json.schema(kind.schema)
    titled = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(titled, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def everything() -> dict[str, str]:
    """Return every schema by the name of its file."""
    return {name_of(kind): text_of(kind) for kind in REGISTRY}
