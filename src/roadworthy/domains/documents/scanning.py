"""The operator's virus scanner: a command that is given a path and answers by its exit code.

0 means clean, 1 means infected (as clamdscan says it); anything else, and silence, means that
nobody knows, and then the file is not kept.
"""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from roadworthy.domains.documents.errors import DocumentRefused, ScannerFailed

CLEAN, INFECTED = 0, 1


@dataclass(frozen=True, slots=True)
class Scanner:
    """How to ask it, and how many seconds it may take."""

    command: tuple[str, ...]
    seconds: int

    def examine(self, path: Path, filename: str) -> None:
        """Let the scanner look at a file.

        Raises:
            DocumentRefused: it found something.
            ScannerFailed: it did not start, did not finish in time, or failed.
        """
        code = self._ask(path)
        if code == INFECTED:
            raise DocumentRefused(filename=filename)
        if code != CLEAN:
            raise ScannerFailed(filename=filename)

    def _ask(self, path: Path) -> int | None:
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own setting
                [*self.command, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return None
        with process:
            try:
                return process.wait(timeout=self.seconds)
            except subprocess.TimeoutExpired:
                # With its children: one that hangs is often a shell that waits for another.
                os.killpg(process.pid, signal.SIGKILL)
                return None
