"""Dossier archives: deterministic, and every forgery is refused by the name of its file."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from roadworthy.trust import archive
from roadworthy.trust.notes import Kind, NoteSigner

LOG = NoteSigner("roadworthy.example/log/a", Kind.ED25519, CryptoSigner.generate_ed25519())
FILES = {"dossier.json": b'{"kind":"capability"}', "documents/ab/report.pdf": b"%PDF-1.7 x"}


def built(files: dict[str, bytes] = FILES) -> bytes:
    target = io.BytesIO()
    archive.write(target, files, about={"number": "F1"}, signer=LOG.signer, log=LOG.verifier)
    return target.getvalue()


def read(tmp_path: Path, content: bytes) -> archive.Archive:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    return archive.read(path, trusted=LOG.verifier)


def again(change: Callable[[dict[str, bytes]], None], **how: object) -> bytes:
    """Write the archive anew with other files, the manifest and its signature as they were."""
    with zipfile.ZipFile(io.BytesIO(built())) as before:
        files = {name: before.read(name) for name in before.namelist()}
    change(files)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as after:
        for name, content in files.items():
            after.writestr(zipfile.ZipInfo(name), content, **how)
    return target.getvalue()


def test_the_same_content_gives_the_same_bytes(tmp_path):
    assert built() == built(dict(reversed(FILES.items())))
    opened = read(tmp_path, built())
    assert opened.json("dossier.json") == {"kind": "capability"}
    assert opened.signer == LOG.name


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        (lambda f: f.update({"dossier.json": b"{}"}), archive.FileAltered, "dossier.json"),
        (lambda f: f.pop("dossier.json"), archive.FileMissing, "dossier.json"),
        (lambda f: f.update({"extra.txt": b"x"}), archive.FileUnlisted, "extra.txt"),
        (lambda f: f.update({"../out": b"x"}), archive.UnsafeName, "../out"),
        (lambda f: f.update({"/etc/passwd": b"x"}), archive.UnsafeName, "/etc/passwd"),
        (lambda f: f.update({"a\\..\\b": b"x"}), archive.UnsafeName, "b"),
        (lambda f: f.update({"C:x": b"x"}), archive.UnsafeName, "C:x"),
        (lambda f: f.update({"a//b": b"x"}), archive.UnsafeName, "a//b"),
        (lambda f: f.update({"folder/": b""}), archive.UnsafeName, "folder/"),
        (lambda f: f.pop("manifest.json"), archive.NoArchive, "manifest.json"),
        (lambda f: f.pop("manifest.dsse.json"), archive.NoArchive, "manifest.dsse.json"),
        (lambda f: f.update({"manifest.json": b"["}), archive.NoArchive, "manifest.json"),
        (lambda f: f.update({"manifest.json": b"{}"}), archive.NoArchive, "manifest.json"),
        (
            lambda f: f.update({"manifest.json": f["manifest.json"].replace(b"F1", b"F2")}),
            archive.FileAltered,
            "manifest.json",
        ),
    ],
)
def test_a_forgery_is_refused_by_the_name_of_its_file(tmp_path, change, error, named):
    with pytest.raises(error) as refused:
        read(tmp_path, again(change))
    assert named in str(refused.value)


def test_nothing_compressed_is_unpacked(tmp_path):
    bomb = again(
        lambda f: f.update({"dossier.json": b"0" * 10_000_000}),
        compress_type=zipfile.ZIP_DEFLATED,
    )
    with pytest.raises((archive.CompressedFile, archive.ArchiveTooLarge)):
        read(tmp_path, bomb)


def test_files_that_claim_to_be_larger_than_the_archive_are_not_read(tmp_path):
    content = bytearray(built())
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<II", content, at + 20, 2_000_000_000, 2_000_000_000)
    with pytest.raises(archive.ArchiveTooLarge):
        read(tmp_path, bytes(content))


def test_a_file_that_stands_twice_is_refused(tmp_path):
    target = io.BytesIO(built())
    with zipfile.ZipFile(target, "a") as more, pytest.warns(UserWarning, match="Duplicate"):
        more.writestr("dossier.json", b"{}")
    with pytest.raises(archive.FileTwice, match=r"dossier\.json"):
        read(tmp_path, target.getvalue())


def test_a_link_is_refused(tmp_path):
    target = io.BytesIO(built())
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(target, "a") as more:
        more.writestr(link, "/etc/passwd")
    with pytest.raises(archive.UnsafeName, match="link"):
        read(tmp_path, target.getvalue())


@pytest.mark.parametrize("cut", [0, 1, 40, -1, -30])
def test_what_is_cut_off_is_no_archive(tmp_path, cut):
    with pytest.raises((archive.NoArchive, archive.FileAltered)):
        read(tmp_path, built()[:cut])


def test_each_flipped_byte_is_noticed_or_changes_nothing(tmp_path):
    whole = built()
    for at in range(0, len(whole), 37):
        content = bytearray(whole)
        content[at] ^= 0x40
        try:
            opened = read(tmp_path, bytes(content))
        except (archive.Invalid, archive.Forbidden):
            continue
        assert opened.json("dossier.json") == {"kind": "capability"}
        with opened.open("documents/ab/report.pdf") as file:
            assert file.read() == FILES["documents/ab/report.pdf"]


def test_the_manifest_says_whose_key_it_is():
    with zipfile.ZipFile(io.BytesIO(built())) as opened:
        manifest = json.loads(opened.read("manifest.json"))
    assert manifest["signer"] == {"log": str(LOG.verifier)}
