"""An authority that answers on paper: who may say so, and what its word opens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from tuf.api.metadata import Metadata, Targets

from roadworthy.domains.documents.errors import NoSuchDocument
from roadworthy.domains.filings import gate, proofs, queries, receipts, services
from roadworthy.domains.filings.errors import (
    AnswerNotEntered,
    FromTheFuture,
    NoSuchFiling,
    NotAttestedHere,
    NotYourKey,
    ReasonMissing,
    ReferenceMissing,
    SamePerson,
)
from roadworthy.domains.filings.models import AttestedAnswer, Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations import attested as attestation
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, NotAMember, witnessed
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.kernel.transitions import WrongRole
from roadworthy.trust import dsse, verify
from roadworthy.trust.keys import WrongPassphrase
from tests.domains.filings import on_paper
from tests.world import World

MIIT, OFFICER = "manufacturer.attested-miit-receipt", Role.COMPLIANCE_OFFICER


@pytest.fixture
def world(platform: Platform, transactional_db: None) -> World:
    return on_paper.assemble(platform)


def submitted(world: World) -> Filing:
    miit, _ = world.prepare(Kind.CAPABILITY)
    return world.submit(miit)


def test_the_gate_is_shut_without_the_officers_key_and_open_with_it(world: World) -> None:
    release = on_paper.answered(world)
    on_paper.sign(world, release)
    _, samr = Filing.objects.filter(dossier__release=release).order_by("id")
    world.accept(world.submit(samr))
    release.refresh_from_db()
    candidate = queries.candidate_of(release)
    assert candidate is not None
    assert (release.state, gate.missing(candidate)) == ("signed", (MIIT,))
    waiting = queries.attested_to_sign(world.cast.manufacturer_id)
    assert [one.authority.kind for one in waiting] == [Party.MIIT]
    on_paper.sign_for_miit(world, release)
    assert release.state == "released"
    assert queries.attested_to_sign(world.cast.manufacturer_id) == ()
    signers = queries.signatories(release, at=world.tick())
    assert [(one.party, one.purpose) for one in signers][1] == ("miit", "attested-miit-receipt")
    assert all(one.signed_at for one in signers)


def test_the_signed_metadata_the_log_and_the_receipt_say_that_it_is_attested(
    world: World,
) -> None:
    release = on_paper.answered(world)
    on_paper.sign(world, release)
    on_paper.sign_for_miit(world, release)
    miit, samr = Filing.objects.filter(dossier__release=release).order_by("id")
    world.accept(world.submit(samr))
    name = world.platform.tuf / "metadata" / "1.starway.routine.json"
    metadata = Metadata[Targets].from_bytes(name.read_bytes())
    (target,) = metadata.signed.targets.values()
    (said,) = target.custom["attested"]
    digest = AttestedAnswer.objects.get(filing=miit).document.sha256
    assert said == {
        "authority": "miit",
        "kind": "activity",
        "number": miit.number,
        "reference": on_paper.REFERENCE,
        "reference_on": "2025-06-03",
        "document_sha256": digest,
    }
    told = [json.loads(bytes(one.body)) for one in Entry.objects.order_by("id")]
    moved = [one for one in told if one["data"].get("action") == "enter-acceptance"][-1]
    assert moved["data"]["attested"]["reference"] == on_paper.REFERENCE
    published = next(one for one in told if one["event"] == "release:published")
    assert published["data"]["attested"] == [said]
    receipt = receipts.of(miit)
    assert (receipt.is_valid, receipt.is_attested) == (True, True)
    assert receipt.said["attested"] is True
    samr.refresh_from_db()
    assert receipts.of(samr).is_attested is False


def test_the_proof_of_a_release_says_so_and_holds(world: World) -> None:
    world.witness()
    release = on_paper.answered(world)
    on_paper.sign(world, release)
    on_paper.sign_for_miit(world, release)
    samr = Filing.objects.filter(dossier__release=release).order_by("id").last()
    world.accept(world.submit(samr))
    release.refresh_from_db()
    world.witness()
    built = proofs.bundle(release, platform=world.platform, at=world.tick())
    report = verify.verify(built.to_bytes(), proofs.anchors(world.platform))
    assert report.problems == ()
    said = " ".join(str(check.detail) for check in report.checks)
    assert "not countersigned" in said
    assert MIIT in said


def test_metadata_is_not_made_before_the_answer_that_it_names(world: World) -> None:
    on_paper.through(world, Kind.CAPABILITY)
    on_paper.through(world, Kind.TYPE)
    release = world.frozen()
    miit, _ = world.prepare(Kind.ACTIVITY, release)
    with pytest.raises(AnswerNotEntered, match="MIIT"):
        on_paper.sign(world, release)
    world.submit(miit)
    with pytest.raises(AnswerNotEntered):
        on_paper.sign(world, release)
    on_paper.enter(world, miit)
    assert on_paper.sign(world, release).state == "signed"


def test_an_answer_about_other_content_does_not_count(world: World) -> None:
    from roadworthy.domains.software import services as software

    release = on_paper.answered(world)
    engineer = world.actor(Role.RELEASE_ENGINEER)
    software.reopen(release_id=release.pk, actor=engineer, at=world.tick())
    software.answer(
        release_id=release.pk, answers={"a": "Something else."}, actor=engineer, at=world.tick()
    )
    software.freeze(release_id=release.pk, actor=engineer, at=world.tick())
    with pytest.raises(AnswerNotEntered):
        on_paper.sign(world, release)


@pytest.mark.parametrize("role", [r for r in Role if r not in {OFFICER, Role.PLATFORM}])
def test_nobody_but_the_compliance_officer_enters_an_answer(world: World, role: Role) -> None:
    filing = submitted(world)
    actor = world.cast.actors.get(role) or Actor(
        role, world.actor(Role.SAMR_REVIEWER).user_id, world.cast.organisation_ids[Party.MIIT]
    )
    with pytest.raises((WrongRole, NoSuchFiling, NotAMember)):
        on_paper.enter(world, filing, actor, document_sha256="0" * 64)
    filing.refresh_from_db()
    assert filing.state == State.SUBMITTED


def test_another_manufacturers_officer_finds_no_such_filing(world: World) -> None:
    filing, by = submitted(world), witnessed(PLATFORM)
    other = organisations.create_organisation(
        slug="other",
        kind=Party.MANUFACTURER,
        name={"en": "Other", "zh-hans": "其他"},
        actor=by,
        at=world.tick(),
    )
    user = organisations.hire(
        organisation_id=other.pk,
        email="officer@other.example",
        name="Other",
        password="a long enough passphrase",
        role=OFFICER,
        actor=by,
        at=world.tick(),
    )
    with pytest.raises(NoSuchFiling):
        on_paper.enter(world, filing, Actor(OFFICER, user.pk, other.pk))


def test_who_handed_it_in_or_is_a_release_engineer_cannot_attest_it(world: World) -> None:
    filer = on_paper.colleague(world, OFFICER, Role.HOMOLOGATION)
    miit, _ = world.prepare(Kind.CAPABILITY)
    services.submit(filing_id=miit.pk, actor=filer, at=world.tick())
    digest = on_paper.paper(world)
    with pytest.raises(SamePerson):
        on_paper.enter(world, miit, replace(filer, role=OFFICER), document_sha256=digest)
    both = on_paper.colleague(world, Role.RELEASE_ENGINEER, OFFICER, email="both@starway.example")
    with pytest.raises(SamePerson):
        on_paper.enter(world, miit, both, document_sha256=digest)
    on_paper.enter(world, miit, document_sha256=digest)


def test_no_person_holds_keys_for_two_places(world: World) -> None:
    officer = world.actor(OFFICER)
    with pytest.raises(organisations.SignsInAnotherPlace):
        on_paper.attesting_key(world, KeyPurpose.ATTESTED_SAMR_RECEIPT)
    on_paper.colleague(world, OFFICER, email="third@starway.example")
    engineer = world.actor(Role.RELEASE_ENGINEER)
    organisations.add_member(
        organisation_id=world.cast.manufacturer_id,
        user_id=engineer.person_id,
        role=OFFICER,
        actor=witnessed(PLATFORM),
        at=world.tick(),
    )
    with pytest.raises(organisations.SignsInAnotherPlace):
        on_paper.attesting_key(world, KeyPurpose.ATTESTED_SAMR_RECEIPT, engineer)
    assert officer.user_id != engineer.user_id


def test_an_officer_without_the_key_or_its_passphrase_accepts_nothing(world: World) -> None:
    filing, digest = submitted(world), on_paper.paper(world)
    second = on_paper.colleague(world, OFFICER)
    with pytest.raises(NotYourKey):
        on_paper.enter(world, filing, second, document_sha256=digest)
    with pytest.raises(WrongPassphrase):
        on_paper.enter(world, filing, document_sha256=digest, passphrase="guess")
    assert not AttestedAnswer.objects.exists()


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"document_sha256": "0" * 64}, NoSuchDocument),
        ({"reference": "  "}, ReferenceMissing),
        ({"reference": "a\nb"}, ReferenceMissing),
        ({"reference_on": date(2030, 1, 1)}, FromTheFuture),
        ({"decision": State.RETURNED}, ReasonMissing),
    ],
)
def test_half_an_answer_is_none(world: World, said, refusal) -> None:
    filing = submitted(world)
    with pytest.raises(refusal):
        on_paper.enter(world, filing, **said)
    filing.refresh_from_db()
    assert (filing.state, AttestedAnswer.objects.count()) == (State.SUBMITTED, 0)


def test_a_return_on_paper_is_corrected_and_answered_again(world: World) -> None:
    filing = submitted(world)
    on_paper.enter(world, filing, decision=State.RETURNED, reason="Page 3 is missing.")
    filing.refresh_from_db()
    assert (filing.state, filing.reason, filing.receipt) == ("returned", "Page 3 is missing.", "")
    world.submit(filing)
    assert on_paper.enter(world, filing).state == State.ACCEPTED


def test_a_refusal_on_paper_is_final(world: World) -> None:
    filing = submitted(world)
    moved = on_paper.enter(world, filing, decision=State.REFUSED, reason="Not filed with us.")
    assert (moved.state, moved.receipt) == ("refused", "")


def test_nobody_attests_what_a_joined_authority_decides(world: World) -> None:
    _, samr = world.prepare(Kind.CAPABILITY)
    world.submit(samr)
    with pytest.raises(NotAttestedHere):
        on_paper.enter(world, samr)


def test_a_receipt_over_another_digest_or_by_another_key_does_not_hold(world: World) -> None:
    filing = on_paper.enter(world, submitted(world))
    good = dsse.unverified_statement(filing.receipt.encode())
    key = organisations_key(world, KeyPurpose.ATTESTED_MIIT_RECEIPT)
    forged = replace(good, subjects=(dsse.Subject("dossier/1", "0" * 64),))
    filing.receipt = dsse.attest(forged, key).decode()
    assert receipts.of(filing).is_valid is False
    # The right content and the officer's key, under the words of the authority's own receipt.
    filing.receipt = dsse.attest(
        replace(good, predicate_type=dsse.PredicateType.FILING_RECEIPT), key
    ).decode()
    assert receipts.of(filing).is_valid is False
    other = organisations_key(world, KeyPurpose.ATTESTED_MIIT_ACCESS)
    filing.receipt = dsse.attest(good, other).decode()
    assert receipts.of(filing).is_valid is False


def organisations_key(world: World, purpose: KeyPurpose):
    from roadworthy.domains.organisations import queries as known

    key = known.live_key(world.cast.manufacturer_id, purpose)
    assert key is not None
    return world.platform.keystore.signer(key.keyid, world.passphrase(OFFICER))


def test_an_authority_is_joined_or_attested_and_never_both(world: World) -> None:
    by, ids = witnessed(PLATFORM), world.cast.organisation_ids
    with pytest.raises(organisations.ActsNowhere):
        organisations.hire(
            organisation_id=ids[Party.MIIT],
            email="someone@miit.example",
            name="Someone",
            password="a long enough passphrase",
            role=Role.MIIT_REVIEWER,
            actor=by,
            at=world.tick(),
        )
    with pytest.raises(attestation.ActsAlready):
        attestation.attest(organisation_id=ids[Party.SAMR], actor=by, at=world.tick())
    with pytest.raises(organisations.OnlyAuthoritiesAttested):
        attestation.attest(organisation_id=ids[Party.INSTITUTION], actor=by, at=world.tick())
    with pytest.raises(attestation.ActsAlready):
        attestation.join(
            organisation_id=ids[Party.SAMR], deployment="samr", actor=by, at=world.tick()
        )


def test_once_the_authority_has_joined_its_own_key_alone_counts(world: World) -> None:
    release = on_paper.answered(world)
    on_paper.sign(world, release)
    by, miit_id = witnessed(PLATFORM), world.cast.organisation_ids[Party.MIIT]
    attestation.join(organisation_id=miit_id, actor=by, at=world.tick())
    from roadworthy.cli.demo import cast as casting

    part = next(one for one in casting.PARTS if one.role == Role.MIIT_REVIEWER)
    casting._hire(part, world.cast, world.platform, world.tick())
    with pytest.raises(NotYourKey):
        on_paper.sign_for_miit(world, release)
    on_paper.appoint(world)
    candidate = queries.candidate_of(release)
    assert candidate is not None
    assert set(gate.missing(candidate)) == {"miit.receipt", "samr.receipt"}
    gate.restage(
        release_id=release.pk,
        passphrase=world.passphrase(Role.RELEASE_ENGINEER),
        platform=world.platform,
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )
    miit, samr = Filing.objects.filter(dossier__release=release).order_by("id")
    services.countersign(
        filing_id=miit.pk,
        passphrase=world.passphrase(Role.MIIT_REVIEWER),
        platform=world.platform,
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
    world.accept(world.submit(samr))
    release.refresh_from_db()
    assert release.state == "released"
    (target,) = gate.repository().published("starway.routine").values()
    assert "attested" not in target.custom
    miit.refresh_from_db()
    assert receipts.of(miit).is_attested  # what was attested stays so
