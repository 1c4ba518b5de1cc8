"""What a forger can do: change lines of a bundle and write a header that fits them again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from roadworthy.kernel.canonical import canonical, digest, sha256_hex

Lines = list[dict[str, Any]]


def lines_of(bundle: bytes) -> Lines:
    return [json.loads(line) for line in bundle.splitlines()]


def reheaded(lines: Lines) -> bytes:
    """Return a bundle whose header fits its lines, whatever they are."""
    header, *rest = lines
    content = [canonical(line) for line in rest]
    header = dict(header)
    header["lines"] = [
        {"name": line["name"], "sha256": sha256_hex(raw)}
        for line, raw in zip(rest, content, strict=True)
    ]
    header["digest"] = digest(header | {"digest": ""})
    return b"".join(raw + b"\n" for raw in (canonical(header), *content))


def forged(bundle: bytes, name: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return the bundle with one line changed and a header that fits."""
    lines = lines_of(bundle)
    found = [line for line in lines if line["name"] == name]
    assert len(found) == 1, name
    change(found[0])
    return reheaded(lines)


def without(bundle: bytes, name: str) -> bytes:
    """Return the bundle without a line and with a header that never knew it."""
    lines = lines_of(bundle)
    kept = [line for line in lines if line["name"] != name]
    assert len(kept) == len(lines) - 1, name
    return reheaded(kept)
