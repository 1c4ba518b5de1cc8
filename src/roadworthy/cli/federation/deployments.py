"""Four deployments on one machine: each a ``roadworthy up --as``, and somebody who acts in it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from roadworthy.cli.federation.parties import PARTIES, Party
from roadworthy.config import env, postgres
from roadworthy.config.failures import CannotStart
from roadworthy.kernel.errors import Conflict

READY = "Ctrl-C stops everything"
PATIENCE_SECONDS = 180
LOOK_SECONDS = 0.1
STOPPING_SECONDS = 60
CREDENTIALS = "credentials.json"
PORTS = ("web", "gateway", "exchange")


class Refused(Conflict):
    """A step was refused in a deployment; ``data["refusal"]`` is the code of the refusal."""

    code = "step-refused"
    message = "{where}: {act}: {said}"


@dataclass
class Hand:
    """A process that takes steps in one deployment, one at a time."""

    name: str
    process: subprocess.Popen[str]
    log: Path
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, act: str, **given: Any) -> Any:
        """Take a step and return what it told.

        Raises:
            Refused: the deployment's services refused it.
            CannotStart: the process is gone.
        """
        told = self.say({"act": act, "given": given})
        if "wrong" in told:
            wrong = told["wrong"]
            raise Refused(where=self.name, act=act, said=wrong["message"], refusal=wrong["code"])
        return told["told"]

    def say(self, words: Mapping[str, Any]) -> dict[str, Any]:
        """Write a line and read the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.lock:
            line = ""
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(json.dumps(words) + "\n")
                self.process.stdin.flush()
                line = self.process.stdout.readline()
        if not line:
            last = self.log.read_text(errors="replace").strip().splitlines()[-12:]
            raise CannotStart(f"Nobody acts in {self.name} any more:\n" + "\n".join(last))
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        """Let the process end."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self.process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Deployment:
    """One organisation's deployment: its home, its ports, its processes."""

    party: Party
    home: Path
    ports: Mapping[str, int]
    exchange_url: str = ""  # where others reach it, if not at its own port
    process: subprocess.Popen[str] | None = None
    hand: Hand | None = None
    said: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    listener: threading.Thread | None = None

    @property
    def name(self) -> str:
        """Return its name among deployments: its organisation's short name."""
        return self.party.slug

    @property
    def web_url(self) -> str:
        """Return where its people sign in."""
        return env.local_address("127.0.0.1", self.ports["web"])

    @property
    def database_url(self) -> str:
        """Return where its database answers while it runs."""
        return postgres.address(self.home / "postgres").reveal()

    @property
    def environ(self) -> dict[str, str]:
        """Return the variables that its processes are started with."""
        inherited = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 - PATH and the like
            if not name.startswith((env.PREFIX, "DJANGO_"))
        }
        own = {f"ROADWORTHY_{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        if self.exchange_url:
            own["ROADWORTHY_EXCHANGE_URL"] = self.exchange_url
        return (
            inherited
            | own
            | {
                "ROADWORTHY_HOME": str(self.home),
                "ROADWORTHY_NAME": self.name,
                "ROADWORTHY_PUBLIC_URL": self.web_url,
            }
        )

    @property
    def credentials(self) -> dict[str, Any]:
        """Return what its first start made."""
        made: dict[str, Any] = json.loads((self.home / CREDENTIALS).read_text())
        return made

    def run(self, *command: str) -> str:
        """Run a command of ours in this deployment to its end and return what it said.

        Raises:
            CannotStart: it failed.
        """
        done = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", "roadworthy.cli", *command],
            env=self.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise CannotStart(f"{self.name}: {' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def start(self) -> None:
        """Start everything of it, and return when it is ready.

        Raises:
            CannotStart: it did not come up; with its own words.
        """
        command = ["up", "--as", self.party.name]
        if not (self.home / CREDENTIALS).exists():
            command += ["--credentials", str(self.home / CREDENTIALS)]
        self.ready.clear()
        self.said.clear()
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-u", "-m", "roadworthy.cli", *command],
            env=self.environ, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is for us; we stop it
        )  # fmt: skip
        self.listener = threading.Thread(target=self._listen, args=(self.process,), daemon=True)
        self.listener.start()
        came = self.ready.wait(PATIENCE_SECONDS)
        if not came or not any(READY in line for line in self.said):
            raise CannotStart(f"{self.name} does not start:\n" + "".join(self.said))
        self.sit_down()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as words:
            for line in words:
                self.said.append(line)
                if READY in line:
                    self.ready.set()
        self.ready.set()  # it has ended: whoever waits looks

    def sit_down(self) -> None:
        """Let somebody act in it."""
        log = self.home / "hand.log"
        with log.open("a") as words:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-m", "roadworthy.cli", "hand", self.party.name],
                env=self.environ | {"ROADWORTHY_DATABASE_URL": self.database_url}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words,
                start_new_session=True,
            )  # fmt: skip
        self.hand = Hand(self.name, process, log)
        self.hand.say(self.credentials)

    def take(self, act: str, **given: Any) -> Any:
        """Take a step in it.

        Raises:
            Refused, CannotStart.
        """
        if self.hand is None:
            raise CannotStart(f"Nobody acts in {self.name}: it is not running.")
        return self.hand.take(act, **given)

    def part(self, name: str) -> psutil.Process | None:
        """Return the process of one of its parts, such as ``exchange``."""
        if self.process is None:
            return None
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if name in child.cmdline()[:5]:
                    return child
        return None

    def stop(self) -> None:
        """Stop everything of it, the database too; the data stay."""
        if self.hand is not None:
            self.hand.close()
            self.hand = None
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        if self.listener is not None:
            self.listener.join(STOPPING_SECONDS)
        self.process = None

    def kill(self) -> None:
        """End its supervisor as a crash would; what it started ends by itself."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class NotThere(CannotStart):
    """Something that was waited for did not come in time."""


def until(look: Callable[[], Any], what: str) -> Any:
    """Return the first answer that is true.

    Raises:
        NotThere: there was none in ``PATIENCE_SECONDS``.
    """
    seconds = PATIENCE_SECONDS
    deadline = time.monotonic() + seconds
    while not (answer := look()):
        if time.monotonic() > deadline:
            raise NotThere(f"After {seconds} s it still does not hold: {what}")
        time.sleep(LOOK_SECONDS)  # others work meanwhile; nothing tells us when
    return answer


def prepared(folder: Path, *, free_ports: bool) -> dict[str, Deployment]:
    """Make the homes, empty; nothing runs."""
    ports = _ports(free=free_ports)
    made = {name: Deployment(party, folder / name, ports[name]) for name, party in PARTIES.items()}
    for one in made.values():
        one.home.mkdir(mode=0o711, parents=True, exist_ok=True)
    return made


@contextlib.contextmanager
def started(deployments: Mapping[str, Deployment]) -> Iterator[None]:
    """Run them until the block ends."""
    try:
        with ThreadPoolExecutor(max_workers=2) as at_once:
            list(at_once.map(Deployment.start, deployments.values()))
        yield
    finally:
        with ThreadPoolExecutor(max_workers=len(deployments)) as at_once:
            list(at_once.map(Deployment.stop, deployments.values()))


def _ports(*, free: bool) -> dict[str, dict[str, int]]:
    if not free:
        return {
            name: {part: party.first_port + 10 * number for number, part in enumerate(PORTS)}
            for name, party in PARTIES.items()
        }
    with contextlib.ExitStack() as stack:  # all at once: no number twice
        probes = {
            (name, part): stack.enter_context(socket.socket()) for name in PARTIES for part in PORTS
        }
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        numbers = {key: probe.getsockname()[1] for key, probe in probes.items()}
    return {name: {part: numbers[name, part] for part in PORTS} for name in PARTIES}
