"""Drafts: half a text is kept, two writers lose nothing, and only the maker sees any of it."""

from __future__ import annotations

import hashlib
import io

import pytest

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.errors import NoSuchDocument
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings import assessment, draft_reading, drafting, services
from roadworthy.domains.filings.errors import (
    AmendmentReasonMissing,
    DigestMismatch,
    DraftMoved,
    NoSuchDraft,
)
from roadworthy.domains.filings.models import Draft, DraftText, Filing
from roadworthy.domains.filings.states import DraftState, Kind, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.transitions import WrongRole, WrongState
from tests.world import DETAILS, World

TEXT = {"permit_number": "P-1", "management_system": "", "commitments": "All is true."}


@pytest.fixture
def store(world: World) -> DocumentStore:
    return world.platform.documents


def begin(world: World, **more) -> Draft:
    return drafting.begin(
        kind=more.pop("kind", Kind.CAPABILITY),
        details=more.pop("details", TEXT),
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
        **more,
    )


def colleague(world: World) -> Actor:
    """Return a second homologation officer of the same manufacturer."""
    person = organisations.hire(
        organisation_id=world.cast.manufacturer_id,
        email="second@example.org",
        name="Second Officer",
        password="a long enough password",
        role=Role.HOMOLOGATION,
        actor=witnessed(PLATFORM),
        at=world.tick(),
    )
    return Actor(Role.HOMOLOGATION, person.pk, world.cast.manufacturer_id)


def save(world: World, draft: Draft, base: int, by: Actor | None = None, **fields):
    return drafting.save(
        draft_id=draft.pk,
        base=base,
        details={**TEXT, **fields},
        actor=by or world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def test_half_a_text_is_kept_and_the_log_says_nothing(world: World) -> None:
    entries = Entry.objects.count()
    draft = begin(world)
    saved = save(world, draft, 0, management_system="SUMS 3")
    assert saved.draft.revision == 1
    assert Draft.objects.get().details["management_system"] == "SUMS 3"
    assert save(world, draft, 1, management_system="SUMS 3").draft.revision == 1
    assert Entry.objects.count() == entries


def test_two_who_write_different_fields_both_get_what_they_wrote(world: World) -> None:
    draft, second = begin(world), colleague(world)
    save(world, draft, 0, management_system="SUMS 3")
    saved = save(world, draft, 0, by=second, permit_number="P-2")
    assert saved.waits is None
    assert saved.draft.details["management_system"] == "SUMS 3"
    assert saved.draft.details["permit_number"] == "P-2"


def test_two_who_write_the_same_field_choose_and_lose_nothing(world: World) -> None:
    draft, second = begin(world), colleague(world)
    save(world, draft, 0, commitments="First.", permit_number="P-1st")
    saved = save(world, draft, 0, by=second, commitments="Second.", management_system="SUMS 9")
    assert saved.waits is not None
    now = Draft.objects.get()
    assert now.details["commitments"] == "First."
    clashes = {one.name: (one.theirs, one.mine) for one in drafting.clashes(now, saved.waits)}
    assert clashes["commitments"] == ("First.", "Second.")
    assert drafting.changed_by_me(now, saved.waits) == {"commitments", "management_system"}
    # The first writer never sees the second one's waiting text as their own.
    assert not drafting.waiting(world.actor(Role.HOMOLOGATION)).exists()
    united = drafting.unite(
        text_id=saved.waits.pk,
        revision=now.revision,
        mine=["commitments", "management_system"],
        actor=second,
        at=world.tick(),
    )
    assert united.details == {
        "permit_number": "P-1st",
        "management_system": "SUMS 9",
        "commitments": "Second.",
    }
    assert not drafting.waiting(second).exists()
    # What the first one wrote is still there, as the revision that it was.
    assert DraftText.objects.get(draft=draft, revision=1).details["commitments"] == "First."


def test_uniting_looks_again_when_somebody_saved_meanwhile(world: World) -> None:
    draft, second = begin(world), colleague(world)
    save(world, draft, 0, commitments="First.")
    waits = save(world, draft, 0, by=second, commitments="Second.").waits
    save(world, draft, 1, commitments="Third.")
    with pytest.raises(DraftMoved):
        drafting.unite(
            text_id=waits.pk, revision=1, mine=["commitments"], actor=second, at=world.tick()
        )
    assert drafting.waiting(second).exists()
    assert Draft.objects.get().details["commitments"] == "Third."


def test_a_text_sent_after_the_session_ended_waits_for_its_writer_alone(world: World) -> None:
    draft, second = begin(world), colleague(world)
    me = world.actor(Role.HOMOLOGATION)
    drafting.park(
        draft_id=draft.pk,
        base=0,
        details={**TEXT, "commitments": "Typed for an hour."},
        user_id=me.person_id,
        at=world.tick(),
    )
    assert not drafting.waiting(second).exists()
    text = drafting.waiting(me).get()
    assert [one.mine for one in drafting.clashes(draft, text)] == ["Typed for an hour."]


def test_nobody_else_reaches_a_draft(world: World) -> None:
    draft = begin(world)
    for role in (Role.MIIT_REVIEWER, Role.SAMR_REVIEWER):
        with pytest.raises(NoSuchDraft):
            drafting.save(
                draft_id=draft.pk, base=0, details={}, actor=world.actor(role), at=world.tick()
            )
    with pytest.raises(WrongRole):
        drafting.discard(
            draft_id=draft.pk, actor=world.actor(Role.RELEASE_ENGINEER), at=world.tick()
        )


def test_a_closed_draft_takes_nothing_more(world: World) -> None:
    draft = begin(world)
    drafting.discard(draft_id=draft.pk, actor=world.actor(Role.HOMOLOGATION), at=world.tick())
    with pytest.raises(WrongState):
        save(world, draft, 0, commitments="Late.")
    with pytest.raises(NoSuchDraft):
        drafting.park(draft_id=draft.pk, base=0, details={}, user_id=1, at=world.tick())


def kept(world: World, store: DocumentStore, content: bytes = b"evidence"):
    return documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="evidence.txt",
        content=io.BytesIO(content),
        store=store,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def attach(world: World, draft: Draft, sha256: str, expected: str = ""):
    return drafting.attach(
        draft_id=draft.pk,
        sha256=sha256,
        title="Evidence",
        expected=expected,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def finish(world: World, draft: Draft, store: DocumentStore, **details):
    return drafting.finish(
        draft_id=draft.pk,
        details={**DETAILS[Kind(draft.kind)], **details},
        store=store,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def test_attachments_are_part_of_the_dossier_by_their_digests(world: World, store) -> None:
    draft, document = begin(world), kept(world, store)
    attach(world, draft, document.sha256, expected=f"SHA256:{document.sha256.upper()}")
    filings = finish(world, draft, store)
    assert [one.authority.kind for one in filings] == ["miit", "samr"]
    content = filings[0].dossier.content
    assert content["attachments"] == [
        {
            "title": "Evidence",
            "filename": "evidence.txt",
            "sha256": hashlib.sha256(b"evidence").hexdigest(),
            "length": 8,
            "media_type": "text/plain",
        }
    ]
    assert Draft.objects.get().state == DraftState.USED


def test_a_digest_that_does_not_match_is_refused_by_the_name_of_the_file(world, store) -> None:
    draft, document = begin(world), kept(world, store)
    with pytest.raises(DigestMismatch, match=r"evidence\.txt"):
        attach(world, draft, document.sha256, expected="0" * 64)
    attach(world, draft, document.sha256)
    store.path(document.sha256).write_bytes(b"something else")
    with pytest.raises(DigestMismatch, match=r"evidence\.txt"):
        finish(world, draft, store)
    assert not Filing.objects.exists()
    assert Draft.objects.get().state == DraftState.OPEN


def test_nobody_attaches_what_is_not_theirs(world: World) -> None:
    with pytest.raises(NoSuchDocument):
        attach(world, begin(world), "f" * 64)


def amended(world: World, store: DocumentStore, accepted: Filing, **details):
    draft = begin(world, amends_id=accepted.pk)
    return finish(world, draft, store, amendment_reason="New address.", **details)


def test_what_is_accepted_stands_until_its_amendment_is_accepted(world: World, store) -> None:
    old = {one.authority.kind: one for one in world.through(Kind.CAPABILITY)}
    draft = begin(world, amends_id=old["miit"].pk)
    with pytest.raises(AmendmentReasonMissing):
        finish(world, draft, store)
    new = finish(world, draft, store, permit_number="P-2", amendment_reason="New permit.")
    assert [one.supersedes_id for one in new] == [old["miit"].pk, old["samr"].pk]
    assert new[0].dossier.content["amends"] == {
        "number": old["miit"].number,
        "dossier_sha256": old["miit"].dossier.sha256,
        "reason": "New permit.",
    }
    world.submit(new[0])
    old["miit"].refresh_from_db()
    assert old["miit"].state == State.ACCEPTED
    world.accept(new[0])
    for one in old.values():
        one.refresh_from_db()
    assert (old["miit"].state, old["samr"].state) == (State.SUPERSEDED, State.ACCEPTED)


def test_the_next_version_has_the_documents_of_the_last(world: World, store) -> None:
    draft = begin(world)
    attach(world, draft, kept(world, store).sha256)
    first = world.submit(finish(world, draft, store)[0])
    services.send_back(
        filing_id=first.pk,
        reason="Name the person.",
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
    draft = begin(world, amends_id=first.pk)
    assert draft_reading.next_of(first) == draft
    second = finish(world, draft, store, permit_number="P-2")[0]
    old, new = (one.dossier.content["attachments"] for one in (first, second))
    assert new == old
    assert draft_reading.next_of(first) is None


def test_the_rulebook_reads_what_stands(world: World, store) -> None:
    world.levels_one_and_two()
    release = world.frozen()
    accepted = Filing.objects.get(dossier__kind=Kind.CAPABILITY, authority__kind="miit")

    def capability() -> str:
        return assessment.facts(release, at=world.now, stated={})["capability_filing"]

    new = amended(world, store, accepted, permit_number="P-2")[0]
    assert capability() == State.ACCEPTED
    world.submit(new)
    assert capability() == State.ACCEPTED
    services.refuse(
        filing_id=new.pk, reason="No.", actor=world.actor(Role.MIIT_REVIEWER), at=world.tick()
    )
    assert capability() == State.ACCEPTED


def test_what_was_returned_gives_way_to_its_next_version_at_both(world: World, store) -> None:
    miit, samr = (world.submit(one) for one in world.prepare(Kind.CAPABILITY))
    services.send_back(
        filing_id=miit.pk,
        reason="Name the person.",
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
    new = finish(world, begin(world), store, responsible_person="Ms Li, update office")
    assert [one.supersedes_id for one in new] == [miit.pk, samr.pk]
    for one in new:
        world.submit(one)
    for one in (miit, samr):
        one.refresh_from_db()
        assert one.state == State.SUPERSEDED
