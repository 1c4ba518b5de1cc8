"""Tables of the exchange. What was sent and what came never changes; only its progress does."""

from __future__ import annotations

from django.db import models

from roadworthy.domains.exchange.states import MessageState, PeerState
from roadworthy.domains.organisations.models import Organisation
from roadworthy.trust import messages

DIGEST = 64  # hex digits of a SHA-256


class Deployment(models.Model):
    """Who this deployment is to others: one row, or none where there is no exchange."""

    only = models.BooleanField(primary_key=True, default=True)
    name = models.SlugField(max_length=40)  # that of the organisation it serves
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=200)
    exchange_key = models.JSONField()  # securesystemslib key: keytype, scheme, keyval
    keyid = models.CharField(max_length=64)
    certificate = models.TextField()  # PEM of the CA of its own
    leaf_sha256 = models.CharField(max_length=DIGEST)  # of the certificate in DER
    log = models.CharField(max_length=200)  # verifier key of this deployment's log
    witness = models.CharField(max_length=200)  # verifier key by which it cosigns others' logs
    fingerprint = models.CharField(max_length=DIGEST)  # what people compare
    # No line continues before its peer was asked, since then, what it has: the database may be
    # one that was restored, and a number must never be given twice.
    shut_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="one_deployment_here"),
        ]

    def __str__(self) -> str:
        return self.name


class Peer(models.Model):
    """Another deployment, as its card says and as a person confirmed."""

    name = models.SlugField(max_length=40)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default=PeerState.PROPOSED)
    url = models.CharField(max_length=200)
    card = models.BinaryField()  # the signed card as it was handed in
    exchange_key = models.JSONField()
    keyid = models.CharField(max_length=64)
    certificate = models.TextField()  # PEM of the peer's own CA
    leaf_sha256 = models.CharField(max_length=DIGEST)  # of the certificate in DER
    log = models.CharField(max_length=200)
    witness = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=DIGEST)
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=500, blank=True)
    told_size = models.BigIntegerField(default=0)  # of our log, as it was last told
    told_at = models.DateTimeField(null=True)
    cosigned_size = models.BigIntegerField(default=0)  # of our log, as its witness last saw it
    kinds = models.JSONField(default=dict)  # what it understands, as it says: name -> versions
    greeted = models.CharField(max_length=DIGEST, blank=True)  # what we last said of ourselves
    # How sending goes: back-off is the peer's, for all its lines go the same way.
    attempts = models.PositiveIntegerField(default=0)  # in vain, since the last that went well
    next_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField(null=True)  # when lines were last compared and found usable
    reached_at = models.DateTimeField(null=True)  # last time that it answered
    heard_at = models.DateTimeField(null=True)  # last time that something came from it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(PeerState)), name="peer_state_is_known"
            ),
            # A deployment set up anew is another peer of the same name, with lines of its own.
            models.UniqueConstraint(
                fields=["name"],
                condition=~models.Q(state=PeerState.ENDED),
                name="one_peer_of_a_name",
            ),
            models.UniqueConstraint(
                fields=["keyid"],
                condition=~models.Q(state=PeerState.ENDED),
                name="one_peer_of_a_key",
            ),
            models.UniqueConstraint(
                fields=["leaf_sha256"],
                condition=~models.Q(state=PeerState.ENDED),
                name="one_peer_of_a_certificate",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Line(models.Model):
    """Messages of one matter in one direction: the row to lock, and where the line stands."""

    OUT, IN = "out", "in"

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="lines")
    direction = models.CharField(max_length=3)
    matter = models.CharField(max_length=messages.LONGEST_MATTER)
    last = models.BigIntegerField(default=0)  # sequence of the newest message
    digest = models.CharField(max_length=DIGEST, blank=True)  # of its payload
    applied = models.BigIntegerField(default=0)  # inbound: up to which messages were dealt with
    next_at = models.DateTimeField(null=True)  # inbound: when to look at the next; null: not
    halted = models.CharField(max_length=32, blank=True)  # why nothing goes on; empty: it does
    halted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "direction", "matter"], name="line_is_unique"),
            models.CheckConstraint(
                condition=models.Q(direction__in=["out", "in"]), name="line_direction_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="line_due", condition=models.Q(next_at__isnull=False)
            ),
            models.Index(fields=["halted_at"], name="line_halted", condition=~models.Q(halted="")),
        ]

    def __str__(self) -> str:
        return f"{self.peer_id} {self.direction} {self.matter}"


class Answer(models.Model):
    """A peer's signed answer to what it was sent: our evidence that it has it."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    envelope = models.BinaryField()
    at = models.DateTimeField()


class Outgoing(models.Model):
    """A message to a peer, kept for as long as the line: a peer that was restored asks again."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=messages.LONGEST_KIND)
    payload = models.BinaryField()  # signed when it is sent: Ed25519 says the same each time
    sha256 = models.CharField(max_length=DIGEST)
    queued_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="+", null=True)
    refused = models.CharField(max_length=200, blank=True)  # what the peer said against it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "sequence"], name="outgoing_is_unique"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="outgoing_queued",
                condition=models.Q(acknowledged_at__isnull=True),
            ),
        ]


class Regaining(models.Model):
    """A message of ours that a peer gave back: whether what it says holds here again."""

    message = models.OneToOneField(Outgoing, on_delete=models.PROTECT, related_name="regaining")
    taken_back_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)  # when to try; null: it holds, or was given up
    attempts = models.PositiveIntegerField(default=0)
    error = models.JSONField(null=True)  # {"code", "message", "data"} of the last attempt
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], name="regaining_due", condition=models.Q(next_at__isnull=False)
            ),
        ]


class Held(models.Model):
    """What is to be said to a peer whose lines are shut; it gets its place when they open."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    matter = models.CharField(max_length=messages.LONGEST_MATTER)
    kind = models.CharField(max_length=messages.LONGEST_KIND)
    body = models.JSONField()
    blobs = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["peer", "id"], name="held_by_peer")]


class Incoming(models.Model):
    """A message from a peer, durable before it was acknowledged."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=messages.LONGEST_KIND)
    payload = models.BinaryField()
    signature = models.BinaryField()  # by the peer's exchange key, over the payload (DSSE)
    keyid = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=DIGEST)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=16, default=MessageState.RECEIVED)
    attempts = models.PositiveIntegerField(default=0)
    error = models.JSONField(null=True)  # {"code", "message", "data"} of the last attempt
    applied_at = models.DateTimeField(null=True)
    set_aside_because = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "sequence"], name="incoming_is_unique"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(MessageState)), name="incoming_state_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="incoming_dead", condition=models.Q(state=MessageState.DEAD)
            ),
        ]


class Conflict(models.Model):
    """Evidence: a second message of the same place, or one that does not continue the line."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    payload = models.BinaryField()
    signature = models.BinaryField()
    sha256 = models.CharField(max_length=DIGEST)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "sequence", "sha256"], name="conflict_is_kept_once"
            ),
        ]


class Blob(models.Model):
    """A file that messages name: which peer may fetch it from here, or what is to be fetched."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=3)
    sha256 = models.CharField(max_length=DIGEST)
    named_at = models.DateTimeField()
    length = models.BigIntegerField(null=True)  # inbound: bytes, once it is here
    fetched_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "direction", "sha256"], name="blob_is_unique"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="blob_wanted", condition=models.Q(next_at__isnull=False)
            ),
        ]


class Collected(models.Model):
    """Up to which entry of our own log the exchange has looked for what peers must hear."""

    only = models.BooleanField(primary_key=True, default=True)
    next_leaf = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="one_watermark"),
        ]


class Comparison(models.Model):
    """One comparison of all matters with a peer, and whether they are equal."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    depth = models.CharField(max_length=16)
    matters = models.PositiveIntegerField()
    our_root = models.CharField(max_length=DIGEST)
    their_root = models.CharField(max_length=DIGEST)
    answer = models.BinaryField()  # what the peer said of the whole, signed

    class Meta:
        indexes = [models.Index(fields=["peer", "-id"], name="comparison_by_peer")]


class Difference(models.Model):
    """A matter in which two deployments differ, and what that means."""

    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="found")
    matter = models.CharField(max_length=messages.LONGEST_MATTER)
    verdict = models.CharField(max_length=32)
    details = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["comparison", "matter"], name="difference_by_matter")]
