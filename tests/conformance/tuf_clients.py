"""Two stock TUF clients that nobody here wrote, asked in the same way.

``ngclient`` is python-tuf's, ``tuf-js`` is an independent code base in another language. Both
fetch over HTTP from a plain file server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from roadworthy.trust import client

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Verdict:
    """What a client said: the image, or the name of its error and its words."""

    accepted: bool
    image: bytes = b""
    error: str = ""
    detail: str = ""


# A client: base address, path of the target, trusted root, an empty folder of its own.
Client = Callable[[str, str, bytes, Path], Verdict]


def ngclient(base: str, target: str, root: bytes, home: Path) -> Verdict:
    try:
        fetched = client.fetch_verified(base, target, root=root, client_home=home)
    except client.TargetRefused as refusal:
        return Verdict(
            accepted=False, error=refusal.data["exception"], detail=refusal.data["detail"]
        )
    except client.TargetUnknown:
        return Verdict(accepted=False, error="TargetUnknown", detail=target)
    return Verdict(accepted=True, image=fetched.path.read_bytes())


def tuf_js(packages: Path, base: str, target: str, root: bytes, home: Path) -> Verdict:
    for folder in ("metadata", "targets"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    if not (home / "metadata" / "root.json").exists():
        (home / "metadata" / "root.json").write_bytes(root)
    run = subprocess.run(
        ["node", str(packages / "fetch.js"), base, target, str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer = json.loads(run.stdout)
    if not answer["accepted"]:
        return Verdict(accepted=False, error=answer["error"], detail=answer["detail"])
    return Verdict(accepted=True, image=Path(answer["path"]).read_bytes())


def install_tuf_js(folder: Path) -> Client:
    """Install the exact version of package.json into a folder of the tests."""
    for file in ("package.json", "fetch.js"):
        shutil.copy(HERE / "tufjs" / file, folder)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    if run.returncode:
        reason = f"npm could not install tuf-js: {run.stderr.strip()[-300:]}"
        if "npm" in os.environ.get("ROADWORTHY_TEST_REQUIRE", "").split(","):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return partial(tuf_js, folder)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine; yields the base address."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
