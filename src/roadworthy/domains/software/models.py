"""Tables of the software domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.states import ReportState, State
from roadworthy.domains.vehicles.models import VehicleType


class Image(models.Model):
    """The bytes that a vehicle downloads, known by their digests."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=120)
    length = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    sha1 = models.CharField(max_length=40)  # SWUpdate compares SHA-1; trust rests on SHA-256
    md5 = models.CharField(max_length=32)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "sha256"], name="image_is_unique"),
        ]


class Release(models.Model):
    """A set of new software versions that belong together, with why and how they were tested."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    title = models.JSONField()  # {"zh-hans", "en"}
    description = models.JSONField()  # {"zh-hans": {purpose, content, ...}, "en": {...}}
    types = models.ManyToManyField(VehicleType, related_name="+")
    state = models.CharField(max_length=16, default=State.DRAFT)
    answers = models.JSONField(default=dict)  # UN R156 7.1.2.5 a-i and the facts the rulebook asks
    labels = models.JSONField(default=list)  # of the last classification, sorted
    planned_on = models.DateField(null=True)
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, blank=True)  # of the frozen content
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="release_state_is_known"
            ),
            models.UniqueConstraint(fields=["manufacturer", "number"], name="release_number_once"),
        ]

    def __str__(self) -> str:
        return self.number


class Change(models.Model):
    """One ECU goes from one version to another, by one image."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    ecu_name = models.CharField(max_length=40)
    hardware_id = models.CharField(max_length=64)
    from_version = models.CharField(max_length=200)
    to_version = models.CharField(max_length=200)
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "ecu_name"], name="one_change_per_ecu"),
        ]


class Evidence(models.Model):
    """A document that a claim rests on; a test report carries its institution's signature."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)  # "test-report" | "safety-assessment" | ...
    title = models.CharField(max_length=200)
    filename = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    length = models.BigIntegerField()
    envelope = models.TextField(blank=True)  # DSSE over an in-toto statement
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField()


class Evaluation(models.Model):
    """What the rulebook answered on a day about a release; append-only, re-runnable."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    at = models.DateTimeField()
    stated = models.JSONField(default=dict)  # facts other domains stated, carried to the next
    decision = models.CharField(max_length=24)
    result = models.JSONField()  # law Evaluation.to_json()
    sha256 = models.CharField(max_length=64)  # of the canonical bytes of ``result``

    class Meta:
        indexes = [models.Index(fields=["release", "-id"], name="evaluation_latest")]


class Report(models.Model):
    """What a test institution found about things that have a digest, under its signature."""

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)  # the institution's own
    title = models.CharField(max_length=200)
    standard = models.CharField(max_length=120)  # by which was tested
    type_code = models.CharField(max_length=40, blank=True)  # the manufacturer's, if about a type
    subjects = models.JSONField()  # [{"name", "sha256"}]: the tested things, never empty
    result = models.CharField(max_length=16)  # "passed" | "failed"
    tested_on = models.DateField()
    summary = models.TextField(blank=True)
    filename = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)  # of the document
    length = models.BigIntegerField()
    state = models.CharField(max_length=16, default=ReportState.DRAFT)
    # None: somebody who has an account at the institution's own deployment.
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    envelope = models.TextField(blank=True)  # DSSE over document and tested things
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of the revocation

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(ReportState)), name="report_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[ReportState.DRAFT, ReportState.DISCARDED])
                | ~models.Q(envelope=""),
                name="report_out_means_signed",
            ),
            models.UniqueConstraint(fields=["institution", "number"], name="report_number_once"),
        ]
        indexes = [
            models.Index(fields=["institution", "-id"], name="report_of_institution"),
            models.Index(fields=["manufacturer", "-handed_over_at"], name="report_received"),
        ]

    def __str__(self) -> str:
        return self.number
