"""Tables of the rights domain."""

from django.db import models

from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.processing.models import ConsentForm
from roadworthy.domains.rights.arrivals import GatewayConsent  # noqa: F401 - a table of ours
from roadworthy.domains.rights.states import Kind, State
from roadworthy.domains.vehicles.models import Vehicle


class Consent(models.Model):
    """A person's consent to one item for one purpose, until a day of their own."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8)
    given_at = models.DateTimeField()
    until = models.DateField(null=True)  # the last day; null: until it is withdrawn
    withdrawn_at = models.DateTimeField(null=True)
    salt = models.BinaryField()  # of the commitment by which the ledger knows it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle", "form"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_consent_stands",
            ),
        ]


class Request(models.Model):
    """What a person asked for: personal data itself, which few roles read."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=16, default=State.RECEIVED)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(blank=True)
    checked = models.CharField(max_length=200, blank=True)  # how it is known who asks
    channel = models.CharField(max_length=16)  # "web" | "telephone" | "letter"
    salt = models.BinaryField()
    received_at = models.DateTimeField()
    due_on = models.DateField(null=True)  # null: promptly; no law gives a number
    due_provisional = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)  # why it is refused
    result = models.JSONField(default=list)  # per store: erased, kept and under which article

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="rights_request_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="rights_request_kind_is_known"
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "-id"], name="rights_request_newest")]
