from __future__ import annotations

from dataclasses import replace

import pytest
from securesystemslib.signer import Key, SSlibKey
from tuf.api.metadata import DelegatedRole, Targets

from roadworthy.trust import roles
from roadworthy.trust.roles import RoleNotSafe, RoleSpec
from tests.trust import worlds

A, B, C = (worlds.signer().public_key for _ in range(3))
GOOD = RoleSpec("demo-motors.routine", ("demo-motors/routine/*",), {"maker": (A,), "miit": (B,)})


def alias(key: Key, public: str | None = None) -> Key:
    return SSlibKey("f" * 64, key.keytype, key.scheme, {"public": public or key.keyval["public"]})


def test_the_threshold_is_the_number_of_parties() -> None:
    role = GOOD.delegated_role()
    assert (role.threshold, set(role.keyids)) == (2, {A.keyid, B.keyid})
    assert role.terminating


@pytest.mark.parametrize(
    ("parties", "reason"),
    [
        ({}, "alone"),
        ({"maker": (A,)}, "alone"),
        ({"maker": (A, C), "miit": (B,)}, "maker has 2 keys"),
        ({"maker": (A,), "miit": ()}, "miit has 0 keys"),
        ({"maker": (A,), "miit": (A,)}, "maker and miit would sign with the same key"),
        ({"maker": (A,), "miit": (alias(A),)}, "the same key"),
        ({"maker": (A,), "miit": (alias(A, A.keyval["public"].upper()),)}, "the same key"),
        ({"maker": (alias(A),), "miit": (alias(B),)}, "same key id"),
    ],
)
def test_a_role_that_fewer_than_all_parties_could_sign_is_refused(
    parties: dict[str, tuple[Key, ...]], reason: str
) -> None:
    with pytest.raises(RoleNotSafe, match=reason):
        replace(GOOD, parties=parties).delegated_role()


@pytest.mark.parametrize(
    "name", ["routine", "demo-motors/routine", "demo-motors.", "../x.y", "root", "a.b+", "A.b"]
)
def test_a_name_that_is_not_manufacturer_and_labels_is_refused(name: str) -> None:
    with pytest.raises(RoleNotSafe, match="name"):
        replace(GOOD, name=name).delegated_role()


@pytest.mark.parametrize(
    "paths",
    [(), ("*",), ("demo-motors/*/*",), ("demo-motors/r?utine/*",), ("../x/*",), ("demo/[a]/*",)],
)
def test_a_path_with_a_wildcard_before_its_end_is_refused(paths: tuple[str, ...]) -> None:
    with pytest.raises(RoleNotSafe, match="path"):
        replace(GOOD, paths=paths).delegated_role()


def test_a_path_that_another_role_has_is_refused() -> None:
    world = worlds.Repository()
    lax = RoleSpec(
        "demo-motors.routine", world.spec().paths, {"manufacturer": (A,), "receipt": (B,)}
    )
    with pytest.raises(RoleNotSafe, match=r"already belongs to demo-motors\.defect_remedy"):
        world.delegate(lax)


@pytest.mark.parametrize("which", ["snapshot", "timestamp"])
def test_a_key_that_the_server_holds_stands_for_no_party(which: str) -> None:
    world = worlds.Repository()
    held = getattr(world.online, which)
    with pytest.raises(RoleNotSafe, match=f"the {which} key"):
        world.delegate(world.spec(manufacturer=world.manufacturer, miit=held))


def test_names_and_paths_do_not_depend_on_the_order_of_labels() -> None:
    labels = ("main_param_change", "defect_remedy")
    assert roles.role_name("demo-motors", labels) == worlds.ROLE
    assert roles.path_pattern("demo-motors", labels) == worlds.PATH.rpartition("/")[0] + "/*"


@pytest.mark.parametrize(
    "path",
    [
        "demo-motors/routine/fw.swu",
        "demo-motors/defect_remedy+main_param_change/a/b",
        "demo-motors/defect_remedy+main_param_change/../fw.swu",
        "demo-motors/defect_remedy+main_param_change/..",
        "demo-motors/defect_remedy+main_param_change/.hidden",
        "/demo-motors/defect_remedy+main_param_change/fw.swu",
        "demo-motors/defect_remedy+main_param_change/a b",
    ],
)
def test_a_path_outside_the_role_is_refused(path: str) -> None:
    world = worlds.Repository()
    role = roles.delegated(world.repository.targets(), worlds.ROLE)
    with pytest.raises(roles.PathOutsideRole):
        roles.check_path(role, path)


def test_an_unknown_role_has_its_own_error() -> None:
    with pytest.raises(roles.NoSuchRole):
        roles.delegated(worlds.Repository().repository.targets(), "demo-motors.routine")
    with pytest.raises(roles.NoSuchRole):
        roles.delegated(Targets(), "demo-motors.routine")


def test_published_targets_name_the_parties_of_a_role() -> None:
    world = worlds.Repository()
    targets = world.repository.targets()
    assert roles.parties_of(targets, worlds.ROLE) == {
        "manufacturer": world.manufacturer.public_key,
        "miit": world.miit.public_key,
    }
    assert roles.safe_parties(targets, worlds.ROLE) == ("manufacturer", "miit")


def test_a_published_role_with_a_lower_threshold_is_not_safe() -> None:
    targets = worlds.Repository().repository.targets()
    roles.delegated(targets, worlds.ROLE).threshold = 1
    with pytest.raises(RoleNotSafe, match="1 signatures are enough"):
        roles.safe_parties(targets, worlds.ROLE)


def test_a_published_role_with_a_key_of_nobody_is_not_safe() -> None:
    targets = worlds.Repository().repository.targets()
    targets.add_key(C, worlds.ROLE)
    with pytest.raises(RoleNotSafe, match="no party"):
        roles.safe_parties(targets, worlds.ROLE)


@pytest.mark.parametrize("field", [None, 3, {}, {worlds.ROLE: []}, {worlds.ROLE: {"miit": "no"}}])
def test_targets_that_name_no_parties_have_none(field: object) -> None:
    targets = worlds.Repository().repository.targets()
    targets.unrecognized_fields[roles.PARTIES_FIELD] = field
    assert roles.parties_of(targets, worlds.ROLE) == {}


def test_a_role_without_paths_of_its_own_is_not_safe() -> None:
    targets = worlds.Repository().repository.targets()
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    old = targets.delegations.roles[worlds.ROLE]
    targets.delegations.roles[worlds.ROLE] = DelegatedRole(
        old.name, old.keyids, old.threshold, terminating=True, path_hash_prefixes=["0"]
    )
    with pytest.raises(RoleNotSafe):
        roles.safe_parties(targets, worlds.ROLE)
