"""Tables of the campaigns domain, and the tables it publishes for the gateway.

The gateway reads ``gateway_*`` by plain SQL and appends to ``gateway_report``; it knows no other
table and no Django. Every row it reads is already decided.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.campaigns.states import ActionState, Reason, State
from roadworthy.domains.notices.models import Notice
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import Vehicle


class Campaign(models.Model):
    """One rollout of one release to a frozen list of vehicles."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.JSONField()
    state = models.CharField(max_length=16, default=State.DRAFT)
    vehicles_sha256 = models.CharField(max_length=64)  # of the frozen list's commitments, sorted
    rate_per_minute = models.PositiveIntegerField(null=True)  # null: no cap
    time_out_hours = models.PositiveIntegerField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    pause_reason = models.JSONField(default=str, blank=True)  # a person's words, or both languages

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="campaign_state_is_known"
            ),
        ]


class Group(models.Model):
    """A stage of a campaign: it opens when the one before has proven enough successes."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    success_percent = models.PositiveSmallIntegerField()  # proven of those who were offered
    error_percent = models.PositiveSmallIntegerField()  # failed of those who were offered: pause
    failures_accepted = models.PositiveIntegerField(
        default=0
    )  # when a person resumed: pause beyond
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="group_number_once"),
        ]


class Action(models.Model):
    """The update of one vehicle. Its id is what the vehicle knows: a positive 32-bit number."""

    id = models.AutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default=ActionState.WAITING)
    consented = models.BooleanField(default=False)  # of the last answer in ``Consent``
    token_sha256 = models.CharField(max_length=64)  # of the owner's link to notice and consent
    offered_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)  # no word until then: timed out
    seen_version = models.CharField(max_length=200, blank=True)  # of the changed ECU, as it said
    detail = models.TextField(blank=True)  # last message of the vehicle, as data

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(ActionState)), name="action_state_is_known"
            ),
            models.UniqueConstraint(fields=["campaign", "vehicle"], name="vehicle_once_a_campaign"),
            models.UniqueConstraint(fields=["token_sha256"], name="consent_token_is_unique"),
        ]
        indexes = [
            models.Index(fields=["campaign", "state"], name="action_by_state"),
            models.Index(fields=["group", "state"], name="action_by_group"),
            models.Index(fields=["vehicle"], name="action_by_vehicle"),
            models.Index(fields=["campaign", "offered_at"], name="action_by_offer"),
            models.Index(
                fields=["deadline_at"],
                condition=models.Q(deadline_at__isnull=False),
                name="action_by_deadline",
            ),
        ]


class Exclusion(models.Model):
    """A vehicle that was considered and left out, and why (R156 7.1.1.7)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=24)
    ecu_name = models.CharField(max_length=40, blank=True)
    found = models.CharField(max_length=200, blank=True)  # what runs or sits there

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__in=list(Reason)), name="exclusion_reason_is_known"
            ),
            models.UniqueConstraint(fields=["campaign", "vehicle"], name="excluded_once"),
        ]


class ActionEvent(models.Model):
    """Something that happened to an action. Append-only."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="+")
    report_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()  # server time; the device's own clock is data, in ``detail``
    act = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["action", "id"], name="event_by_action")]


class Consent(models.Model):
    """What an owner answered to which notice, in which language. Append-only; the last counts."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8)
    choice = models.CharField(max_length=8)  # "shown" | "yes" | "no" | "result" (was shown it)
    channel = models.CharField(max_length=16)  # "web" | "vehicle"
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["action", "id"], name="consent_by_action")]


class GatewayTenant(models.Model):
    """What a gateway needs to know of a manufacturer."""

    tenant = models.CharField(max_length=40, primary_key=True)
    gateway_token_sha256 = models.CharField(max_length=64, blank=True)
    polling_sleep = models.CharField(max_length=8, default="00:05:00")
    seq = models.BigIntegerField()

    class Meta:
        db_table = "gateway_tenant"


class GatewayDeployment(models.Model):
    """What the vehicles of one campaign are told to install: chunks, without links."""

    id = models.BigIntegerField(primary_key=True)  # the campaign's id
    chunks = models.JSONField()
    seq = models.BigIntegerField()

    class Meta:
        db_table = "gateway_deployment"


class GatewayAssignment(models.Model):
    """What one vehicle shall be told, already decided. One row a vehicle."""

    tenant = models.CharField(max_length=40)
    controller_id = models.CharField(max_length=256)
    token_sha256 = models.CharField(max_length=64, blank=True)
    action_id = models.IntegerField(null=True)  # the open action, if any
    kind = models.CharField(max_length=8, blank=True)  # "deploy" | "cancel" | ""
    deployment_id = models.BigIntegerField(null=True)  # of the open action
    installed_action_id = models.IntegerField(null=True)
    installed_deployment_id = models.BigIntegerField(null=True)
    want_attributes = models.BooleanField(default=True)
    closed_actions = ArrayField(models.IntegerField(), default=list)  # newest first, for 410
    seq = models.BigIntegerField()

    class Meta:
        db_table = "gateway_assignment"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "controller_id"], name="assignment_is_unique"
            ),
        ]
        indexes = [models.Index(fields=["seq"], name="assignment_by_seq")]


class GatewayStop(models.Model):
    """A deployment that no vehicle may be told to install any more.

    Outside the ordered feed: it must not wait.
    """

    deployment_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "gateway_stop"


class GatewayReport(models.Model):
    """What a vehicle told a gateway, durable before it was acknowledged. Appended by COPY."""

    tenant = models.CharField(max_length=40)
    controller_id = models.CharField(max_length=256)
    action_id = models.IntegerField(null=True)
    kind = models.CharField(
        max_length=16
    )  # register | attributes | retrieved | feedback | cancel-feedback | download
    body = models.JSONField()
    received_at = models.DateTimeField()
    applied = models.BooleanField(default=False)
    ignored = models.CharField(max_length=24, db_default="")  # why it changed nothing

    class Meta:
        db_table = "gateway_report"
        indexes = [
            models.Index(fields=["id"], condition=models.Q(applied=False), name="report_to_apply"),
        ]
