"""What a vehicle does before it believes an image: it asks a stock TUF client, not us.

The verdict is that of ``tuf.ngclient``, unmodified. This module only says where the files are and
passes on, in its own words and by the name of its exception, why the client refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater

from roadworthy.kernel.errors import Forbidden, NotFound

_CHUNK = 1 << 16


class TargetRefused(Forbidden):
    code = "trust.target_refused"
    message = "The TUF client refuses {target}: {exception}: {detail}"


class TargetUnknown(NotFound):
    code = "trust.target_unknown"
    message = "The repository vouches for no {target}."


@dataclass(frozen=True, slots=True)
class FetchedTarget:
    """An image that the client has verified, where it lies, and what the metadata says of it."""

    path: Path
    length: int
    hashes: Mapping[str, str]
    custom: Mapping[str, Any]


class DirectoryFetcher(FetcherInterface):
    """Reads ``file:`` addresses, so that a client can use an exported repository in place."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(unquote(urlsplit(url).path))
        if not path.is_file():
            raise DownloadHTTPError(f"There is no file {path.name}", 404)
        return _chunks(path)


def fetch_verified(
    repository: str | Path, target: str, *, root: bytes, client_home: Path
) -> FetchedTarget:
    """Fetch one image and return it only if the stock client accepts it.

    ``repository`` is a directory or an address that has ``metadata/`` and ``targets/`` below it.
    ``root`` is the root that the vehicle was built with. In ``client_home`` the client keeps what
    it has seen, as protection against being shown an older state; the caller keeps it.

    Raises:
        TargetRefused: the client rejects metadata or image; ``exception`` names its reason.
        TargetUnknown: no metadata lists the image.
    """
    base = repository if isinstance(repository, str) else repository.resolve().as_uri()
    fetcher = DirectoryFetcher() if base.startswith("file:") else None
    metadata_home, images = client_home / "metadata", client_home / "targets"
    metadata_home.mkdir(parents=True, exist_ok=True)
    images.mkdir(parents=True, exist_ok=True)
    try:
        updater = Updater(
            str(metadata_home),
            f"{base.rstrip('/')}/metadata/",
            str(images),
            f"{base.rstrip('/')}/targets/",
            fetcher=fetcher,
            bootstrap=root,
        )
        found = updater.get_targetinfo(target)
        path = None if found is None else Path(_download(updater, found))
    except (RepositoryError, DownloadError) as error:
        raise TargetRefused(
            target=target, exception=type(error).__name__, detail=str(error)
        ) from error
    if found is None or path is None:
        raise TargetUnknown(target=target)
    custom = found.custom if isinstance(found.custom, dict) else {}
    return FetchedTarget(path, found.length, dict(found.hashes), custom)


def _download(updater: Updater, found: TargetFile) -> str:
    return updater.find_cached_target(found) or updater.download_target(found)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
