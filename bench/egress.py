"""What the filter costs: records a second and memory, and pictures a second.

    PYTHONPATH=src python -m bench.egress [--picture FILE]

One process. The floor for telemetry is what a vehicle does without any filter: decode a record and
encode it again. The floor for pictures is to decode a JPEG and to encode it again. ``--picture`` is
a photograph; without it the astronaut that scikit-image carries is enlarged.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import os
import random
import statistics
import time
import tracemalloc
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psutil
from PIL import Image

from bench import machine
from bench.report import write
from roadworthy.egress import detecting, pictures, policy, records
from roadworthy.egress.buffer import Buffer, Held
from roadworthy.egress.drive import Consent, Drive
from roadworthy.egress.filtering import Filter, Stated
from roadworthy.egress.policy import Kind, Rule

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TO = {"purpose": "defect-analysis", "recipient": "starway", "country": "CN"}
SECONDS = 3.0
SIZES = ((640, 480), (1280, 720), (1920, 1080))


def rules(count: int) -> list[Rule]:
    """Of every ten items: one position, one word, one flag, the rest numbers."""
    made = []
    for number in range(count):
        kind = {0: Kind.POSITION, 1: Kind.WORD, 2: Kind.FLAG}.get(number % 10, Kind.NUMBER)
        more: dict[str, Any] = {
            Kind.POSITION: {"precision_metres": 500, "consent": True},
            Kind.WORD: {"words": ("P", "R", "N", "D")},
            Kind.NUMBER: {"lowest": 0, "highest": 300},
        }.get(kind, {})
        settings = {"consent": False, **TO, **more}
        made.append(Rule(item=f"item-{number}", kind=kind, retention_seconds=3600, **settings))
    return made


def stream(count: int, items: int, luck: random.Random) -> list[bytes]:
    """Records of which half of the items have no rule."""
    made = []
    for _ in range(count):
        content: dict[str, Any] = {}
        for number in range(items):
            name = f"item-{number}" if number % 2 == 0 else f"other-{number}"
            content[name] = {
                0: {"latitude": luck.uniform(20, 45), "longitude": luck.uniform(90, 125)},
                1: "D",
                2: True,
            }.get(number % 10, luck.uniform(0, 200))
        record = {"id": str(uuid.uuid4()), "takenAt": NOW.isoformat(), "items": content, **TO}
        made.append(msgspec.json.encode(record))
    return made


def driving(of: list[Rule]) -> Drive:
    drive = Drive()
    drive.start()
    for rule in of:
        drive.choose(rule.item, rule.purpose, on=True)
        day = timedelta(days=1)
        drive.agree(Consent(rule.item, rule.purpose, NOW - day, NOW + day))
    return drive


def rate(turn: Callable[[bytes], Any], over: list[bytes], rounds: int = 3) -> float:
    """Return the best of a few rounds, in records a second: others use this machine, too."""
    best = 0.0
    for _ in range(rounds):
        began, done = time.perf_counter(), 0
        while (taken := time.perf_counter() - began) < SECONDS:
            for record in over:
                turn(record)
            done += len(over)
        best = max(best, done / taken)
    return best


def telemetry(items: int) -> dict[str, Any]:
    luck = random.Random(items)
    made = rules(items)
    filter_ = Filter(
        policy.make(manufacturer="starway", vehicle_type="S1", version="1", rules=made)
    )
    drive, over = driving(made), stream(500, items, luck)
    vehicle = _vehicle(filter_, drive)
    left = [body for body in map(vehicle, over) if body]
    arrived = _gateway(filter_)
    floor = rate(lambda one: msgspec.json.encode(msgspec.json.decode(one)), over)
    found = {
        "items": items,
        "bytes_in": round(statistics.mean(map(len, over))),
        "bytes_out": round(statistics.mean(map(len, left))),
        "floor": round(floor),
        "vehicle": round(rate(vehicle, over)),
        "gateway": round(rate(arrived, left)),
    }
    return found | {"ratio": round(found["vehicle"] / floor, 3)}


def _vehicle(filter_: Filter, drive: Drive) -> Callable[[bytes], bytes]:
    def turn(content: bytes) -> bytes:
        leaving = filter_.record(records.read(content), said=drive, at=NOW).leaving
        return leaving.body if leaving else b""

    return turn


def _gateway(filter_: Filter) -> Callable[[bytes], bytes]:
    def turn(content: bytes) -> bytes:
        measured = records.read(content)
        leaving = filter_.record(measured, said=Stated(measured), at=NOW).leaving
        return leaving.body if leaving else b""

    return turn


def memory() -> dict[str, Any]:
    """Filter a long stream with nobody to send to; the buffer may hold a mebibyte."""
    made = rules(20)
    filter_ = Filter(
        policy.make(manufacturer="starway", vehicle_type="S1", version="1", rules=made)
    )
    drive, over = driving(made), stream(500, 20, random.Random(1))
    buffer = Buffer(most_bytes=1024 * 1024)

    def hold(number: int) -> None:
        measured = records.read(over[number % len(over)])
        filtered = filter_.record(measured, said=drive, at=NOW)
        if filtered.leaving is not None and filtered.drop_at is not None:
            body = filtered.leaving.body
            items = frozenset(filtered.leaving.items)
            buffer.put(Held(str(number), body, filtered.drop_at, measured.purpose, items))

    tracemalloc.start()
    peaks = []
    for part in range(4):
        tracemalloc.reset_peak()
        for number in range(part * 10_000, (part + 1) * 10_000):
            hold(number)
        peaks.append(round(tracemalloc.get_traced_memory()[1] / 1e6, 2))
    tracemalloc.stop()
    return {"records": 40_000, "peak_megabytes_by_quarter": peaks, "buffer_bytes": buffer.size}


def photograph(given: Path | None) -> Image.Image:
    if given is None:
        found = importlib.util.find_spec("skimage")
        if found is None or found.origin is None:
            raise SystemExit("Give it a --picture, or install requirements/images-dev.txt.")
        given = Path(found.origin).parent / "data/astronaut.png"
    return Image.open(given).convert("RGB")


def seconds(turn: Callable[[], Any], rounds: int = 5) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        turn()
        taken.append(time.perf_counter() - began)
    return min(taken)


def shown(given: Path | None) -> list[dict[str, Any]]:
    networks, source, found = detecting.Networks(), photograph(given), []
    for size in SIZES:
        out = io.BytesIO()
        source.resize(size).save(out, "JPEG", quality=92)
        content = out.getvalue()
        pixels = pictures.decoded(content)
        floor = seconds(lambda content=content: pictures.redrawn(content))
        whole = seconds(lambda content=content: pictures.clear(content, networks))
        found.append(
            {
                "size": f"{size[0]} x {size[1]}",
                "floor_ms": round(floor * 1000, 1),
                "clear_ms": round(whole * 1000, 1),
                "faces_ms": round(seconds(lambda p=pixels: networks.faces(p)) * 1000, 1),
                "writing_ms": round(seconds(lambda p=pixels: networks.writing(p)) * 1000, 1),
                "ratio": round(whole / floor, 1),
                "megabytes": round(psutil.Process().memory_info().rss / 1e6),
            }
        )
        print(json.dumps(found[-1]), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    result: dict[str, Any] = {"telemetry": []}
    for items in (5, 20, 100):
        result["telemetry"].append(telemetry(items))
        print(json.dumps(result["telemetry"][-1]), flush=True)
    result["memory"] = memory()
    result["pictures"] = shown(options.picture)
    result |= {"load": os.getloadavg()[0], "machine": machine.describe()}
    write("egress", result, _text(result))


def _text(result: dict[str, Any]) -> str:
    telemetry_ = "\n".join(
        f"| {one['items']} | {one['bytes_in']} | {one['bytes_out']} | {one['floor']:,} |"
        f" {one['vehicle']:,} | {one['ratio']} | {one['gateway']:,} |"
        for one in result["telemetry"]
    )
    pictures_ = "\n".join(
        f"| {one['size']} | {one['floor_ms']} | {one['clear_ms']} | {one['ratio']} |"
        f" {one['faces_ms']} | {one['writing_ms']} | {one['megabytes']} |"
        for one in result["pictures"]
    )
    memory_ = result["memory"]
    peaks = ", ".join(map(str, memory_["peak_megabytes_by_quarter"]))
    return f"""
Telemetry: records a second of one process on one core, half of the items without a rule, every \
tenth a position; best of three rounds. Floor: decode and encode the record. Ratio: vehicle to \
floor. Gateway: the filter alone, on what has left the vehicle.

| items | bytes in | bytes out | floor | vehicle | ratio | gateway |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{telemetry_}

Memory: peak megabytes of Python while {memory_["records"]:,} records pass and nobody takes them, \
by quarter of the stream: {peaks}. The buffer holds {memory_["buffer_bytes"]:,} bytes at the end; \
it may hold 1,048,576.

Pictures: milliseconds a picture, both cores; best of five. Floor: decode and encode. Faces are \
looked for twice.

| size | floor | cleared | ratio | faces, once | writing | process, MB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{pictures_}

Load of the machine while measuring: {result["load"]:.1f}."""


if __name__ == "__main__":
    main()
