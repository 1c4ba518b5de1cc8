"""Uploads are counted while they arrive: what is too large fills neither memory nor disk.

The rest of such a file is read and dropped, so that the form still arrives whole and its page can
say what was wrong and keep what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from roadworthy.domains.documents.errors import DocumentTooLarge
from roadworthy.domains.documents.limits import MEGABYTE

_AT_ONCE = 10  # files of the largest size in one form
V = TypeVar("V", bound=Callable[..., Any])


class TooLarge(UploadedFile):
    """A file of which only name and length are known; whoever reads it is told why."""

    def __init__(self, name: str, size: int, megabytes: int) -> None:
        super().__init__(file=None, name=name, size=size)
        self.megabytes = megabytes

    def read(self, *_args: Any) -> bytes:
        """Refuse.

        Raises:
            DocumentTooLarge: always.
        """
        raise DocumentTooLarge(filename=self.name, megabytes=self.megabytes)

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:  # noqa: ARG002 - as Django has it
        """Refuse, as ``read`` does."""
        yield self.read()

    def close(self) -> None:
        """Do nothing: nothing is open."""


def takes_images(view: V) -> V:
    """Let a view take software images, which are larger than documents."""
    view.takes_images = True  # type: ignore[attr-defined]
    return view


class Bounded(TemporaryFileUploadHandler):
    """Keep an upload in a temporary file up to the limit of its view, and drop what is larger."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._all = 0  # bytes of all files of this request
        self._seen = 0  # bytes of the file that arrives now

    @property
    def _megabytes(self) -> int:
        match = getattr(self.request, "resolver_match", None)
        chosen = settings.ROADWORTHY
        is_image = match is not None and getattr(match.func, "takes_images", False)
        return int(chosen.image_megabytes if is_image else chosen.document_megabytes)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        self._seen = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Keep what is within the limit; empty the file as soon as it is not."""
        self._seen += len(raw_data)
        self._all += len(raw_data)
        if self._is_too_large():
            self.file.truncate(0)
            return None
        return super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Give the form the file, or what stands for one that is too large."""
        if self._is_too_large():
            self.file.close()
            return TooLarge(self.file_name or "", file_size, self._megabytes)
        return super().file_complete(file_size)

    def _is_too_large(self) -> bool:
        most = self._megabytes * MEGABYTE
        return self._seen > most or self._all > most * _AT_ONCE
