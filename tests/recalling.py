"""A possible defect in a world, taken through the real services."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import services, stopping
from roadworthy.domains.recalls.models import Defect
from roadworthy.domains.recalls.services import Analysis
from roadworthy.domains.recalls.states import Act, Outcome
from roadworthy.domains.recalls.stopping import SiteRow

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TITLE = {"zh-hans": "仪表警示延迟", "en": "Late warning of the cluster"}
REASON = {"zh-hans": "投诉集中。", "en": "Complaints pile up."}


def defect(world: Any, role: Role = Role.SAFETY, **other: Any) -> Defect:
    given = {
        "origin": "complaint",
        "title": TITLE,
        "type_ids": [world.type_id],
        "reason": REASON,
        "links": {"complaint": "CP-2025-00001"},
        "ecus": ["combinationMeter"],
    }
    actor = other.pop("actor", None) or world.actor(role)
    return services.open_defect(**(given | other), actor=actor, at=world.tick())


WHOLE = {
    "process": "Fleet data of eight weeks.",
    "method": "Fault tree and bench tests.",
    "risk_assessment": "The warning comes late in rain.",
    "conclusion": "The software of the cluster is the cause.",
}
SITES = (
    SiteRow("plant", "P1", "Plant Hefei"),
    SiteRow("dealer", "D1", "Dealer Shanghai"),
    SiteRow("dealer", "D2", "Dealer Chengdu"),
)


def sites(world: Any) -> None:
    stopping.register_sites(rows=SITES, actor=world.actor(Role.RECALL), at=world.tick())


def concluded(world: Any, made: Defect, outcome: Outcome = Outcome.DEFECT, **said: str) -> Defect:
    safety = world.actor(Role.SAFETY)
    services.analyse(defect_id=made.pk, actor=safety, at=world.tick())
    analysis = Analysis(outcome, **(WHOLE | said))
    return services.conclude(defect_id=made.pk, analysis=analysis, actor=safety, at=world.tick())


def confirmed(world: Any, **other: Any) -> Defect:
    """Return a defect that a second person has confirmed."""
    made = concluded(world, defect(world, **other))
    return services.decide(
        Act.CONFIRM, defect_id=made.pk, actor=world.actor(Role.COMPLIANCE_OFFICER), at=world.tick()
    )


def document(world: Any, folder: Path) -> str:
    """Hand a document in and return its digest."""
    kept = documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="proof.png",
        content=io.BytesIO(PIXEL),
        store=DocumentStore(folder / "documents"),
        actor=world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )
    return str(kept.sha256)
