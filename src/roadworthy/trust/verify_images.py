"""Checks the TUF part of a bundle: from the root that vehicles trust to each image.

The signatures are counted by python-tuf; what is added is what a client does not ask, namely that
the role needs several parties and that nothing is listed where no party would have to sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, TargetFile, Targets, Timestamp

from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import DomainError
from roadworthy.trust import roles
from roadworthy.trust.bundle import Anchors, TargetLine, TufLine
from roadworthy.trust.bundle_reading import Bundle
from roadworthy.trust.report import Findings, Inquiry, Text

# What python-tuf and securesystemslib raise for content that is not what it should be.
_UNFIT = (
    RepositoryError,
    DomainError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)
_TOP_LEVEL = ("root", "timestamp", "snapshot", "targets")

S = TypeVar("S", bound=Signed)


@dataclass(frozen=True)
class Chain:
    """Verified metadata: the delegating ``targets``, and each role by name."""

    targets: Targets
    roles: Mapping[str, Targets]


@dataclass(frozen=True)
class Vouched:
    """An image that the whole chain vouches for, and what its role says of it."""

    line: TargetLine
    role: str
    custom: Mapping[str, Any]


def verify_chain(bundle: Bundle, anchors: Anchors, findings: Findings) -> Chain | None:
    """Return the metadata if it holds from the root down to every role."""
    root = _root(bundle, anchors, findings)
    if root is None:
        return None
    with findings.check(
        Text("The TUF metadata is signed by every party that each role needs")
    ) as now:
        timestamp = _top_level(bundle, Timestamp, root, now)
        snapshot = _top_level(bundle, Snapshot, root, now)
        targets = _top_level(bundle, Targets, root, now)
        if timestamp is None or snapshot is None or targets is None:
            return None
        if targets.targets:
            now.problem("tuf/targets", Text("It lists images itself, past every role."))
        _check_listed(bundle, timestamp, snapshot, now)
        _check_expiry(bundle, now)
        return Chain(targets, dict(_roles(bundle, targets, now)))


def verify_images(bundle: Bundle, chain: Chain, findings: Findings) -> list[Vouched]:
    """Return the images that the chain vouches for."""
    with findings.check(Text("Every image is vouched for, and is the one that was signed")) as now:
        lines = {line.path: line for line in bundle.of(TargetLine)}
        vouched = [found for line in lines.values() if (found := _vouched(line, chain, now))]
        if not lines:
            now.problem("target", Text("The bundle names no image."))
        release = bundle.header.release if bundle.header else ""
        for role in chain.roles.values():
            for path, file in role.targets.items():
                if path not in lines and str(_custom(file).get("release")) == release:
                    now.problem(f"target/{path}", Text("The release has this image as well."))
        now.saw(Text("{count} images", {"count": len(vouched)}))
        return vouched


def _root(bundle: Bundle, anchors: Anchors, findings: Findings) -> Root | None:
    with findings.check(Text("The TUF root is the one that vehicles trust, or follows it")) as now:
        trusted: Root | None = None
        for line in sorted(_of_role(bundle, "root"), key=lambda line: line.version):
            if trusted is None and sha256_hex(line.content) != anchors.root_sha256:
                continue  # older than the one that is trusted
            if trusted is not None and line.version != trusted.version + 1:
                now.problem(line.name, Text("The root before it is missing."))
                return None
            trusted = _verified(line, Root, trusted, now)
            if trusted is None:
                return None
        if trusted is None:
            now.problem(
                "tuf/root",
                Text("No root has the digest {digest}.", {"digest": anchors.root_sha256}),
            )
            return None
        now.saw(Text("root version {version}", {"version": trusted.version}))
        return trusted


def _top_level(bundle: Bundle, kind: type[S], root: Root, now: Inquiry) -> S | None:
    lines = _of_role(bundle, kind.type)
    if len(lines) != 1:
        now.problem(
            f"tuf/{kind.type}", Text("There are {count} of it, not one.", {"count": len(lines)})
        )
        return None
    return _verified(lines[0], kind, root, now)


def _roles(bundle: Bundle, targets: Targets, now: Inquiry) -> Iterator[tuple[str, Targets]]:
    lines = [line for line in bundle.of(TufLine) if line.role not in _TOP_LEVEL]
    if not lines:
        now.problem("tuf", Text("The bundle holds the metadata of no role."))
    for line in lines:
        role = _verified(line, Targets, targets, now)
        try:
            parties = roles.safe_parties(targets, line.role)
        except _UNFIT as error:
            now.refused(line.name, error)
            continue
        if role is not None:
            now.saw(Text("{role}: {parties}", {"role": line.role, "parties": " + ".join(parties)}))
            yield line.role, role


def _verified(
    line: TufLine, kind: type[S], delegator: Root | Targets | None, now: Inquiry
) -> S | None:
    """Return the signed part of a line if the delegator's keys, or the root's own, signed it."""
    try:
        metadata: Metadata[Any] = Metadata.from_bytes(line.content)
        part = metadata.signed
        if (
            not isinstance(part, kind)
            or part.version != line.version
            or line.name != f"tuf/{line.version}.{line.role}"
        ):
            now.problem(
                line.name, Text("The metadata is of another role or version than it is called.")
            )
            return None
        for signer in (delegator, part if isinstance(part, Root) else None):
            if signer is not None:
                signer.verify_delegate(line.role, metadata.signed_bytes, metadata.signatures)
    except _UNFIT as error:
        now.refused(line.name, error)
        return None
    return part


def _check_listed(bundle: Bundle, timestamp: Timestamp, snapshot: Snapshot, now: Inquiry) -> None:
    """Ask the timestamp for the snapshot, and the snapshot for everything else."""
    for line in bundle.of(TufLine):
        if line.role in ("root", "timestamp"):
            continue
        listed = snapshot.meta.get(f"{line.role}.json")
        meta = timestamp.snapshot_meta if line.role == "snapshot" else listed
        try:
            if meta is None or meta.version != line.version:
                now.problem(line.name, Text("It is not the version that was announced."))
            else:
                meta.verify_length_and_hashes(line.content)
        except _UNFIT as error:
            now.refused(line.name, error)


def _check_expiry(bundle: Bundle, now: Inquiry) -> None:
    created_at = bundle.created_at
    if created_at is None:
        now.problem("header", Text("It does not say when the bundle was made."))
        return
    newest_root = max((line.version for line in _of_role(bundle, "root")), default=0)
    for line in bundle.of(TufLine):
        if line.role == "root" and line.version < newest_root:
            continue  # only the last of them has to be valid
        try:
            expires = Metadata[Targets].from_bytes(line.content).signed.expires
        except _UNFIT:
            continue  # reported where its signatures are checked
        if expires <= created_at:
            now.problem(
                line.name, Text("It had expired at {expires}.", {"expires": expires.isoformat()})
            )


def _vouched(line: TargetLine, chain: Chain, now: Inquiry) -> Vouched | None:
    delegations = chain.targets.delegations
    found = next(delegations.get_roles_for_target(line.path), None) if delegations else None
    role = found[0] if found else ""
    file = chain.roles[role].targets.get(line.path) if role in chain.roles else None
    if file is None or line.name != f"target/{line.path}":
        now.problem(line.name, Text("No role that a vehicle would ask vouches for it."))
        return None
    if file.length != line.length or file.hashes.get("sha256") != line.sha256:
        now.problem(line.name, Text("Its length or digest is not the one that was signed."))
        return None
    if line.content is not None:
        try:
            file.verify_length_and_hashes(line.content)
        except _UNFIT as error:
            now.refused(line.name, error)
            return None
    return Vouched(line, role, _custom(file))


def _of_role(bundle: Bundle, role: str) -> list[TufLine]:
    return [line for line in bundle.of(TufLine) if line.role == role]


def _custom(file: TargetFile) -> Mapping[str, Any]:
    return file.custom if isinstance(file.custom, dict) else {}
