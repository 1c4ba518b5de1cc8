"""The table that this domain publishes for the gateway, which appends to it and knows no other."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class GatewayTelemetry(models.Model):
    """What a vehicle sent and its policy permits, durable before it was acknowledged.

    Appended by COPY; the same record may stand here again. Gone after ``drop_at``.
    """

    tenant = models.CharField(max_length=40)
    controller_id = models.CharField(max_length=256)
    record_id = models.CharField(max_length=36)
    policy = models.CharField(max_length=64)  # its digest
    picture = models.CharField(max_length=64, blank=True)  # the digest of its file
    body = models.JSONField()
    drop_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "gateway_telemetry"
        indexes: ClassVar = [
            models.Index(fields=["drop_at"], name="telemetry_by_end"),
            models.Index(
                fields=["picture"], condition=~models.Q(picture=""), name="telemetry_by_picture"
            ),
            models.Index(fields=["tenant", "controller_id"], name="telemetry_by_vehicle"),
        ]

    def __str__(self) -> str:
        return self.record_id
