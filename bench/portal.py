"""A crowded town behind the real web server, and people who have signed in and ask for pages.

The town is that of the tests (tests/portals/town.py) with a crowd around it, on an embedded
PostgreSQL. The server is ``roadworthy web``, as deployed: granian, one process. Beside it stands
the floor: the same server, settings and middleware before one view that answers the same words.
Every request goes over a socket, one after another on a connection that stays open.
"""

# ruff: noqa: PLC0415 - Django is set up first, for a database that only then is there

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench import machine, servers

PASSES = 3  # over all pages: one bad moment of the machine does not fall on one page alone
LANGUAGES = {"zh": "zh-hans", "en": "en"}
SECRET = "a secret key of this measurement only, fifty characters"


@dataclass(frozen=True)
class Site:
    """What runs: the town, the portals and the floor."""

    town: Any
    web: servers.Server
    floor: servers.Server
    database_pid: int

    def cpu_seconds(self) -> float:
        """Return what the web server and the database have used so far, ended backends too."""
        return _family_seconds(self.web.pid) + _family_seconds(self.database_pid)

    def person(self, role: Any, language: str) -> httpx.Client:
        """Sign in as a person would, and return the browser; nobody's for no role."""
        client = httpx.Client(base_url=self.web.url, follow_redirects=True, timeout=120)
        client.cookies.set("django_language", LANGUAGES[language])
        if not role:
            return client
        from roadworthy.domains.accounts.models import User

        actor = self.town.world.cast.actors[role]
        email = User.objects.values_list("email", flat=True).get(pk=actor.user_id)
        client.get("/login/")
        answer = client.post(
            "/login/",
            data={
                "email": email,
                "password": self.town.world.cast.passwords[email],
                "csrfmiddlewaretoken": client.cookies["csrftoken"],
            },
        )
        if answer.status_code != 200 or answer.url.path == "/login/":
            raise SystemExit(f"{role} could not sign in: {answer.status_code}")
        return client


@dataclass
class Page:
    """How long one address takes in one language."""

    milliseconds: list[float] = field(default_factory=list)  # each request
    cpu: list[float] = field(default_factory=list)  # mean of each pass, server and database
    kilobytes: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "median": round(statistics.median(self.milliseconds), 1),
            "p95": round(statistics.quantiles(self.milliseconds, n=20)[-1], 1),
            "cpu": round(min(self.cpu), 1),
            "kilobytes": self.kilobytes,
        }


@contextmanager
def site(*, alone: bool, **crowd: int) -> Iterator[Site]:
    """Build the town, serve it, and take both away again; ``alone``: before all other work."""
    from roadworthy.config import postgres

    # Not private: as root, PostgreSQL runs as another user who must get here.
    with tempfile.TemporaryDirectory(prefix="rw-bench-") as folder, ExitStack() as stack:
        root = Path(folder)
        root.chmod(0o711)
        database = stack.enter_context(postgres.serving(root / "postgres"))
        os.environ["ROADWORTHY_DATABASE_URL"] = database.url.reveal()
        os.environ["DJANGO_SETTINGS_MODULE"] = "roadworthy.config.settings"
        town = build(root / "home", **crowd)
        web = stack.enter_context(_served("web", root, town))
        floor = stack.enter_context(_served("floor", root, town))
        found = Site(town, web, floor, database.process.pid)
        with machine.Neighbours(database.process.pid).held_off(really=alone):
            yield found


def build(home: Path, **crowd: int) -> Any:
    """Build the town and its crowd in the database that the environment names."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)

    from django.db import connection

    from roadworthy.trust import keys
    from tests.portals import town as towns
    from tests.portals.crowd import crowd as gather

    keys.PASSPHRASE_ROUNDS = 1_000
    towns.settle(home)
    town = towns.build(home)
    gather(town, **crowd)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return town


@contextmanager
def _served(name: str, folder: Path, town: Any) -> Iterator[servers.Server]:
    port = servers.free_port()
    modules = {"web": ["-m", "roadworthy.cli", "web"], "floor": ["-m", "bench.plain_site"]}
    environ = {
        "ROADWORTHY_HOME": str(town.home),
        "ROADWORTHY_WEB_PORT": str(port),
        "ROADWORTHY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ROADWORTHY_SECRET_KEY": SECRET,
        "ROADWORTHY_LOG_LEVEL": "WARNING",
    }
    log = folder / f"{name}.log"
    with servers.process([sys.executable, *modules[name]], log, environ=environ) as pid:
        url = f"http://127.0.0.1:{port}"
        try:
            servers.wait_for(f"{url}/login/")
        except TimeoutError:
            raise SystemExit(log.read_text()) from None
        yield servers.Server(url, pid)


def measured(
    here: Site, pages: Mapping[str, str], *, requests: int, languages: Mapping[str, str] = LANGUAGES
) -> dict[str, dict[str, Page]]:
    """Ask for each address, by the role of who asks, so many times in each language."""
    people = {
        (role, language): here.person(role, language)
        for role in {*pages.values()}
        for language in languages
    }
    found: dict[str, dict[str, Page]] = {one: {} for one in pages}
    for _pass in range(PASSES):
        for address, role in pages.items():
            for language in languages:
                one = found[address].setdefault(language, Page())
                _ask(here, people[role, language], address, one, -(-requests // PASSES))
    return found


def _ask(here: Site, client: httpx.Client, address: str, page: Page, times: int) -> None:
    answer = client.get(address)  # warms; and says at once what is wrong
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    page.kilobytes = round(len(answer.content) / 1000)
    before = here.cpu_seconds()
    taken = [_timed(client, address) for _ in range(times)]
    page.milliseconds += taken
    page.cpu.append((here.cpu_seconds() - before) / times * 1000)


def _timed(client: httpx.Client, address: str) -> float:
    began = time.perf_counter()
    client.get(address)
    return (time.perf_counter() - began) * 1000


def floor_of(here: Site, *, requests: int) -> float:
    """Return the median milliseconds of the constant page."""
    with httpx.Client(base_url=here.floor.url) as client:
        client.get("/")
        return statistics.median(_timed(client, "/") for _ in range(requests))


def queries_of(town: Any, address: str, role: str) -> int:
    """Count the queries of a page, asked in this process; one of a session that is warm."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from roadworthy.domains.organisations.roles import Role

    client = town.client(Role(role)) if role else Client()
    client.get(address, follow=True)
    with CaptureQueriesContext(connection) as asked:
        client.get(address, follow=True)
        return len(asked)  # here: the next request empties the log


def _family_seconds(pid: int) -> float:
    main = psutil.Process(pid)
    used = 0.0
    for one in (main, *main.children(recursive=True)):
        try:
            used += sum(one.cpu_times()[:4])  # own and of ended children
        except psutil.NoSuchProcess:
            continue
    return used
