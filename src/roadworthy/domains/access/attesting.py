"""Whether a known test institution vouches for a document: for this very file, by its own key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadworthy.domains.access.completeness import TEST_REPORT
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose
from roadworthy.domains.software import reports
from roadworthy.domains.software.models import Report
from roadworthy.domains.software.services import OtherDocument, RevokedEvidence
from roadworthy.kernel.errors import Invalid
from roadworthy.trust import dsse
from roadworthy.trust.keys import key_from_dict


class NotAttestedYet(Invalid):
    code = "not-attested-yet"
    message = (
        "A test report needs the statement that its institution signed. "
        "Ask the institution for the DSSE file and attach it with the report."
    )


class UnknownInstitution(Invalid):
    code = "unknown-institution"
    message = (
        "The statement is signed with the key {keyid}. No test institution here has that key: "
        "ask the institution whether it is registered on this platform."
    )


class WrongStatement(Invalid):
    code = "wrong-statement"
    message = "The statement is no test report but says: {predicate}. Attach the right one."


def institution_of(kind: str, envelope: str, sha256: str) -> Organisation | None:
    """Return the institution that signed for the file; None for a document that needs none.

    Raises:
        NotAttestedYet: a test report comes without a statement.
        EnvelopeMalformed: the statement cannot be read.
        UnknownInstitution: nobody known here has the key that signed it.
        NotAttested: the signature is not valid.
        WrongStatement: it states something else than a test.
        OtherDocument: it speaks of another file than this one.
        RevokedEvidence: the institution no longer stands by it.
    """
    if not envelope.strip():
        if kind == TEST_REPORT:
            raise NotAttestedYet
        return None
    encoded = envelope.encode()
    claimed = dsse.signer_ids(encoded)
    known = {key.keyid: key for key in organisations.live_keys(KeyPurpose.TEST_REPORT)}
    signing = next((known[keyid] for keyid in claimed if keyid in known), None)
    if signing is None:
        raise UnknownInstitution(keyid=", ".join(keyid[:16] for keyid in claimed) or "-")
    statement = dsse.open_envelope(encoded, [key_from_dict(signing.public)])
    if statement.predicate_type != dsse.PredicateType.TEST_REPORT:
        raise WrongStatement(predicate=statement.predicate_type)
    if sha256 not in {subject.sha256 for subject in statement.subjects}:
        raise OtherDocument
    if reports.revoked_among({envelope}):
        raise RevokedEvidence
    return signing.organisation


def revoked_in(manufacturer_id: int, content: Mapping[str, Any]) -> dict[str, Report]:
    """Return the reports of a content by which their institution no longer stands, by digest."""
    return reports.revoked_of(
        manufacturer_id, [one["sha256"] for one in content.get("evidence", ())]
    )
