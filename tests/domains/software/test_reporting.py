"""Test reports: who writes, signs, hands over and revokes them, and what can rest on them."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest

from roadworthy.domains.documents import errors as documents
from roadworthy.domains.documents.scanning import Scanner
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import reporting, reports, services
from roadworthy.domains.software.models import Report
from roadworthy.domains.software.states import ReportState
from roadworthy.kernel.transitions import WrongState
from roadworthy.trust import dsse
from roadworthy.trust.keys import WrongPassphrase, key_from_dict
from tests.domains.campaigns import conftest as people
from tests.world import World

GOOD = reporting.Findings(
    number="TR-X",
    title="Braking",
    standard="GB 44497-2024",
    subjects=[reporting.Subject("cluster.swu", "a" * 64)],
    result=reporting.Result.PASSED,
    tested_on=date(2025, 6, 2),
)


def enter(world: World, findings: reporting.Findings = GOOD, **more: Any) -> Report:
    return reporting.enter(
        **{
            "institution_id": world.cast.organisation_ids[Kind.INSTITUTION],
            "manufacturer_id": world.cast.manufacturer_id,
            "findings": findings,
            "filename": "report.txt",
            "content": io.BytesIO(b"The report."),
            "store": world.platform.documents,
            "actor": world.actor(Role.TEST_ENGINEER),
            "at": world.tick(),
        }
        | more
    )


def attach(world: World, report: Report, release: Any) -> Any:
    return reporting.attach(
        report_id=report.pk,
        release_id=release.pk,
        store=world.platform.documents,
        images=world.platform.images,
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )


def revoke(world: World, report: Report, reason: str = "wrong sample") -> Report:
    return reporting.revoke(
        report_id=report.pk, reason=reason, actor=world.actor(Role.TEST_ENGINEER), at=world.tick()
    )


def test_the_signature_is_over_the_document_and_every_tested_thing(world):
    report = world.report(about=b"firmware", until="signed")
    key = organisations.live_key(report.institution_id, KeyPurpose.TEST_REPORT)
    opened = dsse.open_envelope(report.envelope.encode(), [key_from_dict(key.public)])
    assert {one.sha256 for one in opened.subjects} == {
        report.sha256,
        hashlib.sha256(b"firmware").hexdigest(),
    }
    assert opened.predicate["standard"] == "GB 44496-2024"
    assert opened.predicate["result"] == "passed"


@pytest.mark.parametrize("until", ["draft", "signed"])
def test_the_manufacturer_sees_nothing_before_it_is_handed_over(world, until):
    report = world.report(until=until)
    assert not reports.of_manufacturer(world.cast.manufacturer_id).exists()
    with pytest.raises(reports.NoSuchReport):
        reports.received(world.cast.manufacturer_id, report.pk)


def test_what_is_handed_over_can_be_attached_with_its_signature(world):
    release = world.draft(image=b"firmware")
    report = world.report(about=b"firmware")
    assert list(reports.drafts_for(report)) == [release]
    evidence = attach(world, report, release)
    assert evidence.sha256 == report.sha256
    assert evidence.institution_id == report.institution_id
    assert list(reports.resting_on(report)) == [release]
    assert not reports.drafts_for(report).exists()
    with pytest.raises(reporting.AlreadyAttached):
        attach(world, report, release)


def test_a_report_about_other_bytes_is_not_attached(world):
    release, report = world.draft(image=b"firmware"), world.report(about=b"other firmware")
    with pytest.raises(reporting.NotAboutThisRelease, match=r"cluster\.swu"):
        attach(world, report, release)


def test_nothing_new_rests_on_a_revoked_report(world):
    release, report = world.draft(image=b"firmware"), world.report(about=b"firmware")
    revoked = revoke(world, report)
    assert not reports.usable(world.cast.manufacturer_id).exists()
    with pytest.raises(reporting.ReportRevoked, match="wrong sample"):
        attach(world, revoked, release)
    with pytest.raises(services.RevokedEvidence):
        services.add_evidence(
            release_id=release.pk,
            kind="test-report",
            title="around it",
            filename="report.txt",
            chunks=[world.platform.documents.path(report.sha256).read_bytes()],
            images=world.platform.images,
            actor=world.actor(Role.RELEASE_ENGINEER),
            at=world.tick(),
            envelope=report.envelope,
            institution_id=report.institution_id,
        )


def test_a_revoked_report_stays_where_it_is_with_its_reason(world):
    report = revoke(world, world.report())
    assert reports.received(world.cast.manufacturer_id, report.pk).reason == "wrong sample"
    assert set(reports.revoked_among([report.envelope])) == {report.envelope}


def test_a_revocation_needs_a_reason(world):
    with pytest.raises(reporting.RevocationReasonMissing):
        revoke(world, world.report(), " ")


def test_what_was_revoked_before_it_was_handed_over_is_never_seen(world):
    revoke(world, world.report(until="signed"))
    assert not reports.of_manufacturer(world.cast.manufacturer_id).exists()


def test_a_draft_can_be_discarded_and_nothing_else(world):
    report = world.report(until="draft")
    at, actor = world.tick(), world.actor(Role.TEST_ENGINEER)
    gone = reporting.discard(report_id=report.pk, actor=actor, at=at)
    assert gone.state == ReportState.DISCARDED
    assert not reports.of_institution(report.institution_id).exists()
    with pytest.raises(WrongState):
        reporting.discard(report_id=world.report().pk, actor=actor, at=at)


def test_a_wrong_passphrase_signs_nothing(world):
    report = world.report(until="draft")
    with pytest.raises(WrongPassphrase):
        reporting.sign(
            report_id=report.pk,
            passphrase="guessed",
            keystore=world.platform.keystore,
            actor=world.actor(Role.TEST_ENGINEER),
            at=world.tick(),
        )
    report.refresh_from_db()
    assert (report.state, report.envelope) == (ReportState.DRAFT, "")


def test_a_colleague_without_the_key_cannot_sign(world):
    from roadworthy.domains.organisations import services as making
    from roadworthy.domains.organisations.actors import PLATFORM, witnessed

    institution_id = world.cast.organisation_ids[Kind.INSTITUTION]
    user = making.hire(
        organisation_id=institution_id,
        email="second@clearview.example",
        name="Second",
        password="long enough for anybody",
        role=Role.TEST_ENGINEER,
        actor=witnessed(PLATFORM),
        at=world.tick(),
    )
    with pytest.raises(reporting.NoReportKey):
        reporting.sign(
            report_id=world.report(until="draft").pk,
            passphrase=world.passphrase(Role.TEST_ENGINEER),
            keystore=world.platform.keystore,
            actor=Actor(Role.TEST_ENGINEER, user.pk, institution_id),
            at=world.tick(),
        )


def test_another_institution_finds_nothing(world):
    report = world.report(until="draft")
    _, strangers = people.people(Kind.INSTITUTION, "elsewhere", None)
    with pytest.raises(reports.NoSuchReport):
        reporting.hand_over(
            report_id=report.pk, actor=strangers[Role.TEST_ENGINEER], at=world.tick()
        )
    with pytest.raises(reports.NoSuchReport):
        reports.own(strangers[Role.TEST_ENGINEER].organisation_id, report.pk)


@pytest.mark.parametrize("role", [Role.HOMOLOGATION, Role.MIIT_REVIEWER])
def test_nobody_else_enters_a_report(world, role):
    with pytest.raises(reporting.NotYours):
        enter(world, actor=world.actor(role))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"number": " "}, reporting.ReportFieldMissing),
        ({"standard": ""}, reporting.ReportFieldMissing),
        ({"subjects": []}, reporting.SubjectMissing),
        ({"subjects": [reporting.Subject("x", "A" * 64)]}, reporting.BadDigest),
        ({"subjects": [reporting.Subject("x", "a" * 63)]}, reporting.BadDigest),
        ({"tested_on": date(2025, 6, 4)}, reporting.TestedLater),
    ],
)
def test_what_cannot_be_true_is_refused(world, wrong, error):
    with pytest.raises(error):
        enter(world, dataclasses.replace(GOOD, **wrong))
    assert not Report.objects.exists()


def test_a_report_is_about_a_manufacturers_product(world):
    with pytest.raises(reporting.NoSuchManufacturer):
        enter(world, manufacturer_id=world.cast.organisation_ids[Kind.MIIT])


def test_a_number_is_used_once(world):
    enter(world)
    with pytest.raises(reporting.ReportNumberTaken):
        enter(world, at=world.tick() + timedelta(days=1))


def test_each_step_is_in_the_ledger_without_what_is_secret(world):
    report = revoke(world, world.report())
    told = list(ledger.about(f"test-report/{report.pk}"))
    assert [one.event for one in told] == [
        "test-report:entered",
        "test-report:state:changed",
        "test-report:state:changed",
        "test-report:state:changed",
    ]
    assert "cluster.swu" not in json.dumps([one.data for one in told])


def test_a_report_is_examined_like_every_document(world):
    for name, content, refused in (
        ("report.pdf", b"this is no PDF", documents.NotThatType),
        ("report.pdf", b"%PDF-1.7 rubbish", documents.BrokenDocument),
        ("report.exe", b"MZ", documents.NotThatType),
        ("report.txt", b"", documents.EmptyDocument),
    ):
        with pytest.raises(refused):
            enter(world, filename=name, content=io.BytesIO(content))
    scanner = Scanner(("false",), 5)
    examined = DocumentStore(world.platform.home / "documents", scanner=scanner)
    with pytest.raises(documents.DocumentRefused):
        enter(world, store=examined)
    assert not Report.objects.exists()
