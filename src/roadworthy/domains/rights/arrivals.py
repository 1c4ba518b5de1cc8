"""The table that this domain publishes for the gateway, which reads it and knows no other."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class GatewayConsent(models.Model):
    """What the owner of one vehicle has said about its data: consents with their end, withdrawals.

    ``seq`` is stamped by the feed's trigger, as in the tables of campaigns.
    """

    tenant = models.CharField(max_length=40)
    controller_id = models.CharField(max_length=256)
    given = models.JSONField()  # [{"item", "purpose", "given_at", "until"}]; until null: withdrawal
    withdrawn = models.JSONField()  # [[item, purpose]]: nothing stands in its place
    seq = models.BigIntegerField()

    class Meta:
        db_table = "gateway_consent"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "controller_id"], name="gateway_consent_of_vehicle"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["seq"], name="gateway_consent_feed")]

    def __str__(self) -> str:
        return f"{self.tenant}/{self.controller_id}"
