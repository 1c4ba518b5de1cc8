"""SAMR's notices and what it writes about a recall travel, and the answers back."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from roadworthy.domains.documents import queries as kept
from roadworthy.domains.documents import services as documents
from roadworthy.domains.exchange import state
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import errors, noticing, supervision
from roadworthy.domains.recalls.models import (
    Defect,
    Duty,
    RecallNotice,
    StopOrder,
    Supervision,
)
from roadworthy.domains.recalls.states import NoticeAct, NoticeState, Origin, State
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import SHANGHAI, legal_day
from roadworthy.trust.messages import Message
from tests import recalling
from tests.domains.exchange.federation import Federation

SUBJECT = {"zh-hans": "警示延迟", "en": "Late warning"}


@pytest.fixture
def known(federation: Federation) -> Federation:
    """SAMR knows the manufacturer's type by what that filed; sites can be ordered to stop."""
    federation.through(FilingKind.CAPABILITY)
    federation.through(FilingKind.TYPE)
    with federation.maker.inside():
        recalling.sites(federation.world)
    return federation


def code(federation: Federation) -> str:
    with federation.maker.inside():
        return VehicleType.objects.get(pk=federation.world.type_id).code


def issued(federation: Federation, defect_number: str = "", *, post: bool = True) -> RecallNotice:
    wanted = code(federation)
    with federation.samr.inside():
        made = noticing.issue_elsewhere(
            manufacturer=federation.maker.name,
            codes=[wanted],
            subject=SUBJECT,
            grounds="Three accidents.",
            defect_number=defect_number,
            actor=federation.samr.actors[Role.SAMR_REVIEWER],
            at=federation.tick(),
        )
    if post:
        federation.post()
    return made


def step(federation: Federation, act: NoticeAct, words: str, **more: str) -> None:
    with federation.samr.inside():
        noticing.take(
            act,
            notice_id=RecallNotice.objects.get().pk,
            words=words,
            actor=federation.samr.actors[Role.SAMR_REVIEWER],
            at=federation.tick(),
            **more,
        )
    federation.post()


def objected(federation: Federation) -> str:
    with federation.maker.inside():
        officer = federation.world.actor(Role.COMPLIANCE_OFFICER)
        document = documents.keep(
            organisation_id=federation.world.cast.manufacturer_id,
            filename="proof.png",
            content=io.BytesIO(recalling.PIXEL),
            store=federation.maker.platform.documents,
            actor=officer,
            at=federation.tick(),
        )
        noticing.object_to(
            notice_id=RecallNotice.objects.get().pk,
            words="Our tests differ.",
            document_sha256=document.sha256,
            actor=officer,
            at=federation.tick(),
        )
    federation.post()
    return str(document.sha256)


def equal(federation: Federation, matter: str) -> None:
    """Both sides have the same, and each what its messages say."""
    with federation.maker.inside():
        peer = Peer.objects.get(name="samr")
        ours = dict(state.of(peer, matter))
        assert state.said(peer, matter) == ours != {}
    with federation.samr.inside():
        peer = Peer.objects.get(name=federation.maker.name)
        assert dict(state.of(peer, matter)) == ours
        assert state.said(peer, matter) == ours
    assert not any(federation.dead(one) for one in federation.every.values())


def test_a_notice_opens_the_defect_there_and_its_number_comes_back(known: Federation) -> None:
    made = issued(known)
    with known.maker.inside():
        notice = RecallNotice.objects.get()
        assert (notice.number, notice.state, notice.grounds) == (
            made.number,
            NoticeState.INVESTIGATION,
            "Three accidents.",
        )
        assert (notice.issued_by, notice.issued_at) == (None, made.issued_at)
        defect = notice.defect
        assert (defect.origin, defect.state) == (Origin.AUTHORITY, State.OPEN)
        assert Duty.objects.filter(defect=defect, rule_id="RCL-01").exists()
    with known.samr.inside():
        made.refresh_from_db()
        assert (made.defect, made.defect_number) == (None, defect.number)
        assert not Defect.objects.exists()
    equal(known, f"recall-notice/{made.number}")


def test_a_notice_goes_to_the_defect_that_it_names(known: Federation) -> None:
    with known.maker.inside():
        mine = recalling.defect(known.world)
    issued(known, mine.number)
    with known.maker.inside():
        assert RecallNotice.objects.get().defect_id == mine.pk
        assert Defect.objects.count() == 1


def test_a_number_that_nobody_has_opens_a_new_one(known: Federation) -> None:
    made = issued(known, "D-1999-0001")
    with known.samr.inside():
        made.refresh_from_db()
        assert made.defect_number != "D-1999-0001"
    equal(known, f"recall-notice/{made.number}")


def test_only_types_that_were_filed_can_be_named(known: Federation) -> None:
    with known.samr.inside(), pytest.raises(errors.NoTypes):
        noticing.issue_elsewhere(
            manufacturer=known.maker.name,
            codes=["NOBODYS"],
            subject=SUBJECT,
            grounds="x",
            actor=known.samr.actors[Role.SAMR_REVIEWER],
            at=known.tick(),
        )


def test_the_period_runs_from_when_the_notice_came(known: Federation) -> None:
    """Given on a Monday, it comes on Tuesday: both sides count from Tuesday."""
    issued(known)
    known.world.now = datetime(2026, 6, 8, 9, tzinfo=SHANGHAI).astimezone(UTC)
    with known.samr.inside():
        notice = noticing.take(
            NoticeAct.NOTIFY,
            notice_id=RecallNotice.objects.get().pk,
            words="Five accidents.",
            actor=known.samr.actors[Role.SAMR_REVIEWER],
            at=known.tick(),
        )
        assert noticing.objection_due(notice) is None
        with pytest.raises(errors.NotReceivedYet):
            noticing.take(
                NoticeAct.ORDER,
                notice_id=notice.pk,
                words="Recall.",
                actor=known.samr.actors[Role.SAMR_REVIEWER],
                at=known.tick(),
            )
    known.world.now = datetime(2026, 6, 9, 9, tzinfo=SHANGHAI).astimezone(UTC)
    known.post()
    days = set()
    for side in (known.maker, known.samr):
        with side.inside():
            found = RecallNotice.objects.get()
            assert legal_day(found.recall_notice_at).isoformat() == "2026-06-08"
            assert legal_day(found.recall_notice_received_at).isoformat() == "2026-06-09"
            days.add(noticing.objection_due(found))
    with known.maker.inside():
        days.add(Duty.objects.get(rule_id="RCL-11").due_on)
    assert len(days) == 1
    assert None not in days
    equal(known, f"recall-notice/{notice.number}")


def test_an_objection_brings_its_evidence_and_an_order_stops_everything(
    known: Federation,
) -> None:
    made = issued(known)
    step(known, NoticeAct.NOTIFY, "Five accidents.")
    sha256 = objected(known)
    with known.samr.inside():
        made.refresh_from_db()
        assert (made.state, made.objection) == (NoticeState.OBJECTED, "Our tests differ.")
        document = kept.document(made.manufacturer_id, sha256)
        path = known.samr.platform.documents.path(sha256)
        assert (document.filename, path.read_bytes()) == ("proof.png", recalling.PIXEL)
    step(known, NoticeAct.APPOINT, "Three experts.")
    step(known, NoticeAct.ORDER, "Recall them.", opinion="A defect.")
    with known.maker.inside():
        notice = RecallNotice.objects.get()
        assert (notice.state, notice.decision, notice.opinion, notice.experts) == (
            NoticeState.ORDERED,
            "Recall them.",
            "A defect.",
            "Three experts.",
        )
        defect = notice.defect
        assert (defect.state, defect.ordered) == (State.CONFIRMED, True)
        assert defect.confirmed_at == notice.ended_at
        assert StopOrder.objects.filter(defect=defect).count() == len(recalling.SITES)
        assert Duty.objects.filter(defect=defect, key="RCL-04").exists()
    equal(known, f"recall-notice/{made.number}")


def test_who_follows_confirms_the_defect_and_samr_reads_it(known: Federation) -> None:
    made = issued(known)
    step(known, NoticeAct.NOTIFY, "Five accidents.")
    with known.maker.inside():
        notice = RecallNotice.objects.get()
        noticing.follow(
            notice_id=notice.pk,
            actor=known.world.actor(Role.COMPLIANCE_OFFICER),
            at=known.tick(),
        )
        defect = Defect.objects.get()
        assert (defect.state, defect.ordered) == (State.CONFIRMED, False)
    known.post()
    with known.samr.inside():
        made.refresh_from_db()
        assert made.state == NoticeState.FOLLOWED
    equal(known, f"recall-notice/{made.number}")


def test_what_is_set_aside_is_set_aside_there(known: Federation) -> None:
    made = issued(known)
    step(known, NoticeAct.SET_ASIDE, "Another cause.")
    with known.maker.inside():
        assert RecallNotice.objects.get().state == NoticeState.SET_ASIDE
        names = {
            one.actor.get("commitment")
            for one in Entry.objects.filter(event__startswith="recall-notice:")
        }
        assert names == {None}, "nobody of SAMR's is named here"
    equal(known, f"recall-notice/{made.number}")


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("recall-notice.issued", {"types": ["NOBODYS"]}, "recall-notice-unknown-types"),
        ("recall-notice.issued", {"number": "SN-1"}, "wrong-matter"),
        ("recall-notice.issued", {"grounds": " "}, "words-missing"),
        (
            "recall-notice.issued",
            {"issued_at": "2999-01-01T00:00:00.000000Z"},
            "recall-wrong-day",
        ),
        ("recall-notice.continued", {"step": "order"}, "wrong-state"),
        ("recall-notice.continued", {"step": "follow"}, "body-unreadable"),
    ],
)
def test_what_cannot_be_is_a_dead_letter_there(
    known: Federation, kind: str, change: dict, code: str
) -> None:
    issued(known, post=False)

    def tampered(message: Message) -> Message:
        wrong = message.kind == kind
        return replace(message, body=dict(message.body) | change) if wrong else message

    known.post(tampered=tampered)
    if kind.endswith("continued"):
        with known.samr.inside():
            noticing.take(
                NoticeAct.NOTIFY,
                notice_id=RecallNotice.objects.get().pk,
                words="x",
                actor=known.samr.actors[Role.SAMR_REVIEWER],
                at=known.tick(),
            )
        known.post(tampered=tampered)
    assert known.dead(known.maker) == [code]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"step": "order"}, "no-such-notice-step"),
        ({"received_at": "2020-01-01T00:00:00.000000Z"}, "recall-wrong-day"),
        ({"number": "SN-1"}, "wrong-matter"),
    ],
)
def test_what_cannot_have_arrived_is_a_dead_letter_at_samr(
    known: Federation, change: dict, code: str
) -> None:
    def tampered(message: Message) -> Message:
        wrong = message.kind == "recall-notice.arrived"
        return replace(message, body=dict(message.body) | change) if wrong else message

    issued(known, post=False)
    known.post(tampered=tampered)
    assert known.dead(known.samr) == [code]


def test_a_notice_of_another_authority_is_none(known: Federation) -> None:
    """MIIT's deployment says what only SAMR may."""
    made = issued(known, post=False)

    with known.samr.inside():
        number = made.number

    def tampered(message: Message) -> Message:
        if message.sender != "miit":
            return message
        body = {
            "number": number,
            "subject": SUBJECT,
            "grounds": "x",
            "types": ["x"],
            "issued_at": message.at,
        }
        return replace(
            message, kind="recall-notice.issued", matter=f"recall-notice/{number}", body=body
        )

    with known.maker.inside():
        release = known.world.signed()
        known.filed(FilingKind.ACTIVITY, release)
    known.post(tampered=tampered)
    filing = None
    with known.miit.inside():
        filing = Filing.objects.filter(dossier__kind=FilingKind.ACTIVITY).get()
    known.accept(filing.number, Kind.MIIT)
    known.post(tampered=tampered)
    assert "not-samrs-notice" in known.dead(known.maker)


def altered(change: Callable[[RecallNotice], object], federation: Federation) -> None:
    with federation.maker.inside():
        row = RecallNotice.objects.get()
        change(row)
        row.save()


def test_a_notice_that_was_altered_by_hand_is_found(known: Federation) -> None:
    made = issued(known)
    matter = f"recall-notice/{made.number}"
    with known.maker.inside():
        RecallNotice.objects.update(grounds="Nothing happened.")
        peer = Peer.objects.get(name="samr")
        mine, said = dict(state.of(peer, matter)), dict(state.said(peer, matter))
        assert {name for name in mine if mine[name] != said[name]} == {"issue"}
    with known.samr.inside():
        theirs = dict(state.of(Peer.objects.get(name=known.maker.name), matter))
        assert theirs == said


def test_what_samr_writes_about_a_recall_comes_to_its_plan(known: Federation) -> None:
    with known.maker.inside():
        plan = recalling.drafted(
            known.world, recalling.confirmed(known.world), scope="built unknown"
        )
    with known.samr.inside(), pytest.raises(errors.NoSuchPlan):
        supervision.supervise_filed(
            filing_id=Filing.objects.filter(dossier__kind=FilingKind.TYPE).get().pk,
            kind="note",
            text=SUBJECT,
            actor=known.samr.actors[Role.SAMR_REVIEWER],
            at=known.tick(),
        )
    assert plan.filing_id is None
    assert not Supervision.objects.exists()
