"""Tables of the insight domain. What is counted lies in Parquet files, not here."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation


class OfficialFigure(models.Model):
    """A figure that an authority published, as its people entered it. Append-only.

    Of two for the same indicator and period the newer one counts.
    """

    indicator = models.CharField(max_length=40)  # key of the register
    since = models.DateField(null=True)  # null: from the beginning, or not said
    until = models.DateField()
    value = models.DecimalField(max_digits=20, decimal_places=4)
    change = models.DecimalField(max_digits=9, decimal_places=2, null=True)  # in per cent
    at_least = models.BooleanField(default=False)
    source = models.JSONField()  # {"zh-hans", "en"}
    grade = models.CharField(max_length=1)
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(since__isnull=True) | models.Q(since__lte=models.F("until")),
                name="official_figure_period_runs_forward",
            ),
            models.CheckConstraint(
                condition=models.Q(grade__in=["A", "B", "C", "D"]),
                name="official_figure_grade_is_known",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "until"], name="official_figure_of")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.until}"
