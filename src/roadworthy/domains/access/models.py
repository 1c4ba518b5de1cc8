"""Tables of the access domain."""

from django.db import models

from roadworthy.domains.access.states import Matter, State
from roadworthy.domains.accounts.models import User
from roadworthy.domains.documents.models import Document
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import VehicleType


class ParameterSchema(models.Model):
    """A schema of technical parameters that a deployment loaded beside ours; never changed."""

    key = models.CharField(max_length=64)  # "cn-annex2"
    content = models.JSONField()  # as the file says, checked
    sha256 = models.CharField(max_length=64, unique=True)
    applies_from = models.DateField()
    loaded_at = models.DateTimeField()


class Approval(models.Model):
    """A vehicle type may be made and sold. What it says stands in its versions."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.OneToOneField(VehicleType, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, default=State.IN_FORCE)
    granted_on = models.DateField()
    reason = models.TextField(blank=True)  # of the last suspension, revocation or withdrawal
    since = models.DateTimeField()  # when it came to be in its state

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="approval_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "state"], name="approval_by_maker")]

    def __str__(self) -> str:
        return self.number


class ApprovalVersion(models.Model):
    """What an approval says from a day on. Append-only; the newest one is in force."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    content = models.JSONField()  # content.py
    sha256 = models.CharField(max_length=64)  # of the canonical bytes of ``content``
    filing_number = models.CharField(max_length=24)
    dossier_sha256 = models.CharField(max_length=64)
    reason = models.TextField(blank=True)  # of the change, as the manufacturer filed it
    in_force_from = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["approval", "version"], name="approval_version_is_unique"
            ),
        ]


class Condition(models.Model):
    """What an approval was granted on: somebody of the manufacturer answers for it."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()  # the version that it came with
    key = models.CharField(max_length=24)  # "C-1"
    text = models.JSONField()  # {"zh-hans", "en"}, one of them at least
    owner_role = models.CharField(max_length=24)
    due_on = models.DateField(null=True)
    is_public = models.BooleanField(default=False)
    stands_for = models.CharField(max_length=64, blank=True)  # completeness.Gap.key that follows
    fulfilled_at = models.DateTimeField(null=True)
    fulfilled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    evidence = models.TextField(blank=True)  # what shows that it is fulfilled
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["approval", "key"], name="condition_key_is_unique"),
        ]
        indexes = [models.Index(fields=["fulfilled_at", "due_on"], name="condition_due")]


class Application(models.Model):
    """The manufacturer's working copy of an application. Nobody else sees it."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    matter = models.CharField(max_length=16)
    code = models.CharField(max_length=64)  # of the type, as the manufacturer names it
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    base_version = models.PositiveIntegerField(null=True)  # of the approval that a change starts at
    content = models.JSONField()  # content.py
    reason = models.TextField(blank=True)  # why the product changes
    revision = models.PositiveIntegerField(default=1)  # a save names the one that it started from
    touched = models.JSONField(default=dict)  # by section: {"revision", "by"} of its last save
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filing_number = models.CharField(max_length=24, blank=True)  # what it was last filed as
    closed_at = models.DateTimeField(null=True)  # granted, or given up

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(matter__in=list(Matter)), name="application_matter_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(matter=Matter.MARKET_ACCESS) ^ models.Q(approval__isnull=False),
                name="a_change_names_its_approval",
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "code"],
                condition=models.Q(matter=Matter.MARKET_ACCESS, closed_at__isnull=True),
                name="one_open_application_per_type",
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "-id"], name="application_newest")]


class Report(models.Model):
    """A document of an application; a test report carries its institution's signature."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    standard = models.CharField(max_length=40, blank=True)  # "GB 44496"
    filename = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    length = models.BigIntegerField()
    envelope = models.TextField(blank=True)  # DSSE over an in-toto statement
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "sha256"], name="report_once"),
        ]
