"""Tables of the processing domain."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.processing.arrivals import GatewayTelemetry  # noqa: F401 - a table of ours
from roadworthy.domains.processing.duty_models import (  # noqa: F401 - Django finds tables here
    AnnualReport,
    Breach,
    RiskAssessment,
)
from roadworthy.domains.processing.states import Outcome, State
from roadworthy.domains.vehicles.models import VehicleType


class Group(models.Model):
    """Companies whose exports are counted together."""

    name = models.CharField(max_length=120)
    code = models.CharField(max_length=40, unique=True)  # who has it may join
    formed_at = models.DateTimeField()


class Profile(models.Model):
    """What a manufacturer states about itself as a processor of automobile data."""

    manufacturer = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="members")
    critical_infrastructure = models.BooleanField(null=True)  # null: nobody has said
    responsible = models.CharField(max_length=200, blank=True)  # for data security
    user_contact = models.CharField(max_length=200, blank=True)  # for users' rights
    province = models.CharField(max_length=80, blank=True)  # whose CAC gets the yearly report
    protection = models.JSONField(default=dict)  # {"zh-hans", "en"}: measures, for the report
    changed_at = models.DateTimeField()


class Item(models.Model):
    """Something that is collected or produced, through all its versions."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=100)  # how records name it; the policy does too
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "code"], name="data_item_is_unique"),
        ]

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """What the register says of an item; fixed once it is written."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.JSONField()  # {"zh-hans", "en"}
    kind = models.CharField(max_length=16)  # egress.policy.Kind: what a value looks like
    origin = models.CharField(max_length=16)  # egress.policy.Origin: where it comes about
    derived_from = ArrayField(models.CharField(max_length=100), default=list)  # codes of items
    words = ArrayField(models.CharField(max_length=200), default=list)  # of a word: all it can be
    lowest = models.FloatField(null=True)  # of a number
    highest = models.FloatField(null=True)
    precision = models.CharField(max_length=200, blank=True)  # at which it is collected, in words
    subjects = ArrayField(models.CharField(max_length=16), default=list)
    personal = models.BooleanField()
    sensitive = ArrayField(models.CharField(max_length=16), default=list)
    important = ArrayField(models.CharField(max_length=32), null=True)  # null: not examined
    marked_important = models.BooleanField(default=False)
    told_important = models.BooleanField(null=True)  # by an authority; null: nobody has said
    shows_persons_outside = models.BooleanField(default=False)
    persons = models.PositiveBigIntegerField(null=True)  # whose information it holds; null: unknown
    types = models.ManyToManyField(VehicleType, related_name="+")  # whose vehicles produce it
    functions = models.ManyToManyField(Function, related_name="+")
    ecus = ArrayField(models.CharField(max_length=40), default=list)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="item_version_is_unique"),
        ]


class Recipient(models.Model):
    """Who receives data: the company itself, a processor, a third party, here or abroad."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)  # how the vehicle's policy names it
    name = models.JSONField()  # {"zh-hans", "en"}
    country = models.CharField(max_length=2)  # ISO 3166-1 alpha-2
    is_company = models.BooleanField(default=False)  # the manufacturer itself
    contact = models.CharField(max_length=200, blank=True)
    belongs_to = models.CharField(max_length=120, blank=True)  # recipients of one group
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "code"], name="recipient_is_unique"),
        ]


class Notice(models.Model):
    """One version of what people are told about an item before it is processed."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="notices")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # {"zh-hans": {notice item: words}, "en": {...}}
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="item_notice_is_unique"),
        ]


class ConsentForm(models.Model):
    """One version of how consent to one item for one purpose is asked for."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="consent_forms")
    purpose = models.CharField(max_length=24)
    number = models.PositiveIntegerField()
    words = models.JSONField()  # {"zh-hans", "en"}: what the person agrees to
    periods = ArrayField(models.PositiveIntegerField())  # days that are offered; one at least
    offers_always = models.BooleanField(default=False)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "purpose", "number"], name="consent_form_is_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(periods__len__gt=0), name="consent_is_never_only_always"
            ),
        ]


class Assessment(models.Model):
    """A security assessment of an export, and what it covers."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=64)  # the authority's
    state = models.CharField(max_length=16)
    result_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)  # the last day on which it holds
    purposes = ArrayField(models.CharField(max_length=24), default=list)
    items = models.ManyToManyField(Item, related_name="+")
    recipients = models.ManyToManyField(Recipient, related_name="+")
    countries = ArrayField(models.CharField(max_length=2), default=list)
    covers_remote_access = models.BooleanField(default=False)
    persons = models.PositiveBigIntegerField()  # the scale that was assessed
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "number"], name="assessment_number_is_unique"
            ),
        ]


class Flow(models.Model):
    """One version of a flow: one item, for one purpose, to one recipient, kept so long."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=16, default=State.DRAFT)
    item = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="flows")
    types = models.ManyToManyField(VehicleType, related_name="+")  # none: all that produce it
    purpose = models.CharField(max_length=24)
    purpose_words = models.JSONField()  # {"zh-hans", "en"}
    necessity = models.JSONField()  # {"zh-hans", "en"}: why less would not do
    ground = models.CharField(max_length=16)
    starts_in = models.CharField(max_length=16)  # the car, or the company that already has it
    processed_in = models.CharField(max_length=16)
    can_run_in_car = models.BooleanField(null=True)  # null: nobody has said
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, null=True, related_name="flows"
    )
    stored = models.CharField(max_length=20)
    opened_from = ArrayField(models.CharField(max_length=2), default=list)  # countries
    managed_as_export = models.BooleanField(null=True)
    precision_metres = models.PositiveIntegerField(null=True)  # in which a position leaves
    retention_days = models.PositiveIntegerField()
    on_by_default = models.BooleanField(default=False)  # at the start of each drive
    anonymised = models.CharField(max_length=28, blank=True)
    outside_consented = models.BooleanField(default=False)
    biometrics_necessary = models.BooleanField(null=True)
    persons = models.PositiveBigIntegerField(null=True)  # how many in a year are planned
    population = models.CharField(max_length=80, blank=True)  # which persons; same words, same ones
    path = models.CharField(max_length=24, blank=True)  # of the export
    path_number = models.CharField(max_length=64, blank=True)  # of the contract or certificate
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, related_name="flows"
    )
    exempt = models.BooleanField(null=True)  # whether an exemption applies; null: nobody has said
    exemption = models.CharField(max_length=200, blank=True)  # which, in words
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True)  # of the second person, or why it ended
    outcome = models.CharField(max_length=16, blank=True)  # of the latest decision
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "number", "version"], name="flow_version_is_unique"
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "number"],
                condition=models.Q(state=State.APPROVED),
                name="one_version_of_a_flow_is_approved",
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "number"],
                condition=models.Q(state__in=[State.DRAFT, State.DECLARED]),
                name="one_version_of_a_flow_is_in_work",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="flow_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.APPROVED)
                | ~models.Q(decided_by=models.F("declared_by")),
                name="a_second_person_approves_a_flow",
            ),
            models.CheckConstraint(
                condition=models.Q(retention_days__gt=0), name="a_flow_has_an_end_of_retention"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "state"], name="flow_by_state")]

    def __str__(self) -> str:
        return self.number


class Decision(models.Model):
    """What the rulebook answered about a flow on a day, with all it looked at."""

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="decisions")
    at = models.DateTimeField()
    as_of = models.DateField()
    outcome = models.CharField(max_length=16)
    rules = ArrayField(models.CharField(max_length=24), default=list)  # that it rests on
    result = models.JSONField()  # findings that bind, drafts apart, conditions, missing facts
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=list(Outcome)), name="flow_outcome_is_known"
            ),
        ]
        indexes = [models.Index(fields=["flow", "-id"], name="decision_newest")]


class ExportYear(models.Model):
    """How many persons' information a party exported since 1 January; one row is one lock."""

    party = models.CharField(max_length=24)  # "group/3", or "maker/7" of a company without one
    year = models.PositiveSmallIntegerField()
    salt = models.BinaryField()  # of the persons' digests; erased with them
    ordinary = models.PositiveBigIntegerField(default=0)  # persons, non-sensitive information
    sensitive = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "year"], name="one_counter_a_year"),
        ]


class ExportedPerson(models.Model):
    """That one person is counted; who it is stands nowhere."""

    counter = models.ForeignKey(ExportYear, on_delete=models.CASCADE, related_name="counted")
    digest = models.BinaryField()  # salted SHA-256
    sensitive = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counter", "sensitive", "digest"], name="a_person_counts_once"
            ),
        ]


class ExportRequest(models.Model):
    """One wish to export, and the answer: the history of the counters."""

    counter = models.ForeignKey(ExportYear, on_delete=models.PROTECT, related_name="requests")
    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="exports")
    reference = models.CharField(max_length=80, blank=True)  # the asking system's own
    at = models.DateTimeField()
    asked = models.PositiveIntegerField()  # persons, each once
    new = models.PositiveIntegerField()  # of them, not counted before this year
    allowed = models.BooleanField()
    outcome = models.CharField(max_length=16)
    rules = ArrayField(models.CharField(max_length=24), default=list)
    ordinary_after = models.PositiveBigIntegerField()
    sensitive_after = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "reference"],
                condition=~models.Q(reference=""),
                name="an_export_is_asked_once",
            ),
        ]
        indexes = [models.Index(fields=["counter", "-id"], name="export_newest")]
