"""Tables of the documents domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation


class Document(models.Model):
    """A file that an organisation handed in; its bytes lie in the store, by their digest."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    filename = models.CharField(max_length=120)  # as it was first called
    media_type = models.CharField(max_length=100)
    length = models.BigIntegerField()  # bytes
    added_at = models.DateTimeField()
    # None: it came from its owner's deployment.
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "sha256"], name="document_is_unique"),
            models.CheckConstraint(condition=models.Q(length__gt=0), name="document_has_content"),
        ]

    def __str__(self) -> str:
        return self.filename
