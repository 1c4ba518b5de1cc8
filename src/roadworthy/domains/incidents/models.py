"""Tables of the incidents domain, and the one it publishes for the gateway.

The gateway appends to ``gateway_event`` by COPY and knows no other table of this domain.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.documents.models import Document
from roadworthy.domains.incidents.states import (
    Channel,
    CopyState,
    HoldState,
    QuestionState,
    Series,
    State,
    Trigger,
)
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.vehicles.models import Ecu, Vehicle, VehicleType


class Policy(models.Model):
    """What a manufacturer asks of itself where the law gives no number."""

    manufacturer = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    prompt_hours = models.PositiveSmallIntegerField(null=True)  # own level for "promptly"
    immediate_hours = models.PositiveSmallIntegerField(null=True)  # own level for "immediately"
    similar_threshold = models.PositiveIntegerField(null=True)  # opens a defect analysis (INC-08)
    clock_start = models.CharField(max_length=16, default="learned")  # fact ``nev_clock_start``
    changed_at = models.DateTimeField()


class Incident(models.Model):
    """One event on the road. Its columns repeat what ``Known`` says last, to be asked by."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)  # "IN-2025-00001", given by its manufacturer
    state = models.CharField(max_length=16, default=State.NEW)
    trigger = models.CharField(max_length=24)
    kinds = ArrayField(models.CharField(max_length=24), null=True)  # null: nobody has said
    occurred_at = models.DateTimeField(null=True)
    learned_at = models.DateTimeField()  # the earliest account of it
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, null=True, related_name="+")
    function = models.ForeignKey(Function, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.PositiveSmallIntegerField(null=True)  # GB/T 40429, 0-5
    cdas_state = models.CharField(max_length=24, default="unknown")
    casualties = models.BooleanField(null=True)  # null: nobody knows yet
    province = models.CharField(max_length=80, blank=True)
    latitude = models.FloatField(null=True)  # rounded: a place, not a doorstep
    longitude = models.FloatField(null=True)
    known = models.JSONField(default=dict)  # field -> what was said last
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    defect_number = models.CharField(max_length=24, blank=True)
    salt = models.BinaryField()  # of the commitments by which the ledger knows its content
    next_due_at = models.DateTimeField(null=True)  # of the reports still owed, by the clock
    owes = models.BooleanField(default=False)  # a report is owed and not sent
    concluded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "number"], name="incident_number_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="incident_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(trigger__in=list(Trigger)), name="incident_trigger_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.MERGED, merged_into__isnull=False)
                | (~models.Q(state=State.MERGED) & models.Q(merged_into__isnull=True)),
                name="merged_means_into_another",
            ),
        ]
        indexes = [
            models.Index(fields=["manufacturer", "-learned_at", "-id"], name="incident_newest"),
            models.Index(fields=["manufacturer", "state", "-id"], name="incident_by_state"),
            models.Index(fields=["function", "occurred_at"], name="incident_by_function"),
            models.Index(fields=["type", "occurred_at"], name="incident_by_type"),
            models.Index(fields=["vehicle", "occurred_at"], name="incident_by_vehicle"),
            models.Index(fields=["merged_into"], name="incident_merged"),
        ]

    def __str__(self) -> str:
        return self.number


class Account(models.Model):
    """Somebody, or a vehicle, told of an incident: personal data, kept in versions."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16)
    external_id = models.CharField(max_length=64, blank=True)  # of the event, or of another system
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, related_name="+")
    contact = models.TextField(blank=True)  # of an owner
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel__in=list(Channel)), name="account_channel_is_known"
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "channel", "vehicle", "external_id"],
                condition=~models.Q(external_id=""),
                nulls_distinct=False,
                name="account_once",
            ),
        ]
        indexes = [models.Index(fields=["incident", "id"], name="account_of")]


class AccountVersion(models.Model):
    """What an account says, from one moment on. Append-only."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    stated = models.JSONField(default=dict)  # fields of the neutral record
    words = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why it was corrected
    learned_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="account_version_once"),
        ]


class Known(models.Model):
    """One thing that is known of an incident, since when, and when it was written. Append-only."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    value = models.JSONField(null=True)  # null: taken back
    learned_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["incident", "id"], name="known_of")]


class Ran(models.Model):
    """What one ECU ran at the moment of the incident, and how that is known."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    ecu = models.ForeignKey(Ecu, on_delete=models.PROTECT, related_name="+")
    version = models.CharField(max_length=200)
    basis = models.CharField(max_length=16)  # of ``running.Basis``
    known_at = models.DateTimeField()
    action_id = models.IntegerField(null=True)  # of the campaign that proved it
    entry_id = models.BigIntegerField(null=True)  # of the ledger

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "ecu"], name="ran_one_version"),
        ]
        indexes = [models.Index(fields=["ecu", "version"], name="ran_by_version")]


class IncidentText(models.Model):
    """What an incident is compared by; ``likeness`` alone writes and asks it."""

    incident = models.OneToOneField(
        Incident, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    lexemes = SearchVectorField()
    count = models.PositiveIntegerField()  # of its lexemes

    class Meta:
        indexes = [GinIndex(fields=["lexemes"], name="incident_text_lexemes")]


class Report(models.Model):
    """The content of a report, fixed: one digest, whoever reads it. Append-only."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=16)
    version = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=40)  # "IN-2025-00001/incident/1"
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)  # over the canonical bytes of ``content``
    reason = models.TextField(blank=True)  # why there is another version
    at = models.DateTimeField()
    # None: somebody at the manufacturer's own deployment.
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(series__in=list(Series)), name="report_series_is_known"
            ),
            models.UniqueConstraint(
                fields=["incident", "series", "version"], name="incident_report_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(reason=""),
                name="another_version_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Copy(models.Model):
    """A report before one authority, open until it is acknowledged."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="copies")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default=CopyState.SENT)
    due_at = models.DateTimeField(null=True)  # what the law's clock said when it was sent
    sent_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)  # that the authority acknowledged
    # DSSE envelope over that digest; empty only where it was acknowledged before they were signed.
    envelope = models.TextField(blank=True, default="", db_default="")
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(CopyState)), name="copy_state_is_known"
            ),
            models.UniqueConstraint(fields=["report", "authority"], name="one_copy_each"),
            models.CheckConstraint(
                condition=models.Q(state=CopyState.SENT)
                | (models.Q(acknowledged_at__isnull=False) & ~models.Q(sha256="")),
                name="acknowledged_means_a_digest",
            ),
        ]
        indexes = [models.Index(fields=["authority", "state", "-id"], name="copy_queue")]


class Question(models.Model):
    """What an authority asks about an incident; the other one does not read it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default=QuestionState.OPEN)
    text = models.TextField()
    asked_at = models.DateTimeField()
    # None: somebody at the authority's own deployment, which calls the question ``asked_as``.
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_as = models.BigIntegerField(null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(QuestionState)),
                name="incident_question_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["incident", "authority", "asked_as"], name="incident_question_told_once"
            ),
        ]
        indexes = [models.Index(fields=["incident", "id"], name="incident_question_of")]


class Hold(models.Model):
    """Nobody lets go of what a vehicle recorded within a window, until two people end it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, related_name="+")
    # How the vehicle names itself to the gateway: the triggers ask by it.
    tenant = models.CharField(max_length=40, blank=True)
    controller_id = models.CharField(max_length=256, blank=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    state = models.CharField(max_length=16, default=HoldState.ACTIVE)
    reason = models.TextField()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.TextField(blank=True)
    end_proposed_at = models.DateTimeField(null=True)
    end_proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(HoldState)), name="hold_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__gte=models.F("from_at")), name="hold_has_a_window"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=HoldState.ENDED)
                | (
                    ~models.Q(end_reason="")
                    & models.Q(ended_by__isnull=False, end_proposed_by__isnull=False)
                    & ~models.Q(ended_by=models.F("end_proposed_by"))
                ),
                name="a_hold_is_ended_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["incident", "id"], name="hold_of"),
            models.Index(
                fields=["tenant", "controller_id"],
                condition=~models.Q(state=HoldState.ENDED),
                name="hold_by_controller",
            ),
        ]


class Exhibit(models.Model):
    """One thing under a hold: a file by its digest, or where a recording lies. Append-only."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="+")
    recorder = models.CharField(max_length=16)  # of the fact ``recorders_holding``
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    reference = models.TextField(blank=True)  # where it lies, if not here
    sha256 = models.CharField(max_length=64)
    length = models.BigIntegerField(null=True)  # bytes
    words = models.TextField(blank=True)  # how it was got
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold", "sha256"], name="exhibit_once"),
            models.CheckConstraint(
                condition=models.Q(document__isnull=False) | ~models.Q(reference=""),
                name="exhibit_is_somewhere",
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="exhibit_by_digest")]


class Custody(models.Model):
    """Who placed, added, read, exported or ended what under a hold. Append-only."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="+")
    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, null=True, related_name="+")
    step = models.CharField(max_length=16)  # "placed" | "added" | "read" | "exported" | ...
    words = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=24)
    entry_id = models.BigIntegerField()  # of the ledger

    class Meta:
        indexes = [models.Index(fields=["hold", "id"], name="custody_of")]


class Entry(models.Model):
    """A line of an investigation. Append-only; a wrong one is followed by one that corrects it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    sort = models.CharField(max_length=16)  # "timeline" | "finding" | "root-cause" | "measure"
    happened_at = models.DateTimeField(null=True)
    text = models.TextField()
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["incident", "id"], name="investigation_of")]


class GatewayEvent(models.Model):
    """What happened to a vehicle, by its own word, durable before it was acknowledged.

    Appended by COPY; the same event may stand here again, and is taken once.
    """

    tenant = models.CharField(max_length=40)
    controller_id = models.CharField(max_length=256)
    event_id = models.CharField(max_length=64)
    body = models.JSONField()
    received_at = models.DateTimeField()
    taken = models.BooleanField(default=False, db_default=False)
    ignored = models.CharField(max_length=24, db_default="")  # why it became no incident

    class Meta:
        db_table = "gateway_event"
        indexes = [
            models.Index(fields=["id"], condition=models.Q(taken=False), name="event_to_take"),
            models.Index(fields=["tenant", "controller_id"], name="event_by_vehicle"),
        ]
