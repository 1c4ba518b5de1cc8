"""What a vehicle refuses to install, through the real gateway and a stock TUF client."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from roadworthy.trust import candidates, repository_files
from roadworthy.vehicle.flash import DirectoryFlash, RamFlash
from roadworthy.vehicle.record import Phase, Refusal
from roadworthy.vehicle.trusted import TrustedImages
from tests.gateway import hosting
from tests.trust import worlds
from tests.vehicle import stand

HARDWARE = "camera-a"  # as the metadata of ``worlds`` says


@pytest.fixture(scope="module")
def world() -> worlds.Repository:
    return worlds.Repository()


def trusting(folder: str | Path, world: worlds.Repository, home: Path, **more: Any) -> Any:
    return TrustedImages(folder, root=world.root_json, home=home, **more)


def published(world: worlds.Repository, folder: Path, *names: str) -> Path:
    """Write a repository in which the role's new version has these signatures only."""
    proposed = world.repository.candidate(worlds.ROLE, worlds.release_target(), at=worlds.NOW)
    repository_files.under_signed_copy(
        world.store,
        world.contents,
        folder,
        role=worlds.ROLE,
        candidate=proposed,
        signatures=[candidates.sign_payload(proposed, getattr(world, name)) for name in names],
        online=world.online,
        at=worlds.NOW,
    )
    return folder


def outcome(fleet: hosting.Fleet, trust: Any, deployment: int, **more: Any) -> tuple[Phase, Any]:
    """Offer a deployment to a new vehicle; return where that ends, and why."""
    car, spec = stand.vehicle(fleet, hardware=more.pop("hardware", HARDWARE))
    action = car.offer(deployment)

    async def cycle() -> tuple[Phase, Any]:
        async with stand.agent_of(fleet, spec, trust=trust, **more) as agent:
            await stand.drive(agent, lambda: agent.phase in {Phase.PROVEN, Phase.REFUSED})
            if agent.phase is Phase.PROVEN:
                return agent.phase, agent.record.installs == [action]
            assert not agent.record.installs
            (refusal,) = agent.record.refusals
            assert stand.said(fleet, "feedback")[-1] == ("closed", "failure")
            return agent.phase, refusal

    return asyncio.run(cycle())


def offered(fleet: hosting.Fleet, **more: Any) -> int:
    return stand.deploy(fleet, worlds.IMAGE, **{"target": worlds.PATH, **more})


def why(found: tuple[Phase, Any]) -> str:
    phase, refusal = found
    assert phase is Phase.REFUSED
    assert isinstance(refusal, Refusal)
    return refusal.reason


def test_without_the_authoritys_signature_an_image_is_refused_and_with_it_installed(
    world: worlds.Repository, own_settings: hosting.Settings, tmp_path: Path
) -> None:
    """Over HTTP from the gateway's own ``/repo``, as vehicles do it."""
    with hosting.hosting(own_settings) as host, hosting.fleet_of(host) as fleet:
        deployment = offered(fleet)
        published(world, own_settings.repository, "manufacturer")
        early = trusting(f"{host.url}/repo", world, tmp_path / "early")
        assert "UnsignedMetadataError" in why(outcome(fleet, early, deployment))

        own_settings.repository.rename(tmp_path / "under-signed")
        published(world, own_settings.repository, "manufacturer", "miit")
        late = trusting(f"{host.url}/repo", world, tmp_path / "late")
        assert outcome(fleet, late, deployment) == (Phase.PROVEN, True)


@pytest.fixture(scope="module")
def repository(world: worlds.Repository, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(world, tmp_path_factory.mktemp("tuf"), "manufacturer", "miit")


@pytest.fixture
def trust(world: worlds.Repository, repository: Path, tmp_path: Path) -> TrustedImages:
    return trusting(repository, world, tmp_path / "client")


def test_one_verification_serves_all_vehicles(fleet: hosting.Fleet, trust: TrustedImages) -> None:
    deployment = offered(fleet)
    for _ in range(3):
        assert outcome(fleet, trust, deployment) == (Phase.PROVEN, True)
    assert trust.verifications == 1


def test_the_target_may_be_known_by_its_digest(
    fleet: hosting.Fleet, world: worlds.Repository, repository: Path, tmp_path: Path
) -> None:
    targets = {worlds.IMAGE_SHA256: worlds.PATH}
    trust = trusting(repository, world, tmp_path, targets=targets)
    assert outcome(fleet, trust, offered(fleet, target="")) == (Phase.PROVEN, True)


def test_an_image_that_nobody_vouches_for_is_refused(
    fleet: hosting.Fleet, trust: TrustedImages
) -> None:
    assert "nobody says where" in why(outcome(fleet, trust, offered(fleet, target="")))
    unknown = offered(fleet, target="demo-motors/defect_remedy+main_param_change/other.swu")
    assert "vouches for no" in why(outcome(fleet, trust, unknown))


def test_another_image_under_a_vouched_name_is_refused(
    fleet: hosting.Fleet, trust: TrustedImages
) -> None:
    other = stand.deploy(fleet, b"malware", target=worlds.PATH)
    assert "another content" in why(outcome(fleet, trust, other))
    assert not fleet.reports("download")


@pytest.mark.parametrize("damage", ["changed", "shorter", "longer"])
@pytest.mark.parametrize("in_files", [False, True])
def test_bytes_that_are_not_the_vouched_ones_are_refused(
    fleet: hosting.Fleet, trust: TrustedImages, tmp_path: Path, damage: str, *, in_files: bool
) -> None:
    deployment = offered(fleet)
    changed = bytearray(worlds.IMAGE)
    changed[7] ^= 1
    bad = {"changed": bytes(changed), "shorter": worlds.IMAGE[:-1], "longer": worlds.IMAGE + b"!"}
    path = fleet.keep(worlds.IMAGE)
    draft = path.with_suffix(".draft")
    draft.write_bytes(bad[damage])
    draft.replace(path)
    flash = DirectoryFlash(tmp_path / "vehicle") if in_files else RamFlash()
    reason = why(outcome(fleet, trust, deployment, flash=flash))
    assert "too long" in reason if damage == "longer" else "another SHA-256" in reason
    fleet.keep(worlds.IMAGE)


def test_a_damaged_part_of_a_download_is_fetched_again(
    fleet: hosting.Fleet, trust: TrustedImages
) -> None:
    flash = RamFlash()
    flash.staging(worlds.IMAGE_SHA256).write(0, b"x" * 100)
    assert outcome(fleet, trust, offered(fleet), flash=flash) == (Phase.PROVEN, True)


def test_an_image_signed_for_other_hardware_is_refused(
    fleet: hosting.Fleet, trust: TrustedImages
) -> None:
    reason = why(outcome(fleet, trust, offered(fleet), hardware="camera-b"))
    assert reason.endswith("signed for hardware_id camera-a, offered for camera-b.")


def test_an_old_version_offered_as_a_new_one_is_refused(
    fleet: hosting.Fleet, trust: TrustedImages
) -> None:
    reason = why(outcome(fleet, trust, offered(fleet, version="9.9.9")))
    assert "signed for version 0.2.5, offered for 9.9.9" in reason


def test_a_digest_that_is_a_path_is_refused(fleet: hosting.Fleet) -> None:
    deployment = stand.deploy(fleet, hashes={"sha256": "../../etc/passwd"})
    assert "no usable SHA-256" in why(outcome(fleet, stand.Believing(), deployment))


def test_a_repository_that_cannot_be_reached_is_no_verdict(
    fleet: hosting.Fleet, world: worlds.Repository, tmp_path: Path
) -> None:
    deployment = offered(fleet)
    trust = trusting("http://127.0.0.1:9/repo", world, tmp_path)
    car, spec = stand.vehicle(fleet)
    car.offer(deployment)

    async def cycle() -> None:
        async with stand.agent_of(fleet, spec, trust=trust) as agent:
            assert await stand.drive(agent, lambda: trust.verifications == 2) == 2
            assert agent.phase is Phase.DOWNLOADING
            assert not agent.record.refusals

    asyncio.run(cycle())
