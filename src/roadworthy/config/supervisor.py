"""Runs web, gateway and worker as child processes on one machine, and the database beneath them.

* A child that ends is started again, with a notice, a little later each time it ends soon.
* Ctrl-C, SIGTERM or the end of ``running`` stops every child and the embedded database; SIGKILL
  of this process ends the children too (``leash``), and the next start finds the database.
* Each child is a process group of its own: killing it leaves no worker behind that holds its port.
* What the children print goes to ``ROADWORTHY_HOME/logs``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from roadworthy.config import database, env, keeping
from roadworthy.config.env import Environment
from roadworthy.config.failures import CannotStart, PortTaken

PARTS = ("web", "gateway", "worker")
EXCHANGE = "exchange"  # a part where the deployment has a name among others
READY_SECONDS = 90
STOP_SECONDS = 15
LOOK_SECONDS = 0.1
SHORT_LIFE_SECONDS = 10
LONGEST_PAUSE = 30
LARGEST_LOG = 10 * 1024 * 1024
SHOWN_LINES = 5
TOO_MANY_ENDS = 3

Say = Callable[[str], None]


def _silent(_: str) -> None:
    pass


@dataclass
class Child:
    """One part, running as a process group."""

    name: str
    environ: Mapping[str, str]
    log: Path
    address: str  # where it answers over HTTP; empty: it does not
    starts: int = 0
    started_at: float = 0
    restart_at: float | None = None
    quick_ends: int = 0  # in a row, of its own doing
    process: subprocess.Popen[bytes] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def pid(self) -> int:
        """The number of the process.

        Raises:
            CannotStart: it was never started.
        """
        if self.process is None:
            raise CannotStart(f"{self.name} is not running.")
        return self.process.pid

    def start(self) -> None:
        with self.lock, self.log.open("ab") as log:
            self._let_go()
            self.process = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-m", "roadworthy.cli", self.name, "--leash"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environ},  # noqa: TID251 - PATH and the like
                start_new_session=True,
            )
            self.starts += 1
            self.started_at = time.monotonic()
            self.restart_at = None

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it as a crash would: SIGKILL to the process and everything it started."""
        self.signal_group(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        self.quick_ends = -1  # not of its own doing

    def _let_go(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()

    def ask_to_stop(self) -> None:
        if self.is_alive():
            self.signal_group(signal.SIGTERM, whole_group=False)

    def stop(self, deadline: float) -> None:
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0, deadline - time.monotonic()))
        self.signal_group(signal.SIGKILL)  # whatever of its group is left
        self.process.wait()
        self._let_go()

    def signal_group(self, number: int, *, whole_group: bool = True) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if whole_group else os.kill)(self.process.pid, number)

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self.log.read_text(errors="replace").strip().splitlines()
            return "\n".join("    " + line for line in lines[-SHOWN_LINES:])
        return ""


@dataclass
class Running:
    """What ``running`` yields: where everything is, and the children to look at or to kill."""

    environment: Environment
    children: dict[str, Child]
    say: Say

    @property
    def database_url(self) -> str:
        url = self.environment.database_url
        return url.reveal() if url is not None else ""

    @property
    def web_url(self) -> str:
        return self.environment.public_url

    @property
    def gateway_url(self) -> str:
        return self.environment.gateway_address

    def wait_until_ready(self, *names: str) -> None:
        """Return when the parts answer.

        Raises:
            CannotStart: one keeps ending, or does not answer in time; with its last words.
        """
        deadline = time.monotonic() + READY_SECONDS
        for child in (self.children[name] for name in names or tuple(self.children)):
            while not _is_ready(child):
                if child.quick_ends >= TOO_MANY_ENDS or time.monotonic() > deadline:
                    raise CannotStart(
                        f"{child.name} does not start; its last words, from {child.log}:\n"
                        + child.last_words()
                    )
                time.sleep(LOOK_SECONDS)

    def look_after(self) -> None:
        """Restart what has ended; called again and again."""
        for child in self.children.values():
            with child.lock:
                if child.is_alive():
                    continue
                if child.restart_at is None:
                    self._plan_restart(child)
                elif time.monotonic() >= child.restart_at:
                    child.start()

    def _plan_restart(self, child: Child) -> None:
        child.signal_group(signal.SIGKILL)  # what it started may still hold its port
        code = child.process.returncode if child.process else None
        lived = time.monotonic() - child.started_at
        child.quick_ends = child.quick_ends + 1 if lived < SHORT_LIFE_SECONDS else 0
        pause = 0 if child.quick_ends <= 1 else min(2.0 ** (child.quick_ends - 2), LONGEST_PAUSE)
        child.restart_at = time.monotonic() + pause
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        when = f"in {pause:.0f} s" if pause else "now"
        self.say(f"{child.name} ended ({how}); starting it again {when}. Its log: {child.log}")


def _is_ready(child: Child) -> bool:
    return child.is_alive() and (not child.address or answers(child.address))


def answers(address: str) -> bool:
    """Say whether something answers there and is well."""
    try:
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own address
    except urllib.error.HTTPError as answer:
        answer.close()
        return False  # 503: it is up, but its database or its read model is not
    except (OSError, ValueError):
        return False
    return True


def _nothing(_: Environment) -> None:
    pass


@contextlib.contextmanager
def running(
    environment: Environment,
    *,
    parts: tuple[str, ...] = PARTS,
    say: Say = _silent,
    first: Callable[[Environment], None] = _nothing,
) -> Iterator[Running]:
    """Run ``parts`` until the block ends; the parts answer when it begins.

    ``first`` is called when the database is there and at the newest migration.

    Raises:
        CannotStart: with the sentence to show.
    """
    environment = keeping.with_secrets(environment)
    _check_ports(environment, parts)
    with database.reachable(environment) as environment:
        run_once(environment, "migrate")
        first(environment)
        run = Running(environment, _children(environment, parts), say)
        over = threading.Event()
        watch = threading.Thread(target=_watch, args=(run, over), name="supervisor", daemon=True)
        try:
            for child in run.children.values():
                child.start()
            watch.start()
            run.wait_until_ready()
            yield run
        finally:
            over.set()
            if watch.is_alive():
                watch.join()
            _stop_all(run.children)


def _watch(run: Running, over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        run.look_after()


def _stop_all(children: Mapping[str, Child]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for child in children.values():
        child.ask_to_stop()
    for child in children.values():
        child.stop(deadline)


def _children(environment: Environment, parts: tuple[str, ...]) -> dict[str, Child]:
    logs = environment.home / "logs"
    logs.mkdir(mode=keeping.PRIVATE_FOLDER, parents=True, exist_ok=True)
    local = env.local_address
    addresses = {
        "web": local(environment.web_host, environment.web_port) + "/health",
        "gateway": local(environment.gateway_host, environment.gateway_port) + "/healthz",
    }
    environs = environment.to_environ()
    return {
        name: Child(name, environs, _fresh_log(logs / f"{name}.log"), addresses.get(name, ""))
        for name in parts
    }


def _fresh_log(path: Path) -> Path:
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path


def run_once(environment: Environment, *command: str) -> str:
    """Run a command of ours to its end and return what it said.

    Raises:
        CannotStart: it failed; with its own words.
    """
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "roadworthy.cli", *command],
        env={**os.environ, **environment.to_environ()},  # noqa: TID251 - PATH and the like
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStart(done.stderr.strip() or f"{command[0]} failed without a word.")
    return done.stdout


def _check_ports(environment: Environment, parts: tuple[str, ...]) -> None:
    if "web" in parts:
        check_port(environment.web_host, environment.web_port, "ROADWORTHY_WEB_PORT")
    if "gateway" in parts:
        check_port(environment.gateway_host, environment.gateway_port, "ROADWORTHY_GATEWAY_PORT")
    if EXCHANGE in parts:
        check_port(environment.exchange_host, environment.exchange_port, "ROADWORTHY_EXCHANGE_PORT")


def check_port(host: str, port: int, setting: str) -> None:
    """Make sure that nobody listens there.

    Raises:
        PortTaken: somebody does, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as wrong:
            raise PortTaken(
                f"Cannot listen on {host}:{port}: {(wrong.strerror or str(wrong)).lower()}. "
                f"Stop the program that uses it, or choose another with {setting}."
            ) from None


def with_free_ports(environment: Environment) -> Environment:
    """Give the environment ports that are free now: for tests and for a second demo."""
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        web, gateway = one.getsockname()[1], other.getsockname()[1]
    return replace(
        environment,
        web_port=web,
        gateway_port=gateway,
        public_url=f"http://127.0.0.1:{web}",
        gateway_url="",
    )
