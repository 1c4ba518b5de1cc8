"""Tables of the worklists domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.domains.worklists.states import State


class TypeDuty(models.Model):
    """What the manufacturer owes for a type, whatever its releases are, because of which rule."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)  # "N45-02.miit"
    rule_id = models.CharField(max_length=24)
    title = models.JSONField()
    due = models.JSONField()  # law Obligation.due
    due_on = models.DateField(null=True)  # null: a word of the law ("promptly")
    why = models.JSONField()  # the rule's reason as things stand, in both languages
    outcome = models.CharField(max_length=16)  # of the rule: "broken" | "met" | ...
    state = models.CharField(max_length=16, default=State.OPEN)
    sent_on = models.DateField(null=True)  # the legal day on which it was done
    with_material = models.BooleanField(null=True)  # N45 2(2): with verification material
    reference = models.CharField(max_length=120, blank=True)  # the authority's receipt
    evidence_sha256 = models.CharField(max_length=64, blank=True)  # a document of the manufacturer
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, null=True, related_name="+")
    fulfilled_at = models.DateTimeField(null=True)
    fulfilled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "key"], name="one_type_duty_per_rule"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="type_duty_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.FULFILLED)
                | models.Q(fulfilled_at__isnull=False, sent_on__isnull=False),
                name="fulfilled_means_when",
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "state"], name="type_duty_open")]


class Assignment(models.Model):
    """Somebody was given a piece of work, or it was taken back. Append-only; the last one counts.

    The number makes a chain: of two people who hand over at once, the second finds it taken.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=64)  # "obligation/12"
    number = models.PositiveIntegerField()
    to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "item", "number"], name="assignments_are_a_chain"
            ),
        ]


class CalendarFeed(models.Model):
    """The private address of a person's calendar in one organisation; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_feed_per_person"),
        ]


class Frequency(models.TextChoices):
    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class DigestSetting(models.Model):
    """How often and at what hour of Asia/Shanghai a person gets their work list by mail."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    frequency = models.CharField(max_length=8, choices=Frequency.choices, default=Frequency.OFF)
    hour = models.PositiveSmallIntegerField(default=8)
    weekday = models.PositiveSmallIntegerField(default=0)  # of a weekly one; Monday is 0
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_digest_per_person"),
            models.CheckConstraint(
                condition=models.Q(frequency__in=Frequency.values), name="digest_frequency_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(hour__lt=24, weekday__lt=7), name="digest_time_is_a_time"
            ),
        ]


class Delivery(models.TextChoices):
    WAITING = "waiting"  # not handed to the mail server yet; tried again
    SENDING = "sending"  # being handed over: whoever finds this cannot know whether it went
    SENT = "sent"
    NOTHING = "nothing"  # nothing was due: no mail
    GIVEN_UP = "given-up"  # the day is over, or nobody can know whether it went


class DigestDelivery(models.Model):
    """The one mail of a person and a legal day. Unique: there is never a second one."""

    setting = models.ForeignKey(DigestSetting, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    stage = models.CharField(max_length=12, default=Delivery.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True)  # what the mail server said last

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["setting", "day"], name="one_digest_a_day"),
            models.CheckConstraint(
                condition=models.Q(stage__in=Delivery.values), name="delivery_stage_is_known"
            ),
        ]
        indexes = [models.Index(fields=["stage", "next_try_at"], name="digest_to_send")]
