"""Vehicles that workshops have remedied, and where a recall stands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from roadworthy.api.exchange import IdempotencyKey, answers, once
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.remedies import queries, services
from roadworthy.domains.remedies.proving import CompletionRow

router = Router(tags=["recalls"])
MOST = 1000


class RepairIn(Schema):
    """One vehicle's repair: the versions as read back, or evidence of it."""

    model_config = ConfigDict(extra="forbid")

    vin: str = Field(max_length=40)
    workshop: str = Field(min_length=1, max_length=80)
    done_on: date
    versions: dict[str, str] = Field(default_factory=dict, description="ECU -> version read back")
    evidence: str = Field(default="", max_length=200, examples=["WO-2025-1187"])


class RepairsIn(Schema):
    model_config = ConfigDict(extra="forbid")

    repairs: list[RepairIn] = Field(min_length=1, max_length=MOST)


class RefusedOut(Schema):
    number: int = Field(description="Place in the request, from 1.")
    field: str
    value: str
    code: str
    message: str


class TakenOut(Schema):
    rows: int
    taken: int
    duplicates: int
    refused: list[RefusedOut]


class ProgressOut(Schema):
    number: str
    vehicles: int
    remedied: int
    by_version: int
    by_workshop: int
    sent: int
    bounced: int
    accepted: int
    declined: int
    unreachable: int
    follow_up: int


@router.post(
    "/recalls/{number}/completions",
    response=answers(TakenOut, 201),
    **allow(Scope.COMPLETIONS_WRITE),
)
def report_repairs(
    request: MachineRequest, number: str, body: RepairsIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Report repairs of a recall; what is wrong with one is told and costs only itself."""

    def take() -> tuple[Schema, dict[str, str]]:
        plan = queries.plan_numbered(request.auth.organisation_id, number)
        rows = [
            CompletionRow(n, one.vin, one.workshop, one.done_on.isoformat(), one.versions,
                          one.evidence)
            for n, one in enumerate(body.repairs, start=1)
        ]  # fmt: skip
        done = services.record_completions(
            plan_id=plan.pk, rows=rows, channel="api", actor=request.auth.actor,
            at=datetime.now(UTC),
        )  # fmt: skip
        refused = [
            RefusedOut(number=one.number, field=one.column, value=one.value, code=one.error.code,
                       message=str(one.error))
            for one in done.refused
        ]  # fmt: skip
        made = TakenOut(
            rows=done.rows, taken=done.taken, duplicates=done.duplicates, refused=refused
        )
        return made, {}

    return once(request, idempotency_key, body.model_dump(mode="json"), take)


@router.get(
    "/recalls/{number}/progress", response=answers(ProgressOut), **allow(Scope.FILINGS_READ)
)
def read_progress(request: MachineRequest, number: str) -> Any:
    """Say where a recall stands, counted from proofs."""
    plan = queries.plan_numbered(request.auth.organisation_id, number)
    told = queries.progress(plan.pk)
    plain = {n: getattr(told, n) for n in ProgressOut.model_fields if n != "number"}
    return ProgressOut(number=plan.number, **plain)
