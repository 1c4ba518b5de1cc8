"""Where TUF metadata rests: every version of every role once, never changed after it was put."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

from roadworthy.kernel.errors import Conflict, NotFound

_VERSIONED = re.compile(r"([1-9][0-9]*)\.(.+)\.json")


class NoSuchMetadata(NotFound):
    code = "trust.no_such_metadata"
    message = "The repository has no metadata of role {role} (version {version})."


class VersionExists(Conflict):
    code = "trust.version_exists"
    message = "Version {version} of role {role} is already published; somebody was faster."


class MetadataStore(Protocol):
    """Storage for the bytes of metadata; the bytes themselves are what was signed and hashed."""

    def get(self, role: str, version: int | None = None) -> bytes:
        """Return one version, or the newest.

        Raises:
            NoSuchMetadata: there is none.
        """

    def put(self, role: str, version: int, content: bytes) -> None:
        """Keep a new version.

        Raises:
            VersionExists: that version was put before.
        """


class MemoryMetadata:
    """Metadata in memory, on top of another store if one is given; that one is never written."""

    def __init__(self, beneath: MetadataStore | None = None) -> None:
        self._beneath = beneath
        self._content: dict[str, dict[int, bytes]] = {}

    def get(self, role: str, version: int | None = None) -> bytes:
        versions = self._content.get(role, {})
        wanted = version if version is not None else max(versions, default=None)
        if wanted in versions:
            return versions[wanted]
        if self._beneath is not None:
            return self._beneath.get(role, version)
        raise NoSuchMetadata(role=role, version=version or "any")

    def put(self, role: str, version: int, content: bytes) -> None:
        if version in self._content.get(role, {}):
            raise VersionExists(role=role, version=version)
        self._content.setdefault(role, {})[version] = content


class DirectoryMetadata:
    """Metadata as a TUF client fetches it: ``VERSION.ROLE.json``, and ``timestamp.json``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, role: str, version: int | None = None) -> bytes:
        wanted = version if version is not None else max(self._versions(role), default=None)
        try:
            return self._path(role, wanted).read_bytes()
        except FileNotFoundError:
            raise NoSuchMetadata(role=role, version=version or "any") from None

    def put(self, role: str, version: int, content: bytes) -> None:
        if version in self._versions(role):
            raise VersionExists(role=role, version=version)
        self._directory.mkdir(parents=True, exist_ok=True)
        replace_file(self._path(role, version), content)
        if role == "timestamp":
            # Clients ask for the timestamp without a version; it is the last file to change.
            replace_file(self._directory / "timestamp.json", content)

    def _versions(self, role: str) -> set[int]:
        if not self._directory.is_dir():
            return set()
        matches = (_VERSIONED.fullmatch(path.name) for path in self._directory.iterdir())
        return {int(m[1]) for m in matches if m and unquote(m[2]) == role}

    def _path(self, role: str, version: int | None) -> Path:
        # "+" stays: a web server decodes %2B in the address to the same name.
        return self._directory / f"{version}.{quote(role, safe='+')}.json"


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
