"""The gate: no signature, no publication; and what a stock TUF client makes of it."""

from __future__ import annotations

import pytest

from roadworthy.domains.filings import gate, queries
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.errors import AlreadyFiled, NotYourKey, OutOfOrder
from roadworthy.domains.filings.models import Candidate, TufMetadata
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger import sequencing
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.trust.keys import WrongPassphrase
from tests.world import World


def test_a_routine_release_is_published_when_both_authorities_have_signed(world: World) -> None:
    world.levels_one_and_two()
    release = world.signed()
    assert release.labels == ["routine"]
    miit, samr = world.drafts(Kind.ACTIVITY, release)
    world.submit(miit)
    world.submit(samr)
    world.accept(miit)
    release.refresh_from_db()
    assert release.state == "signed"
    candidate = queries.candidate_of(release)
    assert candidate is not None
    assert gate.missing(candidate) == ("samr.receipt",)
    world.accept(samr)
    release.refresh_from_db()
    assert release.state == "released"
    role = "starway.routine"
    assert [t.custom["release"] for t in gate.repository().published(role).values()] == [
        release.number
    ]
    assert (world.platform.tuf / "metadata" / f"1.{role}.json").is_file()


def test_a_database_put_back_behind_its_own_publication_learns_of_it(world: World) -> None:
    release = world.released()
    published = TufMetadata.objects.count()
    Candidate.objects.filter(release=release).update(published_at=None)
    Release.objects.filter(pk=release.pk).update(state="signed", released_at=None)
    assert filings.reconsider(release_id=release.pk, platform=world.platform, at=world.tick())
    release.refresh_from_db()
    assert release.state == "released"
    assert TufMetadata.objects.count() == published, "vehicles are given nothing new"


@pytest.mark.parametrize(
    ("conforms", "decision"), [(False, "may-not-release"), (None, "undetermined")]
)
def test_a_release_is_not_published_unless_the_updated_vehicle_conforms(
    world: World, *, conforms: bool | None, decision: str
) -> None:
    world.levels_one_and_two()
    release = world.signed(conforms_after_update=conforms)
    world.through(Kind.ACTIVITY, release)
    release.refresh_from_db()
    assert release.state == "signed"
    latest = queries.latest_evaluation(release)
    assert latest is not None
    assert (latest.decision, latest.result["reasons"]) == (decision, ["N45-15"])


def test_what_the_platform_itself_keeps_is_stated_to_the_rulebook(world: World) -> None:
    world.levels_one_and_two()
    release = world.signed()
    world.through(Kind.ACTIVITY, release)
    latest = queries.latest_evaluation(release)
    assert latest is not None
    told = {finding["rule_id"]: finding["outcome"] for finding in latest.result["findings"]}
    assert (told["N45-15"], told["OTA22-12"]) == ("met", "met")
    assert latest.result["facts"]["update_matches_filing"] is True


def test_the_third_level_is_rejected_while_the_second_is_only_submitted(world: World) -> None:
    world.through(Kind.CAPABILITY)
    for filing in world.prepare(Kind.TYPE):
        world.submit(filing)
    release = world.signed()
    miit, _ = world.drafts(Kind.ACTIVITY, release)
    with pytest.raises(OutOfOrder, match="OTA22-03"):
        world.submit(miit)


def test_an_acceptance_needs_the_reviewers_own_passphrase(world: World) -> None:
    (miit, _) = world.prepare(Kind.CAPABILITY)
    world.submit(miit)
    with pytest.raises(WrongPassphrase):
        filings.accept(
            filing_id=miit.pk,
            passphrase="guess",
            platform=world.platform,
            actor=world.actor(Role.MIIT_REVIEWER),
            at=world.tick(),
        )
    miit.refresh_from_db()
    assert miit.state == "submitted"


def test_the_same_matter_is_not_filed_twice(world: World) -> None:
    world.prepare(Kind.CAPABILITY)
    with pytest.raises(AlreadyFiled):
        world.prepare(Kind.CAPABILITY)


def test_only_the_release_engineer_who_holds_the_key_signs(world: World) -> None:
    from roadworthy.domains.organisations import services as organisations
    from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed

    second = organisations.hire(
        organisation_id=world.cast.manufacturer_id,
        email="second@starway.example",
        name="Second",
        password="a long enough passphrase",
        role=Role.RELEASE_ENGINEER,
        actor=witnessed(PLATFORM),
        at=world.tick(),
    )
    release = world.frozen()
    world.prepare(Kind.ACTIVITY, release)
    with pytest.raises(NotYourKey):
        gate.sign(
            release_id=release.pk,
            passphrase=world.passphrase(Role.RELEASE_ENGINEER),
            platform=world.platform,
            actor=Actor(Role.RELEASE_ENGINEER, second.pk, world.cast.manufacturer_id),
            at=world.tick(),
        )


def test_the_whole_story_is_in_the_log_and_each_entry_has_its_proof(world: World) -> None:
    from roadworthy.trust.tlog import leaf_hash, verify_inclusion

    release = world.released()
    checkpoint = sequencing.sequence(signer=world.platform.log, at=world.tick())
    assert checkpoint is not None
    story = ledger.story_of_release(release.pk)
    events = [told.event for told in story]
    assert events[0] == "release:registered"
    assert "release:published" in events
    assert all(told.index is not None for told in story)
    for told in story:
        assert told.index is not None
        verify_inclusion(
            leaf_hash(told.body),
            told.index,
            checkpoint.size,
            ledger.inclusion_proof(told.index, checkpoint.size),
            bytes.fromhex(checkpoint.root),
        )
