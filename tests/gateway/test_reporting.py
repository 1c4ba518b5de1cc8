"""Feedback to a real gateway: what is stored, what is refused, what is not offered again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cbor2
import pytest

from roadworthy.gateway.settings import Settings
from tests.gateway.hosting import Car, Fleet, fleet_of, hosting

IMAGE = b"the new software"


@pytest.fixture
def car(fleet: Fleet) -> Car:
    return fleet.car()


@pytest.fixture
def action(fleet: Fleet, car: Car) -> int:
    return car.offer(fleet.deploy(IMAGE))


def test_progress_is_stored_word_for_word_and_the_action_goes_on(
    fleet: Fleet, car: Car, action: int
) -> None:
    words = {
        "id": 1, "time": "20260101T000000", "status": {
            "execution": "proceeding", "code": 200, "extra": "x",
            "result": {"finished": "none", "progress": {"cnt": 1, "of": 2}},
            "details": ["<new> & 中文 \\ \t \n", "second"],
        },
    }  # fmt: skip
    answer = car.request("POST", f"/deploymentBase/{action}/feedback", json=words)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "0"
    assert fleet.reports() == [(car.id, action, "feedback", words)]
    assert "deploymentBase" in car.links()


@pytest.mark.parametrize(
    "execution",
    ["proceeding", "canceled", "scheduled", "rejected", "resumed", "downloaded", "download"],
)
@pytest.mark.parametrize("finished", ["success", "failure", "none"])
def test_only_closed_ends_an_action(car: Car, action: int, execution: str, finished: str) -> None:
    assert car.say(action, execution, finished).status_code == 200
    assert "deploymentBase" in car.links()


@pytest.mark.parametrize("finished", ["success", "none", "failure"])
def test_a_closed_action_is_not_offered_again_though_the_model_says_so(
    fleet: Fleet, car: Car, action: int, finished: str
) -> None:
    assert car.say(action, "closed", finished).status_code == 200
    links = car.links()
    assert "deploymentBase" not in links
    assert ("installedBase" in links) == (finished != "failure")
    assert ("configData" in links) == (finished != "failure"), "a vehicle says anew what it runs"
    assert car.request("GET", f"/deploymentBase/{action}").status_code == 404
    again = car.say(action, "closed", finished)
    assert (again.status_code, again.content) == (410, b"")
    assert len(fleet.reports("feedback")) == 1


def test_a_closed_action_stays_gone_when_the_engine_has_caught_up(
    fleet: Fleet, car: Car, action: int
) -> None:
    car.say(action, "closed", "success")
    car.tell(action_id=None, kind="", deployment_id=None, closed_actions=[action])
    assert car.links() == {}
    assert car.say(action, "proceeding").status_code == 410
    following = car.offer(fleet.deploy(b"newer"))
    assert car.links()["deploymentBase"].split("?")[0].endswith(f"/{following}")
    assert car.say(action, "closed", "success").status_code == 410
    assert car.say(following, "closed", "success").status_code == 200


def test_giving_up_ends_the_action_and_failing_to_does_not(fleet: Fleet) -> None:
    deployment = fleet.deploy(IMAGE)
    for number, (execution, finished, is_over) in enumerate(
        [
            ("closed", "success", True),
            ("closed", "none", True),
            ("closed", "failure", False),
            ("rejected", "none", False),
            ("canceled", "none", False),
            ("proceeding", "none", False),
        ],
        start=1,
    ):
        car = fleet.car(action_id=number, kind="cancel", deployment_id=deployment)
        assert car.say(number, execution, finished, to="cancelAction").status_code == 200
        assert ("cancelAction" not in car.links()) == is_over, (execution, finished)
        assert ("installedBase" in car.links()) is False
        assert fleet.reports("cancel-feedback")[-1][:2] == (car.id, number)


def test_a_vehicle_that_finished_instead_of_giving_up_is_heard(fleet: Fleet) -> None:
    car = fleet.car(action_id=5, kind="cancel", deployment_id=fleet.deploy(IMAGE))
    assert car.say(5, "closed", "success").status_code == 200
    assert "cancelAction" not in car.links()


def test_a_vehicle_whose_action_is_held_may_still_report(fleet: Fleet) -> None:
    car = fleet.car(action_id=5, kind="", deployment_id=fleet.deploy(IMAGE))
    assert car.say(5, "proceeding").status_code == 200
    assert car.say(5, "closed", "success").status_code == 200
    assert car.say(5, "proceeding").status_code == 410


def test_reports_about_other_actions_are_refused(fleet: Fleet, car: Car, action: int) -> None:
    other = fleet.car().offer(fleet.deploy(IMAGE))
    assert car.say(other, "closed", "success").status_code == 404
    car.tell(closed_actions=[3, 4], installed_action_id=4)
    assert car.say(3, "proceeding").status_code == 410
    assert car.say(4, "proceeding").status_code == 410
    assert fleet.reports() == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"status": null}', b'{"status": {}}',
        b'{"status": {"execution": "closed"}}',
        b'{"status": {"execution": "closed", "result": {}}}',
        b'{"status": {"execution": "closed", "result": {"finished": "maybe"}}}',
        b'{"status": {"execution": "done", "result": {"finished": "none"}}}',
        b'{"status": {"execution": "closed", "result": {"finished": "none"}, "code": "x"}}',
        b'{"status": {"execution": "closed", "result": {"finished": "none"}, "details": 5}}',
        b"\xff\xfe", b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(
    fleet: Fleet, car: Car, action: int, body: bytes
) -> None:
    answer = car.request(
        "POST", f"/deploymentBase/{action}/feedback", content=body,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 400
    assert answer.json()["exceptionClass"].endswith("MessageNotReadableException")
    assert answer.json()["errorCode"] == "hawkbit.server.error.rest.body.notReadable"
    assert fleet.reports() == []


@pytest.mark.parametrize("media", ["application/hal+json", "text/plain", ""])
def test_other_media_types_are_refused(car: Car, action: int, media: str) -> None:
    answer = car.request(
        "POST", f"/deploymentBase/{action}/feedback", content=b"{}",
        headers={"Content-Type": media},
    )  # fmt: skip
    assert answer.status_code == 415


def test_details_may_be_one_text_and_cbor_may_be_used(fleet: Fleet, car: Car, action: int) -> None:
    words = {
        "status": {"execution": "proceeding", "result": {"finished": "none"}, "details": "one"}
    }
    answer = car.request(
        "POST", f"/deploymentBase/{action}/feedback", content=cbor2.dumps(words),
        headers={"Content-Type": "application/cbor; charset=x"},
    )  # fmt: skip
    assert answer.status_code == 200
    assert fleet.reports()[0][3] == words


def test_what_postgresql_cannot_hold_is_replaced_and_loses_nothing_else(
    fleet: Fleet, car: Car, action: int
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda n: car.say(action, "proceeding", details=[f"{n}\0", "\\u0000", "ok"]),
            range(20),
        )
        assert {answer.status_code for answer in answers} == {200}
    stored = sorted(report[3]["status"]["details"] for report in fleet.reports())
    assert stored == sorted([f"{n}\ufffd", "\\u0000", "ok"] for n in range(20))


def test_a_number_that_json_does_not_know_is_refused(car: Car, action: int) -> None:
    for value in ("NaN", "1e999", "-Infinity"):
        status = '{"execution": "closed", "result": {"finished": "none"}}'
        body = f'{{"x": {value}, "status": {status}}}'
        answer = car.request(
            "POST", f"/deploymentBase/{action}/feedback", content=body,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 400, value


def test_a_body_that_is_too_large_is_refused(car: Car, action: int) -> None:
    large = car.say(action, "proceeding", details=["x" * 300_000])
    assert large.status_code == 413

    def pieces() -> object:
        for _ in range(300):
            yield b"x" * 1000

    chunked = car.request(
        "POST", f"/deploymentBase/{action}/feedback", content=pieces(),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert chunked.status_code == 413


def test_quotas_spare_the_last_word(own_settings: Settings) -> None:
    settings = replace(
        own_settings,
        reports_per_action=5,
        messages_per_report=3,
        vehicle_rate=0.1,
        vehicle_burst=30,
        refused_rate=0.1,
        refused_burst=20,
    )
    with hosting(settings) as host, fleet_of(host) as fleet:
        car = fleet.car()
        action = car.offer(fleet.deploy(IMAGE))
        many = car.say(action, "closed", "success", details=["a"] * 4)
        assert many.status_code == 429
        assert many.json()["errorCode"] == "hawkbit.server.error.quota.tooManyEntries"
        statuses = [car.say(action, "proceeding", details=["a"] * 3).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert car.say(action, "closed", "success").status_code == 200
        assert len(fleet.reports("feedback")) == 6
        flood = [car.request("GET") for _ in range(60)]
        assert {answer.status_code for answer in flood} == {200, 429}
        assert flood[-1].headers["retry-after"] == "1"
        guesses = [car.request("GET", headers={"Authorization": "x"}) for _ in range(60)]
        assert {answer.status_code for answer in guesses} == {401, 429}
