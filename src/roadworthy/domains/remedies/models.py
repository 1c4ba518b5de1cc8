"""Tables of the remedies domain. ``recall`` is version 1 of a plan: one for all its versions."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.recalls.models import RecallPlan
from roadworthy.domains.vehicles.models import Vehicle

# Some keys are not checked by the database row by row (as in recalls.InScope): there are millions
# of rows at once, and neither plan, mailing nor vehicle is ever deleted.


class Contact(models.Model):
    """How the owner of a vehicle is reached. Personal data: here and nowhere else."""

    vehicle = models.OneToOneField(
        Vehicle, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    name = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=8, default="zh-hans")
    updated_at = models.DateTimeField()


class Mailing(models.Model):
    """One decision to tell all owners of a plan by one channel; its words are frozen."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(RecallPlan, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8)  # states.Channel
    content = models.JSONField()  # {"zh-hans": {"subject", "defect", ...}, "en": {...}}
    sha256 = models.CharField(max_length=64)  # over the canonical content
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    queued_at = models.DateTimeField(null=True)  # null: the platform has still to queue it
    queued = models.PositiveIntegerField(default=0)
    without_address = models.PositiveIntegerField(default=0)
    # Somebody says that the letters are posted, and by what proof; the platform then notes it.
    posted_at = models.DateTimeField(null=True)
    posting_proof = models.CharField(max_length=120, blank=True)
    sent = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "channel"], name="mailing_once_a_channel"),
            models.CheckConstraint(
                condition=models.Q(channel__in=["letter", "email", "sms"]),
                name="mailing_channel_is_known",
            ),
        ]


class OwnerNotice(models.Model):
    """The notice to the owner of one vehicle: queued, sent with a proof, perhaps come back."""

    pk = models.CompositePrimaryKey("mailing_id", "vehicle_id")
    mailing = models.ForeignKey(
        Mailing, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    language = models.CharField(max_length=8)
    tried_at = models.DateTimeField(null=True)  # taken up; an attempt whose end nobody knows stays
    sent_at = models.DateTimeField(null=True)
    proof = models.CharField(max_length=120, blank=True)  # registered item, message id, receipt
    bounced_at = models.DateTimeField(null=True)
    bounce_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["mailing", "vehicle"],
                condition=models.Q(sent_at__isnull=True, tried_at__isnull=True),
                name="owner_notice_to_send",
            ),
        ]


class Returned(models.Model):
    """A notice that came back. The row stays, also when the notice was sent again."""

    recall = models.ForeignKey(
        RecallPlan, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)  # as the carrier gives it
    sent_at = models.DateTimeField()
    proof = models.CharField(max_length=120, blank=True)  # of the sending that failed
    at = models.DateTimeField()
    again_at = models.DateTimeField(null=True)  # sent again, to another address

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "vehicle"],
                condition=models.Q(again_at__isnull=True),
                name="notice_is_back_once",
            ),
        ]
        indexes = [models.Index(fields=["recall", "-id"], name="returned_of_recall")]


class Answer(models.Model):
    """The last answer of an owner."""

    pk = models.CompositePrimaryKey("recall_id", "vehicle_id")
    recall = models.ForeignKey(
        RecallPlan, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    choice = models.CharField(max_length=12)  # states.Choice
    channel = models.CharField(max_length=12)  # "web" | "telephone" | "workshop" | "visit"
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()


class FollowUp(models.Model):
    """A vehicle whose owner somebody has to reach or convince. Ends when it is remedied."""

    pk = models.CompositePrimaryKey("recall_id", "vehicle_id")
    recall = models.ForeignKey(
        RecallPlan, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    reason = models.CharField(max_length=12)  # states.Reason
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["recall", "reason", "vehicle"],
                condition=models.Q(ended_at__isnull=True),
                name="follow_up_open",
            ),
        ]


class Completion(models.Model):
    """What a workshop reported of one vehicle. Append-only; it is what ``Remedied`` rests on."""

    recall = models.ForeignKey(
        RecallPlan, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    workshop = models.CharField(max_length=80)
    done_on = models.DateField()
    versions = models.JSONField(default=dict)  # ECU -> version as read back
    evidence = models.CharField(max_length=200, blank=True)  # work order, digest of a document
    channel = models.CharField(max_length=8)  # "api" | "file"
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recall", "vehicle"], name="completion_once"),
        ]


class Count(models.Model):
    """How often something happened to a recall on a legal day."""

    pk = models.CompositePrimaryKey("recall_id", "figure", "on")
    recall = models.ForeignKey(
        RecallPlan, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    figure = models.CharField(max_length=12)  # states.Figure
    on = models.DateField()
    n = models.IntegerField()


class Watermark(models.Model):
    """Up to where a plan's campaigns have been looked at. Written by ``feed``."""

    plan = models.OneToOneField(
        RecallPlan, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    basis = models.CharField(max_length=64)  # digest of scope and releases that were looked at
    # Looked at for good: nothing up to here can still appear. Null: nothing is.
    event_id = models.BigIntegerField(null=True)
    consent_id = models.BigIntegerField(null=True)
    # Looked at, but transactions before ``next_xid`` may still have brought something up to here.
    next_event_id = models.BigIntegerField()
    next_consent_id = models.BigIntegerField()
    next_xid = models.BigIntegerField()
    whole_at = models.DateTimeField()  # when all actions were last looked at


class Report(models.Model):
    """A stage or final report with the figures of its day, and the filing that it became."""

    plan = models.ForeignKey(RecallPlan, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)  # "stage" | "final"
    as_of = models.DateField()
    figures = models.JSONField()
    words = models.JSONField()  # {"problems", "measures", "outlook" | "conclusion"}
    # Empty of a draft that an earlier version of the platform made.
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, null=True, related_name="+")
    filed_on = models.DateField(null=True)  # handed in; noted on the plan
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "kind", "as_of"], name="recall_report_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["stage", "final"]), name="recall_report_kind_is_known"
            ),
        ]
