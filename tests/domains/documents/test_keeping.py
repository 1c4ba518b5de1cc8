"""What is kept, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import io
import os
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pypdf
import pytest

from roadworthy.domains.documents import errors, queries, services
from roadworthy.domains.documents.formats import TYPES
from roadworthy.domains.documents.limits import MEGABYTE, Limits
from roadworthy.domains.documents.models import Document
from roadworthy.domains.documents.scanning import Scanner
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import Actor, NotAMember
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.kernel.errors import DomainError

SMALL = Limits(document=2 * MEGABYTE, unpacked=8 * MEGABYTE, members=20, ratio=50, depth=2)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def pdf(pages: int = 1, password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "documents", limits=SMALL)


@pytest.fixture
def keep(world, store: DocumentStore) -> Callable[..., Document]:
    def kept(
        content: bytes | BinaryIO, filename: str, *, into: DocumentStore = store, **more
    ) -> Document:
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        more.setdefault("organisation_id", world.cast.manufacturer_id)
        return services.keep(
            filename=filename,
            content=stream,
            store=into,
            actor=more.pop("actor", world.actor(Role.HOMOLOGATION)),
            at=world.tick(),
            **more,
        )

    return kept


def left(store: DocumentStore, tmp: Path) -> list[Path]:
    return [path for path in (tmp / "documents").rglob("*") if path.is_file()]


GOOD = {
    "report.pdf": pdf(),
    "photo.png": PNG,
    "photo.JPG": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 30,
    "notes.txt": "试验记录\n".encode(),
    "table.csv": "参数,值\n最高车速,180\n".encode("gb18030"),
    "envelope.json": b"{}",
    "package.zip": packed({"a.txt": b"one", "b/c.txt": b"two"}),
    "letter.docx": packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
    "within.zip": packed({"letter.docx": packed({"word/document.xml": b"<x/>"})}),
}


@pytest.mark.parametrize("filename", GOOD)
def test_an_honest_file_is_kept_under_its_digest(filename, keep, store):
    document = keep(GOOD[filename], filename)
    assert store.path(document.sha256).read_bytes() == GOOD[filename]
    assert document.length == len(GOOD[filename])
    assert document.media_type == TYPES[Path(filename).suffix.lower()]
    assert store.has(document.sha256)


BAD: dict[str, tuple[str, bytes, type[DomainError]]] = {
    "empty": ("a.txt", b"", errors.EmptyDocument),
    "a name of no kind": ("program.exe", b"MZ", errors.NotThatType),
    "no name at all": ("/", b"x", errors.BadDocumentName),
    "a name that is too long": ("x" * 200 + ".txt", b"x", errors.BadDocumentName),
    "a PDF that is a picture": ("report.pdf", PNG, errors.NotThatType),
    "a PDF that is text": ("report.pdf", b"this is no PDF", errors.NotThatType),
    "a PDF cut off": ("report.pdf", pdf()[:60], errors.BrokenDocument),
    "a PDF of garbage": ("report.pdf", b"%PDF-1.7\n" + os.urandom(5000), errors.BrokenDocument),
    "a PDF with a password": ("report.pdf", pdf(password="secret"), errors.BrokenDocument),
    "a program called text": ("notes.txt", b"\x7fELF" + b"\0" * 50, errors.NotThatType),
    "a picture that is a program": ("photo.png", b"MZ" + b"\0" * 200, errors.NotThatType),
    "a Word document without words": ("a.docx", packed({"x": b"y"}), errors.NotThatType),
    "an archive cut off": ("a.zip", packed({"x": b"y" * 999})[:-30], errors.BrokenDocument),
    "an archive that climbs out": ("a.zip", packed({"../x": b"y"}), errors.BrokenDocument),
    "an archive that starts at the root": ("a.zip", packed({"/x": b"y"}), errors.BrokenDocument),
    "too many members": (
        "a.zip",
        packed({str(n): b"x" for n in range(21)}),
        errors.ArchiveTooLarge,
    ),
    "a bomb by its ratio": ("a.zip", packed({"x": bytes(6 * MEGABYTE)}), errors.ArchiveTooLarge),
    "a bomb by its size": (
        "a.zip",
        packed({f"{n}": bytes(3 * MEGABYTE) + os.urandom(300_000) for n in range(4)}),
        errors.ArchiveTooLarge,
    ),
    "a bomb within an archive": (
        "a.zip",
        packed({"x.zip": packed({"y": bytes(7 * MEGABYTE)})}),
        errors.ArchiveTooLarge,
    ),
    "archives without end": (
        "a.zip",
        packed({"b.zip": packed({"c.zip": packed({"d": b"e"})})}),
        errors.ArchiveTooLarge,
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_honest_is_refused_and_leaves_nothing(what, keep, store, tmp_path):
    filename, content, error = BAD[what]
    with pytest.raises(error):
        keep(content, filename)
    assert left(store, tmp_path) == []
    assert not Document.objects.exists()


def test_an_archive_that_lies_about_its_sizes_is_refused(keep, store, tmp_path):
    content = bytearray(packed({"x": bytes(6 * MEGABYTE)}))
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (100).to_bytes(4, "little")
    with pytest.raises((errors.BrokenDocument, errors.ArchiveTooLarge)):
        keep(bytes(content), "a.zip")
    assert left(store, tmp_path) == []


class Endless:
    """A stream of two gigabytes that counts how much of it is read."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int) -> bytes:
        if self.given >= 2 << 30:
            return b""
        self.given += size
        return bytes(size)


def test_two_gigabytes_are_refused_after_the_first_few(keep, store, tmp_path):
    stream = Endless()
    with pytest.raises(errors.DocumentTooLarge, match="larger than 2 MB"):
        keep(stream, "big.txt")
    assert stream.given <= 3 * MEGABYTE
    assert left(store, tmp_path) == []


def scanner(tmp_path: Path, script: str, seconds: int = 20) -> Scanner:
    program = tmp_path / "scanner"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Scanner((str(program), "--quiet"), seconds)


VIRUS = 'if grep -q EICAR "$2"; then exit 1; else exit 0; fi'


def test_the_scanner_decides(keep, tmp_path):
    store = DocumentStore(tmp_path / "documents", scanner=scanner(tmp_path, VIRUS))
    with pytest.raises(errors.DocumentRefused):
        keep(b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE", "letter.txt", into=store)
    assert left(store, tmp_path) == []
    assert keep(b"good morning", "letter.txt", into=store).length == 12


@pytest.mark.parametrize("script", ["exit 2", "kill -9 $$"])
def test_a_scanner_that_fails_keeps_nothing(script, keep, tmp_path):
    store = DocumentStore(tmp_path / "documents", scanner=scanner(tmp_path, script))
    with pytest.raises(errors.ScannerFailed):
        keep(b"good morning", "letter.txt", into=store)
    assert left(store, tmp_path) == []


def test_a_scanner_that_is_not_there_keeps_nothing(keep, tmp_path):
    store = DocumentStore(tmp_path / "documents", scanner=Scanner(("/nowhere/clamdscan",), 5))
    with pytest.raises(errors.ScannerFailed):
        keep(b"good morning", "letter.txt", into=store)


def test_a_scanner_that_hangs_is_ended_and_nothing_is_kept(keep, tmp_path):
    hanging = scanner(tmp_path, "tail -f /dev/null", seconds=1)
    store = DocumentStore(tmp_path / "documents", scanner=hanging)
    began = time.monotonic()
    with pytest.raises(errors.ScannerFailed):
        keep(b"good morning", "letter.txt", into=store)
    assert time.monotonic() - began < 10
    assert left(store, tmp_path) == []


def test_the_same_bytes_again_are_the_same_document(keep, world):
    first = keep(b"same", "first.txt")
    assert keep(b"same", "second.txt") == first
    assert Document.objects.get().filename == "first.txt"
    said = Entry.objects.get(event="document:kept")
    assert b"first.txt" not in bytes(said.body)


def test_nobody_reads_or_keeps_for_another(keep, world):
    document = keep(b"mine", "mine.txt")
    authority = world.cast.organisation_ids[Kind.MIIT]
    with pytest.raises(errors.NoSuchDocument):
        queries.document(authority, document.sha256)
    with pytest.raises(errors.NoSuchDocument):
        keep(b"x", "x.txt", organisation_id=authority)
    with pytest.raises(NotAMember):
        keep(b"x", "x.txt", actor=Actor(Role.MIIT_REVIEWER, 999_999, authority))


def test_what_a_caller_does_not_accept_is_refused(keep):
    with pytest.raises(errors.NotThatType, match=r"\.pdf"):
        keep(b"text", "a.txt", accept={TYPES[".pdf"]})
