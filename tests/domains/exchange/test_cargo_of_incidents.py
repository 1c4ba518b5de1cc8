"""A report of an incident travels to an authority, and the signature that it has arrived back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from roadworthy.domains.exchange import state
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.incidents import acknowledging, asking, reporting
from roadworthy.domains.incidents.models import Copy, Incident, Question, Report
from roadworthy.domains.incidents.states import Series, Trigger
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.canonical import digest
from roadworthy.trust.messages import Message
from tests import happening
from tests.domains.exchange.federation import Federation

FIRE = {"incident_kinds": ["fire"], "is_new_energy": True, "injured": 1}


def reported(federation: Federation) -> Report:
    world = federation.world
    with federation.maker.inside():
        made = happening.incident(world, 0, Trigger.THERMAL, stated=FIRE)
        return reporting.report(
            incident_id=made.pk,
            series=Series.NEV_BASIC,
            actor=world.actor(Role.SAFETY),
            at=world.tick(),
        )


def acknowledge(federation: Federation) -> Copy:
    samr = federation.samr
    with samr.inside():
        return acknowledging.acknowledge(
            copy_id=Copy.objects.latest("pk").pk,
            passphrase=samr.passphrases[Role.SAMR_REVIEWER],
            keystore=samr.platform.keystore,
            note="On our table.",
            actor=samr.actors[Role.SAMR_REVIEWER],
            at=federation.tick(),
        )


def test_a_report_arrives_and_is_acknowledged(federation: Federation) -> None:
    report = reported(federation)
    federation.post()
    with federation.samr.inside():
        here = Report.objects.get()
        assert (here.number, here.sha256, here.content) == (
            report.number,
            report.sha256,
            report.content,
        )
    acknowledge(federation)
    federation.post()
    matter = f"incident/{report.incident.number}"
    with federation.maker.inside():
        copy = report.copies.get()
        assert (copy.state, copy.note) == ("acknowledged", "On our table.")
        assert acknowledging.signature(copy).is_valid
        peer = Peer.objects.get(name="samr")
        ours = state.of(peer, matter)
        assert state.said(peer, matter) == ours
    with federation.samr.inside():
        assert state.of(Peer.objects.get(name="starway"), matter) == ours != {}
    assert not any(federation.dead(one) for one in federation.every.values())


def test_a_question_about_an_incident_is_asked_and_answered(federation: Federation) -> None:
    report = reported(federation)
    federation.post()
    samr = federation.samr
    with samr.inside():
        asking.ask(
            incident_id=Incident.objects.get().pk,
            text="Which cell?",
            actor=samr.actors[Role.SAMR_REVIEWER],
            at=federation.tick(),
        )
    federation.post()
    with federation.maker.inside():
        asked = Question.objects.get(incident=report.incident)
        assert (asked.text, asked.authority.slug) == ("Which cell?", "samr")
        asking.answer(
            question_id=asked.pk,
            text="Cell 4.",
            actor=federation.world.actor(Role.SAFETY),
            at=federation.tick(),
        )
    federation.post()
    with samr.inside():
        assert Question.objects.get().answer == "Cell 4."
    assert not any(federation.dead(one) for one in federation.every.values())


def changed(body: dict, **change: object) -> dict:
    content = dict(body["content"]) | change
    return body | {"content": content, "sha256": digest(content)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda body: body | {"sha256": "0" * 64}, "incident-other-report"),
        (lambda body: changed(body, stated={"injured": -1}), "wrong-incident-value"),
        (lambda body: changed(body, trigger="weather"), "incident-bad-report"),
        (lambda body: changed(body, manufacturer={"slug": "x", "name": {}}), "incident-bad-report"),
        (lambda body: changed(body, to=["miit"]), "no-such-incident-report"),
        (lambda body: changed(body, prior="0" * 64), "no-such-incident-report"),
    ],
)
def test_what_is_wrong_with_a_report_leaves_nothing_there(
    federation: Federation, change: Callable[[dict], dict], code: str
) -> None:
    reported(federation)

    def tampered(message: Message) -> Message:
        wrong = message.kind == "incident.reported"
        return replace(message, body=change(dict(message.body))) if wrong else message

    federation.post(tampered=tampered)
    assert federation.dead(federation.samr) == [code]
    with federation.samr.inside():
        assert not Incident.objects.exists()


def test_an_acknowledgement_that_nobody_signed_is_none(federation: Federation) -> None:
    report = reported(federation)
    federation.post()
    acknowledge(federation)

    def tampered(message: Message) -> Message:
        if message.kind != "incident.acknowledged":
            return message
        envelope = str(message.body["envelope"]).replace('"sig":"', '"sig":"AA')
        return replace(message, body=dict(message.body) | {"envelope": envelope})

    federation.post(tampered=tampered)
    assert federation.dead(federation.maker) == ["incident-acknowledgement-refused"]
    with federation.maker.inside():
        assert report.copies.get().state == "sent"
