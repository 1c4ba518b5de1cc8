"""Tables of the sharing domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Organisation


class Look(models.Model):
    """Somebody of one authority looked at a matter of the other's, or tried to. Append-only."""

    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    matter = models.CharField(max_length=24)  # policy.Matter
    matter_id = models.BigIntegerField()  # as it was asked for: there may be none
    purpose = models.CharField(max_length=32, blank=True)  # "" where none was named
    basis = models.CharField(max_length=120, blank=True)  # keys of the grants, joined by a space
    granted = models.BooleanField()
    # Whose it is, and its number; of a refused look nobody but that authority reads them.
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(granted=False)
                | (models.Q(owner__isnull=False) & ~models.Q(purpose="") & ~models.Q(basis="")),
                name="a_look_has_purpose_and_basis",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="look_at_ours"),
            models.Index(fields=["authority", "-id"], name="look_of_ours"),
        ]
