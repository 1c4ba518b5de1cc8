"""The public register of recalls: SAMR's systems enter, everybody reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.throttling import AnonRateThrottle
from pydantic import ConfigDict, Field

from roadworthy.api.exchange import IdempotencyKey, Paged, Rows, answers, once, rows
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.recall_register import classifying, queries, services
from roadworthy.domains.recall_register.records import Details
from roadworthy.domains.recall_register.states import Authority, Remedy

LICENCE = "Facts from a public notice"
SAMR = frozenset({Kind.SAMR})
_PARTIAL = r"^\d{4}(-\d{2}(-\d{2})?)?$"

entering = Router(tags=["recalls"])
reading = Router(tags=["recalls"], throttle=[AnonRateThrottle("600/m")])


class RecallIn(Schema):
    """A recall as its authority published it; what the notice does not say is left out."""

    model_config = ConfigDict(extra="forbid")

    authority: Authority
    number: str = Field(default="", max_length=64, examples=["S2025M0149I"])
    maker: str = Field(min_length=1, max_length=300)
    products: str = Field(default="", max_length=4000)
    models: list[str] = Field(default_factory=list, max_length=2000)
    announced: str = Field(pattern=_PARTIAL, examples=["2025-09-19"])
    built_from: date | None = None
    built_to: date | None = None
    units: int | None = Field(default=None, ge=0, description="Vehicles, as published.")
    defect: str = Field(min_length=1, max_length=20000)
    remedy: Literal["ota", "workshop", "both"] | None = Field(
        default=None, description="Read from the words of the remedy when left out."
    )
    remedy_text: str = Field(default="", max_length=20000)
    target_software: str = Field(default="", max_length=200)
    plan_filed_on: date | None = None
    started_on: date | None = None
    investigated: bool | None = Field(
        default=None, description="Influenced by the authority's investigation."
    )
    sources: list[str] = Field(min_length=1, max_length=50)
    licence: str = Field(default=LICENCE, max_length=200)


class OwedOut(Schema):
    """What the law asks for after the recall was published."""

    rule: str
    title: dict[str, str]
    kind: str
    due_on: date | None
    latest: bool = Field(description="Counted from the latest possible day of an unknown event.")


class ClassifiedOut(Schema):
    ota: bool
    labels: list[str]
    owed: list[OwedOut]


class RecallLine(Schema):
    id: int
    authority: str
    number: str
    maker: str
    products: str
    announced: str
    units: int | None
    remedy: str
    revision: int
    licence: str
    sources: list[str]


class RecallOut(RecallLine):
    built_from: date | None
    built_to: date | None
    defect: str
    remedy_text: str
    remedy_stated: bool
    target_software: str
    plan_filed_on: date | None
    started_on: date | None
    investigated: bool | None
    changed_at: datetime
    classification: ClassifiedOut


@entering.post("/recalls", response=answers(RecallOut, 201), **allow(Scope.RECALLS_WRITE, SAMR))
def enter(
    request: MachineRequest, body: RecallIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Enter a recall, or amend the one that has this number. The same again changes nothing."""

    def take() -> tuple[Schema, dict[str, str]]:
        given = body.model_dump(exclude={"models", "remedy", "sources"})
        details = Details(
            **given,
            remedy=Remedy(body.remedy) if body.remedy else None,
            sources=tuple(body.sources),
        )
        done = services.enter_recall(
            details=details,
            models=body.models,
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )
        return _whole(done.recall), {"Location": f"/api/v1/recalls/{done.recall.pk}"}

    return once(request, idempotency_key, body.model_dump(mode="json"), take)


@reading.get("/recalls", response=answers(Rows[RecallLine]))
def list_recalls(
    request: HttpRequest,
    query: Paged,
    q: str = "",
    authority: Authority | None = None,
    year: int | None = None,
    remedy: Remedy | None = None,
) -> Any:
    """Search the register, newest first."""
    found = queries.recalls(
        search=q.replace("\0", "")[:100], authority=authority or "", year=year, remedy=remedy or ""
    )
    return rows(found, query, _line)


@reading.get("/recalls/{int:recall_id}", response=answers(RecallOut))
def read_recall(request: HttpRequest, recall_id: int) -> Schema:
    """Read a recall with what the law asks for."""
    return _whole(queries.recall(recall_id))


def _line(found: Any) -> RecallLine:
    return RecallLine(**{name: getattr(found, name) for name in RecallLine.model_fields})


def _whole(found: Any) -> RecallOut:
    plain = {n: getattr(found, n) for n in RecallOut.model_fields if n != "classification"}
    told = classifying.classify(found)
    return RecallOut(
        **plain,
        classification=ClassifiedOut(
            ota=told.is_ota,
            labels=list(told.labels),
            owed=[
                OwedOut(
                    rule=one.obligation.rule_id,
                    title=one.obligation.title.to_json(),
                    kind=one.obligation.due.kind,
                    due_on=one.obligation.due.date,
                    latest=one.is_latest,
                )
                for one in told.owed
            ],
        ),
    )
