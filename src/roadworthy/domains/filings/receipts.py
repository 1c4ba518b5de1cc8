"""The receipt of a filing, verified each time it is shown: that it is kept proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.domains.filings import signing
from roadworthy.domains.filings.errors import NoSuchFiling
from roadworthy.domains.filings.models import Filing
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
    is_attested: bool = False  # by the manufacturer's officer: the authority has signed nothing


def of(filing: Filing) -> Receipt:
    """Return a filing's receipt after verifying it against its signer's key and the dossier.

    Raises:
        NoSuchFiling: it has no receipt.
    """
    if not filing.receipt:
        raise NoSuchFiling
    envelope = filing.receipt.encode()
    try:
        signed_by = dsse.signer_ids(envelope)
        said = dict(dsse.unverified_statement(envelope).predicate)
    except dsse.EnvelopeMalformed:  # a receipt that cannot even be read holds least of all
        return Receipt("", filing.authority.name, is_valid=False, said={}, key_made_at=None)
    # A key that was revoked later signed nonetheless while it lived.
    key = signing.receipt_key(filing)
    is_attested = key is not None and key.organisation_id == filing.manufacturer_id
    is_valid = key is not None and _holds(envelope, key, filing)
    return Receipt(
        keyid=key.keyid if key else ", ".join(signed_by),
        holder=filing.manufacturer.name if is_attested else filing.authority.name,
        is_valid=is_valid,
        said=said,
        key_made_at=key.created_at if key else None,
        is_attested=is_attested,
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
