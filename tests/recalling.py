"""A possible defect in a world, taken through the real services."""

from __future__ import annotations

import base64
import io
from datetime import date
from pathlib import Path
from typing import Any

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings import services as filings
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import (
    lessons,
    noticing,
    planning,
    resolving,
    running,
    services,
    stopping,
)
from roadworthy.domains.recalls.models import Defect, Lesson, RecallNotice, RecallPlan
from roadworthy.domains.recalls.services import Analysis
from roadworthy.domains.recalls.states import Act, LessonAct, Outcome
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


TEXTS = {
    "defect": {"zh-hans": "警示延迟。", "en": "The warning is late."},
    "consequence": {"zh-hans": "可能碰撞。", "en": "A collision is possible."},
    "remedy": {"zh-hans": "免费更新软件。", "en": "New software, free of charge."},
    "emergency_advice": {"zh-hans": "请保持车距。", "en": "Keep your distance."},
}


def content(**other: Any) -> planning.Content:
    given = {
        "scope": "all",
        "texts": TEXTS,
        "remedy": "workshop",
        "starts_on": date(2025, 6, 16),
        "hotline": "400-000-0000",
    }
    return planning.Content(**(given | other))


def drafted(world: Any, made: Defect, **other: Any) -> RecallPlan:
    """Return a draft whose vehicles are counted."""
    plan = planning.draft(
        defect_id=made.pk, content=content(**other), actor=world.actor(Role.RECALL), at=world.tick()
    )
    done = resolving.resolve(plan_id=plan.pk, at=world.tick())
    assert done is not None
    return done


def filed(world: Any, plan: RecallPlan) -> RecallPlan:
    """Return the plan when its filing was handed in."""
    plan = planning.prepare(plan_id=plan.pk, actor=world.actor(Role.RECALL), at=world.tick())
    filings.submit(filing_id=plan.filing_id, actor=world.actor(Role.HOMOLOGATION), at=world.tick())
    running.follow(at=world.tick())
    plan.refresh_from_db()
    return plan


def notice(world: Any, type_ids: list[int]) -> RecallNotice:
    """Let SAMR ask to investigate."""
    return noticing.issue(
        subject=TITLE,
        grounds="Three accidents.",
        type_ids=type_ids,
        actor=world.actor(Role.SAMR_REVIEWER),
        at=world.tick(),
    )


def lesson(world: Any, made: Defect) -> Lesson:
    """Propose a longer period to MIIT."""
    proposal = lessons.Proposal("parameter", "recall_plan_period", TITLE, REASON, value="7")
    safety = world.actor(Role.SAFETY)
    one = lessons.write(
        proposal=proposal,
        source=f"defect/{made.pk}",
        defect_id=made.pk,
        actor=safety,
        at=world.tick(),
    )
    return lessons.take(LessonAct.PROPOSE, lesson_id=one.pk, actor=safety, at=world.tick())
