"""Every DDI resource, with every method, answered with the status that hawkBit's contract names."""

from __future__ import annotations

import pytest

from tests.gateway.hosting import Car, Fleet

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
RESOURCES = {  # below the vehicle, with what may be done there
    "": {"GET", "HEAD"},
    "/configData": {"PUT"},
    "/deploymentBase/{action}": {"GET", "HEAD"},
    "/deploymentBase/{action}/feedback": {"POST"},
    "/cancelAction/{action}": {"GET", "HEAD"},
    "/cancelAction/{action}/feedback": {"POST"},
    "/installedBase/{action}": {"GET", "HEAD"},
    "/softwaremodules/{module}/artifacts": {"GET", "HEAD"},
    "/softwaremodules/{module}/artifacts/image.swu": {"GET", "HEAD"},
    "/softwaremodules/{module}/artifacts/image.swu.MD5SUM": {"GET", "HEAD"},
}
NOWHERE = [
    "/", "/other", "/configData/1", "/deploymentBase", "/deploymentBase/1/other",
    "/deploymentBase/1/feedback/1", "/cancelAction/1/2", "/installedBase/1/feedback",
    "/softwaremodules/1", "/softwaremodules/1/other", "/softwaremodules/1/artifacts/a/b",
]  # fmt: skip


@pytest.fixture
def car(fleet: Fleet) -> Car:
    return fleet.car()


@pytest.mark.parametrize("below", RESOURCES)
def test_other_methods_are_405_and_say_what_is_allowed(fleet: Fleet, car: Car, below: str) -> None:
    deployment = fleet.deploy(b"image")
    action = car.offer(deployment)
    path = below.format(action=action, module=deployment * 1000)
    for method in METHODS:
        answer = car.request(method, path)
        if method in RESOURCES[below]:
            assert answer.status_code != 405, (method, path)
            continue
        assert answer.status_code == 405, (method, path)
        assert {one.strip() for one in answer.headers["allow"].split(",")} == RESOURCES[below]


@pytest.mark.parametrize("below", RESOURCES)
def test_without_a_token_everything_is_an_empty_401(fleet: Fleet, car: Car, below: str) -> None:
    path = car.path + below.format(action=1, module=1)
    for method in RESOURCES[below]:
        for headers in ({}, {"Authorization": "TargetToken wrong"}):
            answer = fleet.client.request(method, path, headers=headers)
            assert (answer.status_code, answer.content) == (401, b""), (method, path)


@pytest.mark.parametrize("below", NOWHERE)
def test_addresses_that_name_nothing_are_404(car: Car, below: str) -> None:
    for method in METHODS:
        answer = car.request(method, below)
        assert answer.status_code == 404, (method, below)
        if method != "HEAD":
            assert set(answer.json()) == {"exceptionClass", "errorCode", "message"}


def test_paths_outside_the_interface_are_404(fleet: Fleet) -> None:
    for path in ("/", "/x", "/T/controller/v1", "/T/controller/v1/", "/T/controller/v2/x", "/repo"):
        answer = fleet.client.get(path)
        assert answer.status_code == 404, path
        assert "traceback" not in answer.text.lower()


def test_every_answer_has_a_length(fleet: Fleet, car: Car) -> None:
    deployment = fleet.deploy(b"image")
    action = car.offer(deployment)
    for below in [*RESOURCES, *NOWHERE]:
        for method in METHODS:
            answer = car.request(method, below.format(action=action, module=deployment * 1000))
            assert "content-length" in answer.headers, (method, below)
            assert "transfer-encoding" not in answer.headers


def test_the_whole_life_of_an_update(fleet: Fleet) -> None:
    """hawkBit's own story: register, read, download, install, report, be asked for attributes."""
    car = fleet.car(want_attributes=True)
    assert set(car.links()) == {"configData"}
    assert car.request("PUT", "/configData", json={"data": {"vin": "x"}}).status_code == 200
    car.tell(want_attributes=False)
    deployment = fleet.deploy(b"image")
    action = car.offer(deployment)
    instruction = fleet.client.get(car.links()["deploymentBase"], headers=car.headers).json()
    artifact = instruction["deployment"]["chunks"][0]["artifacts"][0]
    href = artifact["_links"]["download-http"]["href"]
    assert fleet.client.get(href, headers=car.headers).content == b"image"
    for execution in ("download", "downloaded", "proceeding"):
        assert car.say(action, execution).status_code == 200
    assert car.say(action, "closed", "success").status_code == 200
    links = car.links()
    assert set(links) == {"installedBase", "configData"}
    assert fleet.client.get(links["installedBase"], headers=car.headers).json() == instruction
    assert car.say(action, "closed", "success").status_code == 410


def test_a_cancelled_update_may_be_continued_when_the_vehicle_refuses(fleet: Fleet) -> None:
    car = fleet.car()
    deployment = fleet.deploy(b"image")
    action = car.offer(deployment)
    car.tell(kind="cancel")
    assert set(car.links()) == {"cancelAction"}
    assert car.say(action, "rejected", to="cancelAction").status_code == 200
    car.tell(kind="deploy")
    assert car.request("GET", f"/deploymentBase/{action}").status_code == 200
    assert car.say(action, "closed", "success").status_code == 200
