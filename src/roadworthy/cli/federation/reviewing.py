"""What an authority's people do in their own deployment, and what they see there."""

from __future__ import annotations

from typing import Any

from roadworthy.cli.federation.seat import Seat, now
from roadworthy.domains.filings import queries, services
from roadworthy.domains.incidents import acknowledging, reading
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import noticing, supervising, supervision
from roadworthy.domains.recalls.notices import objection_due
from roadworthy.domains.recalls.states import NoticeAct
from roadworthy.domains.sharing import elsewhere


def _reviewer(seat: Seat) -> Actor:
    """Return the authority's reviewer."""
    return seat.actor(_role(seat))


def _role(seat: Seat) -> Role:
    return Role.MIIT_REVIEWER if seat.party.kind == Kind.MIIT else Role.SAMR_REVIEWER


def inbox(seat: Seat) -> list[dict[str, Any]]:
    """Return what lies before the authority, oldest first."""
    return [
        {
            "number": one.number,
            "kind": str(one.dossier.kind),
            "state": str(one.state),
            "sha256": one.dossier.sha256,
            "manufacturer": one.manufacturer.slug,
        }
        for one in reversed(queries.before_authority(seat.organisation_id))
    ]


def accept(seat: Seat, number: str) -> dict[str, Any]:
    """Accept a filing with the reviewer's own key; return its receipt's digest of the content."""
    filing = services.accept(
        filing_id=_filing_id(seat, number),
        passphrase=seat.passphrase(_role(seat)),
        platform=seat.platform,
        actor=_reviewer(seat),
        at=now(),
    )
    return {"number": filing.number, "state": str(filing.state), "sha256": filing.dossier.sha256}


def reports(seat: Seat) -> list[dict[str, Any]]:
    """Return the incident reports before the authority."""
    return [
        {"number": one.report.number, "sha256": one.report.sha256, "state": str(one.state)}
        for one in reading.before_authority(seat.organisation_id)
    ]


def acknowledge(seat: Seat, number: str) -> str:
    """Acknowledge an incident report with the reviewer's own key."""
    (copy,) = (
        one for one in reading.before_authority(seat.organisation_id) if one.report.number == number
    )
    done = acknowledging.acknowledge(
        copy_id=copy.pk,
        passphrase=seat.passphrase(_role(seat)),
        keystore=seat.platform.keystore,
        actor=_reviewer(seat),
        at=now(),
    )
    return str(done.state)


def give_notice(seat: Seat, manufacturer: str, defect: str) -> str:
    """Ask a manufacturer to investigate its types as it filed them, then give notice to recall."""
    products = elsewhere.products(seat.organisation_id)
    made = noticing.issue_elsewhere(
        manufacturer=manufacturer,
        codes=[one.code for one in products if one.manufacturer == manufacturer],
        subject={"zh-hans": "低角度阳光下车道丢失", "en": "The lane is lost in low sun"},
        grounds="The report of the incident.",
        defect_number=defect,
        actor=_reviewer(seat),
        at=now(),
    )
    noticing.take(
        NoticeAct.NOTIFY,
        notice_id=made.pk,
        words="The investigation confirms the defect.",
        actor=_reviewer(seat),
        at=now(),
    )
    return made.number


def notice(seat: Seat, number: str) -> dict[str, Any]:
    """Return how a notice stands here, and the last day to object to it."""
    (found,) = supervising.notices(seat.organisation_id, search=number)
    due = objection_due(found)
    return {"state": str(found.state), "due": due.isoformat() if due else ""}


def supervise(seat: Seat, filing: str) -> str:
    """Write a note about the recall whose plan was filed under a number."""
    (found,) = supervising.plans_elsewhere(seat.organisation_id, search=filing)
    made = supervision.supervise_filed(
        filing_id=found.pk,
        kind=supervision.NOTE,
        text={"zh-hans": "请按时提交阶段性报告。", "en": "File the stage reports in time."},
        actor=_reviewer(seat),
        at=now(),
    )
    return str(made.kind)


def _filing_id(seat: Seat, number: str) -> int:
    (found,) = queries.before_authority(seat.organisation_id).filter(number=number)
    return found.pk
