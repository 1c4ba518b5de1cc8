"""What a forger can do: change lines of a bundle and write a header that fits them again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from tuf.api.metadata import Metadata, Targets

from roadworthy.kernel.canonical import canonical, digest, sha256_hex
from roadworthy.trust.verify import verify
from tests.trust.worlds import NOW, Proof

Lines = list[dict[str, Any]]
Change = Callable[[dict[str, Any]], None]


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


def problems(bundle: bytes, proof: Proof | None = None) -> dict[str, str]:
    report = verify(bundle, proof.anchors if proof else None)
    assert not report.ok
    return {problem.where: str(problem.text) for problem in report.problems}


def setting(*path: str, to: Any) -> Change:
    def change(line: dict[str, Any]) -> None:
        for step in path[:-1]:
            line = line[step]
        line[path[-1]] = to

    return change


def metadata_of(bundle: bytes, name: str) -> Metadata[Any]:
    line = next(line for line in lines_of(bundle) if line["name"] == name)
    return Metadata.from_bytes(base64.b64decode(line["content"]))


def replaced(bundle: bytes, name: str, metadata: Metadata[Any]) -> bytes:
    return forged(
        bundle, name, setting("content", to=base64.b64encode(metadata.to_bytes()).decode())
    )


def resigned_targets(proof: Proof, change: Callable[[Targets], None]) -> None:
    """The platform, with its targets key, publishes delegations that Roadworthy would refuse."""
    world = proof.world
    targets = world.repository.targets()
    change(targets)
    targets.version += 1
    metadata = Metadata(targets)
    metadata.sign(world.targets)
    world.store.put("targets", targets.version, metadata.to_bytes())
    world.repository.refresh_online(online=world.online, at=NOW)
