"""deploymentBase, installedBase, cancelAction and configData, asked of a real gateway."""

from __future__ import annotations

import cbor2
import pytest

from tests.gateway.hosting import Fleet, hashes, until

IMAGE = b"the new software"


def test_an_instruction_names_what_to_install_and_where_it_is(fleet: Fleet) -> None:
    car = fleet.car()
    deployment = fleet.deploy(IMAGE)
    action = car.offer(deployment)
    answer = car.request("GET", f"/deploymentBase/{action}?c=-212&actionHistory=5")
    base = f"{fleet.host.url}{car.path}/softwaremodules/{deployment * 1000}/artifacts/image.swu"
    whole, md5sum = {"href": base}, {"href": base + ".MD5SUM"}
    links = {
        "download": whole, "download-http": whole, "md5sum": md5sum, "md5sum-http": md5sum,
    }  # fmt: skip
    artifact = {
        "filename": "image.swu", "hashes": hashes(IMAGE), "size": len(IMAGE), "_links": links,
    }  # fmt: skip
    chunk = {"part": "os", "version": "2.0", "name": "ecu0", "artifacts": [artifact]}
    assert answer.json() == {
        "id": str(action),
        "deployment": {"download": "forced", "update": "forced", "chunks": [chunk]},
    }
    in_cbor = car.request(
        "GET", f"/deploymentBase/{action}", headers={"Accept": "application/cbor"}
    )
    assert cbor2.loads(in_cbor.content) == answer.json()


def test_reading_the_instruction_is_reported_once(fleet: Fleet) -> None:
    car = fleet.car()
    action = car.offer(fleet.deploy(IMAGE))
    for _ in range(3):
        assert car.request("GET", f"/deploymentBase/{action}").status_code == 200
        until(lambda: fleet.reports("retrieved"))
    assert fleet.reports() == [(car.id, action, "retrieved", {})]


def test_another_vehicles_action_or_none_is_not_found(fleet: Fleet) -> None:
    deployment = fleet.deploy(IMAGE)
    action = fleet.car().offer(deployment)
    car = fleet.car()
    mine = car.offer(deployment)
    for number in (action, mine + 1_000_000, 0, 99999999999999):
        answer = car.request("GET", f"/deploymentBase/{number}")
        assert answer.status_code == 404
        assert set(answer.json()) == {"exceptionClass", "errorCode", "message"}
        assert answer.json()["errorCode"] == "hawkbit.server.error.repo.entityNotFound"
    assert car.request("GET", "/deploymentBase/abc").status_code == 400
    assert car.request("GET", "/deploymentBase/-1").status_code == 400


def test_a_held_or_cancelled_action_has_no_instruction(fleet: Fleet) -> None:
    deployment = fleet.deploy(IMAGE)
    for kind in ("", "cancel"):
        car = fleet.car(action_id=6, kind=kind, deployment_id=deployment)
        assert car.request("GET", "/deploymentBase/6").status_code == 404


def test_the_installed_deployment_can_be_read_but_not_downloaded(fleet: Fleet) -> None:
    deployment = fleet.deploy(IMAGE)
    car = fleet.car(installed_action_id=9, installed_deployment_id=deployment)
    answer = car.request("GET", "/installedBase/9").json()
    assert answer["deployment"]["chunks"][0]["artifacts"][0]["hashes"] == hashes(IMAGE)
    listed = car.request("GET", f"/softwaremodules/{deployment * 1000}/artifacts")
    assert [one["filename"] for one in listed.json()] == ["image.swu"]
    download = car.request("GET", f"/softwaremodules/{deployment * 1000}/artifacts/image.swu")
    assert download.status_code == 404
    assert car.request("GET", "/installedBase/10").status_code == 404
    assert car.request("GET", "/deploymentBase/9").status_code == 404


def test_a_cancellation_names_the_action_twice(fleet: Fleet) -> None:
    car = fleet.car(action_id=11, kind="cancel", deployment_id=fleet.deploy(IMAGE))
    answer = car.request("GET", "/cancelAction/11")
    assert answer.json() == {"id": "11", "cancelAction": {"stopId": "11"}}
    assert car.request("GET", "/cancelAction/12").status_code == 404


def test_there_is_no_cancellation_of_an_action_that_goes_on(fleet: Fleet) -> None:
    car = fleet.car()
    action = car.offer(fleet.deploy(IMAGE))
    assert car.request("GET", f"/cancelAction/{action}").status_code == 404
    refused = car.say(action, "closed", to="cancelAction")
    assert refused.status_code == 405
    assert refused.json()["errorCode"] == "hawkbit.server.error.action.notCancelable"


@pytest.mark.parametrize("stopped", [True, False])
def test_an_emergency_stop_reaches_the_vehicle_within_a_second(
    fleet: Fleet, *, stopped: bool
) -> None:
    car = fleet.car()
    deployment = fleet.deploy(IMAGE)
    action = car.offer(deployment)
    assert "deploymentBase" in car.links()
    fleet.stop(deployment)
    until(lambda: "deploymentBase" not in car.links(), seconds=1)
    assert car.request("GET", f"/deploymentBase/{action}").status_code == 404
    path = f"/softwaremodules/{deployment * 1000}/artifacts/image.swu"
    assert car.request("GET", path).status_code == 404
    assert car.say(action, "proceeding").status_code == 200, "what it does all the same is kept"
    if not stopped:
        fleet.connection.execute("DELETE FROM gateway_stop WHERE deployment_id = %s", [deployment])
        until(lambda: "deploymentBase" in car.links(), seconds=1)


def test_attributes_are_stored_as_they_were_sent(fleet: Fleet) -> None:
    car = fleet.car(want_attributes=True)
    said = {"vin": "LSVAA49J132047371", "plate": "京A·12345", "gone": None, "n": 5, "b": True}
    sent = {"id": "", "time": "20261121T081212", "status": {"x": 1}, "data": said}
    assert car.request("PUT", "/configData", json=sent).status_code == 200
    modes = {"mode": "replace", "data": {"a": "1"}}
    assert car.request("PUT", "/configData", json=modes).content == b""
    as_cbor = car.request(
        "PUT", "/configData", content=cbor2.dumps({"mode": "remove", "data": {"a": ""}}),
        headers={"Content-Type": "application/cbor"},
    )  # fmt: skip
    assert as_cbor.status_code == 200
    assert [report[3] for report in fleet.reports("attributes")] == [
        {"mode": "merge", "data": {**said, "n": "5", "b": "true"}},
        modes,
        {"mode": "remove", "data": {"a": ""}},
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "notReadable"),
        ({"data": {}}, 400, "notReadable"),
        ({"data": None}, 400, "notReadable"),
        ({"data": {"a": ["b"]}}, 400, "notReadable"),
        ({"mode": "add", "data": {"a": "b"}}, 400, "notReadable"),
        ({"data": {"a" * 129: "b"}}, 400, "invalidTargetAttributes"),
        ({"data": {"a": "b" * 129}}, 400, "invalidTargetAttributes"),
        ({"data": {"": "b"}}, 400, "invalidTargetAttributes"),
        ({"data": {"a": "b\x00"}}, 400, "invalidTargetAttributes"),
        ({"data": {f"a{n}": "b" for n in range(101)}}, 429, "tooManyEntries"),
    ],
)
def test_attributes_that_cannot_be_taken_are_refused(
    fleet: Fleet, body: object, status: int, code: str
) -> None:
    car = fleet.car()
    answer = car.request("PUT", "/configData", json=body)
    assert (answer.status_code, answer.json()["errorCode"].split(".")[-1]) == (status, code)
    assert fleet.reports() == []


def test_a_stranger_says_what_it_is_only_after_it_was_registered(fleet: Fleet) -> None:
    fleet.wait()
    stranger = fleet.stranger()
    headers = {"Authorization": f"GatewayToken {fleet.gateway_token}"}
    said = {"data": {"vin": "x"}}
    early = stranger.request("PUT", "/configData", json=said, headers=headers)
    assert early.status_code == 404
    stranger.request("GET", headers=headers)
    assert stranger.request("PUT", "/configData", json=said, headers=headers).status_code == 200
    assert [report[2] for report in fleet.reports()] == ["register", "attributes"]
