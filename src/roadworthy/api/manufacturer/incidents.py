"""Incidents as a telematics or call centre tells of them; reporting them is for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field

from roadworthy.api.exchange import IdempotencyKey, Paged, Rows, answers, once, rows
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.incidents import intake, queries
from roadworthy.domains.incidents.states import Channel, Trigger
from roadworthy.domains.organisations.scopes import Scope

router = Router(tags=["incidents"])


class IncidentIn(Schema):
    """What is told; what is left out stays unknown."""

    model_config = ConfigDict(extra="forbid")

    external_id: str = Field(
        min_length=1, max_length=64, description="Your own number: the same one is taken once."
    )
    trigger: Literal[
        "disengagement", "collision", "takeover-unanswered", "update-failed", "intrusion",
        "thermal", "loss-of-control", "other",
    ]  # fmt: skip
    words: str = Field(min_length=1, max_length=8000, description="What happened.")
    learned_at: AwareDatetime | None = Field(
        default=None, description="When your organisation learned of it; else now."
    )
    vin: str = Field(default="", max_length=17)
    type_code: str = Field(default="", max_length=64, description="Where no VIN is known.")
    function_code: str = Field(default="", max_length=40)
    software: dict[str, str] = Field(default_factory=dict, description="Version by ECU.")
    stated: dict[str, Any] = Field(
        default_factory=dict,
        examples=[{"occurred_at": "2026-08-31T09:14:00+08:00", "injured": 0, "weather": "rain"}],
        description="Fields of the neutral record (docs/howto/report-an-incident.md).",
    )


class IncidentLine(Schema):
    number: str = Field(examples=["IN-2026-00001"])
    state: str
    trigger: str
    kinds: list[str] | None = Field(description="Before the law; null: nobody has said yet.")
    type_code: str
    function_code: str
    occurred_at: datetime | None
    learned_at: datetime
    next_due_at: datetime | None = Field(description="Of what the law gives hours for.")
    owes: bool = Field(description="A report is owed, by the hour or promptly.")


class IncidentOut(IncidentLine):
    vin: str
    stated: dict[str, Any]
    software: dict[str, str] = Field(description="What ran at that moment, by ECU.")
    merged_into: str
    defect: str


@router.get("/incidents", response=answers(Rows[IncidentLine]), **allow(Scope.INCIDENTS_READ))
def list_incidents(
    request: MachineRequest, query: Paged, state: str = "", trigger: str = "", search: str = ""
) -> Any:
    """List the incidents, newest first."""
    found = queries.incidents(
        request.auth.actor,
        now=datetime.now(UTC),
        search=search,
        state=state,
        trigger=trigger,
        sort="-number",
    )
    return rows(found, query, _line)


@router.get("/incidents/{number}", response=answers(IncidentOut), **allow(Scope.INCIDENTS_READ))
def read_incident(request: MachineRequest, number: str) -> IncidentOut:
    """Read one incident."""
    return _whole(queries.by_number(request.auth.actor, number))


@router.post("/incidents", response=answers(IncidentOut, 201), **allow(Scope.INCIDENTS_WRITE))
def tell(
    request: MachineRequest, body: IncidentIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Tell of an incident. A known ``external_id`` answers with the incident that it became."""
    now = datetime.now(UTC)
    told = intake.Told(
        trigger=Trigger(body.trigger),
        learned_at=body.learned_at or now,
        words=body.words,
        stated=body.stated,
        vin=body.vin,
        type_code=body.type_code,
        function_code=body.function_code,
        external_id=body.external_id,
        software=body.software,
    )

    def take() -> tuple[IncidentOut, Mapping[str, str]]:
        made, _is_new = intake.enter(
            told=told, actor=request.auth.actor, at=now, channel=Channel.SYSTEM
        )
        found = queries.incident(request.auth.actor, made.pk)
        return _whole(found), {"Location": f"/api/v1/incidents/{found.number}"}

    return once(request, idempotency_key, body.model_dump(mode="json"), take)


def _line(found: Any) -> IncidentLine:
    return IncidentLine(
        number=found.number,
        state=found.state,
        trigger=found.trigger,
        kinds=found.kinds,
        type_code=found.type.code if found.type else "",
        function_code=found.function.code if found.function else "",
        occurred_at=found.occurred_at,
        learned_at=found.learned_at,
        next_due_at=found.next_due_at,
        owes=found.owes,
    )


def _whole(found: Any) -> IncidentOut:
    return IncidentOut(
        **_line(found).model_dump(),
        vin=(found.vehicle.vin or "") if found.vehicle else "",
        stated=found.known,
        software={one.ecu.name: one.version for one in queries.ran(found)},
        merged_into=found.merged_into.number if found.merged_into else "",
        defect=found.defect_number,
    )
