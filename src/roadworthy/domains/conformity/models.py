"""Tables of the conformity domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.conformity.states import Kind, Reason, ReferralState, State
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import Ecu, Vehicle, VehicleType


class Snapshot(models.Model):
    """The fleet as it reported itself when a campaign was over. Append-only."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()  # fleet.Standing.as_json(), by type
    sha256 = models.CharField(max_length=64)  # of the canonical bytes of ``content``
    uncovered = models.PositiveIntegerField()  # places where something runs that nothing covers
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["manufacturer", "-id"], name="snapshot_newest")]


class Finding(models.Model):
    """Something on the road or in a release that is not as it was approved or filed."""

    kind = models.CharField(max_length=24)
    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, null=True, related_name="+")
    ecu = models.ForeignKey(Ecu, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.CharField(max_length=200, blank=True)  # as reported
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=16, default=State.OPEN)
    rule_id = models.CharField(max_length=24)  # the rule that it touches
    facts = models.JSONField(default=dict)  # what was counted or compared
    vehicles = models.PositiveIntegerField(default=0)
    first_vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, null=True, related_name="+"
    )
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    explain_by = models.DateField()  # our own limit, not the law's
    reported_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of the last undoing or reopening

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="finding_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="finding_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "kind", "type", "ecu", "version", "release"],
                nulls_distinct=False,
                name="finding_once",
            ),
        ]
        indexes = [
            models.Index(fields=["manufacturer", "state", "first_seen_at"], name="finding_list"),
            models.Index(fields=["state", "explain_by"], name="finding_due"),
        ]


class Explanation(models.Model):
    """What the manufacturer says of a finding, with what shows it. Undone, never changed."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    because = models.CharField(max_length=16)
    text = models.TextField()
    document_sha256 = models.CharField(max_length=64, blank=True)  # of the documents domain
    document_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_because = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(because__in=list(Reason)), name="explanation_reason_is_known"
            ),
            models.UniqueConstraint(
                fields=["finding"],
                condition=models.Q(undone_at__isnull=True),
                name="one_explanation_stands",
            ),
        ]


class Referral(models.Model):
    """A finding before one authority; each settles its own."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default=ReferralState.WAITING)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(ReferralState)), name="referral_state_is_known"
            ),
            models.UniqueConstraint(fields=["finding", "authority"], name="referred_once"),
        ]
        indexes = [models.Index(fields=["authority", "state", "at"], name="referral_queue")]


class Limit(models.Model):
    """A number that somebody set for themselves, from a day on. Append-only; not the law's."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32)  # limits.Key
    value = models.PositiveIntegerField()
    applies_from = models.DateField()
    reason = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["key", "organisation", "-id"], name="limit_newest")]
