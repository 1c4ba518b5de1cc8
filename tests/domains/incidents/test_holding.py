"""A hold: nobody lets go of what it covers until two people end it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from roadworthy.domains.campaigns.models import GatewayReport
from roadworthy.domains.documents.errors import DocumentHeld
from roadworthy.domains.documents.models import Document
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.incidents import errors, holding, intake, queries
from roadworthy.domains.incidents.models import Custody, Exhibit, Hold
from roadworthy.domains.incidents.states import HoldState
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.transitions import WrongRole
from tests import happening
from tests.conftest import HELD_TABLES
from tests.domains.campaigns import roads

EXTRACT = b'{"speed": [88, 87, 61], "brake": [0, 0, 1]}'


@pytest.fixture
def store(tmp_path):
    return DocumentStore(tmp_path / "documents")


@pytest.fixture
def incident(light):
    return happening.incident(light, roads.register(light, 1)[0])


@pytest.fixture
def hold(incident):
    (kept,) = holding.of(incident)
    return kept


@pytest.fixture
def exhibit(light, hold, store):
    return keep(light, hold, store)


def keep(light, hold, store, **given):
    return holding.keep_file(
        **{
            "hold_id": hold.pk,
            "recorder": "edr",
            "filename": "edr.json",
            "content": io.BytesIO(EXTRACT),
            "words": "Read out by the workshop.",
            "store": store,
            "actor": light.actor(Role.SAFETY),
        }
        | given,
        at=light.tick(),
    )


def refused(statement: str, *values, match: str = "legal hold") -> None:
    with (
        pytest.raises(IntegrityError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)


def ended(light, hold, store) -> Hold:
    holding.propose_end(
        hold_id=hold.pk, reason="Ruled.", actor=light.actor(Role.SAFETY), at=light.tick()
    )
    return holding.end(
        hold_id=hold.pk,
        store=store,
        actor=light.actor(Role.COMPLIANCE_OFFICER),
        at=light.tick(),
    )


def test_what_a_vehicle_told_is_held_at_once(hold, incident):
    assert (hold.state, hold.placed_by, hold.reason) == (HoldState.ACTIVE, None, holding.AT_ONCE)
    assert hold.from_at < incident.learned_at < hold.until_at


@pytest.fixture
def whole(db):
    """The tables as an operator has them; see ``django_db_setup`` of the tests."""
    with connection.cursor() as cursor:
        for table in HELD_TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER keep_all")


def test_the_operators_own_role_cannot_delete_what_is_held(whole, light, hold, exhibit):
    """This connection owns the tables; it may not set ``session_replication_role``."""
    said = GatewayReport.objects.create(
        tenant="MAKER",
        controller_id="car-1",
        kind="attributes",
        body={"data": {"hw": "1"}},
        received_at=hold.from_at + timedelta(hours=1),
    )
    document = exhibit.document_id
    refused("DELETE FROM gateway_report WHERE id = %s", said.pk)
    refused("UPDATE gateway_report SET body = '{}' WHERE id = %s", said.pk)
    refused("UPDATE documents_document SET sha256 = 'x' WHERE id = %s", document)
    refused("DELETE FROM documents_document WHERE id = %s", document)
    refused("DELETE FROM incidents_exhibit", match="only ever added")
    refused("UPDATE incidents_exhibit SET sha256 = 'x'", match="only ever added")
    refused("DELETE FROM incidents_custody", match="only ever added")
    refused("DELETE FROM incidents_hold", match="never deleted")
    refused("UPDATE incidents_hold SET until_at = from_at", match="does not change")
    refused("UPDATE incidents_hold SET state = 'ended'", match="two")
    for table in HELD_TABLES:
        refused(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE")


def test_reports_outside_the_window_and_being_applied_are_free(light, hold):
    said = [
        GatewayReport.objects.create(
            tenant="MAKER", controller_id=car, kind="attributes", body={}, received_at=at
        )
        for car, at in (
            ("car-1", hold.from_at - timedelta(seconds=1)),
            ("car-2", hold.from_at),
            ("car-1", hold.from_at),
        )
    ]
    GatewayReport.objects.update(applied=True)
    for one in said[:2]:
        one.delete()
    assert GatewayReport.objects.count() == 1


def test_the_store_removes_nothing_that_is_held(light, hold, store, exhibit):
    with pytest.raises(DocumentHeld):
        store.remove(exhibit.sha256)
    with pytest.raises(DocumentHeld):
        holding.remove(
            exhibit_id=exhibit.pk,
            store=store,
            actor=light.actor(Role.COMPLIANCE_OFFICER),
            at=light.tick(),
        )
    store.path(exhibit.sha256).unlink()  # somebody with a shell
    assert store.has(exhibit.sha256), "its second name holds the bytes"
    assert store.restore(exhibit.sha256)
    assert store.path(exhibit.sha256).read_bytes() == EXTRACT


def test_one_person_does_not_end_a_hold(light, hold, store, exhibit):
    officer = light.actor(Role.COMPLIANCE_OFFICER)
    holding.propose_end(hold_id=hold.pk, reason="Ruled.", actor=officer, at=light.tick())
    with pytest.raises(errors.FourEyes):
        holding.end(hold_id=hold.pk, store=store, actor=officer, at=light.tick())
    with pytest.raises(WrongRole):
        holding.end(hold_id=hold.pk, store=store, actor=light.actor(Role.SAFETY), at=light.tick())
    kept = holding.keep(
        hold_id=hold.pk, reason="Appealed.", actor=light.actor(Role.SAFETY), at=light.tick()
    )
    assert (kept.state, kept.end_reason) == (HoldState.ACTIVE, "")
    with pytest.raises(DocumentHeld):
        store.remove(exhibit.sha256)


def test_after_two_have_ended_it_the_bytes_can_go_and_the_story_stays(light, hold, store, exhibit):
    assert ended(light, hold, store).state == HoldState.ENDED
    assert store.has(exhibit.sha256), "ending removes nothing"
    holding.remove(
        exhibit_id=exhibit.pk,
        store=store,
        actor=light.actor(Role.COMPLIANCE_OFFICER),
        at=light.tick(),
    )
    assert not store.has(exhibit.sha256)
    steps = [one.step for one in holding.chain(hold)]
    assert steps == ["placed", "added", "end-proposed", "ended", "removed"]
    with pytest.raises(errors.HoldEnded):
        keep(light, hold, store)


def test_what_another_hold_covers_stays_held(light, incident, hold, store, exhibit):
    other = holding.place(
        incident_id=incident.pk,
        from_at=light.now - timedelta(days=2),
        until_at=light.now,
        reason="The court asks for it.",
        actor=light.actor(Role.COMPLIANCE_OFFICER),
        at=light.tick(),
    )
    keep(light, other, store)
    ended(light, hold, store)
    assert store.is_held(exhibit.sha256)
    refused("DELETE FROM documents_document WHERE id = %s", exhibit.document_id)


def test_every_reading_is_written_down(light, stranger, exhibit, hold):
    holding.read(exhibit_id=exhibit.pk, actor=light.actor(Role.SAFETY), at=light.tick())
    assert holding.chain(hold)[-1].step == "read"
    for actor in (stranger[Role.SAFETY], light.actor(Role.MARKETING)):
        with pytest.raises(errors.NoSuchHold):
            holding.read(exhibit_id=exhibit.pk, actor=actor, at=light.tick())
    assert Custody.objects.filter(step="read").count() == 1


def test_a_recording_elsewhere_is_held_by_its_digest(light, hold):
    given = {
        "hold_id": hold.pk,
        "recorder": "video",
        "reference": "s3://fleet-video/2025/06/03/front.mp4",
        "words": "",
        "actor": light.actor(Role.SAFETY),
    }
    with pytest.raises(errors.WrongDigest):
        holding.keep_reference(**given, sha256="abc", at=light.tick())
    made = holding.keep_reference(**given, sha256="ab" * 32, at=light.tick())
    again = holding.keep_reference(**given, sha256="AB" * 32, at=light.tick())
    assert (made, Exhibit.objects.count()) == (again, 1)


def test_a_window_that_ends_before_it_begins_is_refused(light, incident):
    with pytest.raises(errors.WrongWindow):
        holding.place(
            incident_id=incident.pk,
            from_at=light.now,
            until_at=light.now - timedelta(hours=1),
            reason="x",
            actor=light.actor(Role.SAFETY),
            at=light.tick(),
        )


def test_what_recorders_hold_is_owed_until_it_is_locked(light, store):
    from roadworthy.domains.incidents import assessing

    car = roads.register(light, 1, first=9)[0]
    made = happening.incident(light, car, stated={"recorders_holding": ["edr"]})
    assert assessing.evaluate(made, now=light.now).finding("INC-07").outcome == "broken"
    keep(light, holding.of(made)[0], store)
    assert assessing.evaluate(made, now=light.now).finding("INC-07").outcome == "met"


def test_documents_that_nobody_holds_can_go(light, store, exhibit):
    free = Document.objects.create(
        organisation_id=light.cast.manufacturer_id,
        sha256="0" * 64,
        filename="x.txt",
        media_type="text/plain",
        length=1,
        added_at=light.now,
        added_by_id=light.actor(Role.SAFETY).user_id,
    )
    free.delete()
    assert Document.objects.count() == 1


def test_an_account_of_an_incident_adds_to_it(light, incident):
    told = intake.Told(incident.trigger, light.now, "The driver called, too.")
    intake.add(incident_id=incident.pk, told=told, actor=light.actor(Role.SAFETY), at=light.tick())
    assert len(queries.accounts(incident)) == 2
