"""Checks that the pieces of a bundle speak of the same thing: what was filed, answered, shipped.

One digest runs through all of it: the dossier's. The ledger's filing entries name it, the
authorities' answers are signed over it, and the signed image metadata carries it to the vehicle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from securesystemslib.signer import Key

from roadworthy.kernel.canonical import canonical, sha256_hex
from roadworthy.kernel.errors import DomainError
from roadworthy.trust import dsse, roles
from roadworthy.trust import keys as trust_keys
from roadworthy.trust.bundle import (
    Anchors,
    DossierLine,
    EntryLine,
    EnvelopeLine,
    EvaluationLine,
)
from roadworthy.trust.bundle_reading import Bundle
from roadworthy.trust.report import Findings, Inquiry, Text
from roadworthy.trust.verify_images import Chain, Vouched

DOSSIER = "dossier_sha256"
EVALUATION = "evaluation_sha256"
_ANSWERS = frozenset(
    {
        dsse.PredicateType.FILING_RECEIPT,
        dsse.PredicateType.PRODUCT_CHANGE_PERMIT,
        dsse.PredicateType.ACCESS_PERMIT,
        dsse.PredicateType.RECALL_PLAN_ACCEPTANCE,
        dsse.PredicateType.ATTESTED_RECEIPT,
    }
)
_ATTESTING = ".attested-"  # "manufacturer.attested-miit-receipt": not the authority's own word


def verify_documents(bundle: Bundle, entries: Sequence[EntryLine], findings: Findings) -> set[str]:
    """Return the digests of the dossiers that the ledger knows."""
    with findings.check(Text("Dossiers and evaluations are those that the ledger names")) as now:
        dossiers = _documents(bundle.of(DossierLine), DOSSIER, entries, now)
        evaluations = _documents(bundle.of(EvaluationLine), EVALUATION, entries, now)
        if not dossiers:
            now.problem("dossier", Text("The bundle holds no dossier that was filed."))
        withheld = sum(line.content is None for line in bundle.of(DossierLine))
        withheld += sum(line.content is None for line in bundle.of(EvaluationLine))
        counts = {"dossiers": len(dossiers), "evaluations": len(evaluations), "withheld": withheld}
        now.saw(
            Text("{dossiers} dossiers, {evaluations} evaluations", counts)
            if not withheld
            else Text(
                "{dossiers} dossiers, {evaluations} evaluations, "
                "the content of {withheld} withheld",
                counts,
            )
        )
        return dossiers


def verify_shipped(
    bundle: Bundle, vouched: Iterable[Vouched], dossiers: set[str], findings: Findings
) -> None:
    """Check that each image carries the digest of what was filed, and belongs to the release."""
    with findings.check(
        Text("Every image carries the digest of the dossier that was filed")
    ) as now:
        release = bundle.header.release if bundle.header else None
        for image in vouched:
            if image.custom.get(DOSSIER) not in dossiers:
                now.problem(image.line.name, Text("It was signed for a dossier that is not here."))
            if str(image.custom.get("release")) != release:
                now.problem(
                    image.line.name,
                    Text(
                        "It was signed for release {other}.", {"other": image.custom.get("release")}
                    ),
                )


def verify_answers(
    bundle: Bundle,
    anchors: Anchors,
    chain: Chain | None,
    vouched: Sequence[Vouched],
    dossiers: set[str],
    entries: Sequence[EntryLine],
    findings: Findings,
) -> None:
    """Check that each attestation is signed by its party and is about something in the bundle."""
    with findings.check(
        Text("Every attestation is signed by its party, over what was filed")
    ) as now:
        attested = 0
        known = dossiers | {image.line.sha256 for image in vouched}
        filed = {
            _stated(entry, DOSSIER) for entry in entries if _event(entry).startswith("filing:")
        }
        for line in bundle.of(EnvelopeLine):
            keys = _keys_of(line.party, anchors, chain)
            if not keys:
                now.problem(line.name, Text("No key of {party} is known.", {"party": line.party}))
                continue
            try:
                statement = dsse.open_envelope(canonical(line.envelope), keys)
            except DomainError as error:
                now.refused(line.name, error)
                continue
            subjects = {subject.sha256 for subject in statement.subjects}
            if not subjects & known:
                now.problem(line.name, Text("It speaks of nothing that is in the bundle."))
            is_attested = statement.predicate_type == dsse.PredicateType.ATTESTED_RECEIPT
            attested += is_attested
            if is_attested != (_ATTESTING in line.party):
                now.problem(
                    line.name, Text("It does not say plainly whether the authority signed it.")
                )
            if statement.predicate_type in _ANSWERS and not subjects & dossiers & filed:
                now.problem(line.name, Text("It does not answer a filing that the ledger knows."))
        counts = {"count": len(bundle.of(EnvelopeLine)), "attested": attested}
        now.saw(
            Text(
                "{count} attestations; {attested} answers of authorities are attested by the "
                "manufacturer and not countersigned",
                counts,
            )
            if attested
            else Text("{count} attestations", counts)
        )


def _documents(
    lines: Sequence[DossierLine] | Sequence[EvaluationLine],
    field: str,
    entries: Sequence[EntryLine],
    now: Inquiry,
) -> set[str]:
    stated = {_stated(entry, field) for entry in entries}
    held = set()
    for line in lines:
        if line.content is not None and sha256_hex(canonical(line.content)) != line.sha256:
            now.problem(line.name, Text("Its content does not have the digest it states."))
        elif line.sha256 not in stated:
            now.problem(line.name, Text("No entry of the ledger names it."))
        else:
            held.add(line.sha256)
    for entry in entries:
        digest = _stated(entry, field)
        if digest is not None and digest not in held:
            now.problem(
                entry.name,
                Text("It names a document that is not here: {digest}.", {"digest": digest}),
            )
    return held


def _keys_of(party: str, anchors: Anchors, chain: Chain | None) -> list[Key]:
    """Return the keys under which a party may speak: those of its roles, and its anchored one.

    Only roles of the manufacturers whose metadata is in the bundle count.
    """
    named = [anchors.parties[party]] if party in anchors.parties else []
    delegations = chain.targets.delegations if chain else None
    if chain and delegations:
        manufacturers = {name.partition(".")[0] for name in chain.roles}
        for name in delegations.roles or {}:
            parties = roles.parties_of(chain.targets, name)
            if name.partition(".")[0] in manufacturers and party in parties:
                named.append(parties[party])
    keys: dict[bytes, Key] = {}
    for key in named:
        try:
            keys[trust_keys.material(key)] = key
        except trust_keys.BadKey:
            continue  # a key that nobody can sign with
    return list(keys.values())


def _event(entry: EntryLine) -> str:
    return str(entry.body.get("event", ""))


def _stated(entry: EntryLine, field: str) -> str | None:
    found: Any = entry.body.get("data")
    value = found.get(field) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else None
