"""Exports of personal information: another system asks before each one, and is counted."""

from __future__ import annotations

from datetime import UTC, datetime

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from roadworthy.api.exchange import answers
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.processing import counting

router = Router(tags=["exports"])


class ExportIn(Schema):
    """In the body, not the address: who it is about is personal data."""

    model_config = ConfigDict(extra="forbid")

    flow: str = Field(max_length=24, examples=["DF-2026-0001"])
    persons: list[str] = Field(
        min_length=1,
        max_length=counting.MOST,
        description="Your own identifiers, the same all over your group; only digests are kept.",
    )
    reference: str = Field(
        default="",
        max_length=80,
        description="Yours. Asked again with the same one, the first answer comes back.",
    )


class ExportOut(Schema):
    allowed: bool
    outcome: str = Field(description="allowed | allowed-if | denied | undetermined")
    rules: list[str] = Field(description="The rules that stand against it.", examples=[["DAT-13"]])
    asked: int
    new: int = Field(description="Of them, not counted yet this year.")
    ordinary: int = Field(description="Persons since 1 January, non-sensitive information.")
    sensitive: int = Field(description="Persons since 1 January, sensitive information.")
    repeated: bool


@router.post("/exports", response=answers(ExportOut), **allow(Scope.EXPORTS_WRITE))
def ask_for_export(request: MachineRequest, body: ExportIn) -> ExportOut:
    """Ask before an export. Denied means: do not export; nobody was counted."""
    given = counting.export(
        number=body.flow,
        persons=body.persons,
        reference=body.reference,
        actor=request.auth.actor,
        at=datetime.now(UTC),
    )
    made = given.request
    return ExportOut(
        allowed=made.allowed,
        outcome=made.outcome,
        rules=made.rules,
        asked=made.asked,
        new=made.new,
        ordinary=made.ordinary_after,
        sensitive=made.sensitive_after,
        repeated=given.repeated,
    )
