"""What can be asked about filings, duties and signatures; the organisation always comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from roadworthy.domains.filings import gate, offers, signing
from roadworthy.domains.filings.models import Candidate, CandidateSignature, Filing, Obligation
from roadworthy.domains.filings.states import State
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.organisations.roles import IN_PLACE_OF, KeyPurpose
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software.models import Evaluation, Release
from roadworthy.kernel.calendar import legal_day

_PURPOSES = {str(kind): str(one) for kind, one in signing.PURPOSE_OF_FILING.items()}
_RELATED = (
    "dossier__release",
    "authority",
    "manufacturer",
    "submitted_by",
    "decided_by",
    "supersedes__dossier",
)


def of_manufacturer(manufacturer_id: int) -> QuerySet[Filing]:
    """Return a manufacturer's filings, newest first."""
    return (
        Filing.objects.select_related(*_RELATED)
        .filter(manufacturer_id=manufacturer_id)
        .order_by("-id")
    )


def with_number(number: str) -> Filing | None:
    """Return the filing of that number, whoever's it is; for whoever runs the deployment."""
    return Filing.objects.select_related(*_RELATED).filter(number=number).first()


def before_authority(authority_id: int) -> QuerySet[Filing]:
    """Return what was ever submitted to an authority; another's drafts are never seen."""
    return (
        Filing.objects.select_related(*_RELATED)
        .filter(authority_id=authority_id, submitted_at__isnull=False)
        .order_by("-submitted_at", "-id")
    )


def awaiting_review(authority_id: int) -> QuerySet[Filing]:
    """Return the reviewer's work list, longest waiting first."""
    return before_authority(authority_id).filter(state=State.SUBMITTED).order_by("submitted_at")


def awaiting_countersignature(authority_id: int) -> tuple[Filing, ...]:
    """Return accepted filings whose release waits for this authority's signature again.

    The database leaves out what is published and what the authority has signed with a key that
    still counts; only of the rest is the metadata asked.
    """
    waits = Candidate.objects.filter(published_at__isnull=True, release__state="signed")
    signed = CandidateSignature.objects.filter(
        candidate__release=OuterRef("dossier__release"),
        key__organisation_id=authority_id,
        key__revoked_at__isnull=True,
        purpose=OuterRef("purpose"),
    )
    purpose = Case(
        *(When(dossier__kind=kind, then=Value(one)) for kind, one in _PURPOSES.items()),
        default=Value(""),
    )
    here = Q(dossier__release__in=waits.values("release")) & ~Exists(signed)
    waiting = (
        Filing.objects.filter(authority_id=authority_id, submitted_at__isnull=False)
        .filter(state=State.ACCEPTED)
        .annotate(purpose=purpose)
        .filter(here | offers.ABOUT_ONE)
    )
    ids = list(waiting.values_list("pk", flat=True))  # without their contents: mostly none
    found = before_authority(authority_id).filter(pk__in=ids) if ids else ()
    return tuple(filing for filing in found if _lacks(filing))


def of_release(release: Release) -> QuerySet[Filing]:
    """Return the filings about one release, oldest first."""
    return Filing.objects.select_related(*_RELATED).filter(dossier__release=release).order_by("id")


def obligations(manufacturer_id: int) -> QuerySet[Obligation]:
    """Return a manufacturer's open duties, dated ones first."""
    return (
        Obligation.objects.select_related("release")
        .filter(manufacturer_id=manufacturer_id, fulfilled_at__isnull=True)
        .order_by("due_on", "id")
    )


def obligations_of(release: Release) -> QuerySet[Obligation]:
    """Return all duties that a release brought, done ones too."""
    return Obligation.objects.filter(release=release).order_by("due_on", "id")


def latest_evaluation(release: Release) -> Evaluation | None:
    """Return the newest answer of the rulebook."""
    return Evaluation.objects.filter(release=release).order_by("-id").first()


def evaluations_of(release: Release) -> QuerySet[Evaluation]:
    """Return every answer of the rulebook, oldest first."""
    return Evaluation.objects.filter(release=release).order_by("id")


@dataclass(frozen=True, slots=True)
class Signatory:
    """One party whose signature a release needs."""

    party: str  # "miit"
    purpose: str  # "receipt"; "attested-miit-receipt" where the manufacturer signs in its place
    organisation: Organisation | None
    key: SigningKey | None
    signed_at: datetime | None


def signatories(release: Release, *, at: datetime) -> tuple[Signatory, ...]:
    """Return whose signatures the release needs, and whose are there."""
    if not release.labels:
        return ()
    given: dict[str, CandidateSignature] = {}
    candidate = candidate_of(release)
    if candidate is not None:
        given = {
            signing.party_name(row.party, row.purpose): row for row in gate.signatures_of(candidate)
        }
    needed = signing.parties(release.manufacturer, release.labels, as_of=legal_day(at))
    if candidate is not None and candidate.published_at:
        # Whoever signed it then was needed then, though another would be by now.
        needed = {name: key for name, key in needed.items() if name in given} | {
            name: row.key for name, row in given.items() if name not in needed
        }
    return tuple(_signatory(name, key, given.get(name)) for name, key in needed.items())


def attested_to_sign(manufacturer_id: int) -> tuple[Filing, ...]:
    """Return accepted filings, attested, whose release waits for the attesting signature too."""
    waits = Candidate.objects.filter(
        release__manufacturer=manufacturer_id, published_at=None, release__state="signed"
    )
    found = of_manufacturer(manufacturer_id).filter(
        authority__is_attested=True,
        state=State.ACCEPTED,
        dossier__release__in=waits.values("release"),
    )
    return tuple(filing for filing in found if _lacks(filing))


def lacks_signature(filing: Filing) -> bool:
    """Say whether metadata waits for the signature that belongs to this filing's acceptance."""
    return filing.state == State.ACCEPTED and _lacks(filing)


def _signatory(name: str, key: SigningKey | None, row: CandidateSignature | None) -> Signatory:
    party, _, purpose = name.partition(".")
    organisation = key.organisation if key else None
    if purpose in IN_PLACE_OF:
        party = IN_PLACE_OF[KeyPurpose(purpose)]
        organisation = organisations.authority(Party(party))
    return Signatory(
        party=party,
        purpose=purpose,
        organisation=organisation,
        key=row.key if row else key,
        signed_at=row.at if row else None,
    )


def candidate_of(release: Release) -> Candidate | None:
    """Return the metadata that publishes, or published, the release."""
    return Candidate.objects.filter(release=release).first()


def is_published(release: Release) -> bool:
    """Say whether signed metadata ever vouched for the release: then its story is public."""
    return Candidate.objects.filter(release=release, published_at__isnull=False).exists()


def _lacks(filing: Filing) -> bool:
    release = filing.dossier.release
    if release is None:
        return offers.waits_for(filing) is not None
    candidate = candidate_of(release)
    if candidate is None or candidate.published_at:
        return False
    return signing.party_of(filing) in gate.missing(candidate)
