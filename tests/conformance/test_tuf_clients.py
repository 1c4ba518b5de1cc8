"""The law enforced by signatures, judged by clients that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from securesystemslib.signer import Signer

from roadworthy.trust import candidates, repository_files
from roadworthy.trust.image_repository import Appointments
from roadworthy.trust.online import OnlineSigners
from tests.conformance import tuf_clients
from tests.conformance.tuf_clients import Client, Verdict
from tests.trust import worlds
from tests.trust.worlds import IMAGE, NOW, PATH, ROLE, Repository


@pytest.fixture(scope="session")
def tuf_js(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return tuf_clients.install_tuf_js(tmp_path_factory.mktemp("tufjs"))


@pytest.fixture(params=["ngclient", pytest.param("tuf-js", marks=pytest.mark.npm)])
def client(request: pytest.FixtureRequest) -> Client:
    if request.param == "ngclient":
        return tuf_clients.ngclient
    installed: Client = request.getfixturevalue("tuf_js")
    return installed


class Vehicle:
    """A client with a root it was built with; fresh unless asked to remember."""

    def __init__(self, client: Client, root: bytes, base: str, homes: Path) -> None:
        self._client, self._root, self._base, self._homes = client, root, base, homes
        self._count = 0

    def ask(self, repository: str, target: str = PATH, *, home: str = "") -> Verdict:
        self._count += 1
        home = home or f"fresh-{self._count}"
        return self._client(f"{self._base}/{repository}", target, self._root, self._homes / home)


@pytest.fixture
def world() -> Repository:
    return Repository()


@pytest.fixture
def vehicle(client: Client, world: Repository, tmp_path: Path) -> Iterator[Vehicle]:
    (tmp_path / "www").mkdir()
    with tuf_clients.served(tmp_path / "www") as base:
        yield Vehicle(client, world.root_json, base, tmp_path / "vehicles")


def published_anyway(world: Repository, folder: Path, *signers: Signer) -> None:
    proposed = world.repository.candidate(ROLE, worlds.release_target(), at=NOW)
    repository_files.under_signed_copy(
        world.store,
        world.contents,
        folder,
        role=ROLE,
        candidate=proposed,
        signatures=[candidates.sign_payload(proposed, signer) for signer in signers],
        online=world.online,
        at=NOW,
    )


def flipped(path: Path, at: int) -> bytes:
    intact = path.read_bytes()
    changed = bytearray(intact)
    changed[at] ^= 1
    path.write_bytes(changed)
    return intact


def for_want_of_signatures(verdict: Verdict) -> bool:
    """Refused, and for this role's missing signatures, which both clients say in these words."""
    return not verdict.accepted and f"{ROLE} was signed by" in verdict.detail


def test_both_signatures_are_accepted(world: Repository, vehicle: Vehicle, tmp_path: Path) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    assert vehicle.ask("true") == Verdict(accepted=True, image=IMAGE)


@pytest.mark.parametrize(
    "signers",
    [
        (),
        ("manufacturer",),
        ("miit",),
        ("manufacturer", "root", "targets"),
    ],
    ids=lambda signers: "+".join(signers) or "nobody",
)
def test_without_every_partys_signature_the_image_is_refused(
    world: Repository, vehicle: Vehicle, tmp_path: Path, signers: tuple[str, ...]
) -> None:
    folder = tmp_path / "www" / "anyway"
    published_anyway(world, folder, *(getattr(world, name) for name in signers))
    verdict = vehicle.ask("anyway")
    assert for_want_of_signatures(verdict)


def test_the_servers_own_keys_do_not_help(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    folder = tmp_path / "www" / "anyway"
    published_anyway(
        world, folder, world.manufacturer, world.online.snapshot, world.online.timestamp
    )
    assert for_want_of_signatures(vehicle.ask("anyway"))


def test_the_same_vehicle_accepts_once_the_authority_has_signed(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    assert not vehicle.ask("true", home="same").accepted
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    assert vehicle.ask("true", home="same") == Verdict(accepted=True, image=IMAGE)


def test_a_flipped_byte_of_the_image_is_refused(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    image = next((tmp_path / "www" / "true" / "targets").rglob("*.swu"))
    for at in (0, len(IMAGE) // 2, len(IMAGE) - 1):
        intact = flipped(image, at)
        assert not vehicle.ask("true").accepted
        image.write_bytes(intact)
    assert vehicle.ask("true").accepted


def test_a_flipped_byte_of_any_metadata_is_refused(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    metadata = tmp_path / "www" / "true" / "metadata"
    for name in ("timestamp.json", "3.snapshot.json", "2.targets.json", f"1.{ROLE}.json"):
        path = metadata / name
        for at in (1, path.stat().st_size // 3, path.stat().st_size // 2):
            intact = flipped(path, at)
            assert not vehicle.ask("true").accepted, (name, at)
            path.write_bytes(intact)
    assert vehicle.ask("true").accepted


def test_an_older_state_than_seen_is_refused(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    old = {path: path.read_bytes() for path in (tmp_path / "www" / "true").rglob("timestamp.json")}
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    assert vehicle.ask("true", home="same").accepted
    for path, content in old.items():
        path.write_bytes(content)
    assert not vehicle.ask("true", home="same").accepted


def test_a_vehicle_follows_a_change_of_every_platform_key(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    world.publish_image()
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    assert vehicle.ask("true", home="same").accepted
    root, targets = worlds.signer(), worlds.signer()
    online = OnlineSigners(worlds.signer(), worlds.signer())
    appointed = Appointments(
        [root.public_key],
        [targets.public_key],
        online.snapshot.public_key,
        online.timestamp.public_key,
    )
    world.repository.replace_root(appointed, root_signers=[world.root, root], at=NOW)
    world.repository.renew_targets(targets_signers=[targets], online=online, at=NOW)
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    assert vehicle.ask("true", home="same").accepted
    assert vehicle.ask("true").accepted


def test_a_withdrawn_image_is_not_found_any_more(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    world.publish_image()
    withdrawal = world.repository.withdrawal(ROLE, PATH, at=NOW)
    world.publish(withdrawal, world.manufacturer, world.miit)
    repository_files.export(world.store, world.contents, tmp_path / "www" / "true")
    assert vehicle.ask("true").error == "TargetUnknown"


def test_an_image_is_only_looked_for_in_the_role_of_its_labels(
    world: Repository, vehicle: Vehicle, tmp_path: Path
) -> None:
    """A role with laxer signers that lists a path of another role is not asked about it."""
    world.publish_image()
    lax = worlds.signer(), worlds.signer()
    name = worlds.roles.role_name("demo-motors", ["routine"])
    world.delegate(
        worlds.RoleSpec(
            name,
            (worlds.roles.path_pattern("demo-motors", ["routine"]),),
            {"manufacturer": (lax[0].public_key,), "receipt": (lax[1].public_key,)},
        )
    )
    smuggled = worlds.roles.target_path("demo-motors", worlds.LABELS, "smuggled.swu")
    own = worlds.roles.target_path("demo-motors", ["routine"], "own.swu")
    candidate = world.repository.candidate(name, worlds.release_target(own), at=NOW)
    metadata = candidates.parse(candidate)
    metadata.signed.targets[smuggled] = candidates.target_file(worlds.release_target(smuggled))
    proposed = candidates.compose(metadata.signed)
    repository_files.under_signed_copy(
        world.store,
        world.contents,
        tmp_path / "www" / "anyway",
        role=name,
        candidate=proposed,
        signatures=[candidates.sign_payload(proposed, signer) for signer in lax],
        online=world.online,
        at=NOW,
    )
    ask = partial(vehicle.ask, "anyway")
    assert ask(own).accepted
    assert ask(smuggled).error == "TargetUnknown"
