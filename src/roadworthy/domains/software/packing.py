"""SWUpdate images (``.swu``): a signed description and the firmware, in a cpio archive.

* The description comes first, then its signature, then the payload: SWUpdate reads a stream and
  verifies before it writes.
* An image fits exactly the hardware ids it names: the board is the group in the description, the
  revision stands in its list. Another board finds nothing to install, another revision is refused.
* The payload is read twice and never held whole: once for its digests, once into the archive.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from roadworthy.domains.software.code_signing import CodeSigner
from roadworthy.kernel.errors import Invalid

DESCRIPTION: Final = "sw-description"
SIGNATURE: Final = "sw-description.sig"
MAX_PAYLOAD: Final = 0xFFFF_FFFF  # cpio's size field has eight hexadecimal digits
_HARDWARE_ID: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):([A-Za-z0-9._-]+)")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_CHUNK: Final = 1 << 20
_MAGIC: Final = "070702"  # "newc" with checksums, the only form SWUpdate checks
_ALIGNMENT: Final = 4
_BLOCK: Final = 512
_REGULAR_FILE: Final = 0o100644


class CannotPack(Invalid):
    code = "cannot-pack"
    message = "This image cannot be packed: {reason}."


@dataclass(frozen=True, slots=True)
class Package:
    """What an image is to say of itself.

    ``path`` is where the vehicle writes the payload. A relative one is below the directory in
    which its SWUpdate runs, and its directory must be there.
    """

    version: str
    hardware_ids: Sequence[str]
    filename: str
    path: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class _Payload:
    size: int
    checksum: int
    sha256: str


def pack(
    package: Package, payload: bytes | Callable[[], BinaryIO], signer: CodeSigner
) -> Iterator[bytes]:
    """Yield the image. ``payload`` is the firmware, or what opens it (twice).

    Raises:
        CannotPack: a name or a hardware id that SWUpdate could not read, or too large a payload.
    """
    opened = (lambda: BytesIO(payload)) if isinstance(payload, bytes) else payload
    measured = _measure(opened)
    text = describe(package, measured.sha256)
    return _archive(package, text, signer.sign(text), opened, measured)


def pack_file(package: Package, payload: Path, signer: CodeSigner, target: Path) -> None:
    """Write the image of a firmware file to ``target``.

    Raises:
        CannotPack: as in ``pack``.
    """
    chunks = pack(package, lambda: payload.open("rb"), signer)
    with target.open("wb") as file:
        file.writelines(chunks)


def describe(package: Package, sha256: str) -> bytes:
    """Return the sw-description of a payload with that digest.

    Raises:
        CannotPack: a name or a hardware id that SWUpdate could not read.
    """
    if not _NAME.fullmatch(package.filename):
        raise CannotPack(reason=f'"{package.filename}" is no plain file name')
    if package.filename in {DESCRIPTION, SIGNATURE}:
        raise CannotPack(reason=f"{package.filename} is not the payload")
    boards: dict[str, list[str]] = {}
    for hardware_id in package.hardware_ids:
        match = _HARDWARE_ID.fullmatch(hardware_id)
        if match is None:
            raise CannotPack(reason=f'"{hardware_id}" is not board:revision')
        boards.setdefault(match[1], []).append(match[2])
    if not boards:
        raise CannotPack(reason="it names no hardware")
    groups = "".join(_group(b, revisions, package, sha256) for b, revisions in boards.items())
    text = (
        "software =\n{\n"
        f"\tversion = {_quoted(package.version)};\n"
        f"\tdescription = {_quoted(package.description)};\n"
        f"{groups}}}\n"
    )
    return text.encode()


def _group(board: str, revisions: Sequence[str], package: Package, sha256: str) -> str:
    fits = ", ".join(map(_quoted, revisions))
    return (
        f"\t{board}:\n\t{{\n"
        f"\t\thardware-compatibility: [ {fits} ];\n"
        "\t\tfiles: (\n\t\t\t{\n"
        f"\t\t\t\tfilename = {_quoted(package.filename)};\n"
        f"\t\t\t\tpath = {_quoted(package.path)};\n"
        '\t\t\t\ttype = "rawfile";\n'
        f'\t\t\t\tsha256 = "{sha256}";\n'
        f"\t\t\t\tproperties: {{ {_properties(package.path)} }};\n"
        "\t\t\t}\n\t\t);\n\t};\n"
    )


def _properties(path: str) -> str:
    # Written beside the old version and renamed: power may fail at any moment.
    atomic = 'atomic-install = "true";'
    # SWUpdate 2022.12 crashes when it is to create the directory of a relative path.
    return f'{atomic} create-destination = "true";' if path.startswith("/") else atomic


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise CannotPack(reason=f"{text!r} holds what is not printable")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _measure(opened: Callable[[], BinaryIO]) -> _Payload:
    size = checksum = 0
    digest = hashlib.sha256()
    for chunk in _chunks(opened):
        size += len(chunk)
        checksum += sum(chunk)
        digest.update(chunk)
    if not size:
        raise CannotPack(reason="the payload is empty")
    if size > MAX_PAYLOAD:
        raise CannotPack(reason="the payload is larger than 4 GiB")
    return _Payload(size, checksum, digest.hexdigest())


def _archive(
    package: Package,
    text: bytes,
    signature: bytes,
    opened: Callable[[], BinaryIO],
    measured: _Payload,
) -> Iterator[bytes]:
    written = 0
    members = (
        (DESCRIPTION, len(text), sum(text), iter([text])),
        (SIGNATURE, len(signature), sum(signature), iter([signature])),
        (package.filename, measured.size, measured.checksum, _chunks(opened)),
    )
    for inode, (name, size, checksum, content) in enumerate(members, start=1):
        head = _header(name, size, checksum, inode)
        yield head
        yield from content
        padding = bytes(-size % _ALIGNMENT)
        yield padding
        written += len(head) + size + len(padding)
    trailer = _header("TRAILER!!!", 0, 0, 0)
    yield trailer + bytes(-(written + len(trailer)) % _BLOCK)


def _header(name: str, size: int, checksum: int, inode: int) -> bytes:
    title = name.encode() + b"\0"
    links = 1
    mode = _REGULAR_FILE if inode else 0
    # inode, mode, owner, group, links, time, size, four device numbers, name size, checksum
    fields = (inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, len(title), checksum & 0xFFFF_FFFF)
    head = (_MAGIC + "".join(f"{field:08X}" for field in fields)).encode() + title
    return head + bytes(-len(head) % _ALIGNMENT)


def _chunks(opened: Callable[[], BinaryIO]) -> Iterator[bytes]:
    with opened() as file:
        while chunk := file.read(_CHUNK):
            yield chunk
