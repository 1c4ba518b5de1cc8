"""Tables of the recalls domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.recalls.states import (
    LessonState,
    NoticeState,
    Origin,
    PlanState,
    State,
    StopState,
)
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import Vehicle, VehicleType


class Defect(models.Model):
    """A possible defect of vehicles of some types, from the first word of it to its end."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)  # "D-2025-0001", counted per manufacturer
    origin = models.CharField(max_length=16)
    title = models.JSONField()  # {"zh-hans", "en"}
    reason = models.JSONField()  # why it was opened: {"zh-hans", "en"}
    links = models.JSONField(default=dict)  # {"signal": "12", "complaint": "CP-2025-00003"}
    types = models.ManyToManyField(VehicleType, related_name="+")
    ecus = models.JSONField(default=list)  # names of ECUs whose software it may lie in
    function = models.ForeignKey(Function, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=16, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # The conclusion that is proposed: {"outcome", "process", "method", "risk_assessment",
    # "conclusion"}; empty while there is none.
    analysis = models.JSONField(default=dict)
    concluded_at = models.DateTimeField(null=True)
    concluded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)  # or ordered
    ordered = models.BooleanField(default=False)  # by SAMR
    reported_on = models.DateField(null=True)  # the result of the analysis, to SAMR
    word = models.TextField(blank=True)  # of the last sending back or reopening
    settled_on = models.DateField(null=True)  # day on which its duties were last looked at
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="defect_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=list(Origin)), name="defect_origin_is_known"
            ),
            models.UniqueConstraint(fields=["manufacturer", "number"], name="defect_number_once"),
        ]
        indexes = [models.Index(fields=["manufacturer", "-opened_at"], name="defect_newest")]

    def __str__(self) -> str:
        return self.number


class Site(models.Model):
    """A plant, a dealer or an importer: who has to stop when a defect is confirmed."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)  # "plant" | "dealer" | "importer"
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    contact = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "code"], name="site_code_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["plant", "dealer", "importer"]),
                name="site_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class StopOrder(models.Model):
    """The order to one site to stop at once; what shows that it came and was carried out."""

    defect = models.ForeignKey(Defect, on_delete=models.CASCADE, related_name="orders")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=12)  # "production" | "sale" | "import"
    state = models.CharField(max_length=12, default=StopState.ISSUED)
    issued_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    evidence = models.JSONField(default=list)  # [{"act", "at", "words", "sha256", "filename"}]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["defect", "site", "part"], name="stop_ordered_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(StopState)), name="stop_state_is_known"
            ),
        ]


class RecallPlan(models.Model):
    """One version of the plan of one recall. A changed plan is a row of its own."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    defect = models.ForeignKey(Defect, on_delete=models.PROTECT, related_name="plans")
    number = models.CharField(max_length=24)  # "RC-2025-0001", the same in all its versions
    version = models.PositiveSmallIntegerField(default=1)
    # Version 1 of the same recall (None: this is it): what is remedied is remedied for all of them.
    first = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    # The plan that this one follows because its remedy failed or its scope was wrong.
    again_after = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    # Why it does not do, if somebody found so: the fact of RCL-13 ("remedy_ineffective", ...).
    failure = models.CharField(max_length=32, blank=True)
    change_reason = models.TextField(blank=True)  # of versions after the first
    state = models.CharField(max_length=12, default=PlanState.DRAFT)
    scope = models.JSONField(default=dict)  # {"text": as written, "clauses": [canonical]}
    texts = models.JSONField(default=dict)  # field -> {"zh-hans", "en"}: defect, consequence, ...
    remedy = models.CharField(max_length=8)  # "ota" | "workshop" | "both"
    hotline = models.CharField(max_length=40, blank=True)
    obliged_on = models.DateField()  # confirmed, or ordered: what its period runs from
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    vehicles = models.PositiveIntegerField(default=0)  # in scope, when it was resolved
    by_ota = models.PositiveIntegerField(default=0)
    by_workshop = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)  # by an exception
    undecided = models.PositiveIntegerField(default=0)  # what is known does not decide
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, null=True, related_name="+")
    filing_number = models.CharField(max_length=24, null=True)  # of ``filing``
    filed_at = models.DateTimeField(null=True)
    dealers_told_on = models.DateField(null=True)
    dealers_stopped = models.BooleanField(null=True)
    published_on = models.DateField(null=True)
    owners_told_on = models.DateField(null=True)  # all of them
    started_on = models.DateField(null=True)
    stage_reports_on = models.JSONField(default=list)  # ISO days
    completed_on = models.DateField(null=True)
    final_report_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(PlanState)), name="recall_plan_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(remedy__in=["ota", "workshop", "both"]),
                name="recall_plan_remedy_is_known",
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "number", "version"], name="recall_plan_version_once"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "-id"], name="recall_plan_newest")]

    def __str__(self) -> str:
        return self.number

    @property
    def recall_id(self) -> int:
        """Id of version 1, by which all versions of the recall are one."""
        return self.first_id or self.pk


class PlanRelease(models.Model):
    """A release that removes the defect, and how urgent it is beside other updates."""

    plan = models.ForeignKey(RecallPlan, on_delete=models.CASCADE, related_name="releases")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField(default=1)  # 1 first
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "release"], name="release_of_plan_once"),
        ]


class InScope(models.Model):
    """One vehicle that a plan names: in its scope, or taken out of it by name.

    A vehicle that no clause speaks of has no row. Millions of rows at once: vehicle and plan are
    never deleted, so the database checks no foreign key row by row; the key lists by plan.
    """

    pk = models.CompositePrimaryKey("plan_id", "vehicle_id")
    plan = models.ForeignKey(
        RecallPlan, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    included = models.BooleanField(null=True)  # null: what is known does not decide it
    clause = models.PositiveSmallIntegerField()  # which clause of the scope decided
    path = models.CharField(max_length=8)  # "ota" | "workshop"; "" if not included
    why_workshop = models.CharField(max_length=16, blank=True)  # "no-ecu" | "version" | ...

    class Meta:
        # Of millions of rows nearly all are in and by one way: an index of the others alone.
        indexes = [
            models.Index(
                fields=["plan", "vehicle"],
                condition=models.Q(included=False)
                | models.Q(included__isnull=True)
                | ~models.Q(why_workshop=""),
                name="scope_unusual",
            ),
        ]


class Remedied(models.Model):
    """A vehicle whose defect is proven to be removed. ``remedies`` writes it through services."""

    pk = models.CompositePrimaryKey("recall_id", "vehicle_id")
    recall = models.ForeignKey(  # version 1 of the plan
        RecallPlan, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField()
    proof = models.CharField(max_length=16)  # "running-version" | "workshop"
    reference = models.CharField(max_length=80, blank=True)


class Duty(models.Model):
    """What a defect or a plan brings with it by when, because of which rule."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    defect = models.ForeignKey(Defect, on_delete=models.CASCADE, related_name="duties")
    plan = models.ForeignKey(RecallPlan, on_delete=models.CASCADE, null=True, related_name="duties")
    key = models.CharField(max_length=64)  # "RCL-03.sale"
    rule_id = models.CharField(max_length=24)
    title = models.JSONField()
    why = models.JSONField(default=dict)
    outcome = models.CharField(max_length=16)
    due = models.JSONField()  # law Obligation.due
    due_on = models.DateField(null=True)  # null: a word ("immediately"), or the event is to come
    fulfilled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["defect", "plan", "key"], nulls_distinct=False, name="recall_duty_once"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "due_on"], name="recall_duty_due")]


class RecallNotice(models.Model):
    """SAMR's notice to a producer: to investigate, then to recall."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    defect = models.ForeignKey(Defect, on_delete=models.PROTECT, null=True, related_name="notices")
    defect_number = models.CharField(max_length=24, blank=True)  # of one at another deployment
    types = models.JSONField(default=list)  # codes of the types that it is about
    number = models.CharField(max_length=24, unique=True)  # "SN-2025-0001"
    state = models.CharField(max_length=16, default=NoticeState.INVESTIGATION)
    subject = models.JSONField()  # {"zh-hans", "en"}
    grounds = models.TextField()
    issued_at = models.DateTimeField()
    # Null where the other side's deployment took the step, or before a restore.
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recall_notice_at = models.DateTimeField(null=True)  # from "notice" on
    # When it came to the producer, from which the period to object runs; null: not known yet.
    recall_notice_received_at = models.DateTimeField(null=True)
    served_by = models.CharField(max_length=300, blank=True)  # how, if on another way; its proof
    recall_grounds = models.TextField(blank=True)  # of the notice of recall
    objected_at = models.DateTimeField(null=True)
    objection = models.TextField(blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)  # of the documents domain
    evidence_name = models.CharField(max_length=120, blank=True)
    experts = models.TextField(blank=True)
    opinion = models.TextField(blank=True)  # of the experts
    ended_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(NoticeState)), name="recall_notice_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "state", "-id"], name="recall_notice_queue"),
            models.Index(fields=["manufacturer", "-id"], name="recall_notice_newest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def defect_name(self) -> str:
        """Number of the manufacturer's defect; "" while nothing here knows it."""
        return self.defect.number if self.defect is not None else self.defect_number


class Supervision(models.Model):
    """What SAMR wrote about a recall that runs: a note, a view of its effect, an announcement."""

    # Null at SAMR's where the plan is at its manufacturer's deployment: only the filing is here.
    plan = models.ForeignKey(RecallPlan, models.PROTECT, null=True, related_name="supervision")
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, null=True, related_name="+")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)  # "note" | "effect" | "recall-again" | "announcement"
    text = models.JSONField()  # {"zh-hans", "en"}
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan__isnull=False) | models.Q(filing__isnull=False),
                name="supervision_of_a_recall",
            ),
        ]
        indexes = [models.Index(fields=["kind", "-at"], name="supervision_by_kind")]


class Lesson(models.Model):
    """A proposal to change a requirement, a parameter of a rule or a standard."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)  # "LE-2025-0001"
    source = models.CharField(max_length=60)  # "defect/12", "incident/3"
    defect = models.ForeignKey(Defect, on_delete=models.PROTECT, null=True, related_name="lessons")
    kind = models.CharField(max_length=12)  # "requirement" | "parameter" | "standard"
    target = models.CharField(max_length=120)  # "RCL-04", "recall_plan_period", "GB 44496"
    title = models.JSONField()  # {"zh-hans", "en"}
    proposal = models.JSONField()  # {"zh-hans", "en"}
    value = models.CharField(max_length=40, blank=True)  # proposed, of a parameter
    state = models.CharField(max_length=12, default=LessonState.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.TextField(blank=True)
    adopted_as = models.CharField(max_length=120, blank=True)  # the text that names the lesson
    applies_from = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(LessonState)), name="lesson_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["requirement", "parameter", "standard"]),
                name="lesson_kind_is_known",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="lesson_queue")]

    def __str__(self) -> str:
        return self.number


class ProducerMatter(models.Model):
    """What the producer files with SAMR besides a plan: changed particulars, a recall abroad."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)  # "change" | "abroad"
    happened_on = models.DateField()  # the particulars changed; the recall abroad began
    title = models.JSONField()  # {"zh-hans", "en"}
    source = models.CharField(max_length=300)  # where it stands: an address, a document's number
    filed_on = models.DateField(null=True)
    filed_by = models.CharField(max_length=120, blank=True)  # what proves the filing
    assessed_on = models.DateField(null=True)  # of a recall abroad: the products in China
    assessment = models.TextField(blank=True)
    defect = models.ForeignKey(Defect, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["change", "abroad"]),
                name="producer_matter_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(assessed_on__isnull=True) | ~models.Q(assessment=""),
                name="assessed_means_in_words",
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "-happened_on"], name="matter_newest")]
