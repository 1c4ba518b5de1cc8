"""Everything a gateway host is told from outside, as values; whoever starts it reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    home: Path
    database_url: str = field(repr=False)  # holds a password
    host: str = "127.0.0.1"
    port: int = 8010
    workers: int = 1
    public_url: str = ""  # goes into every link; empty: the host that the vehicle asked
    behind_proxy: bool = False  # believe X-Forwarded-Proto, -Host and -For
    stale_seconds: float = 5
    log_level: str = "INFO"

    max_body_bytes: int = 256 * 1024
    max_picture_bytes: int = 9 * MEBIBYTE  # its record with it
    max_waiting_pictures: int = 4  # a process; beyond: come back later
    max_waiting_reports: int = 20_000  # not yet durable, a process; beyond: come back later
    commit_seconds: float = 10  # a commit that takes longer counts as failed
    seen_seconds: float = 10  # how often "these vehicles polled" is written
    reports_per_action: int = 1000
    messages_per_report: int = 50
    attributes_per_report: int = 100
    vehicle_rate: float = 200  # requests a second of one vehicle, for each process
    vehicle_burst: float = 1000
    refused_rate: float = 50  # wrong tokens a second from one address, for each process
    refused_burst: float = 500

    model_bytes: int = 1024 * MEBIBYTE  # first size of the map; it grows by itself
    outcomes_bytes: int = 8192 * MEBIBYTE  # address space only; the file is as large as needed

    @property
    def folder(self) -> Path:
        return self.home / "gateway"

    @property
    def images(self) -> Path:
        return self.home / "images"

    @property
    def pictures(self) -> Path:
        return self.home / "pictures"

    @property
    def repository(self) -> Path:
        return self.home / "tuf"


def from_json(content: bytes) -> Settings:
    """Read settings that another process wrote."""
    return msgspec.json.decode(content, type=Settings, dec_hook=_path)


def _path(shape: type, value: Any) -> Any:
    return shape(value) if shape is Path else value
