"""Recalls abroad and changed particulars: what the rulebook says on each day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import errors, producer
from roadworthy.domains.recalls.producer import ABROAD, CHANGE
from tests import recalling

TITLE = {"zh-hans": "美国召回转向机", "en": "Steering recalled in the United States"}


def enter(light, kind=ABROAD, on=None):
    return producer.enter(
        kind=kind,
        happened_on=on or light.now.date(),
        title=TITLE,
        source="NHTSA 25V-123",
        actor=light.actor(Role.RECALL),
        at=light.tick(),
    )


def outcome(matter, today):
    (finding,) = producer.evaluate(matter, today=today).findings
    return str(finding.outcome)


def test_a_recall_abroad_is_filed_in_time_and_assessed(light):
    made = enter(light)
    day = made.happened_on
    assert outcome(made, day) == "not-applicable", "the period runs"
    assert outcome(made, day + timedelta(days=60)) == "broken"
    given = {"matter_id": made.pk, "actor": light.actor(Role.COMPLIANCE_OFFICER)}
    light.tick(days=1)
    filed = producer.file(on=light.now.date(), proof="SAMR 12", at=light.tick(), **given)
    assert outcome(filed, light.now.date()) == "undetermined", "nobody has assessed the products"
    defect = recalling.confirmed(light)
    with pytest.raises(errors.NoSuchDefect):
        producer.assess(
            on=light.now.date(), words="x", defect_number="D-1", at=light.tick(), **given
        )
    done = producer.assess(
        on=light.now.date(), words="同款。", defect_number=defect.number, at=light.tick(), **given
    )
    assert (done.defect, outcome(done, light.now.date())) == (defect, "met")


def test_changed_particulars_are_updated_within_twenty_working_days(light):
    made = enter(light, CHANGE, date(2025, 5, 6))
    assert outcome(made, date(2025, 6, 3)) == "not-applicable"
    assert outcome(made, date(2025, 6, 30)) == "broken"
    with pytest.raises(errors.NoSuchMatter):
        producer.assess(
            matter_id=made.pk,
            on=light.now.date(),
            words="x",
            defect_number="",
            actor=light.actor(Role.RECALL),
            at=light.tick(),
        )


def test_it_is_for_who_manages_recalls_and_for_one_manufacturer(light, stranger):
    made = enter(light)
    given = {"matter_id": made.pk, "on": light.now.date(), "proof": "x", "at": light.tick()}
    with pytest.raises(errors.NoSuchMatter):
        producer.file(actor=stranger[Role.RECALL], **given)
    with pytest.raises(errors.NotForYou):
        producer.file(actor=light.actor(Role.SAFETY), **given)
    with pytest.raises(errors.WrongDay):
        enter(light, on=light.now.date() + timedelta(days=1))
    assert list(producer.matters(stranger[Role.RECALL].organisation_id)) == []
