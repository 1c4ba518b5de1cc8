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
    # Where it acts, if not here: then nobody here is a member of it.
    deployment = models.CharField(max_length=40, blank=True, default="", db_default="")
    # An authority that acts nowhere on the platform: the manufacturer attests what it answered.
    is_attested = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="organisation_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ddi_tenant__isnull=True) | models.Q(kind=Kind.MANUFACTURER),
                name="only_manufacturers_have_vehicles",
            ),
            models.CheckConstraint(
                condition=models.Q(deployment="") | models.Q(ddi_tenant__isnull=True),
                name="vehicles_ask_their_own_deployment",
            ),
            models.CheckConstraint(
                condition=models.Q(is_attested=False)
                | models.Q(kind__in=[Kind.MIIT, Kind.SAMR], deployment=""),
                name="attested_authorities_act_nowhere",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_remote(self) -> bool:
        """Say whether it acts at another deployment."""
        return bool(self.deployment)


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
    """The public half of a key; the private half lies encrypted in its holder's keystore."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # None: the holder has an account at the organisation's own deployment.
    holder = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
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


class AnnouncedKey(models.Model):
    """A key of which another deployment has told; it counts for nothing until it is confirmed."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=24)
    keyid = models.CharField(max_length=64, unique=True)
    public = models.JSONField()
    announced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=list(KeyPurpose)),
                name="announced_purpose_is_known",
            ),
        ]


class Client(models.Model):
    """Another system of an organisation: it acts in one role, under an account of its own."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    account = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    client_id = models.CharField(max_length=40, unique=True)
    scopes = models.JSONField()  # sorted
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=[r for r in Role if r != Role.PLATFORM]),
                name="client_role_is_known",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-id"], name="client_of_organisation")]

    def __str__(self) -> str:
        return self.client_id


class ClientSecret(models.Model):
    """The digest of a secret; while one takes over from another, two are good."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="secrets")
    sha256 = models.CharField(max_length=64)
    hint = models.CharField(max_length=8)  # its last characters: which of two is which
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)


class AccessToken(models.Model):
    """The digest of a token that a client got for a secret; good for minutes."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField()
    ends_at = models.DateTimeField(db_index=True)


class Request(models.Model):
    """A request that makes something, under the key that its client gave it: done only once."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)  # of what was asked
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # null: under way
    answer = models.JSONField(null=True)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="request_key_once"),
        ]
