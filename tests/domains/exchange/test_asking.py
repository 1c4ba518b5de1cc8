"""A person asks for a comparison; the wish lasts until both sides were compared as a whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from roadworthy.domains.exchange import asking, comparing, peering
from roadworthy.domains.exchange.errors import AskedJustNow, NoSuchPeer, PeerNotConfirmed
from roadworthy.domains.exchange.matters import Depth
from roadworthy.domains.organisations.actors import PLATFORM, NotAMember
from roadworthy.domains.organisations.roles import Role
from tests import exchanging
from tests.world import START

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(world):
    own = exchanging.established(world.platform, "starway", at=START)
    return exchanging.befriended(exchanging.Far(at=START, to=own.name))


def ask(world, peer, role=Role.COMPLIANCE_OFFICER, *, minutes=0):
    at = START + timedelta(minutes=minutes)
    asking.ask(name=peer.name, actor=world.cast.actors[role], at=at)


def compared(peer, *, minutes, depth=Depth.FULL):
    comparing.note(
        peer, [], depth=depth, matters=0, our_root="", their_root="", answer=b"",
        at=START + timedelta(minutes=minutes),
    )  # fmt: skip


def test_the_wish_lasts_until_the_next_whole_comparison(world, peer):
    assert asking.since(peer) is None
    ask(world, peer, minutes=1)
    assert asking.since(peer) == START + timedelta(minutes=1)
    compared(peer, minutes=2, depth=Depth.POSITIONS)
    assert asking.since(peer) == START + timedelta(minutes=1)
    compared(peer, minutes=3)
    assert asking.since(peer) is None


def test_nobody_asks_twice_in_a_minute_nor_right_after_a_comparison(world, peer):
    ask(world, peer, minutes=1)
    with pytest.raises(AskedJustNow):
        ask(world, peer, minutes=1.5)
    compared(peer, minutes=5)
    with pytest.raises(AskedJustNow):
        ask(world, peer, minutes=5.5)
    ask(world, peer, minutes=6.5)
    assert asking.since(peer) == START + timedelta(minutes=6.5)


def test_only_who_answers_for_this_exchange_asks_and_only_about_a_confirmed_peer(world, peer):
    with pytest.raises(NotAMember):
        ask(world, peer, Role.RELEASE_ENGINEER)
    with pytest.raises(NoSuchPeer):
        ask(world, peer, Role.MIIT_REVIEWER)
    peering.suspend(name=peer.name, reason="a test", actor=PLATFORM, at=START)
    with pytest.raises(PeerNotConfirmed):
        ask(world, peer)
    assert asking.since(peer) is None


def test_a_peer_that_answers_is_not_left_alone_any_longer(peer):
    peer.attempts, peer.last_error, peer.next_at = 7, "away", START + timedelta(hours=1)
    peer.save()
    compared(peer, minutes=1)
    peer.refresh_from_db()
    assert (peer.attempts, peer.last_error, peer.next_at) == (0, "", None)
