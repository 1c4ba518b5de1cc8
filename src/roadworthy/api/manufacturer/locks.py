"""May these vehicles be registered and delivered? What dealers' systems ask before they do.

The answer has one shape for every VIN: one that is unknown, or another manufacturer's, looks like
one that is not locked.
"""

from __future__ import annotations

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from roadworthy.api.exchange import answers
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.recalls import queries

router = Router(tags=["locks"])
MOST = 500  # VINs of one question


class VinsIn(Schema):
    """In the body, not the address: a VIN is personal data, and addresses stand in logs."""

    model_config = ConfigDict(extra="forbid")

    vins: list[str] = Field(min_length=1, max_length=MOST, examples=[["LTVAAAAA8SA000001"]])


class Because(Schema):
    defect: str = Field(description="Number of the defect", examples=["D-2025-0001"])
    recall: str = Field(
        description="Number of the recall; empty while no plan is in force: then the type is locked"
    )


class LockOut(Schema):
    vin: str
    locked: bool = Field(description="Neither register nor deliver it.")
    because: list[Because]


@router.post("/delivery-locks", response=answers(list[LockOut]), **allow(Scope.LOCKS_READ))
def delivery_locks(request: MachineRequest, asked: VinsIn) -> list[LockOut]:
    """Answer for each VIN, in the order of the question. Nobody unlocks a vehicle by hand."""
    vins = [one.strip().upper() for one in asked.vins]
    found = queries.locks_by_vin(request.auth.organisation_id, vins)
    return [
        LockOut(
            vin=vin,
            locked=bool(found.get(vin)),
            because=[Because(defect=one.defect, recall=one.plan) for one in found.get(vin, ())],
        )
        for vin in vins
    ]
