"""How the text of a variable becomes a value; what is wrong is said in words for a person."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

HIGHEST_PORT = 65535


def text(raw: str) -> str:
    return raw


def path(raw: str) -> Path:
    return Path(raw).expanduser().absolute()


def whole(raw: str, lowest: int, highest: int) -> int:
    if not raw.isascii() or not raw.isdigit() or not lowest <= int(raw) <= highest:
        raise ValueError(f"a whole number from {lowest} to {highest}")
    return int(raw)


def port(raw: str) -> int:
    return whole(raw, 1, HIGHEST_PORT)


def count(raw: str) -> int:
    return whole(raw, 0, 1024)


def at_least_one(raw: str) -> int:
    return whole(raw, 1, 1024)


def amount(raw: str) -> int:
    return whole(raw, 1, 1_000_000)


def command(raw: str) -> str:
    try:
        shlex.split(raw)
    except ValueError:
        raise ValueError("a command such as clamdscan --fdpass --no-summary") from None
    return raw


def switch(raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("yes or no")


def web_address(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as https://roadworthy.example")
    return raw.rstrip("/")


def secure_address(raw: str) -> str:
    if not raw.startswith("https://") or not urlsplit(raw).hostname:
        raise ValueError("an address such as https://roadworthy.example:8020")
    return raw.rstrip("/")


def short_name(raw: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", raw):
        raise ValueError("a short name of small letters, digits and hyphens")
    return raw


def mail_address(raw: str) -> str:
    name, at, host = raw.rpartition("@")
    if not (name and at and host) or any(one.isspace() or one in "<>," for one in raw):
        raise ValueError("an address such as roadworthy@example.org")
    return raw


def one_of(*choices: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return raw

    return read


def hosts(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())
