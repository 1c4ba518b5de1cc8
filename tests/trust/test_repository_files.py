from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.trust import candidates, client, repository_files
from roadworthy.trust.client import TargetRefused, TargetUnknown, fetch_verified
from roadworthy.trust.metadata_store import VersionExists
from tests.trust import worlds
from tests.trust.worlds import IMAGE, IMAGE_SHA256, NOW, PATH, ROLE, Repository, after


@pytest.fixture
def world() -> Repository:
    return Repository()


def fetch(world: Repository, repository: Path, home: Path) -> client.FetchedTarget:
    return fetch_verified(repository, PATH, root=world.root_json, client_home=home)


def test_a_stock_client_accepts_what_every_party_signed(world: Repository, tmp_path: Path) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    fetched = fetch(world, tmp_path / "repository", tmp_path / "vehicle")
    assert fetched.path.read_bytes() == IMAGE
    assert fetched.custom["release"] == "7"
    again = fetch(world, tmp_path / "repository", tmp_path / "vehicle")
    assert again == fetched


def test_a_stock_client_refuses_what_one_party_signed(world: Repository, tmp_path: Path) -> None:
    proposed = world.repository.candidate(ROLE, worlds.release_target(), at=NOW)
    before = world.store.get("timestamp")
    repository_files.under_signed_copy(
        world.store,
        world.contents,
        tmp_path / "copy",
        role=ROLE,
        candidate=proposed,
        signatures=[candidates.sign_payload(proposed, world.manufacturer)],
        online=world.online,
        at=NOW,
    )
    with pytest.raises(TargetRefused) as refusal:
        fetch(world, tmp_path / "copy", tmp_path / "vehicle")
    assert refusal.value.data["exception"] == "UnsignedMetadataError"
    assert f"{ROLE} was signed by 1/2 keys" in str(refusal.value)
    assert world.store.get("timestamp") == before


def test_the_same_copy_is_accepted_once_the_other_party_signed(
    world: Repository, tmp_path: Path
) -> None:
    proposed = world.repository.candidate(ROLE, worlds.release_target(), at=NOW)
    repository_files.under_signed_copy(
        world.store,
        world.contents,
        tmp_path / "copy",
        role=ROLE,
        candidate=proposed,
        signatures=[
            candidates.sign_payload(proposed, one) for one in (world.manufacturer, world.miit)
        ],
        online=world.online,
        at=NOW,
    )
    assert fetch(world, tmp_path / "copy", tmp_path / "vehicle").path.read_bytes() == IMAGE


def test_an_image_that_no_role_lists_is_unknown(world: Repository, tmp_path: Path) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    for path in (PATH.replace("0.2.5", "9"), "demo-motors/routine/fw.swu"):
        with pytest.raises(TargetUnknown):
            fetch_verified(
                tmp_path / "repository", path, root=world.root_json, client_home=tmp_path / "v"
            )


def test_a_later_export_adds_to_an_earlier_one(world: Repository, tmp_path: Path) -> None:
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    assert fetch(world, tmp_path / "repository", tmp_path / "vehicle").path.read_bytes() == IMAGE


def test_an_export_over_another_repository_is_refused(world: Repository, tmp_path: Path) -> None:
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    other = Repository()
    with pytest.raises(VersionExists):
        repository_files.export(other.store, other.contents, tmp_path / "repository")


def test_a_missing_image_is_told_before_any_metadata_names_it(
    world: Repository, tmp_path: Path
) -> None:
    world.publish_image()
    world.contents.images.clear()
    with pytest.raises(repository_files.NoSuchContent, match=IMAGE_SHA256):
        repository_files.export(world.store, world.contents, tmp_path / "repository")
    assert not (tmp_path / "repository" / "metadata" / "timestamp.json").exists()


def test_a_flipped_byte_of_the_image_is_refused(world: Repository, tmp_path: Path) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    image = next((tmp_path / "repository" / "targets").rglob("*.swu"))
    content = bytearray(image.read_bytes())
    content[100] ^= 1
    image.write_bytes(content)
    with pytest.raises(TargetRefused, match="LengthOrHashMismatchError"):
        fetch(world, tmp_path / "repository", tmp_path / "vehicle")


def test_a_flipped_byte_of_any_metadata_is_refused(world: Repository, tmp_path: Path) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    metadata = tmp_path / "repository" / "metadata"
    files = [path for path in metadata.iterdir() if path.name != "1.root.json"]
    used = [path for path in files if path.name in {"timestamp.json", "3.snapshot.json"}]
    used += [path for path in files if path.name in {"2.targets.json", f"1.{ROLE}.json"}]
    assert len(used) == 4
    for path in used:
        intact = path.read_bytes()
        for at in range(0, len(intact), 97):
            changed = bytearray(intact)
            changed[at] ^= 1
            path.write_bytes(changed)
            with pytest.raises(TargetRefused):
                fetch(world, tmp_path / "repository", tmp_path / f"vehicle-{path.name}-{at}")
        path.write_bytes(intact)


def test_a_vehicle_refuses_an_older_state_than_it_has_seen(
    world: Repository, tmp_path: Path
) -> None:
    repository_files.export(world.store, world.contents, tmp_path / "old")
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "new")
    fetch(world, tmp_path / "new", tmp_path / "vehicle")
    with pytest.raises(TargetRefused, match="BadVersionNumberError"):
        fetch(world, tmp_path / "old", tmp_path / "vehicle")


def test_a_vehicle_refuses_a_state_that_has_expired(tmp_path: Path) -> None:
    world = Repository(at=after(days=-3))
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    with pytest.raises(TargetRefused, match="ExpiredMetadataError: timestamp"):
        fetch(world, tmp_path / "repository", tmp_path / "vehicle")


def test_a_vehicle_with_another_root_refuses_everything(world: Repository, tmp_path: Path) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "repository")
    with pytest.raises(TargetRefused, match="UnsignedMetadataError"):
        fetch(Repository(), tmp_path / "repository", tmp_path / "vehicle")


def test_a_repository_that_is_not_there_is_told(world: Repository, tmp_path: Path) -> None:
    with pytest.raises(TargetRefused, match=r"DownloadHTTPError: There is no file timestamp\.json"):
        fetch(world, tmp_path / "nowhere", tmp_path / "vehicle")
