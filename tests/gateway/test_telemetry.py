"""What vehicles send, judged once more by a real gateway before it is kept."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import numpy as np
import pytest
from PIL import Image

from roadworthy.egress import policy
from roadworthy.egress.policy import Kind, Origin, Policy
from tests.egress import faces
from tests.egress.policies import TO, rule
from tests.egress.scanner import findings
from tests.gateway.hosting import Car, Fleet


def policy_of(fleet: Fleet) -> Policy:
    rules = (
        rule("speed", consent=False, lowest=0, highest=300),
        rule("position", Kind.POSITION, precision_metres=1000),
    )
    return policy.make(
        manufacturer=fleet.tenant, vehicle_type="S1", version=uuid.uuid4().hex, rules=rules
    )


@pytest.fixture
def car(fleet: Fleet) -> Car:
    return fleet.car()


@pytest.fixture
def delivered(fleet: Fleet, car: Car) -> Policy:
    made = policy_of(fleet)
    car.offer(fleet.deploy(policy.encode(made), name="S1.policy.json"))
    return made


def record(of: Policy, **items: Any) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "id": str(uuid.uuid4()), "takenAt": now.isoformat(), "policy": of.digest, **TO,
        "items": items, "consents": {"position": (now + timedelta(days=1)).isoformat()},
    }  # fmt: skip


def stored(fleet: Fleet) -> list[Any]:
    return fleet.connection.execute(
        "SELECT controller_id, record_id, policy, body, drop_at FROM gateway_telemetry"
        " WHERE tenant = %s ORDER BY id",
        [fleet.tenant],
    ).fetchall()


def test_what_is_permitted_is_durable_with_its_end(
    fleet: Fleet, car: Car, delivered: Policy
) -> None:
    sent = record(delivered, speed=80)
    answer = car.request("POST", "/telemetry", json=sent)
    assert (answer.status_code, answer.content) == (200, b"")
    ((who, record_id, digest, body, drop_at),) = stored(fleet)
    assert (who, record_id, digest) == (car.id, sent["id"], delivered.digest)
    assert body["items"] == {"speed": 80}
    assert drop_at == datetime.fromisoformat(sent["takenAt"]) + timedelta(hours=1)
    as_cbor = {"Content-Type": "application/cbor"}
    again = car.request("POST", "/telemetry", content=cbor2.dumps(sent), headers=as_cbor)
    assert again.status_code == 200


def test_what_a_vehicle_should_not_have_sent_is_taken_out_before_it_is_kept(
    fleet: Fleet, car: Car, delivered: Policy
) -> None:
    exact = {"latitude": 31.230416, "longitude": 121.473701, "vin": "LSVAA4182E2184847"}
    sent = record(delivered, speed=80, position=exact, mood="LSVAA4182E2184847")
    answer = car.request("POST", "/telemetry", json=sent)
    assert answer.json() == {"withheld": {"mood": "no-rule"}}
    ((*_, body, _),) = stored(fleet)
    left = json.dumps(body).encode()
    signed = json.loads(policy.encode(delivered))
    canaries = [b"LSVAA4182E2184847", b"31.2304", b"121.4737"]
    assert not findings(left, policy=signed, canaries=canaries, now=datetime.now(UTC))


def test_nothing_is_kept_without_a_policy_that_was_delivered(fleet: Fleet, car: Car) -> None:
    unknown = policy_of(fleet)
    fleet.keep(policy.encode(unknown))  # its bytes are there, but it was never released
    answer = car.request("POST", "/telemetry", json=record(unknown, speed=80))
    assert (answer.status_code, answer.json()["message"]) == (
        403, "Nothing of this may be kept: no-policy.",
    )  # fmt: skip
    other = policy.make(manufacturer="another", vehicle_type="S1", version="1", rules=())
    for number in (fleet.deploy(policy.encode(other)), fleet.deploy(b"firmware")):
        car.offer(number)
    assert car.request("POST", "/telemetry", json=record(other, speed=80)).status_code == 403
    assert not stored(fleet)


def test_a_policy_whose_deployment_was_stopped_counts_no_more(fleet: Fleet, car: Car) -> None:
    made = policy_of(fleet)
    deployment = fleet.deploy(policy.encode(made))
    car.offer(deployment)
    assert car.request("POST", "/telemetry", json=record(made, speed=80)).status_code == 200
    fleet.stop(deployment)
    car.tell(action_id=None, kind="", deployment_id=None)  # and wait until the gateways know
    assert car.request("POST", "/telemetry", json=record(made, speed=80)).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "31.2304,121.4737"},
        {"takenAt": "2026-03-02T04:00:00"},
        {"items": ["speed"]},
        {"purpose": ""},
    ],
)
def test_what_cannot_be_read_is_refused(
    fleet: Fleet, car: Car, delivered: Policy, wrong: dict[str, Any]
) -> None:
    answer = car.request("POST", "/telemetry", json=record(delivered, speed=80) | wrong)
    assert answer.status_code == 400
    assert not stored(fleet)


def test_a_stranger_is_not_let_in(fleet: Fleet, delivered: Policy) -> None:
    answer = fleet.stranger().request("POST", "/telemetry", json=record(delivered, speed=80))
    assert answer.status_code == 401


def picture_of(of: Policy, car: Car, content: Any, **changes: Any) -> Any:
    sent = {"record": record(of, road=None) | changes, "picture": content}
    headers = {"Content-Type": "application/cbor"}
    return car.request("POST", "/pictures", content=cbor2.dumps(sent), headers=headers)


def test_a_picture_is_judged_once_more_and_kept_redrawn(fleet: Fleet, car: Car) -> None:
    pytest.importorskip("cv2", reason="needs requirements/images-dev.txt")
    camera = rule("road", Kind.PICTURE, origin=Origin.EXTERIOR, blur=True, consent=False)
    made = policy.make(
        manufacturer=fleet.tenant, vehicle_type="S1", version=uuid.uuid4().hex, rules=[camera]
    )
    car.offer(fleet.deploy(policy.encode(made)))
    content = faces.encoded(faces.street())  # a vehicle that did not do its part
    answer = picture_of(made, car, content)
    assert answer.status_code == 200, answer.text
    ((*_, body, _),) = stored(fleet)
    sha256 = body["items"]["road"]["sha256"]
    kept = fleet.host.settings.pictures / sha256[:2] / sha256
    pixels = np.array(Image.open(kept).convert("RGB"))
    assert not faces.other_finder()(pixels)
    assert picture_of(made, car, b"no picture").status_code == 400
    assert picture_of(made, car, "text").status_code == 400
    dark = faces.encoded(Image.new("RGB", (300, 300)))
    assert picture_of(made, car, dark).json()["message"].endswith("too dark to be judged.")
    assert picture_of(made, car, content, purpose="advertising").status_code == 403
    assert picture_of(policy_of(fleet), car, content).status_code == 403
    assert len(stored(fleet)) == 1


def test_what_the_owner_has_withdrawn_is_not_kept_whatever_the_record_says(
    fleet: Fleet, car: Car, delivered: Policy
) -> None:
    here = {"latitude": 31.2, "longitude": 121.5}
    assert car.request("GET", "/consents").json() == {"given": [], "withdrawn": []}
    assert car.request("POST", "/telemetry", json=record(delivered, position=here)).status_code == (
        200
    )
    fleet.owner_says(car.id, [], [["position", TO["purpose"]]])
    assert car.request("GET", "/consents").json()["withdrawn"] == [["position", TO["purpose"]]]
    answer = car.request("POST", "/telemetry", json=record(delivered, position=here, speed=80))
    assert answer.json() == {"withheld": {"position": "no-consent"}}
    assert [row[3]["items"].keys() for row in stored(fleet)][1] == {"speed"}
    assert fleet.stranger(car.id).request("GET", "/consents").status_code == 401
