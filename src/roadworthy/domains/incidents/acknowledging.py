"""An authority says that a report has arrived: a person's signature over its digest.

* What is signed is the digest of what lies before the authority, computed then and there.
* The envelope is made with the reviewer's own key, as the receipt of a filing is; the log names
  the envelope by its digest. It is verified each time it is shown: that it is kept proves nothing.
* The only place that moves a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from roadworthy.domains.filings import signing
from roadworthy.domains.incidents import assessing, errors, records
from roadworthy.domains.incidents.models import Copy, Incident
from roadworthy.domains.incidents.states import COPY, CopyAction, CopyState
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.kernel.canonical import digest, sha256_hex
from roadworthy.trust import dsse
from roadworthy.trust.dsse import PredicateType, Statement, Subject
from roadworthy.trust.keys import Keystore

EVENT = "incident:acknowledged"


@dataclass(frozen=True, slots=True)
class Signature:
    """By which key a copy was acknowledged, and whether the signature holds."""

    keyid: str
    is_valid: bool  # signature, purpose of the key, digest and number of the report


@transaction.atomic(durable=True)
def acknowledge(
    *,
    copy_id: int,
    passphrase: str,
    keystore: Keystore,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> Copy:
    """Say, for an authority, that a report has arrived: sign a receipt over exactly these bytes.

    Raises:
        NoSuchReport: nothing has that id, or it was sent to another authority.
        NotAMember, WrongState, WrongRole, TooManyWords, NotYourKey, WrongPassphrase.
    """
    by = witnessed(actor)
    found = (
        Copy.objects.select_for_update(no_key=True, of=("self",))
        .select_related("report__incident__manufacturer", "authority")
        .filter(pk=copy_id, authority_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchReport
    after = COPY.next_state(CopyState(found.state), CopyAction.ACKNOWLEDGE, actor.role)
    found.note = records.said(note) if note.strip() else ""
    _key, signer = signing.open_own(actor, KeyPurpose.RECEIPT, passphrase, keystore)
    found.state, found.acknowledged_at, found.acknowledged_by_id = after, at, actor.person_id
    found.sha256 = digest(found.report.content)
    envelope = dsse.attest(_statement(found), signer)
    found.envelope = envelope.decode()
    found.save(
        update_fields=[
            *("state", "acknowledged_at", "acknowledged_by", "sha256", "note", "envelope"),
        ]
    )
    incident = Incident.objects.select_for_update(no_key=True).get(pk=found.report.incident_id)
    records.log(
        EVENT,
        incident,
        by,
        at,
        report=found.report.number,
        sha256=found.sha256,
        envelope_sha256=sha256_hex(envelope),
    )
    assessing.reckon(incident, at)
    return found


@dataclass(frozen=True, slots=True)
class FromElsewhere:
    """What an authority's deployment says of a report; what counts is the envelope."""

    report: str  # its number
    envelope: str
    note: str
    acknowledged_at: datetime


def acknowledged_elsewhere(
    told: FromElsewhere, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Copy:
    """Take in an acknowledgement; inside the caller's transaction.

    Raises:
        NoSuchReport: no such report was sent to that authority.
        AcknowledgementRefused: the authority has not signed this.
        WrongState.
    """
    if manufacturer.is_remote or not authority.is_remote:
        raise errors.NoSuchReport
    return _take_in(told, manufacturer, authority, at)


def acknowledged_again(
    told: FromElsewhere, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Copy:
    """Put back what our authority acknowledged, where only its manufacturer remembers it.

    Raises:
        NoSuchReport, WrongState.
        AcknowledgementRefused: our own key has not signed this.
    """
    return _take_in(told, manufacturer, authority, at)


def _take_in(
    told: FromElsewhere, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Copy:
    found = (
        Copy.objects.select_for_update(no_key=True, of=("self",))
        .select_related("report__incident__manufacturer", "authority")
        .filter(
            report__number=told.report,
            report__incident__manufacturer=manufacturer,
            authority=authority,
        )
        .first()
    )
    if found is None:
        raise errors.NoSuchReport
    role = Role.MIIT_REVIEWER if authority.kind == Kind.MIIT else Role.SAMR_REVIEWER
    after = COPY.next_state(CopyState(found.state), CopyAction.ACKNOWLEDGE, role)
    key = organisations.live_key(authority.pk, KeyPurpose.RECEIPT)
    if key is None or not _holds(told.envelope.encode(), key, found):
        raise errors.AcknowledgementRefused(
            report=told.report, reason="not signed over it by the authority's key"
        )
    found.state, found.acknowledged_at, found.note = after, told.acknowledged_at, told.note
    found.sha256, found.envelope = found.report.sha256, told.envelope
    found.save(update_fields=["state", "acknowledged_at", "note", "sha256", "envelope"])
    incident = Incident.objects.select_for_update(no_key=True).get(pk=found.report.incident_id)
    records.log(
        EVENT,
        incident,
        remote.named(authority, role),
        at,
        report=found.report.number,
        sha256=found.sha256,
        envelope_sha256=sha256_hex(told.envelope.encode()),
    )
    assessing.reckon(incident, at)
    return found


def signature(copy: Copy) -> Signature | None:
    """Return who signed a copy, verified now; None: it was acknowledged before they were signed.

    ``copy`` comes with its report and its authority.
    """
    if not copy.envelope:
        return None
    envelope = copy.envelope.encode()
    try:
        signed_by = dsse.signer_ids(envelope)
    except dsse.EnvelopeMalformed:  # what cannot even be read holds least of all
        return Signature("", is_valid=False)
    # A key that was revoked later signed nonetheless while it lived.
    key = SigningKey.objects.filter(
        keyid__in=signed_by, organisation_id=copy.authority_id, purpose=KeyPurpose.RECEIPT
    ).first()
    if key is None:
        return Signature(", ".join(signed_by), is_valid=False)
    return Signature(key.keyid, is_valid=_holds(envelope, key, copy))


def _holds(envelope: bytes, key: SigningKey, copy: Copy) -> bool:
    try:
        said = dsse.open_envelope(envelope, [signing.public(key)])
    except (dsse.NotAttested, dsse.EnvelopeMalformed):
        return False
    return (
        {one.sha256 for one in said.subjects} == {copy.report.sha256}
        and said.predicate_type == PredicateType.INCIDENT_ACKNOWLEDGEMENT
        and said.predicate.get("report") == copy.report.number
    )


def _statement(copy: Copy) -> Statement:
    report = copy.report
    return Statement(
        (Subject(f"incident-report/{report.number}", copy.sha256),),
        PredicateType.INCIDENT_ACKNOWLEDGEMENT,
        {
            "report": report.number,
            "series": report.series,
            "version": report.version,
            "authority": copy.authority.slug,
            "manufacturer": report.incident.manufacturer.slug,
            "decision": "acknowledged",
            "acknowledged_at": ledger.instant(copy.acknowledged_at) if copy.acknowledged_at else "",
        },
    )
