"""SAMR's notices travel to a manufacturer's deployment, and its answers back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from roadworthy.domains.documents import queries as kept
from roadworthy.domains.exchange import state
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import errors, notices_elsewhere, noticing
from roadworthy.domains.recalls.models import (
    Defect,
    Duty,
    RecallNotice,
    StopOrder,
)
from roadworthy.domains.recalls.notices import objection_due
from roadworthy.domains.recalls.states import NoticeAct, NoticeState, Origin, State
from roadworthy.kernel.calendar import SHANGHAI, legal_day
from roadworthy.trust.messages import Message
from tests import recalling
from tests.domains.exchange.deployments import Deployment
from tests.domains.exchange.federation import Federation
from tests.domains.exchange.supervised import (
    SUBJECT,
    equal,
    issued,
    objected,
    step,
)


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


def test_a_notice_goes_to_the_defect_that_it_names_and_else_opens_one(known: Federation) -> None:
    with known.maker.inside():
        mine = recalling.defect(known.world)
    issued(known, mine.number)
    made = issued(known, "D-1999-0001")
    with known.maker.inside():
        first, second = RecallNotice.objects.order_by("pk")
        assert first.defect_id == mine.pk
        assert second.defect.number not in {mine.number, "D-1999-0001"}
    with known.samr.inside():
        made.refresh_from_db()
        assert made.defect_number == second.defect.number
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
        assert objection_due(notice) is None
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
            days.add(objection_due(found))
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


def test_an_objection_that_was_on_its_way_when_samr_ordered_is_kept(known: Federation) -> None:
    made = issued(known)
    step(known, NoticeAct.NOTIFY, "Five accidents.")
    objected(known, post=False)
    known.world.now += timedelta(days=60)
    with known.samr.inside():
        noticing.take(
            NoticeAct.ORDER,
            notice_id=made.pk,
            words="Recall them.",
            actor=known.samr.actors[Role.SAMR_REVIEWER],
            at=known.tick(),
        )
    known.post()
    with known.samr.inside():
        made.refresh_from_db()
        assert (made.state, made.objection) == (NoticeState.ORDERED, "Our tests differ.")
    with known.maker.inside():
        assert Defect.objects.get().state == State.CONFIRMED
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


def test_an_order_stands_where_the_word_that_one_follows_crossed_it(known: Federation) -> None:
    made = issued(known)
    step(known, NoticeAct.NOTIFY, "Five accidents.")
    known.world.now += timedelta(days=60)
    with known.maker.inside():
        noticing.follow(
            notice_id=RecallNotice.objects.get().pk,
            actor=known.world.actor(Role.COMPLIANCE_OFFICER),
            at=known.tick(),
        )
        confirmed_at = Defect.objects.get().confirmed_at
    step(known, NoticeAct.ORDER, "Recall them.")
    for side in (known.maker, known.samr):
        with side.inside():
            notice = RecallNotice.objects.get()
            assert (notice.state, notice.decision) == (NoticeState.ORDERED, "Recall them.")
    with known.maker.inside():
        defect = Defect.objects.get()
        assert (defect.state, defect.confirmed_at) == (State.CONFIRMED, confirmed_at)
    equal(known, f"recall-notice/{made.number}")


def test_what_is_set_aside_is_set_aside_there(known: Federation) -> None:
    made = issued(known)
    step(known, NoticeAct.SET_ASIDE, "Another cause.")
    with known.maker.inside():
        assert RecallNotice.objects.get().state == NoticeState.SET_ASIDE
        entries = ledger.told(Entry.objects.filter(event__startswith="recall-notice:"))
        assert {one.actor["commitment"] for one in entries} == {None}, "no person is named here"
    equal(known, f"recall-notice/{made.number}")


def between(there: Deployment, maker: Kind, authority: Kind) -> notices_elsewhere.Parties:
    return notices_elsewhere.Parties(there.organisation(maker), there.organisation(authority))


def told(known: Federation, **change: object) -> notices_elsewhere.Issued:
    with known.samr.inside():
        one = RecallNotice.objects.get()
    said = {
        "number": "SN-1",
        "subject": SUBJECT,
        "grounds": "x",
        "types": tuple(one.types),
        "defect": "",
        "issued_at": known.world.now,
    }
    return notices_elsewhere.Issued(**(said | change))


def test_what_cannot_be_leaves_nothing_at_the_manufacturers(known: Federation) -> None:
    made = issued(known)
    now = known.world.now
    for change, wrong in (
        ({"types": ("NOBODYS",)}, errors.UnknownTypes),
        ({"types": ()}, errors.UnknownTypes),
        ({"grounds": " "}, errors.WordsMissing),
        ({"subject": {"en": "x"}}, errors.FieldMissing),
        ({"number": made.number}, errors.OtherNotice),
        ({"issued_at": now + timedelta(days=2)}, errors.WrongDay),
    ):
        given = told(known, **change)
        with known.maker.inside():
            parties = between(known.maker, Kind.MANUFACTURER, Kind.SAMR)
            with pytest.raises(wrong), transaction.atomic():
                notices_elsewhere.issued(given, parties, received_at=now, at=now)
    with known.maker.inside():
        assert RecallNotice.objects.count() == Defect.objects.count() == 1


def test_what_cannot_have_arrived_changes_nothing_at_samrs(known: Federation) -> None:
    made = issued(known)
    now = known.world.now
    for change, wrong in (
        ({"step": "order"}, errors.NoSuchStep),
        ({"step": "notify"}, errors.NoSuchStep),
        ({"step": "nothing"}, errors.NoSuchStep),
        ({"received_at": now - timedelta(days=2)}, errors.WrongDay),
        ({"received_at": now + timedelta(days=2)}, errors.WrongDay),
        ({"number": "SN-1"}, errors.NoSuchNotice),
    ):
        given = {"number": made.number, "step": "issue", "defect": "D-9", "received_at": now}
        receipt = notices_elsewhere.Receipt(**(given | change))
        with known.samr.inside():
            parties = between(known.samr, Kind.MANUFACTURER, Kind.SAMR)
            with pytest.raises(wrong), transaction.atomic():
                notices_elsewhere.received(receipt, parties, at=now)
    with known.samr.inside():
        before = made.defect_number
        made.refresh_from_db()
        assert made.defect_number != before
        assert made.defect_number != "D-9"


def test_what_speaks_of_another_matter_or_step_is_a_dead_letter(known: Federation) -> None:
    def tampered(message: Message) -> Message:
        change = {
            "recall-notice.arrived": {"number": "SN-1"},
            "recall-notice.continued": {"step": "follow"},
        }.get(message.kind, {})
        return replace(message, body=dict(message.body) | change)

    issued(known, post=False)
    known.post(tampered=tampered)
    step(known, NoticeAct.NOTIFY, "x", tampered=tampered)
    assert known.dead(known.samr) == ["wrong-matter"]
    assert known.dead(known.maker) == ["body-unreadable"]


def test_only_samr_gives_notice(known: Federation) -> None:
    issued(known, post=False)
    given, now = told(known), known.world.now
    with known.maker.inside():
        parties = between(known.maker, Kind.MANUFACTURER, Kind.MIIT)
        with pytest.raises(errors.NotSamrs):
            notices_elsewhere.issued(given, parties, received_at=now, at=now)


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
