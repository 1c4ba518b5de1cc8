"""What an authority answered on paper, and who may say so.

* The manufacturer's compliance officer attests it: never the release engineer, never whoever
  handed the filing in. The word "attested" and the authority's reference number stand in the
  receipt, in the signed metadata and in the log; nothing makes it look countersigned.
* Whether an authority is attested is the operator's word; with the next key ceremony after it
  joined, an attesting signature meets no threshold any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.filings import signing
from roadworthy.domains.filings.errors import AnswerNotEntered, SamePerson
from roadworthy.domains.filings.models import (
    AttestedAnswer,
    Candidate,
    CandidateSignature,
    Dossier,
    Filing,
)
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Release
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.labels import Label
from roadworthy.law.rulebook import rulebook
from roadworthy.trust import candidates

FIELD = "attested"  # of an image in signed metadata, and of entries in the log
_KINDS = (Kind.ACTIVITY, Kind.PRODUCT_CHANGE, Kind.ACCESS_PERMIT, Kind.RECALL_PLAN)


def of_filing(filing: Filing) -> QuerySet[AttestedAnswer]:
    """Return what was entered about a filing, newest first: it may have been returned before."""
    return (
        AttestedAnswer.objects.select_related("document", "by")
        .filter(filing=filing)
        .order_by("-id")
    )


def of_release(release: Release) -> QuerySet[AttestedAnswer]:
    """Return the answers on paper by which filings about a release stand accepted."""
    return (
        AttestedAnswer.objects.select_related("filing__authority", "document")
        .filter(filing__dossier__release=release, filing__state=State.ACCEPTED)
        .filter(decision=State.ACCEPTED)
        .order_by("id")
    )


def awaiting(manufacturer_id: int) -> QuerySet[Filing]:
    """Return what was handed in on paper and is not answered yet, longest waiting first."""
    return Filing.objects.filter(
        manufacturer_id=manufacturer_id, state=State.SUBMITTED, authority__is_attested=True
    ).order_by("submitted_at", "id")


def answers(release: Release, dossier: Dossier, at: datetime) -> Sequence[Mapping[str, str]]:
    """Return the accepting answers on paper that a release rests on, as its metadata names them.

    Raises:
        AnswerNotEntered: an attested authority has not accepted what the labels ask for.
    """
    labels = [Label(one) for one in release.labels]
    told = []
    for signer in rulebook().signers(labels, as_of=legal_day(at)):
        if signer.party == Party.MANUFACTURER:
            continue
        authority = organisations.authority(Party(signer.party))
        if authority is not None and authority.is_attested:
            told += _of(authority, KeyPurpose(signer.purpose), release, dossier)
    return told


def _of(
    authority: Organisation, purpose: KeyPurpose, release: Release, dossier: Dossier
) -> list[Mapping[str, str]]:
    kind = next(one for one in _KINDS if signing.PURPOSE_OF_FILING[one] == purpose)
    found = (
        AttestedAnswer.objects.select_related("filing", "document")
        .filter(filing__authority=authority, filing__dossier__release=release)
        .filter(filing__dossier__kind=kind, filing__state=State.ACCEPTED, decision=State.ACCEPTED)
    )
    if kind == Kind.ACTIVITY:
        # What it answered was told about this very content.
        same = dossier.content.get("release_sha256") == release.sha256
        found = found.filter(filing__dossier=dossier) if same else found.none()
    told = [_told(one, authority, kind) for one in found.order_by("id")]
    if not told:
        raise AnswerNotEntered(authority=authority.slug.upper(), kind=kind)
    return told


def _told(one: AttestedAnswer, authority: Organisation, kind: Kind) -> Mapping[str, str]:
    return {
        "authority": authority.slug,
        "kind": str(kind),
        "number": one.filing.number,
        "reference": one.reference,
        "reference_on": one.reference_on.isoformat(),
        "document_sha256": one.document.sha256,
    }


def said(payload: bytes, dossier_sha256: str) -> dict[str, Any]:
    """Return what metadata says to be attested about one dossier, for the log; {} for nothing."""
    for target in candidates.read_candidate(payload).targets.values():
        if target.custom.get("dossier_sha256") == dossier_sha256 and FIELD in target.custom:
            return {FIELD: target.custom[FIELD]}
    return {}


def check_other_person(filing: Filing, actor: Actor) -> None:
    """Refuse whoever handed the filing in, registered the release, or signs releases.

    Raises:
        SamePerson.
    """
    same = {filing.submitted_by_id}
    roles = {
        one.role
        for one in organisations.people(filing.manufacturer_id, [Role.RELEASE_ENGINEER])
        if one.user_id == actor.user_id
    }
    release = filing.dossier.release
    if release is not None:
        same.add(release.registered_by_id)
        signed = CandidateSignature.objects.filter(
            candidate__in=Candidate.objects.filter(release=release), purpose=KeyPurpose.RELEASE
        )
        same |= set(signed.values_list("key__holder", flat=True))
    if roles or actor.person_id in same:
        raise SamePerson(number=filing.number)
