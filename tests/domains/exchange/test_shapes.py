"""A version of a message, once sent, stays readable.

``messages/<kind>.v<N>.json`` records for each version what was once written: a body with every
field, and the smallest one. Records are added, never changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from roadworthy.domains.exchange import shapes
from roadworthy.domains.exchange.errors import UnknownKind
from roadworthy.domains.exchange.kinds import Kind
from roadworthy.domains.exchange.known import REGISTRY

RECORDED = Path(__file__).parent / "messages"
KINDS: list[Kind[Any]] = sorted(REGISTRY, key=shapes.name_of)


def recorded(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((RECORDED / name).read_text(encoding="utf-8"))
    return found


def test_every_schema_is_written_down() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in shapes.FOLDER.glob("*.json")}
    assert kept == shapes.everything(), "run scripts/schemas.py"


def test_every_version_that_was_ever_sent_is_still_known() -> None:
    for path in RECORDED.glob("*.json"):
        name, _, version = path.stem.rpartition(".v")
        try:
            REGISTRY.get(name, int(version))
        except UnknownKind:
            pytest.fail(f"{path.name} cannot be read any more")


@pytest.mark.parametrize("kind", KINDS, ids=shapes.name_of)
def test_what_was_once_sent_is_read_whole(kind: Kind[Any]) -> None:
    """A field that went away, became mandatory or changed its type needs another version."""
    for body in recorded(shapes.name_of(kind)):
        read = msgspec.to_builtins(kind.read(body))
        assert {name: read[name] for name in body} == body


@pytest.mark.parametrize("kind", KINDS, ids=shapes.name_of)
def test_the_record_holds_every_field_of_its_day(kind: Kind[Any]) -> None:
    whole, *_ = recorded(shapes.name_of(kind))
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind.schema)}
    added = set(fields) - set(whole)
    assert all(not fields[name].required for name in added)
