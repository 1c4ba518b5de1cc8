"""Messages are kept once, in order, as they were signed; what cannot be stops its own line only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from django.db import transaction

from roadworthy.domains.exchange import (
    answers,
    applying,
    comparing,
    delivery,
    files,
    identity,
    lines,
    matters,
    outbox,
    pausing,
    peering,
    recovering,
    state,
)
from roadworthy.domains.exchange.answers import Problem
from roadworthy.domains.exchange.errors import (
    FileOther,
    NoSuchLine,
    NoSuchMessage,
    NotYet,
    PeerExists,
    PeerNotConfirmed,
    ReasonMissing,
    WrongFingerprint,
)
from roadworthy.domains.exchange.kinds import Kind, Registry
from roadworthy.domains.exchange.matters import Depth
from roadworthy.domains.exchange.models import Conflict, Held, Incoming, Line, Outgoing
from roadworthy.domains.exchange.states import Halt, MessageState, PeerState
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import Conflict as Conflicting
from roadworthy.trust import cards, messages
from tests import exchanging
from tests.world import ONLINE, START

pytestmark = pytest.mark.django_db
MATTER = "note/1"


class Note(msgspec.Struct):
    text: str


class CannotBe(Conflicting):
    code = "cannot-be"
    message = "{text} cannot be."


class Notes:
    """What messages of the tests' own kind did."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.bad: set[str] = set()
        self.registry = Registry([Kind("note.written", 1, Note, self.apply)])

    def apply(self, received, at) -> None:
        for sha256 in received.blobs:
            received.files(sha256)
        if received.body.text == "fault":
            raise KeyError(received.body.text)
        if received.body.text in self.bad:
            raise CannotBe(text=received.body.text)
        if received.body.text == "early" and "first" not in self.taken:
            raise NotYet("earlier-filing-missing", number="1")
        self.taken.append(received.body.text)


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
def ours(world):
    return identity.open_identity(world.platform.home, ONLINE)


def note(far, text: str, matter: str = MATTER, **other) -> bytes:
    return far.say(matter, "note.written", {"text": text}, **other)


def store(peer, *envelopes):
    return exchanging.deliver(peer, *envelopes, to="starway", at=START)


def apply(world, notes, **later):
    at = START + timedelta(**later)
    return exchanging.apply_all(world.platform, at=at, registry=notes.registry)


def states(peer):
    return [one.state for one in exchanging.letters(peer)]


def test_what_is_stored_takes_effect_once_and_in_order(world, far, peer, notes):
    sent = [note(far, text) for text in ("a", "b", "c")]
    stored, refused = store(peer, *sent)
    assert [one.sequence for one in stored] == [1, 2, 3]
    assert store(peer, *reversed(sent))[0] == list(reversed(stored))  # again, in any order
    assert (refused, Incoming.objects.count()) == ([], 3)
    assert apply(world, notes) >= 3
    assert apply(world, notes) == 0
    assert notes.taken == ["a", "b", "c"]


def test_a_gap_is_answered_with_the_number_that_is_expected(far, peer):
    first, second, third = (note(far, text) for text in ("a", "b", "c"))
    stored, refused = store(peer, first, third)
    assert len(stored) == 1
    assert [(one.problem, one.expected, one.position) for one in refused] == [(Problem.GAP, 2, 1)]
    assert len(store(peer, second, third)[0]) == 2


@pytest.mark.parametrize("how", ["same place", "other past"])
def test_two_messages_in_one_place_are_evidence_and_halt_the_line(far, peer, how):
    store(peer, note(far, "a"))
    other = {"sequence": 1, "previous": ""} if how == "same place" else {"previous": "0" * 64}
    stored, refused = store(peer, note(far, "other", **other))
    assert (stored, [one.problem for one in refused]) == ([], [Problem.CONFLICT])
    assert Line.objects.get(direction=Line.IN, matter=MATTER).halted == Halt.CONFLICT
    assert Conflict.objects.count() == 1
    assert Entry.objects.filter(event="exchange:conflict").count() == 1
    assert [one.problem for one in store(peer, note(far, "b"))[1]] == [Problem.HALTED]
    assert len(store(peer, note(far, "fine", "note/2"))[0]) == 1


def test_people_let_a_halted_line_go_on_with_what_was_first_kept(world, far, peer, notes):
    store(peer, note(far, "a"))
    store(peer, note(far, "other", sequence=1, previous=""))
    line = Line.objects.get(direction=Line.IN, matter=MATTER)
    assert apply(world, notes) == 0
    officer = world.cast.actors[Role.COMPLIANCE_OFFICER]
    lines.go_on(line_id=line.pk, actor=officer, at=START)
    apply(world, notes)
    assert notes.taken == ["a"]
    with pytest.raises(NoSuchLine):
        lines.go_on(line_id=line.pk, actor=officer, at=START)


def test_who_did_not_sign_or_meant_somebody_else_is_refused(far, peer, own):
    stranger = exchanging.Far(at=START, to=own.name)
    forged = note(stranger, "forged")
    elsewhere = far.seal(replace(far.message(MATTER, "note.written", {"text": "x"}), to="samr"))
    as_other = far.seal(replace(far.message("note/3", "note.written", {"text": "x"}), sender="lab"))
    stored, refused = store(peer, forged, elsewhere, as_other, b"not json", b"{}")
    assert stored == []
    assert {one.problem for one in refused} == {Problem.REFUSED}
    assert refused[0].code == "trust.message_not_signed"
    assert not Incoming.objects.exists()


def test_a_dead_letter_stops_its_own_matter_until_a_person_decides(world, far, peer, notes):
    notes.bad = {"bad"}
    store(peer, note(far, "bad"), note(far, "next"), note(far, "elsewhere", "note/2"))
    apply(world, notes)
    assert notes.taken == ["elsewhere"]
    dead = exchanging.letters(peer)[0]
    assert (dead.state, dead.error["code"]) == (MessageState.DEAD, "cannot-be")
    store(peer, note(far, "third"))  # kept, but nothing of it happens
    assert apply(world, notes) == 0
    officer = world.cast.actors[Role.COMPLIANCE_OFFICER]
    applying.retry(message_id=dead.pk, actor=officer, at=START)
    apply(world, notes)
    assert exchanging.letters(peer)[0].state == MessageState.DEAD
    with pytest.raises(ReasonMissing):
        applying.set_aside(message_id=dead.pk, reason=" ", actor=officer, at=START)
    reviewer = world.cast.actors[Role.MIIT_REVIEWER]
    with pytest.raises(NoSuchMessage):
        applying.set_aside(message_id=dead.pk, reason="no", actor=reviewer, at=START)
    applying.set_aside(message_id=dead.pk, reason="sent twice", actor=officer, at=START)
    apply(world, notes)
    assert notes.taken == ["elsewhere", "next", "third"]
    events = Entry.objects.filter(subject=f"peer/{far.name}").values_list("event", flat=True)
    assert {"exchange:dead-letter", "exchange:retried", "exchange:set-aside"} <= set(events)


def test_a_fault_of_ours_stops_one_matter_only(world, far, peer, notes):
    store(peer, note(far, "fault"), note(far, "elsewhere", "note/2"))
    apply(world, notes)
    assert notes.taken == ["elsewhere"]
    assert exchanging.letters(peer)[0].error["code"] == "message-took-no-effect"


def test_what_waits_for_another_message_takes_effect_after_it(world, far, peer, notes):
    store(peer, note(far, "early", "note/2"))
    apply(world, notes)
    assert states(peer) == [MessageState.WAITING]
    store(peer, note(far, "first"))
    apply(world, notes)
    assert notes.taken == ["first", "early"]


def test_an_unknown_kind_and_an_unreadable_body_are_dead_letters(world, far, peer, notes):
    store(
        peer,
        far.say("note/1", "note.imagined", {"text": "a"}),
        far.say("note/2", "note.written", {"text": 1}),
        far.say("note/3", "note.written", {"text": "a"}, version=2),
    )
    apply(world, notes)
    codes = [one.error["code"] for one in exchanging.letters(peer)]
    assert codes == ["unknown-kind", "body-unreadable", "unknown-kind"]


def test_a_message_waits_for_its_file_and_a_file_is_what_its_digest_says(
    world, far, peer, notes, tmp_path
):
    content = b"evidence"
    sha256 = sha256_hex(content)
    store(peer, note(far, "with a file", blobs=(sha256,)))
    apply(world, notes)
    assert exchanging.letters(peer)[0].error["code"] == "file-missing"
    (wanted,) = files.wanted(START)
    found = files.Files(world.platform)
    partial = tmp_path / "partial"
    partial.write_bytes(b"something else")
    with pytest.raises(FileOther):
        files.take_in(found, sha256, partial)
    partial.write_bytes(content)
    files.note_fetched(wanted, files.take_in(found, sha256, partial), at=START)
    apply(world, notes)
    assert notes.taken == ["with a file"]
    assert not files.may_have(peer, sha256)


def test_a_peer_counts_when_a_person_has_compared_its_fingerprint(far, own):
    card = far.card()
    entered = peering.enter(card, actor=PLATFORM, at=START)
    assert entered.state == PeerState.PROPOSED
    with pytest.raises(PeerNotConfirmed):
        _greet(entered)
    with pytest.raises(WrongFingerprint):
        peering.confirm(name=far.name, fingerprint="0" * 64, actor=PLATFORM, at=START)
    spoken = cards.shown(entered.fingerprint).upper()
    peer = peering.confirm(name=far.name, fingerprint=spoken, actor=PLATFORM, at=START)
    assert peer.state == PeerState.CONFIRMED
    other = exchanging.Far(at=START, to=own.name).card()
    with pytest.raises(PeerExists):
        peering.enter(other, actor=PLATFORM, at=START)
    moved = peering.enter(far.card("https://moved.example"), actor=PLATFORM, at=START)
    assert (moved.url, moved.state) == ("https://moved.example", PeerState.CONFIRMED)


def test_a_card_that_somebody_changed_is_refused(far, own):
    card = far.card().replace(b'"payload":"', b'"payload":"eyJ9')
    with pytest.raises((cards.CardMalformed, messages.MessageNotSigned)):
        peering.enter(card, actor=PLATFORM, at=START)


def _greet(peer, matter="deployment/starway"):
    body = {"software": "1", "kinds": {}}
    with transaction.atomic():
        return outbox.send(to=peer, matter=matter, kind="deployment.greeting", body=body, at=START)


def _answer(far, stored=(), refused=()):
    answer = answers.Answer(far.name, far.to, messages.instant(START), list(stored), list(refused))
    return messages.seal(matters.encode(answer), messages.ANSWER, far.signer)


def test_delivered_is_what_the_peers_signed_answer_names(far, peer):
    first, second = _greet(peer), _greet(peer)
    waiting = delivery.waiting(peer)
    assert [one.sequence for one in waiting] == [1, 2]
    wrong = answers.Stored(waiting[1].matter, 2, "0" * 64)
    right = answers.Stored(waiting[0].matter, 1, first.sha256)
    kept = delivery.settle(peer, waiting, _answer(far, [right, wrong]), own_name=far.to, at=START)
    assert kept == 1
    assert [one.id for one in delivery.waiting(peer)] == [second.pk]
    forged = _answer(exchanging.Far(at=START, to=far.to), [right])
    with pytest.raises(messages.MessageNotSigned):
        delivery.settle(peer, waiting, forged, own_name=far.to, at=START)


def test_after_a_gap_the_line_is_sent_again_from_there(far, peer):
    sent = [_greet(peer) for _ in range(3)]
    waiting = delivery.waiting(peer)
    stored = [answers.Stored(one.matter, one.sequence, one.sha256) for one in waiting]
    delivery.settle(peer, waiting, _answer(far, stored), own_name=far.to, at=START)
    assert delivery.waiting(peer) == []
    _greet(peer)
    waiting = delivery.waiting(peer)
    gap = answers.Refused(0, waiting[0].matter, 4, waiting[0].sha256, Problem.GAP, 2)
    delivery.settle(peer, waiting, _answer(far, [], [gap]), own_name=far.to, at=START)
    assert [one.sequence for one in delivery.waiting(peer)] == [2, 3, 4]
    assert len(sent) == 3


def test_a_pause_grows_and_ends():
    pauses = [pausing.pause(attempts).total_seconds() for attempts in (1, 2, 5, 50)]
    assert 1 <= pauses[0] <= 2
    assert pauses[-1] <= pausing.LONGEST.total_seconds()
    assert pauses[-1] >= pausing.LONGEST.total_seconds() / 2


def test_while_lines_are_shut_nothing_gets_a_number(far, peer):
    comparing.shut(at=START + timedelta(seconds=1))
    assert _greet(peer) is None
    assert (Held.objects.count(), Outgoing.objects.count()) == (1, 0)
    assert delivery.due(START + timedelta(days=1)) == []
    assert comparing.open_lines(peer, at=START + timedelta(seconds=2)) == 1
    assert [one.sequence for one in delivery.waiting(peer)] == [1]


def test_a_restored_deployment_takes_its_own_words_back_from_the_peer(far, peer, ours):
    sent = [_greet(peer) for _ in range(3)]
    envelopes = recovering.copies(ours, peer, matter=sent[0].line.matter, sender=far.to, first=1)
    # An earlier day: the database knows the first message only.
    line = sent[0].line
    _undo(line, sent[1:])
    assert recovering.take_back(ours, peer, envelopes, at=START) == 2
    assert _greet(peer).sequence == 4
    assert delivery.waiting(peer)[-1].sequence == 4
    theirs = note(far, "theirs")
    with pytest.raises(messages.MessageNotSigned):
        recovering.take_back(ours, peer, [theirs], at=START)


def _undo(line, gone):
    """Take rows away as a restored database lacks them: its triggers never saw them go."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exchange_outgoing DISABLE TRIGGER message_stays")
        Outgoing.objects.filter(pk__in=[one.pk for one in gone]).delete()
        cursor.execute("ALTER TABLE exchange_outgoing ENABLE TRIGGER message_stays")
    first = Outgoing.objects.get(line=line)
    Line.objects.filter(pk=line.pk).update(last=first.sequence, digest=first.sha256)


def test_a_message_altered_by_hand_shows_in_the_view(world, far, peer, notes):
    from django.db import connection

    store(peer, note(far, "a"), note(far, "b"))
    apply(world, notes)
    _greet(peer)
    before = matters.view(peer, Depth.FULL)
    assert all(one.altered == {} for one in before.matters.values())
    with connection.cursor() as cursor:
        for table in ("exchange_incoming", "exchange_outgoing"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER message_stays")
        cursor.execute(
            "UPDATE exchange_incoming SET payload = replace(encode(payload, 'escape'), 'b', 'c')"
            "::bytea, sha256 = %s WHERE sequence = 2",
            ["0" * 64],
        )
    after = matters.view(peer, Depth.FULL)
    assert after.matters[MATTER].altered == {far.name: [2]}
    assert after.root != before.root


def test_facts_without_a_reader_are_none(peer):
    assert state.of(peer, MATTER) == {}
    assert state.said(peer, MATTER) == {}
