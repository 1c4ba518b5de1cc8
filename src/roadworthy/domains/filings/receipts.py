"""The authority's receipt, verified each time it is shown: that it is kept proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.domains.filings import signing
from roadworthy.domains.filings.errors import NoSuchFiling
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.models import SigningKey
from roadworthy.trust import dsse


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was signed, by which key, and whether it holds."""

    keyid: str
    holder: Mapping[str, str]  # the organisation's name
    is_valid: bool  # signature, purpose of the key and digest of the dossier
    said: Mapping[str, Any]
    key_made_at: datetime | None


def of(filing: Filing) -> Receipt:
    """Return a filing's receipt after verifying it against the authority's key and the dossier.

    Raises:
        NoSuchFiling: it has no receipt.
    """
    if not filing.receipt:
        raise NoSuchFiling
    envelope = filing.receipt.encode()
    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    signed_by = dsse.signer_ids(envelope)
    # A key that was revoked later signed nonetheless while it lived.
    key = SigningKey.objects.filter(
        keyid__in=signed_by, organisation_id=filing.authority_id, purpose=purpose
    ).first()
    is_valid, said = False, dict(dsse.unverified_statement(envelope).predicate)
    if key is not None:
        is_valid = _holds(envelope, key, filing)
    return Receipt(
        keyid=key.keyid if key else ", ".join(signed_by),
        holder=filing.authority.name,
        is_valid=is_valid,
        said=said,
        key_made_at=key.created_at if key else None,
    )


def _holds(envelope: bytes, key: SigningKey, filing: Filing) -> bool:
    try:
        statement = dsse.open_envelope(envelope, [signing.public(key)])
    except (dsse.NotAttested, dsse.EnvelopeMalformed):
        return False
    digests = {subject.sha256 for subject in statement.subjects}
    return (
        digests == {filing.dossier.sha256}
        and statement.predicate_type == signing.PREDICATE_OF_PURPOSE[key.purpose]  # type: ignore[index]
        and statement.predicate.get("number") == filing.number
    )
