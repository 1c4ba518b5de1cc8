"""Tables of the surveillance domain, made for millions of rows that come by COPY.

``BulkReport`` and what hangs on it are written by the import's set-based statements only, which
hold a lock on their register. PostgreSQL therefore need not check each row's references again.
"""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.recalls.models import RecallPlan


class Register(models.Model):
    """The reports of one source. Without a manufacturer: public, everybody reads it."""

    source = models.CharField(max_length=16)  # "sgo" | "ca-dmv" | "generic"
    manufacturer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "manufacturer"],
                nulls_distinct=False,
                name="bulk_register_is_unique",
            ),
        ]


class ImportRun(models.Model):
    """One file that was taken in, or the attempt. Counts are those of what is committed."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_bytes = models.BigIntegerField()
    done_bytes = models.BigIntegerField(default=0)
    container = models.CharField(max_length=8, blank=True)  # "csv" | "json" | "jsonl"
    encoding = models.CharField(max_length=16, blank=True)
    unknown_columns = models.JSONField(default=list)
    rows = models.BigIntegerField(default=0)
    imported = models.BigIntegerField(default=0)
    amended = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    blank = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    warned = models.BigIntegerField(default=0)
    older = models.BigIntegerField(default=0)  # of the duplicates: versions older than the known
    differing = models.BigIntegerField(default=0)  # of them: same version, other content
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)  # null: it waits for a worker
    finished_at = models.DateTimeField(null=True)
    failure = models.JSONField(null=True)  # {"code", "facts"}: why the rest could not be read

    class Meta:
        indexes = [models.Index(fields=["register", "-id"], name="import_run_newest")]


class Fault(models.Model):
    """A row that was refused, or taken with a warning. The header is row 1."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="faults")
    row = models.BigIntegerField()
    column = models.TextField(blank=True)
    value = models.TextField(blank=True)
    code = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)  # what the code's sentence names
    is_warning = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["run", "is_warning", "row"], name="fault_in_order")]


class BulkReport(models.Model):
    """A report as its newest version has it. Empty text: not given."""

    register = models.ForeignKey(
        Register, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    report_key = models.TextField(db_collation="C")  # the source's own number of the report
    version = models.IntegerField()
    kind = models.CharField(max_length=8)  # "event" | "nothing": a statement that nothing happened
    incident_key = models.TextField(
        null=True, db_collation="C"
    )  # several reports with one key: one incident
    stands = models.BooleanField()  # for its incident in the counts: one report of each does
    reporter = models.TextField()
    make = models.TextField()
    model = models.TextField()
    model_year = models.SmallIntegerField(null=True)
    vin = models.TextField()  # whole, or cut to 11 characters by its publisher, or as written
    function = models.TextField()
    software = models.TextField()
    occurred_on = models.DateField(null=True)  # the first of the month where only that is known
    precision = models.CharField(max_length=5)  # "day" | "month" | ""
    occurred_time = models.CharField(max_length=8)  # on the clock there, as written
    submitted_on = models.DateField(null=True)
    region = models.TextField()
    city = models.TextField()
    trigger = models.CharField(max_length=24)
    severity = models.CharField(max_length=8)
    cdas_state = models.CharField(max_length=12)
    narrative = models.TextField()
    redacted = models.JSONField()  # {"vin": "personal" | "business" | "unnamed"}
    content = models.JSONField()  # every other column that has a value, by its name in the file
    digest = models.UUIDField()  # of what the columns above say
    first_run_id = models.BigIntegerField()
    last_run_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "report_key"], name="bulk_report_once"),
            models.UniqueConstraint(
                fields=["register", "incident_key"],
                condition=models.Q(stands=True, incident_key__isnull=False),
                name="bulk_incident_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["register", "function", "software", "occurred_on"],
                name="bulk_report_by_function",
            ),
        ]


class EarlierVersion(models.Model):
    """A version of a report that is not the newest, whole."""

    report = models.ForeignKey(
        BulkReport, on_delete=models.CASCADE, related_name="earlier", db_constraint=False
    )
    version = models.IntegerField()
    digest = models.UUIDField()
    content = models.JSONField()  # the row of ``BulkReport`` as it was
    run_id = models.BigIntegerField()  # that brought it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "version"], name="earlier_version_once"),
        ]


class Cell(models.Model):
    """Counts by function, version, reporter and month, kept up to date by each import."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="+")
    function = models.TextField()
    software = models.TextField()
    reporter = models.TextField()
    month = models.DateField(null=True)
    reports = models.BigIntegerField()
    incidents = models.BigIntegerField()
    collisions = models.BigIntegerField()  # of the incidents
    disengagements = models.BigIntegerField()
    severe = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "function", "software", "reporter", "month"],
                nulls_distinct=False,
                name="bulk_cell_once",
            ),
        ]


class RegionCell(models.Model):
    """Counts by function, region and month, kept up to date by each import."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="+")
    function = models.TextField()
    region = models.TextField()
    month = models.DateField(null=True)
    reports = models.BigIntegerField()
    incidents = models.BigIntegerField()
    severe = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "function", "region", "month"],
                nulls_distinct=False,
                name="bulk_region_cell_once",
            ),
        ]


class Exposure(models.Model):
    """How long vehicles drove with a function or version, month by month. No row: not known."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="+")
    function = models.TextField()
    software = models.TextField(blank=True)  # empty: whatever the version
    month = models.DateField()
    vehicle_days = models.BigIntegerField()
    basis = models.CharField(max_length=8)  # "platform": its own records | "entered"
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "function", "software", "month"], name="exposure_once"
            ),
            models.CheckConstraint(
                condition=models.Q(vehicle_days__gte=0), name="exposure_is_not_negative"
            ),
        ]


class Level(models.Model):
    """From when on a count opens a defect analysis: the manufacturer's own, from a day on."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    applies_from = models.DateField()
    fewest = models.PositiveIntegerField(null=True)  # similar incidents: the n of INC-08
    window_days = models.PositiveSmallIntegerField()
    # How often chance alone may raise an alarm, over all looks together; null: no such test.
    false_alarm = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    reason = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "applies_from"], name="signal_level_once_a_day"
            ),
        ]


class EffectCheck(models.Model):
    """What was counted of a recall's vehicles before and after each was remedied; the last count.

    ``recall`` is version 1 of its plan.
    """

    recall = models.OneToOneField(
        RecallPlan, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    plan = models.ForeignKey(RecallPlan, on_delete=models.PROTECT, related_name="+")  # counted
    as_of = models.DateField()
    function = models.TextField(blank=True)  # whose incidents; "" all of these vehicles
    # [[month, incidents, vehicle days, incidents after, vehicle days after], ...], months rising
    months = models.JSONField()
    at = models.DateTimeField()


class Alarm(models.Model):
    """A level that was reached, and the defect analysis that it opened.

    Once for each subject under one level; a level that is set later may raise it again.
    """

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    register = models.ForeignKey(Register, on_delete=models.PROTECT, null=True, related_name="+")
    function = models.TextField()
    software = models.TextField(blank=True)
    why = models.JSONField()  # the numbers, so that anybody can check them
    defect_number = models.CharField(max_length=24)  # empty: no type could be named
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "register", "function", "software", "level"],
                nulls_distinct=False,
                name="alarm_once_under_a_level",
            ),
        ]
