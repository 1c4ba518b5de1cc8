"""Tables of the filings domain."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.software.models import Release


class Dossier(models.Model):
    """The content of a filing, fixed: one digest, whoever reads it. A change is a new dossier."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.JSONField()
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
    number = models.CharField(max_length=24, unique=True)
    state = models.CharField(max_length=16, default=State.DRAFT)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)  # of a return or a refusal
    receipt = models.TextField(blank=True)  # DSSE envelope over the dossier's digest

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="filing_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.ACCEPTED) | ~models.Q(receipt=""),
                name="accepted_means_signed",
            ),
        ]
        indexes = [models.Index(fields=["authority", "state", "id"], name="filing_queue")]

    def __str__(self) -> str:
        return self.number


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
