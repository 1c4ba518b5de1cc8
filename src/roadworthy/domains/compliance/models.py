"""Tables of the compliance domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.compliance.states import (
    EvidenceKind,
    EvidenceState,
    NoticeKind,
    NoticeState,
)
from roadworthy.domains.documents.models import Document
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Report
from roadworthy.domains.standards.models import Standard
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.rules.instruments import Grade


class Requirement(models.Model):
    """What a clause asks of a vehicle type; the same for every manufacturer.

    It names its clause by number: the catalogue may write its clauses anew, and evidence rests on
    this row.
    """

    key = models.CharField(max_length=60, unique=True)  # "gb44496-5.2.1"
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)  # of the clause: "5.2.1"
    title = models.JSONField()
    text = models.JSONField()  # in our own words
    source = models.JSONField()  # where they come from, in both languages
    # Whose scope and first day it shares, and whose report covers it.
    under = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    place = models.PositiveIntegerField()
    evidence = models.JSONField()  # kinds that can show it; the first is what the clause means
    rules = models.JSONField(default=list)  # of the rulebook: they decide
    guards = models.JSONField(default=list)  # of the rulebook: they hold each single update to it
    fact = models.CharField(max_length=64, blank=True)  # what valid evidence states
    scope = models.JSONField(default=list)  # [{"fact", "in" | "from", "to" | "is"}]
    new_types_from = models.DateField(null=True)  # where no rule says it
    existing_types_from = models.DateField(null=True)
    existing_grade = models.CharField(max_length=1, blank=True)  # where it differs
    by_law = models.CharField(max_length=24, blank=True)  # the instrument that refers to it
    ecus = models.JSONField(default=list)  # names; or ["relevant"], ["every"]
    functions = models.JSONField(default=dict)  # {"from", "to"}: levels of GB/T 40429
    note = models.JSONField(default=dict)
    grade = models.CharField(max_length=1)
    sha256 = models.CharField(max_length=64)  # of the entry that it was loaded from
    is_current = models.BooleanField(default=True)  # false: later data no longer has it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(grade__in=list(Grade)), name="requirement_grade_is_known"
            ),
        ]
        indexes = [models.Index(fields=["place"], name="requirement_in_order")]

    def __str__(self) -> str:
        return self.key


class Evidence(models.Model):
    """What shows that one type meets one requirement, from a day on."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # the last day; null: no end is stated
    note = models.TextField(blank=True)
    state = models.CharField(max_length=16, default=EvidenceState.PROPOSED)
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)  # refused or withdrawn
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(EvidenceState)), name="evidence_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(EvidenceKind)), name="evidence_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(report__isnull=False) ^ models.Q(document__isnull=False),
                name="evidence_is_a_report_or_a_document",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="evidence_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["type", "requirement", "report", "document"],
                condition=models.Q(state__in=[EvidenceState.PROPOSED, EvidenceState.CONFIRMED]),
                nulls_distinct=False,
                name="evidence_stands_once",
            ),
        ]
        indexes = [models.Index(fields=["type", "requirement"], name="evidence_of_cell")]


class Statement(models.Model):
    """What the manufacturer states of a type that its approval does not say. Append-only."""

    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    fact = models.CharField(max_length=64)  # a name of the rulebook's vocabulary
    value = models.JSONField()
    source = models.CharField(max_length=200)  # where it was read
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["type", "fact", "-id"], name="statement_newest")]


class Gap(models.Model):
    """Evidence that a type lacks, or will lack from a known day on: a line of the work list."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+")
    cell = models.CharField(max_length=16)  # "missing" | "expired" | "not-yet"
    due_on = models.DateField(null=True)  # the first day on which it binds the type
    rule_id = models.CharField(max_length=16, blank=True)
    found_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "requirement"], name="gap_once_a_cell"),
        ]
        indexes = [models.Index(fields=["manufacturer", "due_on"], name="gap_by_day")]


class Unclear(models.Model):
    """How many requirements of a type cannot be told for want of a fact, as last settled."""

    type = models.OneToOneField(
        VehicleType, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    requirements = models.PositiveIntegerField()


class Notice(models.Model):
    """Something about a standard that a manufacturer should know, until somebody has read it."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    day = models.DateField()  # last day for comments, first day of effect
    types = models.JSONField(default=list)  # codes of the types that cite it
    state = models.CharField(max_length=8, default=NoticeState.OPEN)
    noticed_at = models.DateTimeField()
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(NoticeKind)), name="watch_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=list(NoticeState)), name="watch_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["manufacturer", "standard", "kind", "day"], name="noticed_once"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "state", "day"], name="watch_open")]


class Visit(models.Model):
    """When a person last left the page of changes, so that it can begin there."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="visit_once_a_person"),
        ]
