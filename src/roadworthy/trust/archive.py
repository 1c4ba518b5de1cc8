"""A dossier with everything that belongs to it as one signed file, for other systems to take in.

* The ZIP holds nothing that its manifest does not name, and all that it names, by SHA-256.
* The manifest is signed (DSSE) with the key of the log of the platform that wrote the file: that
  platform says "these files, together, are what I hold". Signatures inside, of an authority or an
  institution, are theirs and are checked apart.
* The same content gives the same bytes: sorted names, no times, nothing compressed. What is not
  compressed cannot unpack to more than it is.
* Reading believes nothing: a name that leads elsewhere, a file too many or altered is refused by
  name before anything is used.
"""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from securesystemslib.signer import Key, Signer

from roadworthy.kernel.canonical import canonical, sha256_hex
from roadworthy.kernel.errors import Forbidden, Invalid
from roadworthy.trust import dsse
from roadworthy.trust.keys import key_from_dict
from roadworthy.trust.notes import Verifier

FORMAT = "roadworthy-dossier/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.dsse.json"
MOST_FILES, MOST_BYTES, MOST_MANIFEST = 10_000, 8_000_000_000, 10_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20


class NoArchive(Invalid):
    code = "trust.no_archive"
    message = "This is not a dossier archive: {reason}."


class UnsafeName(Invalid):
    code = "trust.archive_unsafe_name"
    message = "The archive holds a file under a name that leads elsewhere: {name}."


class ArchiveTooLarge(Invalid):
    code = "trust.archive_too_large"
    message = "The archive holds more than is taken in: {what}."


class CompressedFile(Invalid):
    code = "trust.archive_compressed"
    message = "{name} is compressed. In a dossier archive no file is."


class FileTwice(Invalid):
    code = "trust.archive_file_twice"
    message = "The archive holds {name} twice."


class FileMissing(Invalid):
    code = "trust.archive_file_missing"
    message = "The manifest names {name}, but the archive does not hold it."


class FileUnlisted(Invalid):
    code = "trust.archive_file_unlisted"
    message = "The archive holds {name}, which its manifest does not name."


class FileAltered(Invalid):
    code = "trust.archive_file_altered"
    message = "{name} was altered: its SHA-256 is {found}, the manifest says {wanted}."


class UnknownSigner(Forbidden):
    code = "trust.archive_unknown_signer"
    message = "manifest.json is signed by {signer}, which is none of the keys that you trust."


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive whose every file is as its signed manifest says."""

    path: Path
    about: Mapping[str, Any]  # what the writer says of the matter
    files: Mapping[str, str]  # name -> SHA-256
    signer: str  # whose key signed the manifest: the name of a platform's log
    keyid: str
    key_from_archive: bool = field(default=False)  # nobody else vouched for the key

    def open(self, name: str) -> IO[bytes]:
        """Open one of the files.

        Raises:
            FileMissing: the archive has none of that name.
        """
        if name not in self.files:
            raise FileMissing(name=name)
        return zipfile.ZipFile(self.path).open(name)

    def json(self, name: str) -> Any:
        """Return one of the files as a JSON value.

        Raises:
            FileMissing, NoArchive: there is none, or it is no JSON.
        """
        with self.open(name) as file:
            try:
                return json.loads(file.read())
            except ValueError:
                raise NoArchive(reason=f"{name} is not JSON") from None


def write(
    target: IO[bytes],
    files: Mapping[str, bytes | Path],
    *,
    about: Mapping[str, Any],
    signer: Signer,
    log: Verifier,
) -> None:
    """Write an archive; ``files`` are contents, or where they lie. ``log`` names the signer."""
    told = {name: _told(content) for name, content in sorted(files.items())}
    manifest = canonical(
        {"format": FORMAT, "about": dict(about), "files": told, "signer": {"log": str(log)}}
    )
    statement = dsse.Statement(
        (dsse.Subject(MANIFEST, sha256_hex(manifest)),),
        dsse.PredicateType.DOSSIER_ARCHIVE,
        {"party": "platform", "log": log.name},
    )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(MANIFEST), manifest)
        archive.writestr(_entry(SIGNATURE), dsse.attest(statement, signer))
        for name, content in sorted(files.items()):
            with archive.open(_entry(name), "w", force_zip64=True) as file:
                for chunk in _chunks(content):
                    file.write(chunk)


def read(path: Path, *, trusted: Verifier | None) -> Archive:
    """Check every file of an archive, and who signed its manifest.

    Without ``trusted`` the key that the archive itself names is taken, and the answer says so.

    Raises:
        NoArchive, UnsafeName, ArchiveTooLarge, CompressedFile, FileTwice, FileMissing,
        FileUnlisted, FileAltered, UnknownSigner.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = _names(archive, path.stat().st_size)
            manifest_bytes = _small(archive, names, MANIFEST)
            manifest = _manifest(manifest_bytes)
            key = _signed(manifest, manifest_bytes, _small(archive, names, SIGNATURE), trusted)
            _compare(archive, names, manifest["files"])
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as wrong:
        raise NoArchive(reason=str(wrong) or type(wrong).__name__) from None
    log = Verifier.parse(manifest["signer"]["log"])
    return Archive(
        path,
        manifest["about"],
        {name: one["sha256"] for name, one in manifest["files"].items()},
        log.name,
        key.keyid,
        key_from_archive=trusted is None,
    )


def writer(opened: Archive) -> Verifier:
    """Return the log whose key the archive itself names as its writer's."""
    with zipfile.ZipFile(opened.path) as file:
        return Verifier.parse(json.loads(file.read(MANIFEST))["signer"]["log"])


def key_of(log: Verifier) -> Key:
    """Return a log's key as DSSE takes it."""
    public = {"public": log.public.hex()}
    return key_from_dict({"keytype": "ed25519", "scheme": "ed25519", "keyval": public})


def _names(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise ArchiveTooLarge(what=f"{len(entries):,} files")
    total = sum(one.file_size for one in entries)
    # Nothing is compressed, so entries that claim more than the file holds overlap each other.
    if total > min(MOST_BYTES, size):
        raise ArchiveTooLarge(what=f"{total:,} bytes in a file of {size:,}")
    names: dict[str, zipfile.ZipInfo] = {}
    for one in entries:
        _check_name(one)
        if one.compress_type != zipfile.ZIP_STORED or one.compress_size != one.file_size:
            raise CompressedFile(name=one.filename)
        if one.filename in names:
            raise FileTwice(name=one.filename)
        names[one.filename] = one
    return names


def _check_name(entry: zipfile.ZipInfo) -> None:
    name, path = entry.filename, PurePosixPath(entry.filename)
    mode = entry.external_attr >> 16
    strange = stat.S_IFMT(mode) not in {0, stat.S_IFREG}  # a link, a device, a directory
    leads_away = path.is_absolute() or ".." in path.parts or str(path) != name
    if strange or leads_away or "\\" in name or ":" in name or not name.isprintable():
        raise UnsafeName(name=name)


def _small(archive: zipfile.ZipFile, names: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    if name not in names:
        raise NoArchive(reason=f"it has no {name}")
    if names[name].file_size > MOST_MANIFEST:
        raise ArchiveTooLarge(what=name)
    return archive.read(name)


def _manifest(content: bytes) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(content)
        known = manifest["format"] == FORMAT
        _ = dict(manifest["about"]), str(manifest["signer"]["log"])
        well = all(isinstance(one["sha256"], str) for one in manifest["files"].values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NoArchive(reason=f"{MANIFEST} cannot be read") from None
    if not known or not well:
        raise NoArchive(reason=f"{MANIFEST} is of another format")
    return manifest


def _signed(
    manifest: Mapping[str, Any], content: bytes, envelope: bytes, trusted: Verifier | None
) -> Key:
    named = Verifier.parse(manifest["signer"]["log"])
    key = key_of(trusted or named)
    try:
        statement = dsse.open_envelope(envelope, [key])
    except dsse.NotAttested:
        raise UnknownSigner(signer=named.name) from None
    if statement.predicate_type != dsse.PredicateType.DOSSIER_ARCHIVE:
        raise NoArchive(reason=f"{SIGNATURE} is about something else")
    wanted, found = statement.subjects[0].sha256, sha256_hex(content)
    if found != wanted:
        raise FileAltered(name=MANIFEST, found=found, wanted=wanted)
    return key


def _compare(
    archive: zipfile.ZipFile, names: Mapping[str, zipfile.ZipInfo], told: Mapping[str, Any]
) -> None:
    for name in names:
        if name not in told and name not in {MANIFEST, SIGNATURE}:
            raise FileUnlisted(name=name)
    for name, one in told.items():
        if name not in names:
            raise FileMissing(name=name)
        found = hashlib.sha256()
        try:
            with archive.open(names[name]) as file:
                for chunk in iter(lambda file=file: file.read(_CHUNK), b""):  # type: ignore[misc]
                    found.update(chunk)
        except zipfile.BadZipFile:  # the CRC of ZIP noticed first
            raise FileAltered(name=name, found="-", wanted=one["sha256"]) from None
        if found.hexdigest() != one["sha256"]:
            raise FileAltered(name=name, found=found.hexdigest(), wanted=one["sha256"])


def _told(content: bytes | Path) -> dict[str, Any]:
    found, length = hashlib.sha256(), 0
    for chunk in _chunks(content):
        found.update(chunk)
        length += len(chunk)
    return {"sha256": found.hexdigest(), "length": length}


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # Unix, wherever it is written
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry
