"""Filings, decisions and questions travel as messages; what is wrong with one stops that matter."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from roadworthy.domains.documents.models import Document
from roadworthy.domains.exchange import state
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.filings import dossiers, others, questions, services
from roadworthy.domains.filings.models import Filing, OtherDecision, Question
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations import services as people
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.trust import dsse
from roadworthy.trust.messages import Message
from tests.domains.exchange.federation import Federation


def stands(federation: Federation, filing: Filing) -> str:
    with federation.maker.inside():
        return Filing.objects.get(pk=filing.pk).state


def handed_in(federation: Federation, kind: FilingKind = FilingKind.CAPABILITY) -> Filing:
    with federation.maker.inside():
        return federation.filed(kind)[Kind.MIIT]


def test_a_release_goes_out_over_two_other_deployments(federation: Federation) -> None:
    for kind in (FilingKind.CAPABILITY, FilingKind.TYPE):
        federation.through(kind)
    with federation.maker.inside():
        release = federation.world.signed()
    federation.through(FilingKind.ACTIVITY, release)
    with federation.maker.inside():
        release.refresh_from_db()
        assert release.state == "released"
        numbers = list(Filing.objects.values_list("number", flat=True))
        ours = {
            number: state.of(peer, f"filing/{number}")
            for peer in Peer.objects.all()
            for number in numbers
            if state.of(peer, f"filing/{number}")
        }
        assert len(ours) == 6
    for authority in (federation.miit, federation.samr):
        with authority.inside():
            peer = Peer.objects.get(name="starway")
            for filing in Filing.objects.all():
                matter = f"filing/{filing.number}"
                assert state.of(peer, matter) == state.said(peer, matter) == ours[filing.number]
            activity = Filing.objects.get(dossier__kind=FilingKind.ACTIVITY)
            assert activity.mirror.evaluation["tally"]
            evidence = activity.dossier.content["release"]["evidence"]
            kept = Document.objects.filter(sha256__in=[one["sha256"] for one in evidence])
            assert kept.count() == len({one["sha256"] for one in evidence})
    assert not any(federation.dead(one) for one in federation.every.values())


def test_the_other_authority_hears_of_a_decision_and_verifies_it(federation: Federation) -> None:
    federation.through(FilingKind.CAPABILITY)
    for here, other in ((federation.miit, "samr"), (federation.samr, "miit")):
        with here.inside():
            filing = Filing.objects.get()
            (told,) = others.about(filing)
            assert (told.authority.slug, told.decision) == (other, "accept")


def test_the_other_authority_believes_no_acceptance_that_was_not_signed(
    federation: Federation,
) -> None:
    filing = handed_in(federation)
    federation.post()
    federation.accept(filing.number, Kind.MIIT)
    tampered = of_kind("decision.noticed", lambda body: body | {"dossier_sha256": "0" * 64})
    federation.post(tampered=tampered)
    assert federation.dead(federation.samr) == ["receipt-refused"]
    with federation.samr.inside():
        assert not OtherDecision.objects.exists()


def test_a_question_is_asked_and_answered_between_deployments(federation: Federation) -> None:
    filing = handed_in(federation)
    federation.post()
    miit = federation.miit
    with miit.inside():
        for text in ("Which manual?", "Never mind."):
            asked = questions.ask(
                filing_id=Filing.objects.get(number=filing.number).pk,
                text=text,
                actor=miit.actors[Role.MIIT_REVIEWER],
                at=federation.tick(),
            )
        questions.take_back(
            question_id=asked.pk, actor=miit.actors[Role.MIIT_REVIEWER], at=federation.tick()
        )
    federation.post()
    with federation.maker.inside():
        (question,) = questions.open_for_manufacturer(filing.manufacturer_id)
        assert question.text == "Which manual?"
        questions.answer(
            question_id=question.pk,
            text="SUMS manual 3.1",
            actor=federation.world.actor(Role.HOMOLOGATION),
            at=federation.tick(),
        )
    federation.post()
    with miit.inside():
        assert sorted(Question.objects.values_list("state", "answer")) == [
            ("answered", "SUMS manual 3.1"),
            ("taken-back", ""),
        ]
    assert not any(federation.dead(one) for one in federation.every.values())


def test_a_return_and_the_next_version_travel(federation: Federation) -> None:
    filing = handed_in(federation)
    federation.post()
    miit = federation.miit
    with miit.inside():
        services.send_back(
            filing_id=Filing.objects.get(number=filing.number).pk,
            reason="Which permit?",
            actor=miit.actors[Role.MIIT_REVIEWER],
            at=federation.tick(),
        )
    federation.post()
    assert stands(federation, filing) == "returned"
    with federation.maker.inside():
        again = federation.filed(FilingKind.CAPABILITY)[Kind.MIIT]
    federation.post()
    with miit.inside():
        states = dict(Filing.objects.values_list("number", "state"))
        assert states == {filing.number: "superseded", again.number: "submitted"}
    with federation.maker.inside():
        services.withdraw(
            filing_id=again.pk,
            actor=federation.world.actor(Role.HOMOLOGATION),
            at=federation.tick(),
        )
    federation.post()
    with miit.inside():
        assert Filing.objects.get(number=again.number).state == "withdrawn"


def of_kind(kind: str, change: Callable[[dict], dict]) -> Callable[[Message], Message]:
    """Return what a deployment sends that changes the body of one kind of message."""

    def tampered(message: Message) -> Message:
        if message.kind != kind:
            return message
        return replace(message, body=change(dict(message.body)))

    return tampered


def other_content(body: dict) -> dict:
    dossier = dict(body["dossier"])
    dossier["details"] = {**dossier["details"], "commitments": "none"}
    return body | {"dossier": dossier}


def digested_anew(body: dict, **change: object) -> dict:
    dossier = dict(body["dossier"]) | change
    return body | {"dossier": dossier, "dossier_sha256": dossiers.sha256(dossier)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (other_content, "other-content"),
        (lambda body: digested_anew(body, manufacturer="nobody"), "filing-not-yours"),
        (lambda body: digested_anew(body, labels=["harmless"]), "bad-dossier"),
        (lambda body: digested_anew(body, surprise="!"), "bad-dossier"),
        (lambda body: body | {"number": "F1-2025-0999"}, "wrong-matter"),
        (lambda body: body | {"filing_kind": "wish"}, "body-unreadable"),
        (lambda body: body | {"submitted_at": "2031-01-01T00:00:00.000000Z"}, "from-the-future"),
        (lambda body: {"number": body["number"]}, "body-unreadable"),
    ],
)
def test_what_is_wrong_with_a_filing_leaves_nothing_there(
    federation: Federation, change: Callable[[dict], dict], code: str
) -> None:
    handed_in(federation)
    federation.post(tampered=of_kind("filing.submitted", change))
    assert federation.dead(federation.miit) == [code]
    with federation.miit.inside():
        assert not Filing.objects.exists()
        assert not Document.objects.exists()


def signed_by(federation: Federation, kind: Kind, purpose: KeyPurpose, role: Role, receipt: str):
    there = federation.every[kind]
    with there.inside():
        key = organisations.live_key(there.organisation().pk, purpose)
        signer = there.platform.keystore.signer(key.keyid, there.passphrases[role])
    return dsse.attest(dsse.unverified_statement(receipt.encode()), signer).decode()


def by_samr(federation: Federation, body: dict) -> dict:
    """The right statement, by the other authority's key."""
    role = Role.SAMR_REVIEWER
    forged = signed_by(federation, Kind.SAMR, KeyPurpose.RECEIPT, role, body["receipt"])
    return body | {"receipt": forged}


def for_another_purpose(federation: Federation, body: dict) -> dict:
    """The right statement, by the right authority's key for something else."""
    role = Role.MIIT_REVIEWER
    forged = signed_by(federation, Kind.MIIT, KeyPurpose.ACCESS_PERMIT, role, body["receipt"])
    return body | {"receipt": forged}


def of_another_digest(_: Federation, body: dict) -> dict:
    return body | {"dossier_sha256": "0" * 64}


def without_receipt(_: Federation, body: dict) -> dict:
    return body | {"receipt": ""}


def of_another_moment(_: Federation, body: dict) -> dict:
    return body | {"decided_at": "2025-06-03T01:02:03.000000Z"}


def of_another_number(_: Federation, body: dict) -> dict:
    return body | {"number": "F1-2025-0999"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (by_samr, "receipt-refused"),
        (for_another_purpose, "receipt-refused"),
        (without_receipt, "receipt-refused"),
        (of_another_moment, "receipt-refused"),
        (of_another_digest, "other-content"),
        (of_another_number, "wrong-matter"),
    ],
)
def test_a_decision_that_its_authority_did_not_sign_decides_nothing(
    federation: Federation, change: Callable[[Federation, dict], dict], code: str
) -> None:
    filing = handed_in(federation)
    federation.post()
    federation.accept(filing.number, Kind.MIIT)
    federation.post(tampered=of_kind("filing.decided", lambda body: change(federation, body)))
    assert federation.dead(federation.maker) == [code]
    assert stands(federation, filing) == "submitted"


def test_nobody_decides_for_another_authority(federation: Federation) -> None:
    """SAMR's deployment sends MIIT's true receipt about MIIT's filing, in its own name."""
    with federation.maker.inside():
        filed = federation.filed(FilingKind.CAPABILITY)
    federation.post()
    true = federation.accept(filed[Kind.MIIT].number, Kind.MIIT)
    federation.accept(filed[Kind.SAMR].number, Kind.SAMR)

    def tampered(message: Message) -> Message:
        if message.kind != "filing.decided" or message.sender != "samr":
            return message
        body = dict(message.body) | {"number": true.number, "receipt": true.receipt}
        return replace(message, matter=f"filing/{true.number}", body=body)

    federation.post(tampered=tampered)
    assert federation.dead(federation.maker) == ["no-such-filing"]
    assert stands(federation, filed[Kind.SAMR]) == "submitted"
    assert stands(federation, filed[Kind.MIIT]) == "accepted"  # by MIIT's own message


def test_a_revoked_key_signs_nothing_more(federation: Federation) -> None:
    filing = handed_in(federation)
    federation.post()
    federation.accept(filing.number, Kind.MIIT)
    miit = federation.miit
    with miit.inside():
        key = organisations.live_key(miit.organisation().pk, KeyPurpose.RECEIPT)
        people.revoke_key(keyid=key.keyid, actor=witnessed(PLATFORM), at=federation.tick())
    with federation.maker.inside():
        known = organisations.key(key.keyid)
        known.revoked_at = federation.tick()
        known.save(update_fields=["revoked_at"])
    federation.post()
    assert federation.dead(federation.maker) == ["receipt-refused"]
    assert stands(federation, filing) == "submitted"


def test_a_revocation_counts_at_once_and_a_new_key_when_a_person_confirms_it(
    federation: Federation,
) -> None:
    miit = federation.miit
    with miit.inside():
        own = miit.organisation()
        old = organisations.live_key(own.pk, KeyPurpose.RECEIPT)
        by, holder = witnessed(PLATFORM), miit.actors[Role.MIIT_REVIEWER]
        people.revoke_key(keyid=old.keyid, actor=by, at=federation.tick())
        new = people.create_key(
            organisation_id=own.pk,
            holder_id=holder.user_id,
            purpose=KeyPurpose.RECEIPT,
            passphrase=miit.passphrases[Role.MIIT_REVIEWER],
            keystore=miit.platform.keystore,
            actor=by,
            at=federation.tick(),
        )
    federation.post()
    with federation.maker.inside():
        there = federation.maker.organisation(Kind.MIIT)
        assert organisations.live_key(there.pk, KeyPurpose.RECEIPT) is None
        (waiting,) = remote.announced(there.pk)
        assert waiting.keyid == new.keyid
        remote.confirm(keyid=new.keyid, actor=witnessed(PLATFORM), at=federation.tick())
        assert organisations.live_key(there.pk, KeyPurpose.RECEIPT).keyid == new.keyid


def test_metadata_that_names_what_was_not_filed_is_not_taken(federation: Federation) -> None:
    with federation.maker.inside():
        release = federation.world.signed()
    for kind in (FilingKind.CAPABILITY, FilingKind.TYPE):
        federation.through(kind)
    with federation.maker.inside():
        filing = federation.filed(FilingKind.ACTIVITY, release)[Kind.MIIT]

    def more_images(body: dict) -> dict:
        offer = dict(body["candidate"])
        metadata = json.loads(base64.b64decode(offer["payload"]))
        (path,) = metadata["signed"]["targets"]
        image = dict(metadata["signed"]["targets"][path])
        metadata["signed"]["targets"][path.replace(".swu", "-too.swu")] = image
        payload = json.dumps(metadata).encode()
        offer["payload"] = base64.b64encode(payload).decode()
        offer["sha256"] = hashlib.sha256(payload).hexdigest()
        return body | {"candidate": offer}

    federation.post(tampered=of_kind("filing.submitted", more_images))
    assert federation.dead(federation.miit) == ["candidate-not-filed"]
    with federation.miit.inside():
        assert not Filing.objects.filter(number=filing.number).exists()
