"""The base poll, asked of a real gateway."""

from __future__ import annotations

import hashlib
import re

import cbor2

from tests.gateway.hosting import Fleet, until


def test_a_vehicle_with_nothing_to_do_is_told_when_to_come_again(fleet: Fleet) -> None:
    answer = fleet.car().poll()
    assert answer["_links"] == {}
    assert re.fullmatch(r"\d\d:\d\d:\d\d", answer["config"]["polling"]["sleep"])


def test_the_sleep_is_spread_over_vehicles_but_the_same_for_each(fleet: Fleet) -> None:
    cars = [fleet.car() for _ in range(5)]
    first = [car.poll()["config"]["polling"]["sleep"] for car in cars]
    second = [car.poll()["config"]["polling"]["sleep"] for car in cars]
    assert first == second
    assert len(set(first)) > 1
    assert all("00:04:30" <= sleep <= "00:05:30" for sleep in first)


def test_an_offered_action_is_linked(fleet: Fleet) -> None:
    car = fleet.car()
    deployment = fleet.deploy(b"image")
    action = car.offer(deployment)
    href = car.links()["deploymentBase"]
    assert href.startswith(f"{fleet.host.url}{car.path}/deploymentBase/{action}?c=")


def test_a_held_action_is_not_linked(fleet: Fleet) -> None:
    car = fleet.car(action_id=5, kind="", deployment_id=fleet.deploy(b"image"))
    assert car.links() == {}


def test_a_cancelled_action_is_linked_as_such_and_nothing_else(fleet: Fleet) -> None:
    car = fleet.car(action_id=77, kind="cancel", deployment_id=fleet.deploy(b"image"))
    assert car.links() == {"cancelAction": f"{fleet.host.url}{car.path}/cancelAction/77"}


def test_installed_action_and_wish_for_attributes_are_linked(fleet: Fleet) -> None:
    car = fleet.car(installed_action_id=8, installed_deployment_id=1, want_attributes=True)
    assert car.links() == {
        "installedBase": f"{fleet.host.url}{car.path}/installedBase/8",
        "configData": f"{fleet.host.url}{car.path}/configData",
    }


def test_the_etag_is_a_digest_of_the_body_and_holds(fleet: Fleet) -> None:
    car = fleet.car(want_attributes=True)
    first = car.request("GET")
    digest = hashlib.md5(first.content, usedforsecurity=False).hexdigest()
    assert first.headers["etag"] == f'"0{digest}"'
    again = car.request("GET", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert car.request("GET", headers={"If-None-Match": '"0abc"'}).status_code == 200


def test_the_answer_is_hal_unless_asked_otherwise(fleet: Fleet) -> None:
    car = fleet.car()
    assert car.request("GET").headers["content-type"] == "application/hal+json"
    for accept, media in [
        ("application/json", "application/json"),
        ("application/json;q=0.5, text/html", "application/json"),
        ("*/*", "application/hal+json"),
        ("application/cbor", "application/cbor"),
    ]:
        answer = car.request("GET", headers={"Accept": accept})
        assert answer.headers["content-type"] == media
        assert int(answer.headers["content-length"]) == len(answer.content)
    assert cbor2.loads(answer.content)["_links"] == {}
    assert car.request("GET", headers={"Accept": "application/atom+xml"}).status_code == 406


def test_a_wrong_or_missing_token_gets_an_empty_401(fleet: Fleet) -> None:
    car = fleet.car()
    for headers in (
        {"Authorization": "TargetToken wrong"},
        {"Authorization": "TargetToken"},
        {"Authorization": "GatewayToken wrong"},
        {"Authorization": f"Bearer {car.token}"},
        {"Authorization": f"TargetToken {fleet.car().token}"},
    ):
        answer = car.request("GET", headers=headers)
        assert (answer.status_code, answer.content) == (401, b"")
    assert fleet.client.get(car.path).status_code == 401
    assert fleet.client.get("/NOBODY/controller/v1/x", headers=car.headers).status_code == 401


def test_a_vehicle_without_a_stored_token_needs_the_gateway_token(fleet: Fleet) -> None:
    car = fleet.car(token_sha256="")
    assert car.request("GET").status_code == 401
    by_gateway = {"Authorization": f"GatewayToken {fleet.gateway_token}"}
    assert car.request("GET", headers=by_gateway).status_code == 200


def test_an_unknown_vehicle_with_the_gateway_token_is_registered_once(fleet: Fleet) -> None:
    stranger = fleet.stranger()
    fleet.wait()
    by_gateway = {"Authorization": f"GatewayToken {fleet.gateway_token}"}
    assert stranger.request("GET").status_code == 401
    for _ in range(3):
        answer = stranger.request("GET", headers=by_gateway)
        assert set(answer.json()["_links"]) == {"configData"}
    assert fleet.reports() == [(stranger.id, None, "register", {})]


def test_an_identifier_that_no_vehicle_can_have_is_refused(fleet: Fleet) -> None:
    by_gateway = {"Authorization": f"GatewayToken {fleet.gateway_token}"}
    fleet.wait()
    for identifier in ("x" * 257, "a%01b", "a%0Ab"):
        answer = fleet.client.get(f"/{fleet.tenant}/controller/v1/{identifier}", headers=by_gateway)
        assert answer.status_code == 400
        assert answer.json()["errorCode"] == "hawkbit.server.error.repo.constraintViolation"
    assert fleet.reports() == []


def test_identifiers_of_any_script_and_length_work(fleet: Fleet) -> None:
    deployment = fleet.deploy(b"image")
    for identifier in ("京A12345", "a b", "é" * 256, "50%", "back\\slash"):
        car = fleet.car(identifier, action_id=5, kind="deploy", deployment_id=deployment)
        path = f"/{fleet.tenant}/controller/v1/" + _quoted(identifier)
        answer = fleet.client.get(path, headers=car.headers)
        assert answer.status_code == 200, identifier
        href = answer.json()["_links"]["deploymentBase"]["href"]
        assert fleet.client.get(href, headers=car.headers).status_code == 200


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def test_links_go_to_the_host_that_was_asked(fleet: Fleet) -> None:
    car = fleet.car(want_attributes=True)
    answer = car.poll(Host="gateway.example:8443")
    assert answer["_links"]["configData"]["href"].startswith("http://gateway.example:8443/")
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert "evil" not in car.request("GET", headers=forwarded).text
    assert car.request("GET", headers={"Host": 'x"y'}).status_code == 400


def test_polls_are_noted_in_batches(fleet: Fleet) -> None:
    cars = [fleet.car() for _ in range(3)]
    for car in cars:
        car.poll()
        car.poll()

    def seen() -> list[str]:
        rows = fleet.connection.execute(
            "SELECT body->'vehicles' FROM gateway_report WHERE tenant = %s AND kind = 'seen'",
            [fleet.tenant],
        )
        return sorted(one for (ids,) in rows for one in ids)

    assert until(seen) == sorted(car.id for car in cars)


def test_a_head_request_gets_the_headers_only(fleet: Fleet) -> None:
    car = fleet.car()
    answer = car.request("HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(car.request("GET").content)
