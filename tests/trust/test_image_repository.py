from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner, Signature
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from roadworthy.trust import candidates, roles
from roadworthy.trust.candidates import CandidateMalformed
from roadworthy.trust.image_repository import (
    Appointments,
    CandidateExpired,
    ImageRepository,
    KeysNotDistinct,
    NoSuchTarget,
    StaleCandidate,
    TargetExists,
    ThresholdNotMet,
)
from roadworthy.trust.metadata_store import MemoryMetadata, NoSuchMetadata, VersionExists
from roadworthy.trust.online import Lifetimes, OnlineKeyNotAppointed, OnlineSigners, expiry
from tests.trust import worlds
from tests.trust.worlds import NOW, PATH, ROLE, Repository, after, release_target, signer


@pytest.fixture
def world() -> Repository:
    return Repository()


def candidate(world: Repository) -> bytes:
    return world.repository.candidate(ROLE, release_target(), at=NOW)


def test_an_image_is_published_once_every_party_has_signed(world: Repository) -> None:
    assert world.publish_image() == 1
    published = world.repository.published(ROLE)
    assert published == {PATH: release_target()}


@pytest.mark.parametrize(("who", "missing"), [("manufacturer", "miit"), ("miit", "manufacturer")])
def test_one_party_alone_publishes_nothing_and_the_other_is_named(
    world: Repository, who: str, missing: str
) -> None:
    proposed = candidate(world)
    with pytest.raises(ThresholdNotMet) as refusal:
        world.publish(proposed, getattr(world, who))
    assert refusal.value.data == {"role": ROLE, "missing": missing, "signed": who}
    with pytest.raises(NoSuchMetadata):
        world.store.get(ROLE)


def test_a_refused_publication_leaves_no_trace(world: Repository) -> None:
    before = world.store.get("timestamp")
    with pytest.raises(ThresholdNotMet, match="signed by: nobody"):
        world.publish(candidate(world))
    assert world.store.get("timestamp") == before


def test_a_stranger_does_not_stand_in_for_a_party(world: Repository) -> None:
    with pytest.raises(ThresholdNotMet):
        world.publish(candidate(world), world.manufacturer, signer(), signer())


def test_the_online_and_offline_keys_of_the_platform_stand_in_for_nobody(
    world: Repository,
) -> None:
    platform = [world.root, world.targets, world.online.snapshot, world.online.timestamp]
    with pytest.raises(ThresholdNotMet):
        world.publish(candidate(world), world.manufacturer, *platform)


def test_a_signature_over_another_candidate_does_not_count(world: Repository) -> None:
    other = world.repository.candidate(ROLE, release_target(version="0.2.6"), at=NOW)
    signatures = [
        candidates.sign_payload(candidate(world), world.manufacturer),
        candidates.sign_payload(other, world.miit),
    ]
    with pytest.raises(ThresholdNotMet, match="miit"):
        world.repository.publish(ROLE, candidate(world), signatures, online=world.online, at=NOW)


def test_a_stored_signature_can_be_used_later(world: Repository) -> None:
    proposed = candidate(world)
    stored = [
        json.dumps(candidates.sign_payload(proposed, one).to_dict())
        for one in (world.manufacturer, world.miit)
    ]
    signatures = [Signature.from_dict(json.loads(one)) for one in stored]
    assert world.repository.missing_parties(ROLE, proposed, signatures[:1]) == ("miit",)
    assert world.repository.missing_parties(ROLE, proposed, signatures) == ()
    world.repository.publish(ROLE, proposed, signatures, online=world.online, at=NOW)


def test_signatures_that_nobody_asked_for_are_not_published(world: Repository) -> None:
    world.publish(candidate(world), world.manufacturer, world.miit, signer())
    assert len(Metadata[Targets].from_bytes(world.store.get(ROLE)).signatures) == 2


def test_of_two_candidates_for_one_version_the_second_is_stale(world: Repository) -> None:
    first = candidate(world)
    second = world.repository.candidate(ROLE, release_target(version="0.2.6"), at=NOW)
    assert world.repository.published_as(ROLE, first) is None
    world.publish(first, world.manufacturer, world.miit)
    with pytest.raises(StaleCandidate):
        world.publish(second, world.manufacturer, world.miit)
    assert world.repository.published_as(ROLE, first) == 1
    assert world.repository.published_as(ROLE, second) is None


def test_a_published_candidate_cannot_be_published_again(world: Repository) -> None:
    proposed = candidate(world)
    world.publish(proposed, world.manufacturer, world.miit)
    with pytest.raises(StaleCandidate):
        world.publish(proposed, world.manufacturer, world.miit)


def test_a_candidate_that_lay_too_long_is_refused(world: Repository) -> None:
    proposed = candidate(world)
    world.at = after(days=366)
    with pytest.raises(CandidateExpired):
        world.publish(proposed, world.manufacturer, world.miit)


def test_the_next_candidate_keeps_what_is_published(world: Repository) -> None:
    world.publish_image()
    other = roles.target_path("demo-motors", worlds.LABELS, "camera-0.2.6.swu")
    proposed = world.repository.candidate(ROLE, release_target(other, b"new"), at=NOW)
    read = candidates.read_candidate(proposed)
    assert (read.version, set(read.targets)) == (2, {PATH, other})
    world.publish(proposed, world.manufacturer, world.miit)
    assert set(world.repository.published(ROLE)) == {PATH, other}


def test_one_candidate_can_add_several_images(world: Repository) -> None:
    other = roles.target_path("demo-motors", worlds.LABELS, "radar-3.swu")
    proposed = world.repository.candidate(
        ROLE, release_target(), release_target(other, b"radar"), at=NOW
    )
    assert set(candidates.read_candidate(proposed).targets) == {PATH, other}


def test_a_withdrawn_image_is_gone_when_all_parties_signed_the_withdrawal(
    world: Repository,
) -> None:
    world.publish_image()
    proposed = world.repository.withdrawal(ROLE, PATH, at=NOW)
    with pytest.raises(ThresholdNotMet):
        world.publish(proposed, world.manufacturer)
    world.publish(proposed, world.manufacturer, world.miit)
    assert world.repository.published(ROLE) == {}
    with pytest.raises(NoSuchTarget):
        world.repository.withdrawal(ROLE, PATH, at=NOW)


def test_a_renewal_changes_the_expiry_and_nothing_else(world: Repository) -> None:
    world.publish_image()
    before = world.repository.published(ROLE)
    world.at = after(days=100)
    world.publish(world.repository.renewal(ROLE, at=world.at), world.manufacturer, world.miit)
    assert world.repository.published(ROLE) == before
    assert expiry(world.store.get(ROLE)) == after(days=465).replace(microsecond=0)


def test_an_image_is_never_replaced_under_its_name(world: Repository) -> None:
    world.publish_image()
    with pytest.raises(TargetExists):
        world.repository.candidate(ROLE, release_target(image=b"other"), at=NOW)


def test_a_candidate_that_delegates_further_is_refused(world: Repository) -> None:
    proposed = Metadata[Targets].from_bytes(candidate(world))
    accomplice = signer().public_key
    roles.delegate(
        proposed.signed,
        roles.RoleSpec(
            "demo-motors.routine",
            ("demo-motors/routine/*",),
            {"a": (accomplice,), "b": (signer().public_key,)},
        ),
    )
    content = proposed.to_bytes()
    with pytest.raises(CandidateMalformed, match="delegates further"):
        candidates.sign_payload(content, world.miit)
    with pytest.raises(CandidateMalformed, match="delegates further"):
        world.repository.publish(ROLE, content, [], online=world.online, at=NOW)


def test_a_key_signs_no_other_metadata_by_accident(world: Repository) -> None:
    for role in ("root", "snapshot", "timestamp"):
        with pytest.raises(CandidateMalformed, match=role):
            candidates.sign_payload(world.store.get(role), world.miit)
    for content in (b"", b"{}", b"\xff", b"[" * 100_000):
        with pytest.raises(CandidateMalformed):
            candidates.read_candidate(content)


def test_custom_data_that_tuf_cannot_sign_is_refused(world: Repository) -> None:
    with pytest.raises(CandidateMalformed):
        world.repository.candidate(ROLE, release_target(weight=0.5), at=NOW)


def test_a_candidate_that_names_a_path_of_another_role_is_refused(world: Repository) -> None:
    proposed = Metadata[Targets].from_bytes(candidate(world))
    foreign = release_target("demo-motors/routine/fw.swu")
    proposed.signed.targets[foreign.path] = candidates.target_file(foreign)
    with pytest.raises(roles.PathOutsideRole):
        world.publish(proposed.to_bytes(), world.manufacturer, world.miit)
    with pytest.raises(roles.PathOutsideRole):
        world.repository.candidate(ROLE, foreign, at=NOW)


def test_nothing_is_published_under_a_role_that_does_not_exist(world: Repository) -> None:
    with pytest.raises(roles.NoSuchRole):
        world.repository.candidate("demo-motors.routine", release_target(), at=NOW)
    with pytest.raises(roles.NoSuchRole):
        world.repository.published("demo-motors.routine")


def test_only_the_targets_keys_can_delegate(world: Repository) -> None:
    with pytest.raises(ThresholdNotMet, match="targets"):
        world.repository.add_or_replace_delegation(
            world.spec(), targets_signers=[signer()], online=world.online, at=NOW
        )


def test_after_a_change_of_keys_the_role_must_be_signed_anew(world: Repository) -> None:
    world.publish_image()
    newcomer = signer()
    answer = world.repository.add_or_replace_delegation(
        world.spec(manufacturer=world.manufacturer, miit=newcomer),
        targets_signers=[world.targets],
        online=world.online,
        at=NOW,
    )
    assert answer.needs_renewal
    renewal = world.repository.renewal(ROLE, at=NOW)
    with pytest.raises(ThresholdNotMet, match="miit"):
        world.publish(renewal, world.manufacturer, world.miit)
    world.publish(renewal, world.manufacturer, newcomer)
    delegations = world.repository.targets().delegations
    assert delegations is not None
    assert world.miit.public_key.keyid not in delegations.keys


def test_a_delegation_that_changes_no_key_needs_no_new_signatures(world: Repository) -> None:
    world.publish_image()
    answer = world.repository.add_or_replace_delegation(
        world.spec(), targets_signers=[world.targets], online=world.online, at=NOW
    )
    assert (answer.targets_version, answer.needs_renewal) == (3, False)


def test_root_and_targets_can_need_several_people() -> None:
    store, holders = MemoryMetadata(), [signer(), signer(), signer()]
    repository = ImageRepository(store)
    online = OnlineSigners(signer(), signer())
    repository.initialise(
        root_signers=holders,
        targets_signers=holders,
        online=online,
        at=NOW,
        root_threshold=2,
        targets_threshold=2,
    )
    spec = roles.RoleSpec(
        ROLE,
        (roles.path_pattern("demo-motors", worlds.LABELS),),
        {"manufacturer": (signer().public_key,), "miit": (signer().public_key,)},
    )
    with pytest.raises(ThresholdNotMet):
        repository.add_or_replace_delegation(
            spec, targets_signers=holders[:1], online=online, at=NOW
        )
    repository.add_or_replace_delegation(spec, targets_signers=holders[1:], online=online, at=NOW)
    assert repository.root().roles["root"].threshold == 2


@pytest.mark.parametrize("threshold", [0, 2, 3])
def test_a_threshold_that_distinct_keys_cannot_meet_is_refused(threshold: int) -> None:
    one = signer()
    twice = [one, CryptoSigner(one._private_key)]
    with pytest.raises(KeysNotDistinct):
        ImageRepository(MemoryMetadata()).initialise(
            root_signers=twice,
            targets_signers=[signer()],
            online=OnlineSigners(signer(), signer()),
            at=NOW,
            root_threshold=threshold,
        )


def test_a_repository_is_initialised_once(world: Repository) -> None:
    with pytest.raises(VersionExists):
        world.repository.initialise(
            root_signers=[world.root],
            targets_signers=[world.targets],
            online=world.online,
            at=NOW,
        )


def test_the_top_level_targets_lists_no_image(world: Repository) -> None:
    world.publish_image()
    assert world.repository.targets().targets == {}
    assert world.repository.root().consistent_snapshot


def test_a_refresh_dates_the_snapshot_and_changes_nothing_in_it(world: Repository) -> None:
    world.publish_image()
    before = Metadata[Snapshot].from_bytes(world.store.get("snapshot")).signed
    world.repository.refresh_online(online=world.online, at=after(days=3))
    now = Metadata[Snapshot].from_bytes(world.store.get("snapshot")).signed
    assert (now.version, now.meta) == (before.version + 1, before.meta)
    assert expiry(world.store.get("timestamp")) == after(days=4).replace(microsecond=0)


def test_lifetimes_are_the_callers() -> None:
    lifetimes = Lifetimes(*(timedelta(hours=hours) for hours in range(1, 6)))
    store = MemoryMetadata()
    ImageRepository(store, lifetimes=lifetimes).initialise(
        root_signers=[signer()],
        targets_signers=[signer()],
        online=OnlineSigners(signer(), signer()),
        at=datetime(2026, 11, 21, 8, 0, 0, 5, timezone(timedelta(hours=8))),
    )
    kinds: list[type[Root | Targets | Snapshot | Timestamp]] = [Root, Targets, Snapshot, Timestamp]
    expiries = {kind.type: expiry(store.get(kind.type)).isoformat() for kind in kinds}
    assert expiries == {
        "root": "2026-11-21T01:00:00+00:00",
        "targets": "2026-11-21T02:00:00+00:00",
        "snapshot": "2026-11-21T04:00:00+00:00",
        "timestamp": "2026-11-21T05:00:00+00:00",
    }


def appointments(world: Repository, **changed: Any) -> Appointments:
    kept = {
        "root": [world.root.public_key],
        "targets": [world.targets.public_key],
        "snapshot": world.online.snapshot.public_key,
        "timestamp": world.online.timestamp.public_key,
    }
    return Appointments(**(kept | changed))


def test_a_root_is_renewed_by_its_holders(world: Repository) -> None:
    world.repository.replace_root(
        appointments(world), root_signers=[world.root], at=after(days=300)
    )
    assert world.repository.root().version == 2
    assert expiry(world.store.get("root")) == after(days=665).replace(microsecond=0)


@pytest.mark.parametrize("signing", [[], ["root"], ["new"]])
def test_a_root_with_new_holders_needs_the_old_ones_and_the_new(
    world: Repository, signing: list[str]
) -> None:
    holders = {"root": world.root, "new": signer()}
    appointed = appointments(world, root=[holders["new"].public_key])
    with pytest.raises(ThresholdNotMet):
        world.repository.replace_root(
            appointed, root_signers=[holders[name] for name in signing], at=NOW
        )
    world.repository.replace_root(appointed, root_signers=list(holders.values()), at=NOW)
    assert world.repository.root().roles["root"].keyids == [holders["new"].public_key.keyid]


def test_with_new_keys_targets_and_the_rest_are_signed_anew(world: Repository) -> None:
    world.publish_image()
    targets, online = signer(), OnlineSigners(signer(), signer())
    appointed = appointments(
        world,
        targets=[targets.public_key],
        snapshot=online.snapshot.public_key,
        timestamp=online.timestamp.public_key,
    )
    world.repository.replace_root(appointed, root_signers=[world.root], at=NOW)
    with pytest.raises(ThresholdNotMet):
        world.repository.renew_targets(targets_signers=[world.targets], online=online, at=NOW)
    with pytest.raises(OnlineKeyNotAppointed, match="snapshot"):
        world.repository.refresh_online(online=world.online, at=NOW)
    assert world.repository.renew_targets(targets_signers=[targets], online=online, at=NOW) == 3
    assert set(world.repository.published(ROLE)) == {PATH}


def test_delegations_are_renewed_before_they_expire(world: Repository) -> None:
    before = world.repository.targets().delegations
    world.repository.renew_targets(
        targets_signers=[world.targets], online=world.online, at=after(days=300)
    )
    assert world.repository.targets().delegations == before
    assert expiry(world.store.get("targets")) == after(days=665).replace(microsecond=0)
