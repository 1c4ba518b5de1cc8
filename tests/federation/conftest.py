"""Four real deployments, a proxy in front of each exchange, and people who act in them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from roadworthy.cli.demo.narration import Narrator
from roadworthy.cli.federation import deployments
from roadworthy.cli.federation.script import Federation
from roadworthy.config import postgres
from tests.federation import proxy
from tests.federation.networks import SEED, Network
from tests.federation.proxy import Proxy

pytest.register_assert_rewrite(
    "tests.federation.stories_databases",
    "tests.federation.stories_messages",
    "tests.federation.stories_network",
)


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """Four deployments that know each other, with vehicles, and levels 1 and 2 accepted."""
    deployments.PATIENCE_SECONDS = 600  # a sender that failed often leaves its peer alone longer
    folder = Path(tempfile.mkdtemp(prefix="rw-federation-"))
    folder.chmod(0o711)
    four = deployments.prepared(folder, free_ports=True)
    proxies = {
        name: Proxy(one.ports["exchange"], seed=SEED + number)
        for number, (name, one) in enumerate(four.items())
    }
    try:
        with proxy.running(*proxies.values()):
            for name, one in four.items():
                one.exchange_url = f"https://127.0.0.1:{proxies[name].port}"
            with deployments.started(four):
                loop = Federation(four, Narrator(Console(file=StringIO())))
                loop.meet()
                loop.vehicles()
                loop.levels()
                yield Network(four, proxies, loop)
    finally:
        for one in four.values():
            postgres.stop_abandoned(one.home / "postgres")
        shutil.rmtree(folder, ignore_errors=True)
