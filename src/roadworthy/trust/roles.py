"""A delegated role says whose signatures a piece of software needs; here is what makes it safe.

TUF counts keys, the law counts parties. The two counts agree only if

* every party has exactly one key in the role, and no key (by its material, not by its id) stands
  for two parties: then the threshold, which is the number of parties, needs all of them;
* there are at least two parties: nobody meets a threshold alone;
* no path belongs to two roles: else an image could enter through the role that asks for less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from securesystemslib.signer import Key
from tuf.api.metadata import DelegatedRole, Delegations, Root, Targets

from roadworthy.kernel.errors import Invalid, NotFound
from roadworthy.trust import keys as trust_keys

# Signed with `targets`, at the top level of it: a client that knows nothing of parties keeps it.
PARTIES_FIELD = "x-roadworthy-parties"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9_]+(\+[a-z0-9_]+)*")
_PATH = re.compile(r"([A-Za-z0-9][A-Za-z0-9._+-]*/)+\*")
_TARGET = re.compile(r"([A-Za-z0-9][A-Za-z0-9._+-]*/)+[A-Za-z0-9][A-Za-z0-9._+-]*")
_ONLINE = ("snapshot", "timestamp")


class RoleNotSafe(Invalid):
    code = "trust.role_not_safe"
    message = "Role {role} would not be safe: {reason}."


class NoSuchRole(NotFound):
    code = "trust.no_such_role"
    message = "The repository delegates to no role {role}."


class PathOutsideRole(Invalid):
    code = "trust.path_outside_role"
    message = "{path} is not a path that role {role} may publish; it may publish {patterns}."


@dataclass(frozen=True)
class RoleSpec:
    """A role to be: its name, what it may publish, and each party with its one key."""

    name: str
    paths: tuple[str, ...]
    parties: Mapping[str, tuple[Key, ...]]

    @property
    def threshold(self) -> int:
        return len(self.parties)

    def keys_by_party(self) -> dict[str, Key]:
        """Return each party's key.

        Raises:
            RoleNotSafe: some party or coalition smaller than all could meet the threshold.
        """
        self._check_shape()
        seen: dict[bytes, str] = {}
        chosen: dict[str, Key] = {}
        for party, keys in sorted(self.parties.items()):
            if len(keys) != 1:
                self._refuse(f"{party} has {len(keys)} keys in it; a party counts once")
            fingerprint = trust_keys.material(keys[0])
            if fingerprint in seen:
                self._refuse(f"{seen[fingerprint]} and {party} would sign with the same key")
            seen[fingerprint] = party
            chosen[party] = keys[0]
        if len({key.keyid for key in chosen.values()}) != len(chosen):
            self._refuse("two different keys carry the same key id")
        return chosen

    def delegated_role(self) -> DelegatedRole:
        """Return the role as TUF writes it; terminating, so no later role can answer instead.

        Raises:
            RoleNotSafe: see :meth:`keys_by_party`.
        """
        keyids = [key.keyid for key in self.keys_by_party().values()]
        return DelegatedRole(
            self.name, keyids, self.threshold, terminating=True, paths=list(self.paths)
        )

    def _check_shape(self) -> None:
        if not _NAME.fullmatch(self.name):
            self._refuse("a name is manufacturer.label or manufacturer.label+label")
        if not self.paths or not all(_PATH.fullmatch(path) for path in self.paths):
            self._refuse("a path is folders and a final *, with no other wildcard")
        if len(self.parties) < 2:
            self._refuse("one party could meet the threshold alone")

    def _refuse(self, reason: str) -> None:
        raise RoleNotSafe(role=self.name, reason=reason)


def role_name(manufacturer: str, labels: Iterable[str]) -> str:
    """Name the role for a manufacturer's releases that carry exactly these labels."""
    return f"{manufacturer}.{'+'.join(sorted(labels))}"


def path_pattern(manufacturer: str, labels: Iterable[str]) -> str:
    """Name the paths which that role may publish."""
    return target_path(manufacturer, labels, "*")


def target_path(manufacturer: str, labels: Iterable[str], file_name: str) -> str:
    """Name the path of one image in that role."""
    return f"{manufacturer}/{'+'.join(sorted(labels))}/{file_name}"


def check_beside_others(spec: RoleSpec, targets: Targets, root: Root) -> None:
    """Refuse a role that would weaken, or be weakened by, what the repository already has.

    Raises:
        RoleNotSafe: a path is already another role's, or a party's key is one the server holds.
    """
    others = targets.delegations.roles if targets.delegations else None
    for other in (others or {}).values():
        shared = set(spec.paths) & set(other.paths or ())
        if other.name != spec.name and shared:
            raise RoleNotSafe(
                role=spec.name, reason=f"{min(shared)} already belongs to {other.name}"
            )
    online = {
        trust_keys.material(root.get_key(keyid)): name
        for name in _ONLINE
        for keyid in root.roles[name].keyids
    }
    for party, key in spec.keys_by_party().items():
        if trust_keys.material(key) in online:
            raise RoleNotSafe(
                role=spec.name,
                reason=f"{party} would sign with the {online[trust_keys.material(key)]} key, "
                "which the server holds",
            )


def delegate(targets: Targets, spec: RoleSpec) -> None:
    """Write a role into ``targets``, in place of one of the same name.

    Raises:
        RoleNotSafe: see :meth:`RoleSpec.keys_by_party`.
    """
    keys = spec.keys_by_party()
    delegations = targets.delegations or Delegations(keys={}, roles={})
    appointed = {**(delegations.roles or {}), spec.name: spec.delegated_role()}
    used = {keyid for role in appointed.values() for keyid in role.keyids}
    known = {**delegations.keys, **{key.keyid: key for key in keys.values()}}
    targets.delegations = Delegations(
        keys={keyid: key for keyid, key in known.items() if keyid in used}, roles=appointed
    )
    named = targets.unrecognized_fields.setdefault(PARTIES_FIELD, {})
    named[spec.name] = {party: key.keyid for party, key in keys.items()}


def check_path(role: DelegatedRole, path: str) -> None:
    """Refuse a target path that the role may not publish.

    Raises:
        PathOutsideRole: a client would never look for it there.
    """
    if not _TARGET.fullmatch(path) or not role.is_delegated_path(path):
        raise PathOutsideRole(role=role.name, path=path, patterns=", ".join(role.paths or ()))


def delegated(targets: Targets, role: str) -> DelegatedRole:
    """Return a role that ``targets`` delegates to.

    Raises:
        NoSuchRole: it does not.
    """
    roles = targets.delegations.roles if targets.delegations else None
    if not roles or role not in roles:
        raise NoSuchRole(role=role)
    return roles[role]


def parties_of(targets: Targets, role: str) -> dict[str, Key]:
    """Return each party of a role with the key that ``targets`` names for it.

    Raises:
        NoSuchRole: ``targets`` does not delegate to it.
    """
    found = delegated(targets, role)
    by_role = targets.unrecognized_fields.get(PARTIES_FIELD)
    named = by_role.get(role) if isinstance(by_role, dict) else None
    if not isinstance(named, dict):
        return {}
    keys = targets.delegations.keys if targets.delegations else {}
    return {
        party: keys[keyid]
        for party, keyid in named.items()
        if keyid in found.keyids and keyid in keys
    }


def safe_parties(targets: Targets, role: str) -> tuple[str, ...]:
    """Name the parties of a published role, all of whom had to sign it.

    Raises:
        NoSuchRole: ``targets`` does not delegate to it.
        RoleNotSafe: fewer could have signed it, or some key is nobody's.
    """
    found = delegated(targets, role)
    parties = parties_of(targets, role)
    spec = RoleSpec(role, tuple(found.paths or ()), {name: (key,) for name, key in parties.items()})
    spec.keys_by_party()
    if {key.keyid for key in parties.values()} != set(found.keyids):
        raise RoleNotSafe(role=role, reason="it has a key that belongs to no party")
    if found.threshold != spec.threshold:
        raise RoleNotSafe(role=role, reason=f"{found.threshold} signatures are enough for it")
    return tuple(parties)
