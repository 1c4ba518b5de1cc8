"""Tables of the notices domain."""

from django.db import models

from roadworthy.domains.organisations.models import Organisation


class Notice(models.Model):
    """One version of what an owner is shown before an update. Never edited, only followed."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=64)  # "campaign/3"
    version = models.PositiveIntegerField()
    content = models.JSONField()  # {"zh-hans": {purpose, content, duration, ...}, "en": {...}}
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "version"], name="notice_version_is_unique"),
        ]
