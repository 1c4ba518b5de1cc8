"""A deployment is backed up while it runs, goes on, and is put back: real processes, real files."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from roadworthy.config import env, keeping, postgres, supervisor
from roadworthy.config.env import Environment, Secret
from roadworthy.domains.filings.platform import Platform
from roadworthy.trust import checkpoints
from roadworthy.trust.tlog import leaf_hash

pytestmark = pytest.mark.slow
PASSPHRASE = "a long passphrase for a back-up"
ONLINE = "an online passphrase that is long enough"
PATIENCE_SECONDS = 120


@dataclass
class Deployment:
    """A home, and what one can do with it from outside."""

    environment: Environment

    @property
    def home(self) -> Path:
        return self.environment.home

    def run(self, *arguments: str, expect: int = 0, **given: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "roadworthy.cli", *arguments],
            env={**os.environ, **self.environment.to_environ(), **given}
            | {"BACK_UP_PASSPHRASE": given.get("BACK_UP_PASSPHRASE", PASSPHRASE)},
            capture_output=True,
            text=True,
            check=False,
            input="offline passphrase\n" * 2,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def enter(self, slug: str, kind: str = "INSTITUTION") -> None:
        self.run("organisation", slug, "--kind", kind, "--name-zh", slug, "--name-en", slug)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with (
            postgres.serving(self.environment.database_folder) as server,
            psycopg.connect(server.url.reveal()) as connection,
        ):
            return connection.execute(query).fetchall()

    def bodies(self) -> list[bytes]:
        rows = self.ask(
            "SELECT e.body FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id "
            "ORDER BY l.index"
        )
        return [bytes(body) for (body,) in rows]

    def size(self) -> int:
        return len(self.bodies())

    def note(self) -> str:
        ((note,),) = self.ask("SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
        return str(note)

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, "it does not come about"
            time.sleep(0.1)

    def until_sequenced(self) -> None:
        self.until(lambda: not self.ask("SELECT 1 FROM ledger_pending LIMIT 1"))

    def now(self) -> datetime:
        ((at,),) = self.ask("SELECT clock_timestamp()")
        assert isinstance(at, datetime)
        return at.astimezone(UTC)

    def platform(self) -> Platform:
        return Platform.open(self.home, ONLINE)


@dataclass
class Kept:
    """A back-up and what is known of the deployment that it is of."""

    folder: Path
    moment: datetime
    before: int  # entries of its log at that moment
    after: list[bytes]  # all entries that were ever signed
    note: str  # the newest checkpoint
    platform: Platform


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    # Root's PostgreSQL runs as another user, who cannot look into pytest's own folders.
    folder = Path(tempfile.mkdtemp(prefix="rw-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def deployment(home: Path) -> Deployment:
    found = replace(env.load({}), home=home, online_key_passphrase=Secret(ONLINE))
    return Deployment(supervisor.with_free_ports(found))


@pytest.fixture(scope="module")
def kept(place: Path) -> Kept:
    """Run, back up, go on, and burn."""
    one, folder = deployment(place / "one"), place / "kept"
    one.run("init")
    with supervisor.running(one.environment, parts=("worker",)):
        one.enter("miit", "MIIT")
        one.until_sequenced()
        one.run("back-up", str(folder))
        one.enter("lab-before")
        one.until_sequenced()
        moment, before = one.now(), one.size()
        one.enter("lab-after")
        one.until_sequenced()
        after, note, platform = one.bodies(), one.note(), one.platform()
    shutil.rmtree(one.home / "postgres", ignore_errors=True)
    return Kept(folder, moment, before, after, note, platform)


@contextmanager
def away(pieces: list[Path], place: Path) -> Iterator[None]:
    """Take files out of the back-up for as long as the block runs."""
    place.mkdir()
    for one in pieces:
        shutil.move(one, place / one.name)
    yield
    for one in pieces:
        shutil.move(place / one.name, one)


@contextmanager
def changed(file: Path) -> Iterator[None]:
    """Turn one bit of a file, and turn it back."""
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    yield
    file.write_bytes(kept)


def refused(kept: Kept, place: Path, name: str, *more: str, expect: int = 1) -> str:
    home = place / f"home-{name}"
    said = deployment(home).run("restore", str(kept.folder), *more, expect=expect)
    assert not home.exists() or not any(home.iterdir()), "a refusal leaves nothing to serve"
    return said


def test_a_moment_comes_back_and_its_log_goes_on_without_a_fork(kept: Kept, place: Path) -> None:
    two = deployment(place / "two")
    said = two.run("restore", str(kept.folder), "--to", kept.moment.isoformat())
    slugs = {slug for (slug,) in two.ask("SELECT slug FROM organisations_organisation")}
    assert slugs == {"miit", "lab-before"}
    assert f"#{kept.before} " in said
    assert "organisation:entered" in said
    assert two.bodies() == kept.after, "what was signed stays signed"
    with supervisor.running(two.environment, parts=("worker",)):
        two.until_sequenced()
        two.enter("lab-new")
        two.until_sequenced()
    bodies = two.bodies()
    assert bodies[: len(kept.after)] == kept.after
    assert json.loads(bodies[len(kept.after)])["event"] == "deployment:restored"
    known = checkpoints.open_checkpoint(kept.note.encode(), kept.platform.log.verifier).checkpoint
    newest = checkpoints.open_checkpoint(two.note().encode(), kept.platform.log.verifier).checkpoint
    assert newest.size > known.size
    ids = [number for (number,) in two.ask("SELECT id FROM organisations_organisation ORDER BY id")]
    assert ids[-1] - ids[-2] > 1, "the number of what is gone is not given again"


def test_everything_comes_back_where_no_moment_is_named(kept: Kept, place: Path) -> None:
    three = deployment(place / "three")
    three.run("restore", str(kept.folder))
    slugs = {slug for (slug,) in three.ask("SELECT slug FROM organisations_organisation")}
    assert slugs == {"miit", "lab-before", "lab-after"}
    assert three.bodies() == kept.after
    ((found, known),) = three.ask("SELECT found_size, known_size FROM ledger_restoration")
    assert (found, known) == (len(kept.after), len(kept.after))
    assert three.run("back-up", str(place / "again")), "it can be backed up again"


def test_entries_that_somebody_has_seen_and_nobody_has_kept_hold_the_sequencer(
    kept: Kept, place: Path
) -> None:
    told = json.loads(next((kept.folder / "sets").glob("[0-9]*/manifest.json")).read_text())
    newer = [one for one in (kept.folder / "wal").glob("*.gz") if one.name not in told["wal"]]
    seen = place / "seen.txt"
    seen.write_text(kept.note)
    four = deployment(place / "four")
    with away(newer, place / "away"):  # the archive lost its last minute
        said = four.run("restore", str(kept.folder), "--checkpoint", str(seen))
    size = four.size()
    assert size < len(kept.after)
    assert f"Entries {size} to {len(kept.after) - 1} are missing" in said
    with supervisor.running(four.environment, parts=("worker",)):
        four.enter("lab-waiting")
        log = four.home / "logs" / "worker.log"
        four.until(lambda: "Nothing is signed until they are back" in log.read_text())
        assert four.size() == size
        assert f"entries {size} to" in four.run("check", expect=1)
        rows = place / "missing.jsonl"
        wrong = place / "wrong.jsonl"
        _write(rows, kept.after, size)
        _write(wrong, [*kept.after[:-1], b'{"at":"2026-01-01T00:00:00Z"}'], size)
        assert "another root" in four.run("log", "take-in", str(wrong), expect=10)
        assert four.size() == size
        four.run("log", "take-in", str(rows))
        four.until_sequenced()
    assert four.bodies()[: len(kept.after)] == kept.after
    assert four.size() > len(kept.after)


def test_another_tree_of_the_same_size_is_refused(kept: Kept, place: Path) -> None:
    log = kept.platform.log
    other = checkpoints.Checkpoint(log.name, 2, leaf_hash(b"another history"))
    note = place / "other.txt"
    note.write_bytes(checkpoints.sign_checkpoint(other, log, at=datetime.now(UTC)))
    said = refused(kept, place, "fork", "--checkpoint", str(note), expect=13)
    assert "does not continue what is known of it" in said


@pytest.mark.parametrize("what", ["manifest", "object", "piece", "base", "secrets"])
def test_a_back_up_that_was_changed_is_refused(kept: Kept, place: Path, what: str) -> None:
    (one,) = (kept.folder / "sets").glob("[0-9]*")
    told = json.loads((one / "manifest.json").read_text())
    file = {
        "manifest": one / "manifest.json",
        "object": next(path for path in (kept.folder / "objects").rglob("*") if path.is_file()),
        "piece": kept.folder / "wal" / min(told["wal"]),
        "base": one / "base" / "PG_VERSION",
        "secrets": one / "secrets",
    }[what]
    with changed(file):
        said = refused(kept, place, f"changed-{what}")
    assert "changed" in said


def test_a_wrong_passphrase_a_home_in_use_and_a_moment_too_early_are_refused(
    kept: Kept, place: Path
) -> None:
    five = deployment(place / "five")
    wrong = {"BACK_UP_PASSPHRASE": "another passphrase"}
    assert "does not open" in five.run("restore", str(kept.folder), expect=1, **wrong)
    early = "2020-01-01T00:00:00+08:00"
    said = five.run("restore", str(kept.folder), "--to", early, expect=1)
    assert "earliest moment" in said
    assert "no moment" in five.run("restore", str(kept.folder), "--to", "yesterday", expect=1)
    keeping.keep(five.environment.secrets, "something")
    assert "not empty" in five.run("restore", str(kept.folder), expect=1)


def _write(file: Path, bodies: list[bytes], first: int) -> None:
    rows = [
        json.dumps({"index": first + place, "body": base64.b64encode(body).decode()})
        for place, body in enumerate(bodies[first:])
    ]
    file.write_text("\n".join(rows) + "\n")
