"""What kinds of files are taken, and whether a file is what its name says.

A name is a claim. For formats with a signature the bytes must show it; a PDF must open; an archive
must be intact and bounded; a text must be text. Nothing is ever run or shown in place.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath

import puremagic
import pypdf
from pypdf.errors import PyPdfError

from roadworthy.domains.documents import archives
from roadworthy.domains.documents.errors import BrokenDocument, NotThatType
from roadworthy.domains.documents.limits import Limits

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".odt": f"{_OPEN}.text",
    ".ods": f"{_OPEN}.spreadsheet",
    ".zip": "application/zip",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".json": "application/json",
    ".xml": "application/xml",
}
MEDIA_TYPES = frozenset(TYPES.values())
# A part without which the archive is no document of that kind.
_PARTS: Mapping[str, str] = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".pptx": "ppt/presentation.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
}
_TEXTS = frozenset({".txt", ".csv", ".json", ".xml"})
_ENCODINGS = ("utf-8", "gb18030")  # what Chinese spreadsheets write
_BLOCK = 1 << 20


def claimed(filename: str, accept: Collection[str]) -> str:
    """Return the media type that the name claims.

    Raises:
        NotThatType: it claims none, or none that is accepted here.
    """
    media_type = TYPES.get(PurePath(filename).suffix.lower(), "")
    if media_type not in accept:
        raise NotThatType(filename=filename, accepted=_names(accept))
    return media_type


def check(path: Path, filename: str, *, accept: Collection[str], limits: Limits) -> None:
    """Look into a file.

    Raises:
        NotThatType: the bytes are of another kind than the name says.
        BrokenDocument, ArchiveTooLarge.
    """
    suffix = PurePath(filename).suffix.lower()
    if suffix in _TEXTS:
        if not _is_text(path):
            raise NotThatType(filename=filename, accepted=_names(accept))
        return
    if suffix not in _signatures(path):
        raise NotThatType(filename=filename, accepted=_names(accept))
    if suffix == ".pdf":
        _open_pdf(path, filename)
    elif suffix in _PARTS or suffix == ".zip":
        names = archives.check(path, filename, limits=limits)
        if suffix in _PARTS and _PARTS[suffix] not in names:
            raise NotThatType(filename=filename, accepted=_names(accept))


def _signatures(path: Path) -> frozenset[str]:
    try:
        found = puremagic.magic_file(path)
    except puremagic.PureError:
        return frozenset()
    return frozenset(one.extension.lower() for one in found)


def _open_pdf(path: Path, filename: str) -> None:
    try:
        reader = pypdf.PdfReader(path)
        pages = 0 if reader.is_encrypted and not reader.decrypt("") else len(reader.pages)
    # A damaged file makes the reader stumble in many ways; each means that it does not open.
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        pages = 0
    except RecursionError:
        pages = 0
    if not pages:
        raise BrokenDocument(filename=filename)


def _is_text(path: Path) -> bool:
    return any(_decodes(path, encoding) for encoding in _ENCODINGS)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                if b"\0" in block:
                    return False
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _names(accept: Collection[str]) -> str:
    return ", ".join(suffix for suffix, media_type in TYPES.items() if media_type in accept)
