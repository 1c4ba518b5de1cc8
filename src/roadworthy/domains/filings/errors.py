"""What can be wrong with a filing, a signature or a release at the gate."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class NoSuchFiling(NotFound):
    code = "no-such-filing"
    message = "There is no such filing."


class NoAuthority(Unavailable):
    code = "no-authority"
    message = "{authority} has no account on this deployment yet."


class NothingToFile(Conflict):
    code = "nothing-to-file"
    message = "Freeze the release first: what is filed must not change any more."


class AlreadyFiled(Conflict):
    code = "already-filed"
    message = "This is already before the authority as {number}."


class OutOfOrder(Conflict):
    code = "out-of-order"
    message = "This cannot be submitted yet. {why} ({rules})"


class NotAddressed(NotFound):
    code = "not-addressed"
    message = "There is no such filing."


class ReasonMissing(Invalid):
    code = "reason-missing"
    message = "Write the reason: the manufacturer reads it."


class DetailMissing(Invalid):
    code = "detail-missing"
    message = "{field} is missing."


class NotYourKey(Forbidden):
    code = "not-your-key"
    message = "You hold no key of your organisation that signs: {purpose}."


class LabelsUndetermined(Conflict):
    code = "labels-undetermined"
    message = "The legal label is not determined yet. Missing: {missing}."


class NoRole(Unavailable):
    code = "no-signing-role"
    message = 'No signing role was set up for "{role}". The key ceremony must come first.'


class NothingToSign(Conflict):
    code = "nothing-to-sign"
    message = "There is no metadata waiting for a signature."


class OtherQuestion(Conflict):
    code = "other-question"
    message = "Question {question} is another one here."


class NothingPrepared(Conflict):
    code = "nothing-prepared"
    message = "Prepare the activity filing first: the signature names the digest of its dossier."


class NotSigned(Conflict):
    code = "not-signed"
    message = "Sign the release first, for this dossier: the authority signs the same metadata."


class ChangeNotCompared(Conflict):
    code = "change-not-compared"
    message = "Begin the change at the approval {numbers}: old and new values are compared there."


class NoConditionsHere(Invalid):
    code = "no-conditions-here"
    message = "Conditions go with an approval; this kind of filing has none."


class StillIncomplete(Conflict):
    """``data["gaps"]`` holds every ``completeness.Gap`` that no condition stands for."""

    code = "still-incomplete"
    message = (
        "What the law asks for is missing in {number}: {rules}. Return it, or make each missing "
        "item a condition of the approval."
    )


class NothingToReport(Conflict):
    code = "nothing-to-report"
    message = "There is nothing to report yet: vehicles do not accept this release."


class NotAmendable(Conflict):
    code = "not-amendable"
    message = "{number} is not accepted, or an amendment of it is under way already."


class AmendmentReasonMissing(Invalid):
    code = "amendment-reason-missing"
    message = "Write why the accepted filing is amended: the authorities read it."


class DigestMismatch(Invalid):
    code = "digest-mismatch"
    message = (
        'The content of "{filename}" does not match its digest. Expected {expected}, found '
        "{found}. Take it away and attach the right file."
    )


class NoSuchDraft(NotFound):
    code = "no-such-draft"
    message = "There is no such draft."


class DraftMoved(Conflict):
    code = "draft-moved"
    message = (
        "{who} has changed this draft since you opened it. Your text is kept; choose for each "
        "field which text stays."
    )


class NoSuchQuestion(NotFound):
    code = "no-such-question"
    message = "There is no such question."


class EmptyText(Invalid):
    code = "empty-text"
    message = "This is empty. Write something."


class NotUnderReview(Conflict):
    code = "not-under-review"
    message = "{number} is not under review: questions are asked about what is before you."


class OpenQuestions(Conflict):
    code = "open-questions"
    message = (
        "{count} questions about {number} are open. Wait for the answers, or take the questions "
        "back, before you accept."
    )


class ChangeTheApproval(Conflict):
    code = "change-the-approval"
    message = "{number} has become an approval. Apply for a product change instead of amending it."


class NoSuchReading(Invalid):
    code = "no-such-reading"
    message = "The rules know no such reading: {reading}."


class NothingToStop(Conflict):
    code = "nothing-to-stop"
    message = "{number} removes no defect that is known, or its content is not frozen yet."


class BadDossier(Invalid):
    code = "bad-dossier"
    message = "The dossier of {number} cannot be read: {reason}."


class OtherContent(Invalid):
    code = "other-content"
    message = "The content of {number} has the SHA-256 {found}; its sender says {wanted}."


class NotYours(Forbidden):
    code = "filing-not-yours"
    message = "{number} speaks for {named}, and {sender} has sent it."


class FiledOtherwise(Conflict):
    code = "filed-otherwise"
    message = "{number} was handed in here with other content already."


class FromTheFuture(Invalid):
    code = "from-the-future"
    message = "{number} bears the day {day}, which has not come yet."


class CandidateNotFiled(Invalid):
    code = "candidate-not-filed"
    message = "The metadata of {number} names what was not filed: {reason}."


class NotAttestedHere(Conflict):
    code = "not-attested-here"
    message = "{authority} decides about {number} itself; nobody enters its answer."


class SamePerson(Forbidden):
    code = "attests-own-work"
    message = (
        "Who attests the answer to {number} must be another person than the release engineer and "
        "than whoever handed it in."
    )


class ReferenceMissing(Invalid):
    code = "reference-missing"
    message = "Enter the number that the authority gave, as its paper has it, on one line."


class AnswerNotEntered(Conflict):
    code = "answer-not-entered"
    message = (
        "The answer of {authority} is not entered yet ({kind}). The metadata names its reference "
        "number, so the answer comes first."
    )


class ReceiptRefused(Forbidden):
    code = "receipt-refused"
    message = "The receipt of {number} does not hold: {reason}."


class SignatureRefused(Forbidden):
    code = "signature-refused"
    message = "The signature on the metadata of {number} does not hold: {reason}."
