"""A possible defect from the first word to the decision of a second person."""

from __future__ import annotations

import pytest

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import errors, queries
from roadworthy.domains.recalls.states import State
from tests import recalling


def test_numbers_count_per_manufacturer_and_the_ledger_knows_no_title(light, stranger):
    one, two = recalling.defect(light), recalling.defect(light, Role.AFTER_SALES)
    assert (one.number, two.number) == ("D-2025-0001", "D-2025-0002")
    assert [row.number for row in queries.defects(light.cast.manufacturer_id)] == [
        "D-2025-0002",
        "D-2025-0001",
    ]
    entry = Entry.objects.filter(event="defect:opened").first()
    assert b"ALPHA" in bytes(entry.body)
    assert b"Late warning" not in bytes(entry.body)


def test_a_signal_opens_one_by_itself_and_says_why(light):
    made = recalling.defect(
        light, origin="signal", actor=PLATFORM, links={"signal": "12"}, reason="Reached 0.4 ‰."
    )
    assert (made.state, made.opened_by_id) == (State.OPEN, None)
    assert made.reason == {"zh-hans": "Reached 0.4 ‰.", "en": "Reached 0.4 ‰."}


def test_another_manufacturers_type_is_refused(light, stranger):
    with pytest.raises(errors.NoTypes):
        recalling.defect(light, actor=stranger[Role.SAFETY])
    made = recalling.defect(light)
    with pytest.raises(errors.NoSuchDefect):
        queries.defect(stranger[Role.SAFETY].organisation_id, made.pk)
