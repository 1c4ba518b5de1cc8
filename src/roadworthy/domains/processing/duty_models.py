"""Tables of duties about data: risk assessments, yearly reports, vulnerabilities and leaks."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation


class RiskAssessment(models.Model):
    """A risk assessment of processing important data, and to whom its report went."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)
    subject = models.JSONField()  # {"zh-hans", "en"}
    flows = models.ManyToManyField("processing.Flow", related_name="+")
    risks = models.JSONField()  # {"zh-hans", "en"}
    measures = models.JSONField()  # {"zh-hans", "en"}
    conclusion = models.CharField(
        max_length=16
    )  # "acceptable" | "with-measures" | "not-acceptable"
    assessed_on = models.DateField()
    reported_on = models.DateField(null=True)
    reported_to = models.CharField(max_length=120, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "number"], name="risk_assessment_number_is_unique"
            ),
        ]


class AnnualReport(models.Model):
    """One version of a year's report on automobile data security, as it was generated."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    content = models.JSONField()  # the Article 13 and 14 items, from the register
    sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    filed_on = models.DateField(null=True)
    filed_as = models.CharField(max_length=120, blank=True)  # the receipt's number

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "year", "number"], name="annual_report_is_unique"
            ),
        ]


class Breach(models.Model):
    """A vulnerability or a leak of data, with what the law asks for and when it was done."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16)  # "vulnerability" | "leak"
    title = models.CharField(max_length=200)
    words = models.TextField()  # without personal data
    found_at = models.DateTimeField()
    endangers_public = models.BooleanField(null=True)  # null: not judged yet
    leaked = models.BooleanField(null=True)  # personal information; null: not judged yet
    persons = models.PositiveBigIntegerField(null=True)
    reported_at = models.DateTimeField(null=True)  # to the authority
    reported_to = models.CharField(max_length=120, blank=True)
    remedied_at = models.DateTimeField(null=True)
    persons_told_at = models.DateTimeField(null=True)
    harm_prevented = models.BooleanField(null=True)  # so that persons need not be told
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["vulnerability", "leak"]), name="breach_kind_is_known"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "-found_at"], name="breach_newest")]
