"""Tables of the register of recalls. Nothing in them is about an owner."""

from django.db import models


class Recall(models.Model):
    """A recall as its authority published it. Empty means that the source does not say."""

    authority = models.CharField(max_length=16)  # states.Authority
    number = models.CharField(max_length=64, blank=True)  # as the authority writes it
    key = models.UUIDField(unique=True)  # over authority and number, or over what else tells it
    maker = models.CharField(max_length=300)
    products = models.TextField(blank=True)
    announced = models.CharField(max_length=10, blank=True)  # "2024-01-05", "2024-01" or "2024"
    announced_on = models.DateField(null=True)  # where the day is known
    year = models.PositiveSmallIntegerField(null=True)
    built_from = models.DateField(null=True)
    built_to = models.DateField(null=True)
    units = models.PositiveBigIntegerField(null=True)  # vehicles, as published
    concern = models.CharField(max_length=500, blank=True)
    defect = models.TextField(blank=True)
    remedy = models.CharField(max_length=16, default="unknown")  # states.Remedy
    remedy_stated = models.BooleanField(default=False)  # False: read from the words of the remedy
    remedy_text = models.TextField(blank=True)
    target_software = models.CharField(max_length=200, blank=True)
    plan_filed_on = models.DateField(null=True)
    started_on = models.DateField(null=True)
    investigated = models.BooleanField(null=True)  # influenced by the authority's investigation
    sources = models.JSONField(default=list)  # addresses or names of publications
    licence = models.CharField(max_length=200, blank=True)
    extra = models.JSONField(default=dict)  # columns of its source that have no field here
    origin = models.CharField(max_length=16)  # states.Origin
    revision = models.PositiveIntegerField(default=1)
    entered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remedy__in=["ota", "workshop", "both", "unknown"]),
                name="register_recall_knows_its_remedy",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "year"], name="register_by_authority"),
            models.Index(fields=["-announced", "-id"], name="register_by_day"),
            models.Index(fields=["number"], name="register_by_number"),
            models.Index(fields=["-changed_at"], name="register_by_change"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.authority} {self.announced}"


class Revision(models.Model):
    """What a recall said before it was amended. Append-only."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="revisions")
    revision = models.PositiveIntegerField()
    content = models.JSONField()
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recall", "revision"], name="register_revision_once"),
        ]


class Product(models.Model):
    """A model that a recall names: what the search by model looks through."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="models")
    make = models.CharField(max_length=200)
    model = models.CharField(max_length=300)
    model_year = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "make", "model", "model_year"],
                nulls_distinct=False,
                name="register_product_once",
            ),
        ]


class Import(models.Model):
    """A file that was read, and what came of it."""

    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=16)  # states.Format
    encoding = models.CharField(max_length=40)
    summary = models.JSONField()
    at = models.DateTimeField()


class Line(models.Model):
    """A row of a source: a document, a model, a range of VINs of a recall."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="lines")
    key = models.UUIDField()  # over what tells the row from the others of its recall
    content = models.UUIDField()  # over everything that the row says
    make = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=300, blank=True)
    model_year = models.PositiveSmallIntegerField(null=True)
    document = models.CharField(max_length=200, blank=True)
    words = models.TextField(blank=True)
    vin_from = models.TextField(blank=True)  # as written: wildcards, prose
    vin_to = models.TextField(blank=True)
    built_from = models.DateField(null=True)
    built_to = models.DateField(null=True)
    extra = models.JSONField(default=dict)  # columns that have no field here
    source = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            # Several documents under one name: the content tells them apart.
            models.UniqueConstraint(fields=["key", "content"], name="register_line_once"),
        ]
        indexes = [
            models.Index(fields=["recall", "document"], name="register_line_of_recall"),
            models.Index(
                fields=["vin_from"],
                condition=~models.Q(vin_from=""),
                name="register_line_by_vin",
            ),
        ]


class OldLine(models.Model):
    """What a row said before a newer file amended it. Append-only."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="older")
    content = models.UUIDField()
    words = models.TextField(blank=True)
    vin_from = models.TextField(blank=True)
    vin_to = models.TextField(blank=True)
    built_from = models.DateField(null=True)
    built_to = models.DateField(null=True)
    source = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")
