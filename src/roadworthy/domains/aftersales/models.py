"""Tables of the aftersales domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.aftersales.states import Category, State
from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.documents.models import Document
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import Ecu, Vehicle, VehicleType


class Policy(models.Model):
    """A manufacturer's own service levels, and from when on its counts deserve a look."""

    manufacturer = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    answer_days = models.PositiveSmallIntegerField(null=True)  # working days
    settle_days = models.PositiveSmallIntegerField(null=True)  # working days, of a dispute
    fewest_vehicles = models.PositiveIntegerField(null=True)  # that complained
    per_thousand = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    window_days = models.PositiveSmallIntegerField(null=True)  # calendar days back
    changed_at = models.DateTimeField()


class Complaint(models.Model):
    """One owner's complaint about one vehicle: personal data, which few roles read."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)
    state = models.CharField(max_length=16, default=State.RECEIVED)
    category = models.CharField(max_length=24)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    function = models.ForeignKey(Function, on_delete=models.PROTECT, null=True, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.TextField()  # the owner's own
    contact = models.TextField(blank=True)  # name, telephone: emptied when it is erased
    channel = models.CharField(max_length=16)  # "telephone" | "workshop" | "letter" | "web"
    happened_on = models.DateField(null=True)
    salt = models.BinaryField()  # of the commitment by which the ledger knows the content
    public_summary = models.JSONField(default=dict)  # for SAMR, without personal data
    assigned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    answer_due_on = models.DateField(null=True)  # own service level, not the law's
    answered_at = models.DateTimeField(null=True)
    disputed_at = models.DateTimeField(null=True)
    settle_due_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="complaint_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(category__in=list(Category)), name="complaint_category_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["manufacturer", "-received_at"], name="complaint_newest"),
            models.Index(fields=["type", "received_at"], name="complaint_by_type"),
            models.Index(fields=["vehicle"], name="complaint_by_vehicle"),
        ]

    def __str__(self) -> str:
        return self.number


class Running(models.Model):
    """What one ECU of the vehicle ran when its owner complained."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="software")
    ecu = models.ForeignKey(Ecu, on_delete=models.PROTECT, related_name="+")
    version = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "ecu"], name="one_version_at_a_time"),
        ]
        indexes = [models.Index(fields=["ecu", "version"], name="complaint_by_version")]


class Message(models.Model):
    """Something said about a complaint: to the owner, by the owner, or among colleagues."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=8)  # "to-owner" | "by-owner" | "inside"
    words = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["complaint", "id"], name="message_in_order")]


class Attachment(models.Model):
    """A file that belongs to a complaint: a photo, a letter. Read by those who read complaints."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "document"], name="complaint_attached_once"
            ),
        ]
