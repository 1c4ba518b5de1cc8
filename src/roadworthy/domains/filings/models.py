"""Tables of the filings domain."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.fields.json import KeyTransform

from roadworthy.domains.accounts.models import User
from roadworthy.domains.documents.models import Document
from roadworthy.domains.filings.states import DraftState, Kind, QuestionState, State
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import VehicleType


class Dossier(models.Model):
    """The content of a filing, fixed: one digest, whoever reads it. A change is a new dossier."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.JSONField()
    # Out of the content, so that a list need not unpack it.
    labels = models.GeneratedField(
        expression=KeyTransform("labels", "content"),
        output_field=models.JSONField(null=True),
        db_persist=True,
    )
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="dossier_kind_is_known"
            ),
        ]


class Filing(models.Model):
    """One dossier before one authority."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)  # given by the manufacturer's deployment
    state = models.CharField(max_length=16, default=State.DRAFT)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)  # of a return or a refusal
    receipt = models.TextField(blank=True)  # DSSE envelope over the dossier's digest
    # The filing of the same matter that this one takes the place of.
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="filing_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.ACCEPTED) | ~models.Q(receipt=""),
                name="accepted_means_signed",
            ),
            models.UniqueConstraint(fields=["manufacturer", "number"], name="filing_number_once"),
        ]
        indexes = [
            models.Index(fields=["authority", "state", "id"], name="filing_queue"),
            models.Index(fields=["authority", "state", "submitted_at"], name="filing_waiting"),
            models.Index(fields=["manufacturer", "-id"], name="filing_newest"),
        ]

    def __str__(self) -> str:
        return self.number


class AttestedAnswer(models.Model):
    """What an authority answered on paper, as the manufacturer's officer entered it."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=16)  # accepted, returned, refused
    reference = models.CharField(max_length=80)  # the authority's own number
    reference_on = models.DateField()  # the day that the authority's paper bears
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision__in=[State.ACCEPTED, State.RETURNED, State.REFUSED])
                & ~models.Q(reference=""),
                name="attested_answer_is_one",
            ),
        ]
        indexes = [models.Index(fields=["filing", "-id"], name="attested_answer_of")]

    def __str__(self) -> str:
        return self.reference


class Draft(models.Model):
    """What is being written: nobody outside the manufacturer sees it, and it may be half."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    amends = models.ForeignKey(Filing, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=16, default=DraftState.OPEN)
    details = models.JSONField(default=dict)  # field -> what stands in it, as it was typed
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="draft_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=list(DraftState)), name="draft_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "state", "-id"], name="draft_of")]


class DraftText(models.Model):
    """A text that somebody sent: one that became a revision, or one that waits to be united."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField(null=True)  # null: waits, or was let go
    base = models.PositiveIntegerField()  # the revision that its writer had before them
    details = models.JSONField()
    waits = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "revision"], name="one_text_per_revision"),
        ]
        indexes = [models.Index(fields=["draft", "by", "waits"], name="draft_text_waiting")]


class DraftAttachment(models.Model):
    """A document that goes with what is written."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "document"], name="attached_once"),
        ]


class Question(models.Model):
    """What a reviewer wants to know; the manufacturer reads it, the other authority does not."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default=QuestionState.OPEN)
    text = models.TextField()
    asked_at = models.DateTimeField()
    # None: somebody who has an account at the authority's own deployment.
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # What the authority's deployment calls it, where this is not that deployment.
    asked_as = models.BigIntegerField(null=True)
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(QuestionState)), name="question_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=QuestionState.ANSWERED) | ~models.Q(answer=""),
                name="answered_means_answered",
            ),
            models.UniqueConstraint(fields=["filing", "asked_as"], name="question_told_once"),
        ]
        indexes = [models.Index(fields=["filing", "id"], name="question_of")]


class AnswerDocument(models.Model):
    """A document that an answer refers to."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "document"], name="answered_with_once"),
        ]


class Note(models.Model):
    """What a reviewer writes for their own authority; nobody else ever reads it."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["filing", "id"], name="note_of")]


class RuleReading(models.Model):
    """How a manufacturer reads a provision that has two readings; without a row, the stricter."""

    manufacturer = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    samr_package = models.CharField(max_length=16)  # the fact "samr_package_reading"
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")


class FilingText(models.Model):
    """What a filing is found by; ``searching`` alone writes and asks it."""

    filing = models.OneToOneField(
        Filing, on_delete=models.CASCADE, primary_key=True, related_name="text"
    )
    head = models.TextField()  # number and names, which every list shows
    body = models.TextField()  # all else, one text a line
    lexemes = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["lexemes"], name="filing_text_lexemes")]


class Obligation(models.Model):
    """What somebody owes by when, because of which rule."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64)  # "OTA22-10"
    title = models.JSONField()
    due = models.JSONField()  # law Obligation.due
    due_on = models.DateField(null=True)  # null: a word ("immediately"), or the event is to come
    rule_id = models.CharField(max_length=24)
    fulfilled_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "key"], name="one_obligation_per_rule"),
        ]
        indexes = [models.Index(fields=["manufacturer", "due_on"], name="obligation_due")]


class KnownDefect(models.Model):
    """That a defect is known of some software: written by what confirms defects, further up."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    ecu_name = models.CharField(max_length=40, blank=True)  # "": any ECU of the type
    number = models.CharField(max_length=24)  # of the defect
    known_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)  # the recall is completed and reported

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "number", "type", "ecu_name"], name="known_defect_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["type"], condition=models.Q(over_at__isnull=True), name="known_defect_of"
            ),
        ]


class Candidate(models.Model):
    """The next version of the metadata of the release's role, waiting for its signatures."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=120)
    payload = models.BinaryField()  # unsigned TUF metadata, as trust made it
    sha256 = models.CharField(max_length=64)
    dossier_sha256 = models.CharField(max_length=64)  # what the signatures speak of
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)


class CandidateSignature(models.Model):
    """One party's signature over the candidate."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    party = models.CharField(max_length=16)
    purpose = models.CharField(max_length=24)
    signature = models.JSONField()  # {"keyid", "sig"}
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "purpose", "party"], name="one_signature_per_purpose"
            ),
        ]


class Mirror(models.Model):
    """What a manufacturer's deployment told with a filing, at the authority's deployment."""

    filing = models.OneToOneField(
        Filing, on_delete=models.CASCADE, primary_key=True, related_name="mirror"
    )
    # What the rulebook here answers about the facts that the manufacturer stated.
    evaluation = models.JSONField(null=True)
    received_at = models.DateTimeField()


class RemoteCandidate(models.Model):
    """Metadata that waits at the manufacturer's deployment for an authority's signature."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=120)
    release_number = models.CharField(max_length=40)
    payload = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier", "sha256"], name="candidate_told_once"),
        ]


class RemoteSignature(models.Model):
    """What an authority signed for another deployment's metadata. Append-only."""

    candidate = models.ForeignKey(RemoteCandidate, on_delete=models.PROTECT, related_name="+")
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=24)
    signature = models.JSONField()  # {"keyid", "sig"}
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "key"], name="signed_there_once"),
        ]


class OtherDecision(models.Model):
    """What the other authority, at its own deployment, has decided about the same dossier."""

    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    manufacturer = models.SlugField(max_length=40)  # it may be nobody's peer here
    number = models.CharField(max_length=24)
    kind = models.CharField(max_length=16)
    dossier_sha256 = models.CharField(max_length=64)
    decision = models.CharField(max_length=16)
    decided_at = models.DateTimeField()
    receipt = models.TextField(blank=True)  # DSSE envelope, verified when it came
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(decision="accept") | ~models.Q(receipt=""),
                name="other_acceptance_is_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["dossier_sha256", "-decided_at"], name="other_decision_about"),
        ]


class TufMetadata(models.Model):
    """Published metadata of the image repository; the served directory is written from here."""

    role = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    content = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "version"], name="metadata_version_is_unique"),
        ]
