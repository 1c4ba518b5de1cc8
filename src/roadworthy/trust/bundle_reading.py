"""Reads a bundle without believing it: any bytes at all give lines and problems, never a crash.

A line that is not what the header lists is reported under the name that the header gives it and
is not used any further.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TypeVar

import msgspec

from roadworthy.kernel.canonical import sha256_hex
from roadworthy.trust import bundle
from roadworthy.trust.bundle import AnyLine, HeaderLine, Line, LineDigest
from roadworthy.trust.report import Findings, Inquiry, Text

L = TypeVar("L", bound=Line)


@dataclass(frozen=True)
class Bundle:
    """The lines that are as the header lists them."""

    header: HeaderLine | None
    lines: tuple[Line, ...]

    @property
    def created_at(self) -> datetime | None:
        """Return when the bundle was made, as the header says."""
        try:
            stated = self.header.created_at if self.header else ""
            return datetime.strptime(stated, bundle.INSTANT).replace(tzinfo=UTC)
        except ValueError:
            return None

    def of(self, kind: type[L]) -> list[L]:
        """Return the lines of one kind, in order."""
        return [line for line in self.lines if isinstance(line, kind)]


def read(content: bytes, findings: Findings) -> Bundle:
    """Split and check a bundle."""
    with findings.check(Text("Every line is there, in order and unchanged")) as inquiry:
        first, *rest = content.split(b"\n")
        header = _read_header(first, inquiry)
        if header is None:
            return Bundle(None, ())
        if rest and rest[-1] == b"":
            rest.pop()
        else:
            last = header.lines[-1].name if header.lines else "header"
            inquiry.problem(
                last, Text("The file does not end with the end of a line; it was cut off.")
            )
        lines = _read_lines(header, rest, inquiry)
        inquiry.saw(Text("{count} lines", {"count": len(lines) + 1}))
        return Bundle(header, tuple(lines))


def _read_header(first: bytes, inquiry: Inquiry) -> HeaderLine | None:
    header = _parse(first)
    if not isinstance(header, HeaderLine):
        inquiry.problem("header", Text("Line 1 is not the header of a proof bundle."))
        return None
    if header.format != bundle.FORMAT:
        inquiry.problem(
            "header", Text("The format {format} is not known here.", {"format": header.format})
        )
        return None
    if header.name != "header" or bundle.header_digest(header) != header.digest:
        inquiry.problem("header", Text("The header does not have the digest that it states."))
    names = [listed.name for listed in header.lines]
    for name in sorted({name for name in names if names.count(name) > 1}):
        inquiry.problem(name, Text("The header lists this name twice."))
    return header


def _read_lines(header: HeaderLine, rest: list[bytes], inquiry: Inquiry) -> list[Line]:
    by_digest = {listed.sha256: listed.name for listed in header.lines}
    lines = []
    for number, (listed, raw) in enumerate(zip_longest(header.lines, rest), start=2):
        if raw is None:
            inquiry.problem(listed.name, Text("Line {number} is missing.", {"number": number}))
        elif listed is None:
            inquiry.problem(f"line {number}", Text("The header does not list this line."))
        elif (digest := sha256_hex(raw)) != listed.sha256:
            _report_change(listed, by_digest.get(digest), number, inquiry)
        elif (line := _read_line(listed, raw, inquiry)) is not None:
            lines.append(line)
    return lines


def _report_change(
    listed: LineDigest, elsewhere: str | None, number: int, inquiry: Inquiry
) -> None:
    if elsewhere is None:
        inquiry.problem(listed.name, Text("Line {number} was changed.", {"number": number}))
    else:
        inquiry.problem(
            listed.name,
            Text("Line {number} holds {other} instead.", {"number": number, "other": elsewhere}),
        )


def _read_line(listed: LineDigest, raw: bytes, inquiry: Inquiry) -> Line | None:
    line = _parse(raw)
    if line is None:
        inquiry.problem(
            listed.name, Text("This is not a line of a proof bundle in canonical form.")
        )
        return None
    if line.name != listed.name or isinstance(line, HeaderLine):
        inquiry.problem(listed.name, Text("The line calls itself {other}.", {"other": line.name}))
        return None
    return line


def _parse(raw: bytes) -> Line | None:
    """Return the line if these bytes are the one way to write it."""
    try:
        line: Line = msgspec.json.decode(raw, type=AnyLine)
        return line if bundle.encode(line) == raw else None
    except (ValueError, RecursionError):
        # msgspec and rfc8785 raise kinds of ValueError.
        return None
