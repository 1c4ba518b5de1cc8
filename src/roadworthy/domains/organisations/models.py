"""Tables of the organisations domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role


class Organisation(models.Model):
    """A manufacturer, an authority or a test institution."""

    slug = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=16)
    name = models.JSONField()  # {"zh-hans": ..., "en": ...}
    is_demo = models.BooleanField(default=False)
    ddi_tenant = models.CharField(max_length=40, unique=True, null=True)
    gateway_token_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="organisation_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ddi_tenant__isnull=True) | models.Q(kind=Kind.MANUFACTURER),
                name="only_manufacturers_have_vehicles",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Membership(models.Model):
    """One person acts for one organisation in one role."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], name="membership_is_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[r for r in Role if r != Role.PLATFORM]),
                name="membership_role_is_known",
            ),
        ]


class SigningKey(models.Model):
    """The public half of a key; the private half lies encrypted in the keystore."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=24)
    keyid = models.CharField(max_length=64, unique=True)
    public = models.JSONField()  # securesystemslib key: keytype, scheme, keyval
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=list(KeyPurpose)), name="key_purpose_is_known"
            ),
            # TUF counts keys, not parties: a second live key would let one party count twice.
            models.UniqueConstraint(
                fields=["organisation", "purpose"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_live_key_per_purpose",
            ),
        ]
