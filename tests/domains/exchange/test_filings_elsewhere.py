"""What the services of filings make of what comes from another deployment, message by message."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from roadworthy.domains.filings import errors, gate, mirroring, offers, remote, services, upkeep
from roadworthy.domains.filings.models import (
    Candidate,
    Filing,
    RemoteSignature,
)
from roadworthy.domains.filings.states import Action
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.kernel.transitions import WrongState
from roadworthy.trust import dsse
from tests.domains.exchange.federation import REVIEWERS, Federation


def told(filing: Filing) -> mirroring.Submitted:
    return mirroring.Submitted(
        number=filing.number,
        kind=FilingKind(filing.dossier.kind),
        content=filing.dossier.content,
        sha256=filing.dossier.sha256,
        submitted_at=filing.submitted_at,
    )


def mirror(federation: Federation, said: mirroring.Submitted, kind: Kind) -> Filing:
    there = federation.every[kind]
    with there.inside(), transaction.atomic():
        return mirroring.submitted(
            said,
            manufacturer=there.organisation(Kind.MANUFACTURER),
            authority=there.organisation(),
            at=federation.tick(),
        )


def offer(federation: Federation, filing: Filing, candidate: Candidate, kind: Kind) -> None:
    there = federation.every[kind]
    with there.inside(), transaction.atomic():
        offers.offered(
            Filing.objects.select_related("dossier", "manufacturer").get(pk=filing.pk),
            role=candidate.role,
            payload=bytes(candidate.payload),
            sha256=candidate.sha256,
            at=federation.tick(),
        )


def accept(federation: Federation, filing: Filing, kind: Kind) -> remote.Decided:
    there, role = federation.every[kind], REVIEWERS[kind]
    with there.inside():
        done = services.accept(
            filing_id=filing.pk,
            passphrase=there.passphrases[role],
            platform=there.platform,
            actor=there.actors[role],
            at=federation.tick(),
        )
    return remote.Decided(
        done.number, done.dossier.sha256, Action.ACCEPT, done.decided_at, receipt=done.receipt
    )


def bring(federation: Federation, said: remote.Decided, kind: Kind) -> Filing:
    maker = federation.maker
    with maker.inside(), transaction.atomic():
        return remote.decided(
            said,
            manufacturer=maker.organisation(),
            authority=maker.organisation(kind),
            at=federation.tick(),
        )


def through(federation: Federation, filings: dict[Kind, Filing]) -> None:
    for kind, filing in filings.items():
        mirrored = mirror(federation, told(filing), kind)
        bring(federation, accept(federation, mirrored, kind), kind)


def test_a_release_passes_the_gate_with_receipts_from_two_other_deployments(
    federation: Federation,
) -> None:
    maker, world = federation.maker, federation.world
    with maker.inside():
        for kind in (FilingKind.CAPABILITY, FilingKind.TYPE):
            through(federation, federation.filed(kind))
        release = world.signed()
        candidate = Candidate.objects.get(release=release)
        filings = federation.filed(FilingKind.ACTIVITY, release)
        for kind, filing in filings.items():
            mirrored = mirror(federation, told(filing), kind)
            offer(federation, mirrored, candidate, kind)
            decided = accept(federation, mirrored, kind)
            with federation.every[kind].inside():
                signed = RemoteSignature.objects.select_related("candidate").first()
                record = offers.record_of(signed) if signed else None
            bring(federation, decided, kind)
            release.refresh_from_db()
            assert release.state == "signed"
            if record is not None:
                with transaction.atomic():
                    remote.countersigned(
                        remote.Countersigned(
                            filing.number,
                            record["candidate_sha256"],
                            KeyPurpose(record["purpose"]),
                            record["signature"],
                        ),
                        manufacturer=maker.organisation(),
                        authority=maker.organisation(kind),
                        at=federation.tick(),
                    )
        assert gate.missing(candidate) == ()
        upkeep.turn(maker.platform, federation.tick())
        release.refresh_from_db()
        assert release.state == "released"


def test_what_says_more_or_less_than_was_signed_changes_nothing(federation: Federation) -> None:
    maker = federation.maker
    with maker.inside():
        filing = federation.filed(FilingKind.CAPABILITY)[Kind.MIIT]
        said = told(filing)
    changed = dict(said.content) | {
        "details": dict(said.content["details"]) | {"permit_number": "x"}
    }
    for wrong, error in (
        (replace(said, content=changed), errors.OtherContent),
        (replace(said, kind=FilingKind.TYPE), errors.BadDossier),
        (replace(said, submitted_at=federation.now.replace(year=2031)), errors.FromTheFuture),
    ):
        with pytest.raises(error):
            mirror(federation, wrong, Kind.MIIT)
    mirrored = mirror(federation, said, Kind.MIIT)
    with pytest.raises(WrongState):
        mirror(federation, said, Kind.MIIT)
    decided = accept(federation, mirrored, Kind.MIIT)
    with maker.inside():
        other = federation.every[Kind.SAMR]
        key = Filing.objects.get(pk=filing.pk)
        assert key.state == "submitted"
    forged = _forged(federation, decided, filing, other)
    for wrong, error in (
        (replace(decided, dossier_sha256="0" * 64), errors.OtherContent),
        (replace(decided, number="F1-2025-0099"), errors.NoSuchFiling),
        (replace(decided, receipt="{}"), errors.ReceiptRefused),
        (replace(decided, receipt=forged), errors.ReceiptRefused),
        (replace(decided, decided_at=federation.now), errors.ReceiptRefused),
    ):
        with pytest.raises(error):
            bring(federation, wrong, Kind.MIIT)
    with pytest.raises(errors.NoSuchFiling):
        bring(federation, decided, Kind.SAMR)
    with maker.inside():
        assert Filing.objects.get(pk=filing.pk).state == "submitted"
    assert bring(federation, decided, Kind.MIIT).state == "accepted"


def _forged(federation, decided, filing, other) -> str:
    """The same statement, signed by the other authority's key."""
    with other.inside():
        from roadworthy.domains.organisations import queries

        key = queries.live_key(other.organisation().pk, KeyPurpose.RECEIPT)
        signer = other.platform.keystore.signer(key.keyid, other.passphrases[Role.SAMR_REVIEWER])
    statement = dsse.unverified_statement(decided.receipt.encode())
    return dsse.attest(statement, signer).decode()
