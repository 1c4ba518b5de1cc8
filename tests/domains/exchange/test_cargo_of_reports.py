"""A test report travels to the manufacturer; it is what the institution signed, no more."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import date

import pytest

from roadworthy.domains.exchange import cargo_reports, state
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software.models import Report
from roadworthy.trust.messages import Message
from tests.domains.exchange.federation import Federation

NUMBER = "TR 2025/7"  # as institutions write them


def handed_over(federation: Federation, image: bytes = b"image") -> Report:
    lab = federation.lab
    with lab.inside():
        engineer = lab.actors[Role.TEST_ENGINEER]
        report = reporting.enter(
            institution_id=lab.organisation().pk,
            manufacturer_id=lab.organisation(Kind.MANUFACTURER).pk,
            findings=reporting.Findings(
                number=NUMBER,
                title="Software update of the cluster",
                standard="GB 44496-2024",
                subjects=[reporting.Subject("cluster.swu", hashlib.sha256(image).hexdigest())],
                result=reporting.Result.PASSED,
                tested_on=date(2025, 6, 2),
                type_code="ALPHA",
            ),
            filename="report.txt",
            content=io.BytesIO(b"all well"),
            store=lab.platform.documents,
            actor=engineer,
            at=federation.tick(),
        )
        reporting.sign(
            report_id=report.pk,
            passphrase=lab.passphrases[Role.TEST_ENGINEER],
            keystore=lab.platform.keystore,
            actor=engineer,
            at=federation.tick(),
        )
        return reporting.hand_over(report_id=report.pk, actor=engineer, at=federation.tick())


def test_a_report_arrives_and_carries_a_release_until_it_is_revoked(
    federation: Federation,
) -> None:
    report, maker = handed_over(federation, b"image 1"), federation.maker
    federation.post()
    with maker.inside():
        release = federation.world.draft()
        here = Report.objects.get()
        assert (here.number, here.state, here.envelope) == (NUMBER, "handed-over", report.envelope)
        evidence = reporting.attach(
            report_id=here.pk,
            release_id=release.pk,
            store=maker.platform.documents,
            images=maker.platform.images,
            actor=federation.world.actor(Role.RELEASE_ENGINEER),
            at=federation.tick(),
        )
        assert evidence.institution.slug == "clearview"
    with federation.lab.inside():
        reporting.revoke(
            report_id=report.pk,
            reason="Wrong bench.",
            actor=federation.lab.actors[Role.TEST_ENGINEER],
            at=federation.tick(),
        )
    federation.post()
    matter = cargo_reports.matter("clearview", NUMBER)
    with maker.inside():
        here.refresh_from_db()
        assert (here.state, here.reason) == ("revoked", "Wrong bench.")
        peer = Peer.objects.get(name="clearview")
        ours = state.of(peer, matter)
        assert state.said(peer, matter) == ours
    with federation.lab.inside():
        assert state.of(Peer.objects.get(name="starway"), matter) == ours != {}
    assert not any(federation.dead(one) for one in federation.every.values())


@pytest.mark.parametrize("name", ["number", "filename", "envelope"])
def test_a_report_that_its_institution_did_not_sign_is_none(
    federation: Federation, name: str
) -> None:
    handed_over(federation)

    def tampered(message: Message) -> Message:
        if message.kind != "report.handed-over":
            return message
        body = dict(message.body)
        body[name] = body[name].replace("7", "8").replace("report", "paper")
        matter = cargo_reports.matter("clearview", body["number"])
        return replace(message, matter=matter, body=body)

    federation.post(tampered=tampered)
    assert federation.dead(federation.maker) == ["report-not-signed"]
    with federation.maker.inside():
        assert not Report.objects.exists()
