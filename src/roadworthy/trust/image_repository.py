"""The TUF image repository: nothing is published that its role's threshold has not signed.

* ``root`` and ``targets`` are signed offline, by signers that the caller hands in for one call;
  ``snapshot`` and ``timestamp`` by the online signers, which can publish nothing by themselves.
* The top-level ``targets`` holds delegations only: an image listed there would pass by every role.
* A role's next version is a candidate that every party signs. It is published when python-tuf
  itself finds the threshold met, and not before.
* Nothing here reads a clock or a file. The store decides between two who publish at once: their
  versions collide in ``put``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from securesystemslib.signer import Key, Signature, Signer
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import Delegations, Metadata, Root, Targets

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from roadworthy.trust import candidates, roles
from roadworthy.trust import keys as trust_keys
from roadworthy.trust.candidates import ReleaseTarget
from roadworthy.trust.metadata_store import MetadataStore, NoSuchMetadata
from roadworthy.trust.online import Lifetimes, OnlineSigners, announce, signed, until

T = TypeVar("T", Root, Targets)


class ThresholdNotMet(Forbidden):
    code = "trust.threshold_not_met"
    message = "Role {role} also needs the signature of {missing}; signed by: {signed}."


class StaleCandidate(Conflict):
    code = "trust.stale_candidate"
    message = (
        "The candidate for role {role} is version {version}, but the next version is {expected}: "
        "something else was published meanwhile. Make a new candidate and sign it again."
    )


class CandidateExpired(Conflict):
    code = "trust.candidate_expired"
    message = "The candidate for role {role} expired at {expires}. Make a new one and sign it."


class TargetExists(Conflict):
    code = "trust.target_exists"
    message = "{path} is already published with other content. A release never changes its image."


class NoSuchTarget(NotFound):
    code = "trust.no_such_target"
    message = "Role {role} publishes no {path}."


class KeysNotDistinct(Invalid):
    code = "trust.keys_not_distinct"
    message = "Role {role} asks for {threshold} signatures, but only {distinct} keys differ."


@dataclass(frozen=True, slots=True)
class Delegated:
    """The version of ``targets`` that now delegates, and whether the role must be signed anew."""

    targets_version: int
    needs_renewal: bool


@dataclass(frozen=True, slots=True)
class Appointments:
    """Whose keys the four top-level roles have; without a threshold, all of them are needed."""

    root: Sequence[Key]
    targets: Sequence[Key]
    snapshot: Key
    timestamp: Key
    root_threshold: int | None = None
    targets_threshold: int | None = None

    def root_metadata(self, version: int, expires: datetime) -> Root:
        """Return the root that appoints them, unsigned.

        Raises:
            KeysNotDistinct: fewer different keys than a threshold asks for.
        """
        root = Root(version=version, expires=expires, consistent_snapshot=True)
        _appoint(root, "root", self.root, self.root_threshold)
        _appoint(root, "targets", self.targets, self.targets_threshold)
        _appoint(root, "snapshot", [self.snapshot], None)
        _appoint(root, "timestamp", [self.timestamp], None)
        return root


class ImageRepository:
    """Operations over one store; the module's docstring says what always holds."""

    def __init__(self, store: MetadataStore, *, lifetimes: Lifetimes | None = None) -> None:
        self._store = store
        self._lifetimes = lifetimes or Lifetimes()

    def initialise(
        self,
        *,
        root_signers: Sequence[Signer],
        targets_signers: Sequence[Signer],
        online: OnlineSigners,
        at: datetime,
        root_threshold: int | None = None,
        targets_threshold: int | None = None,
    ) -> bytes:
        """Publish the first version of the four top-level roles and return the root for clients.

        Without a threshold given, every signer is needed.

        Raises:
            KeysNotDistinct: fewer different keys than the threshold asks for.
            VersionExists: the repository was initialised before.
        """
        appointed = Appointments(
            [signer.public_key for signer in root_signers],
            [signer.public_key for signer in targets_signers],
            online.snapshot.public_key,
            online.timestamp.public_key,
            root_threshold,
            targets_threshold,
        )
        root = appointed.root_metadata(1, until(at, self._lifetimes.root))
        content = signed(root, root_signers)
        self._store.put("root", 1, content)
        targets = Targets(version=1, expires=until(at, self._lifetimes.targets))
        targets.delegations = Delegations(keys={}, roles={})
        targets.unrecognized_fields[roles.PARTIES_FIELD] = {}
        self._put_targets(targets, targets_signers)
        self._announce(online=online, at=at)
        return content

    def add_or_replace_delegation(
        self,
        spec: roles.RoleSpec,
        *,
        targets_signers: Sequence[Signer],
        online: OnlineSigners,
        at: datetime,
    ) -> Delegated:
        """Delegate to a role, or give an existing one other keys.

        Raises:
            RoleNotSafe: fewer than all parties could meet the threshold.
            ThresholdNotMet: the targets signers are too few or not the appointed ones.
        """
        targets = self.targets()
        roles.check_beside_others(spec, targets, self.root())
        roles.delegate(targets, spec)
        targets.version += 1
        targets.expires = until(at, self._lifetimes.targets)
        self._put_targets(targets, targets_signers)
        self._announce(online=online, at=at)
        return Delegated(targets.version, needs_renewal=not self._still_verifies(spec.name))

    def replace_root(
        self, appointed: Appointments, *, root_signers: Sequence[Signer], at: datetime
    ) -> bytes:
        """Publish the next root, with the same keys before the old one expires or with others.

        Vehicles follow it because the old root's holders signed it as well as the new one's.
        Where the ``targets`` or online keys change, :meth:`renew_targets` must come next.

        Raises:
            KeysNotDistinct: fewer different keys than a threshold asks for.
            ThresholdNotMet: the holders of the old or of the new root are not enough.
        """
        before = self.root()
        root = appointed.root_metadata(before.version + 1, until(at, self._lifetimes.root))
        content = signed(root, root_signers)
        metadata = Metadata[Root].from_bytes(content)
        for holders in (before, root):
            _require_signed(holders, "root", metadata)
        self._store.put("root", root.version, content)
        return content

    def renew_targets(
        self, *, targets_signers: Sequence[Signer], online: OnlineSigners, at: datetime
    ) -> int:
        """Sign the same delegations again, before they expire or after a change of keys.

        Raises:
            ThresholdNotMet: the targets signers are too few or not the appointed ones.
        """
        targets = self.targets()
        targets.version += 1
        targets.expires = until(at, self._lifetimes.targets)
        self._put_targets(targets, targets_signers)
        self._announce(online=online, at=at)
        return targets.version

    def candidate(self, role: str, *images: ReleaseTarget, at: datetime) -> bytes:
        """Return the role's next version with these images added, unsigned.

        Raises:
            NoSuchRole: the repository does not delegate to it.
            PathOutsideRole: the role may not publish a path.
            TargetExists: a path is published with other content.
            CandidateMalformed: ``custom`` holds something that TUF cannot sign, such as a float.
        """
        appointed = roles.delegated(self.targets(), role)
        following = self._next(role, at)
        for image in images:
            roles.check_path(appointed, image.path)
            before = following.targets.get(image.path)
            if before is not None and before.hashes != dict(image.hashes):
                raise TargetExists(path=image.path)
            following.targets[image.path] = candidates.target_file(image)
        return candidates.compose(following)

    def withdrawal(self, role: str, target_path: str, *, at: datetime) -> bytes:
        """Return the role's next version without one of its images, unsigned.

        Raises:
            NoSuchRole: the repository does not delegate to it.
            NoSuchTarget: the role does not publish that path.
        """
        following = self._next(role, at)
        if following.targets.pop(target_path, None) is None:
            raise NoSuchTarget(role=role, path=target_path)
        return candidates.compose(following)

    def renewal(self, role: str, *, at: datetime) -> bytes:
        """Return the role's next version with the same images and a later expiry, unsigned.

        Raises:
            NoSuchRole: the repository does not delegate to it.
        """
        return candidates.compose(self._next(role, at))

    def missing_parties(
        self, role: str, candidate: bytes, signatures: Iterable[Signature]
    ) -> tuple[str, ...]:
        """Name the parties that have not signed the candidate yet.

        Raises:
            NoSuchRole: the repository does not delegate to it.
            CandidateMalformed: the bytes are no candidate.
        """
        metadata = candidates.parse(candidate)
        metadata.signatures = {signature.keyid: signature for signature in signatures}
        return _missing(self.targets(), role, metadata)

    def publish(
        self,
        role: str,
        candidate: bytes,
        signatures: Iterable[Signature],
        *,
        online: OnlineSigners,
        at: datetime,
    ) -> int:
        """Publish a candidate that all parties of the role have signed; return its version.

        Raises:
            NoSuchRole: the repository does not delegate to it.
            CandidateMalformed: not a candidate, or one that delegates further.
            PathOutsideRole: it names an image that the role may not publish.
            StaleCandidate: another version was published since the candidate was made.
            CandidateExpired: it lay unsigned for too long.
            ThresholdNotMet: a party has not signed these very bytes.
        """
        delegating = self.targets()
        appointed = roles.delegated(delegating, role)
        metadata = candidates.parse(candidate)
        self._check_next(role, metadata.signed, at)
        for path in metadata.signed.targets:
            roles.check_path(appointed, path)
        given = {signature.keyid: signature for signature in signatures}
        # A signature that nobody asked for is left out of what is published.
        metadata.signatures = {keyid: given[keyid] for keyid in appointed.keyids if keyid in given}
        _require_threshold(delegating, role, metadata)
        self._store.put(role, metadata.signed.version, metadata.to_bytes())
        self._announce(role, online=online, at=at)
        return metadata.signed.version

    def refresh_online(self, *, online: OnlineSigners, at: datetime) -> None:
        """Sign the snapshot and the timestamp again, before they expire."""
        self._announce(online=online, at=at)

    def root(self) -> Root:
        """Return the newest root."""
        return Metadata[Root].from_bytes(self._store.get("root")).signed

    def targets(self) -> Targets:
        """Return the top-level ``targets``, which delegates to the roles."""
        return Metadata[Targets].from_bytes(self._store.get("targets")).signed

    def published(self, role: str) -> Mapping[str, ReleaseTarget]:
        """Return what a role publishes now, by path; nothing if it never published.

        Raises:
            NoSuchRole: the repository does not delegate to it.
        """
        roles.delegated(self.targets(), role)
        try:
            return candidates.read_candidate(self._store.get(role)).targets
        except NoSuchMetadata:
            return {}

    def published_as(self, role: str, candidate: bytes) -> int | None:
        """Return the version as which exactly this candidate was published; None: it was not.

        Raises:
            CandidateMalformed.
        """
        wanted = candidates.parse(candidate)
        try:
            content = self._store.get(role, wanted.signed.version)
        except NoSuchMetadata:
            return None
        held = Metadata[Targets].from_bytes(content)
        return wanted.signed.version if held.signed_bytes == wanted.signed_bytes else None

    def _next(self, role: str, at: datetime) -> Targets:
        roles.delegated(self.targets(), role)
        current = self._current(role)
        following = current.signed if current else Targets(version=1)
        if current:
            following.version += 1
        following.expires = until(at, self._lifetimes.role)
        return following

    def _current(self, role: str) -> Metadata[Targets] | None:
        try:
            return Metadata[Targets].from_bytes(self._store.get(role))
        except NoSuchMetadata:
            return None

    def _check_next(self, role: str, proposed: Targets, at: datetime) -> None:
        current = self._current(role)
        expected = current.signed.version + 1 if current else 1
        if proposed.version != expected:
            raise StaleCandidate(role=role, version=proposed.version, expected=expected)
        if proposed.is_expired(at):
            raise CandidateExpired(role=role, expires=proposed.expires.isoformat())

    def _still_verifies(self, role: str) -> bool:
        current = self._current(role)
        return current is None or not _missing(self.targets(), role, current)

    def _put_targets(self, targets: Targets, signers: Sequence[Signer]) -> None:
        content = signed(targets, signers)
        _require_signed(self.root(), "targets", Metadata[Targets].from_bytes(content))
        self._store.put("targets", targets.version, content)

    def _announce(self, *changed: str, online: OnlineSigners, at: datetime) -> None:
        announce(self._store, changed, lifetimes=self._lifetimes, online=online, at=at)


def _appoint(root: Root, role: str, keys: Sequence[Key], threshold: int | None) -> None:
    distinct = len({trust_keys.material(key) for key in keys})
    wanted = len(keys) if threshold is None else threshold
    if not 1 <= wanted <= distinct:
        raise KeysNotDistinct(role=role, threshold=wanted, distinct=distinct)
    for key in keys:
        root.add_key(key, role)
    root.roles[role].threshold = wanted


def _require_signed(root: Root, role: str, metadata: Metadata[T]) -> None:
    try:
        root.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except UnsignedMetadataError as error:
        raise ThresholdNotMet(
            role=role, missing=str(error), signed=", ".join(metadata.signatures)
        ) from None


def _missing(targets: Targets, role: str, metadata: Metadata[Targets]) -> tuple[str, ...]:
    result = targets.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    parties = roles.parties_of(targets, role)
    return tuple(party for party, key in parties.items() if key.keyid not in result.signed)


def _require_threshold(targets: Targets, role: str, metadata: Metadata[Targets]) -> None:
    try:
        targets.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except UnsignedMetadataError:
        missing = _missing(targets, role, metadata)
        present = [party for party in roles.parties_of(targets, role) if party not in missing]
        raise ThresholdNotMet(
            role=role, missing=", ".join(missing), signed=", ".join(present) or "nobody"
        ) from None
