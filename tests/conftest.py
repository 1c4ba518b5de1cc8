"""One embedded PostgreSQL for the whole run, started by the first test that asks for a database.

* All workers of pytest-xdist share the server; each has its own database in it. (A server for
  each worker was slower: 0.6 s and 60 MB apiece for nothing.)
* ``ROADWORTHY_TEST_DATABASE_URL`` names a server to use instead; its role must be able to create
  databases.
* A server that a killed run left behind is stopped by the next run.
* ``ROADWORTHY_TEST_REQUIRE=swupdate,browser,npm,spark`` turns the skips of those tests into
  failures.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from django.conf import settings as django_settings
from psycopg import conninfo, sql

from roadworthy.config import postgres
from roadworthy.trust import keys
from tests import emptying

FOLDERS = Path(tempfile.gettempdir())
PREFIX = f"roadworthy-tests-{os.geteuid()}-"
YOUNG_SECONDS = 60
# Which nobody empties while something is held.
HELD_TABLES = (
    *("incidents_hold", "incidents_exhibit", "incidents_custody"),
    *("documents_document", "gateway_report", "gateway_event"),
)
PROGRAMS = {
    "swupdate": ("swupdate", "swugenerator", "cpio", "openssl"),
    "browser": ("chromium",),
    "npm": ("node", "npm"),
    "spark": ("java",),
}
# Begun first, so that no worker is left alone with one of them at the end.
LONG = ("tests/e2e/", "tests/federation/")


# How long an example takes says something about the machine only. In CI the examples are always
# the same, so that a failure comes from the change; by hand they are new each time, and find more.
hypothesis.settings.register_profile("here", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("here")


def pytest_configure(config: pytest.Config) -> None:
    # Programs that tests start find the package as the tests do, installed or not.
    os.environ["PYTHONPATH"] = str(config.rootpath / "src")
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A world of tests opens many signing keys; tests/trust/test_keys.py looks at the true number.
    keys.PASSPHRASE_ROUNDS = 1_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_runtest_setup(item: pytest.Item) -> None:
    required = os.environ.get("ROADWORTHY_TEST_REQUIRE", "").split(",")
    for need, programs in PROGRAMS.items():
        if item.get_closest_marker(need) is None:
            continue
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            reason = f"needs {', '.join(missing)} (Debian packages; .ci/run installs them)"
            if need in required:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL server for tests; starts with the first test that needs it."""
    given = os.environ.get("ROADWORTHY_TEST_DATABASE_URL")
    if given:
        yield given
        return
    run = getattr(request.config, "workerinput", {}).get("testrunuid", "")
    folder = FOLDERS / f"{PREFIX}{run or os.getpid()}"
    _remove_abandoned(except_for=folder)
    # Not private: as root, PostgreSQL runs as another user who must get here.
    folder.mkdir(mode=0o711, exist_ok=True)
    with ExitStack() as stack:
        server = stack.enter_context(postgres.serving(folder / "postgres", durable=False))
        yield server.url.reveal()
        stack.close()
        if postgres.is_unused(folder / "postgres"):
            shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(except_for: Path) -> None:
    for folder in FOLDERS.glob(PREFIX + "*"):
        try:
            made_at = folder.stat().st_mtime
        except FileNotFoundError:  # that run has just ended by itself
            continue
        is_young = made_at > time.time() - YOUNG_SECONDS  # a run that just begins
        if folder == except_for or is_young:
            continue
        if postgres.stop_abandoned(folder / "postgres"):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgres_url: str, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Point Django at the tests' server, whatever the environment says."""
    parts = conninfo.conninfo_to_dict(postgres_url)
    database = django_settings.DATABASES["default"]
    database["NAME"] = str(parts.pop("dbname", "roadworthy"))
    for name in ("user", "password", "host", "port"):
        database[name.upper()] = str(parts.pop(name, ""))
    database["OPTIONS"] = parts


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """Let tables be emptied between tests; ``test_holding`` undoes it where it matters."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in HELD_TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER keep_all")
    emptying.instead_of_flush()


@pytest.fixture(scope="session")
def database_url(postgres_url: str, django_db_setup: None) -> str:
    """The test database's own address, for code that connects without Django."""
    from django.db import connection

    parts = urlsplit(postgres_url)
    return urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))


@pytest.fixture(scope="session")
def gateway_database_url(database_url: str) -> Iterator[str]:
    """A copy of the tests' database, for hosts: what they still write after a test stays there."""
    from django.db import connection as of_django

    parts = urlsplit(database_url)
    template = parts.path.lstrip("/")
    copy, original = sql.Identifier(f"{template}_gateway"), sql.Identifier(template)
    of_django.close()
    server = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        # PostgreSQL copies only a database that nobody looks at.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template]
        )
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, original))
        yield urlunsplit(parts._replace(path=f"/{template}_gateway"))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copy))


@pytest.fixture
def home() -> Iterator[Path]:
    """A ROADWORTHY_HOME; pytest's tmp_path is closed to others, as root also to the database."""
    folder = Path(tempfile.mkdtemp(prefix="rw-"))
    folder.chmod(0o711)
    yield folder
    postgres.stop_abandoned(folder / "postgres")
    shutil.rmtree(folder)


from tests.world import platform, world  # noqa: E402, F401 - fixtures for every test


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, object, object]:
    """Let a worker tell of any text: one half of a surrogate pair would end it, and its tests."""
    return _encodable((yield))


def _encodable(told: object) -> object:
    if isinstance(told, str):
        return told.encode("utf-8", "backslashreplace").decode()
    if isinstance(told, dict):
        return {_encodable(name): _encodable(one) for name, one in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(map(_encodable, told))
    return told
