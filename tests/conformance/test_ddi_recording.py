"""SWUpdate 2022.12, as it was recorded against another server, succeeds against this gateway.

Each request is sent as it was recorded, but to this gateway's own links and action ids, and with a
token. Where the other server's operator assigned an action, the test writes what the engine writes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.gateway.hosting import Car, Fleet

RECORDING = Path(__file__).parents[3] / "shared" / "data" / "ddi_swupdate_2022.12.jsonl"
VEHICLE = "vehicle-0002"
IMAGE = b"\x07" * 303_104  # as long as the recorded one
ACTION = re.compile(r"/deploymentBase/(\d+)")
OWN = {"host", "content-length", "expect", "charsets"}  # the HTTP client writes its own


class Replay:
    """Remembers what this gateway offered in place of what was recorded."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.car = fleet.car(VEHICLE, want_attributes=True)
        self.deployment = fleet.deploy(IMAGE, name="test-1.1.0.swu")
        self.action = 0
        self.download = ""
        self.polls = self.closed = 0

    def prepare(self, exchange: dict[str, Any]) -> None:
        """Do what operator and engine did before this exchange."""
        if exchange["method"] == "GET" and exchange["path"].endswith(VEHICLE):
            self.polls += 1
            offers = "deploymentBase" in exchange["resp"]
            if offers and not self.action:
                self.action = self.car.offer(self.deployment)

    def send(self, exchange: dict[str, Any]) -> Any:
        method, path = exchange["method"], self._here(exchange["path"])
        headers = {
            name: value for name, value in exchange["headers"].items() if name.lower() not in OWN
        }
        answer = self.fleet.client.request(
            method, path, content=exchange["body"].encode(),
            headers={**headers, **self.car.headers},
        )  # fmt: skip
        self._notice(exchange, answer)
        return answer

    def _here(self, path: str) -> str:
        if path.endswith("/download"):
            return self.download
        path = path.replace("/DEFAULT/", f"/{self.fleet.tenant}/")
        return ACTION.sub(f"/deploymentBase/{self.action}", path)

    def _notice(self, exchange: dict[str, Any], answer: Any) -> None:
        if exchange["method"] == "GET" and "/deploymentBase/" in exchange["path"]:
            links = answer.json()["deployment"]["chunks"][0]["artifacts"][0]["_links"]
            self.download = urlsplit(links["download"]["href"]).path
        if exchange["method"] == "POST" and '"closed"' in exchange["body"]:
            self.closed += 1
            closed, self.action = self.action, 0
            self.car.tell(action_id=None, kind="", deployment_id=None, closed_actions=[closed])


@pytest.fixture
def recorded() -> list[dict[str, Any]]:
    if not RECORDING.exists():
        pytest.skip("needs ../shared/data beside the checkout")
    return [json.loads(line) for line in RECORDING.read_text().splitlines()]


def test_every_recorded_exchange_succeeds(fleet: Fleet, recorded: list[dict[str, Any]]) -> None:
    replay = Replay(fleet)
    for number, exchange in enumerate(recorded):
        replay.prepare(exchange)
        answer = replay.send(exchange)
        assert answer.status_code == exchange["status"] == 200, (number, exchange["path"])
        check(exchange, answer, replay.car)
    assert (len(recorded), replay.closed) == (33, 1)
    kinds = [report[2] for report in fleet.reports()]
    posts = [one for one in recorded if one["method"] == "POST"]
    assert kinds.count("feedback") == len(posts)
    assert kinds.count("attributes") == 2
    assert kinds.count("retrieved") == kinds.count("download") == 2, "once for each action"
    assert [report[3] for report in fleet.reports("feedback")] == [
        json.loads(one["body"]) for one in posts
    ]


def check(exchange: dict[str, Any], answer: Any, car: Car) -> None:
    """Compare what a client reads of an answer with what it read of the recorded one."""
    if exchange["method"] == "HEAD":
        assert answer.headers["content-length"] == exchange["resp_headers"]["content-length"]
    elif exchange["path"].endswith("/download"):
        assert answer.content == IMAGE
    elif exchange["method"] == "GET":
        then, now = json.loads(exchange["resp"]), answer.json()
        if "deployment" in then:
            mine, theirs = now["deployment"]["chunks"][0], then["deployment"]["chunks"][0]
            assert (mine["part"], mine["artifacts"][0]["size"]) == (
                theirs["part"], theirs["artifacts"][0]["size"],
            )  # fmt: skip
        else:
            assert ("deploymentBase" in now["_links"]) == ("deploymentBase" in then["_links"])
