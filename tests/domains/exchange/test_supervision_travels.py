"""What SAMR writes about a recall travels; its words and the answers outlive a restore."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from roadworthy.domains.exchange import peering
from roadworthy.domains.exchange.models import Peer, Regaining
from roadworthy.domains.exchange.states import PeerState
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import errors, noticing, supervising, supervision
from roadworthy.domains.recalls.models import Duty, RecallNotice
from roadworthy.domains.recalls.notices import objection_due
from roadworthy.domains.recalls.states import NoticeAct
from roadworthy.kernel.calendar import SHANGHAI
from tests.domains.exchange.federation import Federation
from tests.domains.exchange.supervised import (
    SUBJECT,
    equal,
    issued,
    objected,
    planned,
    step,
    stood,
)
from tests.domains.exchange.test_regaining import put_back, yesterday


def test_what_samr_writes_about_a_recall_comes_to_its_plan(known: Federation) -> None:
    plan = planned(known)
    reviewer = known.samr.actors[Role.SAMR_REVIEWER]
    with known.samr.inside():
        (filing,) = supervising.plans_elsewhere(reviewer.organisation_id)
        assert filing.dossier.content["details"]["plan"] == plan.number
        other = Filing.objects.filter(dossier__kind=FilingKind.TYPE).get()
        said = {"kind": "effect", "text": SUBJECT, "actor": reviewer}
        with pytest.raises(errors.NoSuchPlan):
            supervision.supervise_filed(filing_id=other.pk, **said, at=known.tick())
        supervision.supervise_filed(filing_id=filing.pk, **said, at=known.tick())
    known.post()
    with known.maker.inside():
        (there,) = plan.supervision.all()
        assert (there.kind, there.text, there.by) == ("effect", SUBJECT, None)
    equal(known, f"recall/{filing.number}")


def test_samrs_own_words_hold_again_after_a_restore(known: Federation) -> None:
    """Its notice, its steps, what it wrote; the answers come again, and nobody is told twice."""
    planned(known)
    with yesterday(known, Kind.SAMR) as before:
        made = issued(known)
        step(known, NoticeAct.NOTIFY, "Five accidents.")
        objected(known)
        step(known, NoticeAct.APPOINT, "Three experts.")
        step(known, NoticeAct.ORDER, "Recall them.", opinion="A defect.")
        with known.samr.inside():
            reviewer = known.samr.actors[Role.SAMR_REVIEWER]
            (filing,) = supervising.plans_elsewhere(reviewer.organisation_id)
            supervision.supervise_filed(
                filing_id=filing.pk, kind="note", text=SUBJECT, actor=reviewer, at=known.tick()
            )
        known.post()
        had = stood(known)
        put_back(known, before)
        assert stood(known) == had
        with known.samr.inside():
            assert not Regaining.objects.filter(done_at=None).exists()
        assert known.post() == 0
        equal(known, f"recall-notice/{made.number}")
        equal(known, f"recall/{filing.number}")


def test_a_manufacturers_answer_and_the_day_hold_again_after_a_restore(
    known: Federation,
) -> None:
    with yesterday(known, Kind.MANUFACTURER) as before:
        made = issued(known)
        step(known, NoticeAct.NOTIFY, "Five accidents.")
        objected(known)
        known.world.now += timedelta(days=3)
        put_back(known, before)
        assert known.post() == 0
        equal(known, f"recall-notice/{made.number}")


def test_a_manufacturer_that_is_confirmed_later_hears_what_was_meant_for_it(
    known: Federation,
) -> None:
    with known.samr.inside():
        Peer.objects.filter(name=known.maker.name).update(state=PeerState.PROPOSED)
    made = issued(known)
    step(known, NoticeAct.NOTIFY, "Five accidents.")
    with known.samr.inside():
        peer = Peer.objects.get(name=known.maker.name)
        peering.confirm(
            name=peer.name, fingerprint=peer.fingerprint, actor=PLATFORM, at=known.tick()
        )
    known.post()
    with known.maker.inside():
        notice = RecallNotice.objects.get()
        assert (notice.grounds, notice.recall_grounds) == ("Three accidents.", "Five accidents.")
    equal(known, f"recall-notice/{made.number}")


def test_samr_notes_the_receipt_while_the_other_deployment_is_silent(known: Federation) -> None:
    """It came by letter on Tuesday, to the deployment a week later: Tuesday counts for both."""
    made = issued(known)
    reviewer = known.samr.actors[Role.SAMR_REVIEWER]
    known.world.now = datetime(2026, 6, 8, 9, tzinfo=SHANGHAI).astimezone(UTC)
    said = {"notice_id": made.pk, "proof": "Registered letter 17.", "actor": reviewer}
    with known.samr.inside():
        with pytest.raises(errors.ReceiptKnown):
            noticing.served(**said, on=date(2026, 6, 8), at=known.tick())
        noticing.take(
            NoticeAct.NOTIFY, notice_id=made.pk, words="x", actor=reviewer, at=known.tick()
        )
        known.world.now += timedelta(days=7)
        for day in (date(2026, 6, 7), date(2026, 6, 16)):
            with pytest.raises(errors.WrongDay):
                noticing.served(**said, on=day, at=known.tick())
        notice = noticing.served(**said, on=date(2026, 6, 9), at=known.tick())
        due = objection_due(notice)
    known.post()
    with known.maker.inside():
        assert objection_due(RecallNotice.objects.get()) == due
        assert Duty.objects.get(rule_id="RCL-11").due_on == due
    with known.samr.inside():
        notice.refresh_from_db()
        assert objection_due(notice) == due
        with pytest.raises(errors.ReceiptKnown):
            noticing.served(**said, on=date(2026, 6, 9), at=known.tick())
    equal(known, f"recall-notice/{made.number}")
