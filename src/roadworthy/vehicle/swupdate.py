"""Real vehicles beside the simulated ones: Debian's SWUpdate, a process a vehicle.

* The version that a vehicle reports is read from the firmware that lies on its disk: proof rests
  on bytes, not on what an installer said about them.
* SWUpdate waits after an installation until the vehicle has restarted. The restart, and the return
  to the previous firmware when the new one fails, are what this module adds around it.
* Every vehicle has its own directory, sockets and log. Nothing needs root.
* Nothing here sleeps: it waits for SWUpdate's own words and for the end of its process.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Final, Self

from roadworthy.kernel.errors import Unavailable

PROGRAM: Final = "swupdate"
STOP_SECONDS: Final = 10
LINES_TOLD: Final = 12  # of the log, when something did not happen
_SUCCESS: Final = re.compile(r"SWUPDATE successful")
_ENDED: Final = re.compile(r"SWUPDATE successful|Image invalid or corrupted|SWUpdate \*failed\*")
_REPORTED_INSTALLED: Final = re.compile(r"Update successful, executing post-update actions")
_REPORTED_RESULT: Final = re.compile(r"Server initialized, entering suricatta main loop")


class NotInstalled(Unavailable):
    code = "swupdate-not-installed"
    message = "SWUpdate is not installed on this machine (Debian: apt-get install swupdate)."


class Silent(Unavailable):
    code = "swupdate-silent"
    message = "SWUpdate of {vehicle} did not come to: {what}. Its last words:\n{words}"


class Confirm(IntEnum):
    """What a vehicle tells SWUpdate after a restart (``-c``)."""

    SUCCESS = 2
    FAILURE = 3


class Outcome(StrEnum):
    INSTALLED = "installed"
    ROLLED_BACK = "rolled-back"
    REFUSED = "refused"


@dataclass(frozen=True)
class SwupdateSpec:
    """One vehicle: how it names itself, what it is, which authority its SWUpdate believes."""

    controller_id: str
    token: str
    gateway_url: str
    tenant: str
    authority: Path  # the certificate that images must chain to
    vin: str
    ecu: str
    hardware_id: str  # board:revision
    firmware: str  # where images write, below the vehicle's directory
    versions: Mapping[str, str] = field(default_factory=dict)  # by SHA-256 of the firmware
    poll_seconds: int = 1


def available() -> bool:
    """Say whether this machine has SWUpdate."""
    return shutil.which(PROGRAM) is not None


class SwupdateVehicle:
    """A vehicle with SWUpdate as its installer. A context manager: at the end nothing runs on."""

    def __init__(self, spec: SwupdateSpec, home: Path) -> None:
        self._spec = spec
        self._home = home.resolve()  # it is the working directory of the process
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._news = threading.Condition()
        self._lines: list[str] = []
        self._seen = 0
        self._is_over = True
        # A socket's path has at most 107 bytes: the vehicle's directory may be too deep for one.
        self._sockets = Path(tempfile.mkdtemp(prefix="swu-"))
        self.firmware.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    @property
    def firmware(self) -> Path:
        """Return where the firmware lies."""
        return self._home / self._spec.firmware

    @property
    def version(self) -> str:
        """Return the version of the firmware on the disk."""
        if not self.firmware.exists():
            return ""
        sha256 = hashlib.sha256(self.firmware.read_bytes()).hexdigest()
        return self._spec.versions.get(sha256) or f"unknown-{sha256[:12]}"

    @property
    def log(self) -> Path:
        """Return where all words of SWUpdate are kept."""
        return self._home / "swupdate.log"

    def leave_factory(self, firmware: bytes) -> None:
        """Put the first firmware on the disk."""
        self.firmware.write_bytes(firmware)

    def start(self, confirm: Confirm | None = None) -> None:
        """Start SWUpdate, after a restart with what became of the installation.

        Raises:
            NotInstalled: this machine has no SWUpdate.
        """
        if not available():
            raise NotInstalled
        self.stop()
        if confirm is Confirm.FAILURE and self._previous.exists():
            self._previous.replace(self.firmware)
        if self.firmware.exists():
            shutil.copyfile(self.firmware, self._previous)
        configuration = self._home / "swupdate.cfg"
        descriptor = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self._configuration())
        arguments = f"-p {self._spec.poll_seconds}"
        if confirm is not None:
            arguments += f" -c {int(confirm)}"
        command = [PROGRAM, "-f", str(configuration), "-H", self._spec.hardware_id, "-u", arguments]
        self._is_over = False
        self._process = subprocess.Popen(  # noqa: S603 - our own program and arguments
            command,
            cwd=self._home,
            env={"PATH": os.defpath, "TMPDIR": str(self._sockets)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """Stop SWUpdate and everything that it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # children that did not follow
        assert self._reader is not None, "a process has a reader"
        self._reader.join()

    def wait_for(self, words: str | re.Pattern[str], *, seconds: float = 60) -> str:
        """Wait until SWUpdate has said something since the last wait, and return the line.

        Raises:
            Silent: it ended, or the time is up.
        """
        pattern = re.compile(words) if isinstance(words, str) else words
        until = time.monotonic() + seconds
        with self._news:
            while True:
                while self._seen < len(self._lines):
                    line = self._lines[self._seen]
                    self._seen += 1
                    if pattern.search(line):
                        return line
                left = until - time.monotonic()
                if self._is_over or left <= 0:
                    words_ = "\n".join(self._lines[-LINES_TOLD:])
                    raise Silent(
                        vehicle=self._spec.controller_id, what=pattern.pattern, words=words_
                    )
                self._news.wait(left)

    def update_once(
        self, *, passes: Callable[[], bool] = lambda: True, seconds: float = 60
    ) -> Outcome:
        """Wait for one update to come to its end, restart as a vehicle does, and report.

        ``passes`` is the self-test of the new firmware after the restart. If it fails the previous
        firmware is put back.

        Raises:
            Silent: no update came, or SWUpdate did not get through with its reports.
        """
        if not _SUCCESS.search(self.wait_for(_ENDED, seconds=seconds)):
            return Outcome.REFUSED
        self.wait_for(_REPORTED_INSTALLED, seconds=seconds)
        outcome = Outcome.INSTALLED if passes() else Outcome.ROLLED_BACK
        good = outcome is Outcome.INSTALLED
        self.start(Confirm.SUCCESS if good else Confirm.FAILURE)
        # With -c it reports until the gateway has acknowledged, and only then begins to poll.
        self.wait_for(_REPORTED_RESULT, seconds=seconds)
        return outcome

    @property
    def _previous(self) -> Path:
        return self.firmware.with_name(self.firmware.name + ".previous")

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None, "opened with a pipe"
        with process.stdout, self.log.open("a", encoding="utf-8") as log:
            for line in process.stdout:
                log.write(line)
                log.flush()
                with self._news:
                    self._lines.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._is_over = True
            self._news.notify_all()

    def _configuration(self) -> str:
        spec = self._spec
        board, revision = spec.hardware_id.split(":")
        identity = {
            "vin": spec.vin,
            "ecu": spec.ecu,
            "sw_version": self.version,
            "hw_boardname": board,
            "hw_revision": revision,
        }
        suricatta = {
            "tenant": spec.tenant,
            "id": spec.controller_id,
            "url": spec.gateway_url,
            "targettoken": spec.token,  # here and not among the arguments, which anyone can list
        }
        entries = ",\n".join(
            f"\t{{ name = {_quoted(name)}; value = {_quoted(value)}; }}"
            for name, value in identity.items()
        )
        settings = "".join(f"\t{name} = {_quoted(value)};\n" for name, value in suricatta.items())
        return (
            "globals :\n{\n\tverbose = true;\n\tloglevel = 5;\n"
            f"\tpublic-key-file = {_quoted(str(spec.authority.resolve()))};\n}};\n"
            f"suricatta :\n{{\n{settings}}};\n"
            f"identify : (\n{entries}\n);\n"
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
