"""Keys and records of the read model: what one vehicle shall be told, in one line.

A record is read on every poll, so it is text in a fixed order and is split, not parsed.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

LONGEST_KEY = 500  # LMDB takes 511 bytes
SEPARATOR = "\x01"  # between tenant and vehicle; an address with control characters is refused
NO_ACTION = b"||||"  # what follows the token when nothing is open; IDLE: when nothing is to be said
IDLE = NO_ACTION + b"|||"
DEPLOY = "deploy"
CANCEL = "cancel"
MODULES = 1000  # module id = deployment id * MODULES + number of the chunk


class Assignment(NamedTuple):
    """What the engine decided for one vehicle. All text: it only goes into addresses."""

    token_sha256: str
    kind: str  # DEPLOY, CANCEL, or empty: nothing to do
    action_id: str
    deployment_id: str
    installed_action_id: str
    installed_deployment_id: str
    want_attributes: str  # "1" or empty
    closed_actions: str  # numbers with commas between

    def has_closed(self, action_id: str) -> bool:
        return (
            action_id in self.closed_actions.split(",") or action_id == self.installed_action_id
        ) and action_id != self.action_id


UNKNOWN = Assignment("", "", "", "", "", "", "1", "")  # a vehicle that no row speaks of


def key(tenant: str, controller_id: str) -> bytes:
    """Return the key of a vehicle in the read model and among the outcomes."""
    return short(f"{tenant}{SEPARATOR}{controller_id}".encode())


def short(whole: bytes) -> bytes:
    """Return a key that LMDB takes; a very long identifier is replaced by its digest."""
    if len(whole) <= LONGEST_KEY:
        return whole
    return b"\x02" + hashlib.sha256(whole).digest()


def token_sha256(record: bytes) -> str:
    """Return the first field only: it is checked before anything else is of interest."""
    return record.partition(b"|")[0].decode()


def read(record: bytes) -> Assignment:
    """Read a line that ``sql.py`` composed."""
    return Assignment._make(record.decode().split("|"))
