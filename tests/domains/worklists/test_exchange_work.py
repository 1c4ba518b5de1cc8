"""What the exchange cannot do alone stands on the list of who looks after it, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from roadworthy.domains.exchange import applying, comparing
from roadworthy.domains.exchange.comparing import Found, Verdict
from roadworthy.domains.exchange.matters import Depth
from roadworthy.domains.exchange.models import Line
from roadworthy.domains.exchange.states import Halt
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import queries
from roadworthy.domains.worklists.items import Kind
from roadworthy.domains.worklists.queries import Whose
from roadworthy.kernel.calendar import legal_day
from tests import exchanging
from tests.world import START

pytestmark = pytest.mark.django_db
EXCHANGE = {Kind.LETTER, Kind.HALTED_LINE, Kind.DIFFERENCE}


@pytest.fixture
def far(world):
    own = exchanging.established(world.platform, "starway", at=START)
    return exchanging.Far(at=START, to=own.name)


@pytest.fixture
def peer(far):
    return exchanging.befriended(far)


def work(world, role, party=Party.MANUFACTURER):
    found = queries.items_of(
        world.cast.actors[role], party, today=legal_day(START), whose=Whose.ROLE
    )
    return [one for one in found if one.kind in EXCHANGE]


def test_a_dead_letter_is_work_until_somebody_has_decided(world, far, peer):
    said = far.say("report/T-1", "report.imagined", {"a": 1})
    exchanging.deliver(peer, said, to="starway", at=START)
    exchanging.apply_all(world.platform, at=START)
    (item,) = work(world, Role.COMPLIANCE_OFFICER)
    letter = exchanging.letters(peer)[0].pk
    assert (item.kind, item.subject, item.link) == (Kind.LETTER, "T-1", ("letter", str(letter)))
    assert item.about == {"zh-hans": "远方检测", "en": "Far Testing"}
    assert work(world, Role.RELEASE_ENGINEER) == []
    assert work(world, Role.MIIT_REVIEWER, Party.MIIT) == []
    officer = world.cast.actors[Role.COMPLIANCE_OFFICER]
    applying.set_aside(message_id=letter, reason="imagined", actor=officer, at=START)
    assert work(world, Role.COMPLIANCE_OFFICER) == []


def test_a_line_that_contradicts_itself_is_work(world, far, peer):
    message = far.message("report/T-1", "report.imagined", {"a": 1})
    other = far.message("report/T-1", "report.imagined", {"a": 2}, sequence=1, previous="")
    exchanging.deliver(peer, far.seal(message), far.seal(other), to="starway", at=START)
    (item,) = work(world, Role.COMPLIANCE_OFFICER)
    assert (item.kind, item.subject, item.state) == (Kind.HALTED_LINE, "T-1", Halt.CONFLICT)
    assert item.link == ("peer", peer.name)
    assert item.id == Line.objects.get(direction=Line.IN).pk


def test_what_was_altered_is_work_until_the_next_comparison_finds_it_equal(world, peer):
    def compared(*found, hours):
        comparing.note(
            peer, found, depth=Depth.FULL, matters=3, our_root="a", their_root="b", answer=b"",
            at=START + timedelta(hours=hours),
        )  # fmt: skip

    grave = Found("filing/F-1", Verdict.ALTERED_HERE, {})
    compared(grave, Found("filing/F-2", Verdict.MISSING_THERE, {}), hours=1)
    (item,) = work(world, Role.COMPLIANCE_OFFICER)
    assert (item.kind, item.number, item.link) == (Kind.DIFFERENCE, 1, ("peer", peer.name))
    compared(hours=2)
    assert work(world, Role.COMPLIANCE_OFFICER) == []
