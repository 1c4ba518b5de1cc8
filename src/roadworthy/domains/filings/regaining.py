"""What our authority decided, signed and asked, when only others remember it any more.

* After a restore from an earlier back-up, the manufacturer's deployment gives our own messages
  back. They hold here again as they would have held: an acceptance by our own signature alone,
  verified now; each step as the table of states allows it.
* Nobody signs anything again, and no person is named: the log says that our organisation did it.
* Plain functions for the transaction that lets the message hold; each refusal leaves nothing.
"""

from __future__ import annotations

from datetime import datetime

from roadworthy.domains.filings import mirroring, preparing, questions, remote
from roadworthy.domains.filings.errors import NothingToSign, OtherQuestion
from roadworthy.domains.filings.models import Filing, Question, RemoteCandidate, RemoteSignature
from roadworthy.domains.filings.offers import SIGNED
from roadworthy.domains.filings.remote import Countersigned, Decided
from roadworthy.domains.organisations import remote as elsewhere
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party


def decided(
    told: Decided, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Filing:
    """Decide again as it was decided.

    Raises:
        NoSuchFiling, OtherContent, ReceiptRefused, ReasonMissing, FromTheFuture, WrongState.
        What ``effects.accepted`` raises.
    """
    return remote.take_in(mirroring.locked(told.number, manufacturer, authority), told, at)


def countersigned(
    told: Countersigned, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> RemoteSignature:
    """Keep our signature on a manufacturer's metadata again.

    Raises:
        NoSuchFiling.
        NothingToSign: that metadata is not here.
        SignatureRefused: our key has not signed these bytes.
    """
    filing = mirroring.locked(told.number, manufacturer, authority)
    candidate = RemoteCandidate.objects.filter(
        dossier__manufacturer=manufacturer, sha256=told.candidate_sha256
    ).first()
    if candidate is None:
        raise NothingToSign
    key = remote.signed_by(told, bytes(candidate.payload), filing)
    kept, is_new = RemoteSignature.objects.get_or_create(
        candidate=candidate,
        key=key,
        defaults={
            "filing": filing,
            "purpose": key.purpose,
            "signature": {"keyid": key.keyid, "sig": str(told.signature["sig"])},
            "at": at,
        },
    )
    if is_new:
        preparing.log(
            SIGNED,
            filing,
            elsewhere.named(authority, remote.REVIEWER[Party(authority.kind)]),
            at,
            candidate_sha256=candidate.sha256,
            purpose=key.purpose,
            keyid=key.keyid,
        )
    return kept


def asked(filing: Filing, *, question_id: int, text: str, at: datetime) -> Question:
    """Ask again, under the number by which the manufacturer answers.

    Raises:
        EmptyText, NotUnderReview.
        OtherQuestion: another question has that number by now.
    """
    before = Question.objects.filter(pk=question_id).first()
    if before is not None:
        if before.filing_id != filing.pk or before.text != text.strip():
            raise OtherQuestion(question=question_id)
        return before
    return questions.asked_again(filing, question_id=question_id, text=text, at=at)


def taken_back(filing: Filing, *, question_id: int, at: datetime) -> Question:
    """Take a question back again.

    Raises:
        NoSuchQuestion, WrongState.
    """
    return questions.taken_back_again(filing, question_id=question_id, at=at)
