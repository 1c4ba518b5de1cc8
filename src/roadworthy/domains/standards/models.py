"""Tables of the standards domain.

* ``manufacturer`` is null for what everybody reads, and the owner of what only it reads.
* ``evidence`` says for single fields where they come from, if it is not where the rest does:
  {"in_force_on": {"source": "...", "grade": "B", "note": "..."}}.
"""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.standards.states import Degree, Grade, Kind, State


class Framework(models.Model):
    """A system of standards, of which there may be several versions."""

    key = models.CharField(max_length=40, unique=True)  # "iov-security"
    title = models.JSONField()
    position = models.PositiveSmallIntegerField(default=0)


class Version(models.Model):
    """One version of a framework: a draft or the final text."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="versions")
    key = models.CharField(max_length=40)  # "2021", "2022"
    title = models.JSONField()
    instrument = models.CharField(max_length=40, blank=True)  # in the law's register: "SYS22"
    is_draft = models.BooleanField(default=False)
    is_ours = models.BooleanField(default=False)  # the grouping is our own, no text has it
    published_on = models.DateField(null=True)
    source = models.CharField(max_length=200)
    grade = models.CharField(max_length=1)
    note = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "key"], name="framework_version_once"),
            models.CheckConstraint(
                condition=models.Q(grade__in=list(Grade)), name="framework_grade_is_known"
            ),
        ]


class Area(models.Model):
    """An area of a framework's version."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="areas")
    key = models.CharField(max_length=40)  # "common": the same in every version
    code = models.CharField(max_length=8)  # "1"
    title = models.JSONField()
    raw = models.CharField(max_length=200, blank=True)  # the source's own words, where they differ
    note = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="area_once_a_version"),
        ]


class SubArea(models.Model):
    """A sub-area: what a standard is placed under."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="sub_areas")
    key = models.CharField(max_length=40)
    code = models.CharField(max_length=8)  # "1.2"
    title = models.JSONField()
    raw = models.CharField(max_length=200, blank=True)
    note = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "key"], name="sub_area_once_an_area"),
        ]


class Standard(models.Model):
    """A standard, in force or not, with what is known of its life."""

    manufacturer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    number = models.CharField(max_length=120)  # normalised: "GB/T 44461.1-2024"
    raw = models.CharField(max_length=200, blank=True)  # as its source writes it
    sort_key = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    title_zh = models.CharField(max_length=300, blank=True)
    title_en = models.CharField(max_length=300, blank=True)
    issuer = models.CharField(max_length=120, blank=True)
    plan_number = models.CharField(max_length=40, blank=True)  # "20256778-Q-339"
    planned_on = models.DateField(null=True)
    comment_from = models.DateField(null=True)
    comment_until = models.DateField(null=True)  # the last day
    approved_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    in_force_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    stated_on = models.DateField(null=True)  # the day for which the source states the state
    source = models.CharField(max_length=200)
    grade = models.CharField(max_length=1)
    evidence = models.JSONField(default=dict)
    note = models.JSONField(default=dict)
    search = models.TextField(blank=True)  # folded: number, titles, pinyin (``finding.py``)
    bundled = models.CharField(max_length=64, blank=True)  # digest of the entry it was loaded from
    entered_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    places: "models.ManyToManyField[SubArea, Placement]" = models.ManyToManyField(
        SubArea, through="Placement", related_name="standards"
    )
    supersedes: "models.ManyToManyField[Standard, Supersession]" = models.ManyToManyField(
        "self", through="Supersession", symmetrical=False, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "number"],
                nulls_distinct=False,
                name="standard_number_is_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="standard_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="standard_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(grade__in=list(Grade)), name="standard_grade_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key"], name="standard_in_order"),
            models.Index(fields=["number"], name="standard_by_number"),
        ]

    def __str__(self) -> str:
        return self.number


class Placement(models.Model):
    """Where a standard stands in a framework's version, and who says so."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="placements")
    sub_area = models.ForeignKey(SubArea, on_delete=models.PROTECT, related_name="placements")
    is_ours = models.BooleanField()  # our mapping: the framework's own list was not obtained
    source = models.CharField(max_length=200)
    grade = models.CharField(max_length=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "sub_area"], name="placed_once"),
            models.CheckConstraint(
                condition=models.Q(grade__in=list(Grade)), name="placement_grade_is_known"
            ),
        ]


class Supersession(models.Model):
    """One standard takes the place of another, wholly or in part."""

    successor = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="replaced")
    predecessor = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="replacements")
    from_on = models.DateField(null=True)  # null: the successor's first day
    is_partial = models.BooleanField(default=False)
    raw = models.CharField(max_length=200, blank=True)  # how the source writes the predecessor
    source = models.CharField(max_length=200)
    grade = models.CharField(max_length=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["successor", "predecessor"], name="superseded_once_by_one"
            ),
            models.CheckConstraint(
                condition=~models.Q(successor=models.F("predecessor")),
                name="nothing_supersedes_itself",
            ),
        ]


class Adoption(models.Model):
    """A standard takes over an international one, or goes together with a UN regulation."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="adoptions")
    adopted = models.CharField(max_length=120)  # normalised number
    degree = models.CharField(max_length=8, default=Degree.UNKNOWN)
    source = models.CharField(max_length=200)
    grade = models.CharField(max_length=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "adopted"], name="adopted_once"),
            models.CheckConstraint(
                condition=models.Q(degree__in=list(Degree)), name="adoption_degree_is_known"
            ),
        ]


class Clause(models.Model):
    """A clause of a standard in our own words."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="clauses")
    number = models.CharField(max_length=40)  # "5.2.1"
    position = models.PositiveIntegerField()
    title = models.JSONField()
    text = models.JSONField(default=dict)
    source = models.CharField(max_length=200)
    grade = models.CharField(max_length=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "number"], name="clause_once_a_standard"),
        ]


class Change(models.Model):
    """What changed in an entry, when: what "changed since" is answered from. Append-only."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=24)  # "entered" | "state" | "facts" | "superseded" | ...
    facts = models.JSONField(default=dict)  # {"in_force_on": ["2026-01-01", "2026-08-01"]}
    by_role = models.CharField(max_length=24)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="standard_change_newest")]


class Bundle(models.Model):
    """A bundled catalogue that was loaded."""

    key = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()


class Analysis(models.Model):
    """A mandatory standard looked at along the five dimensions of SAC21, by one organisation."""

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="analyses")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    about_on = models.DateField()  # the day the answers speak of
    answers = models.JSONField()
    is_handed_in = models.BooleanField(default=False)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "organisation"], name="analysis_once_an_organisation"
            ),
        ]


class ImportRun(models.Model):
    """A file of standards that was taken in, and what became of its rows."""

    manufacturer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    form = models.CharField(max_length=8)  # "csv" | "xlsx" | "oscal"
    mapping = models.JSONField(default=dict)  # field: column
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()


class ImportFault(models.Model):
    """A row that was not taken, and why; or a remark on one that was."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="faults")
    row = models.PositiveIntegerField()  # as a reader of the file counts it
    column = models.CharField(max_length=80, blank=True)
    value = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    is_warning = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["run", "row"], name="standard_fault_in_order")]
