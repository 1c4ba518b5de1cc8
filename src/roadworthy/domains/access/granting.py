"""What an acceptance makes of an application: an approval, or its next version.

Plain functions for the acceptance's transaction: it and its approval stand or fall together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from roadworthy.domains.access.errors import (
    ApprovalExists,
    ApprovalMovedOn,
    ConditionUnclear,
    NoSuchApproval,
    NotInForce,
)
from roadworthy.domains.access.models import Approval, ApprovalVersion, Condition
from roadworthy.domains.access.states import State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Kind, Role
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest

OWNERS = frozenset(role for role, kind in KIND_OF_ROLE.items() if kind == Kind.MANUFACTURER)


@dataclass(frozen=True, slots=True)
class Term:
    """A condition as the reviewer writes it: in one language at least, with who answers for it."""

    text: Mapping[str, str]  # {"zh-hans", "en"}
    owner_role: Role
    due_on: date | None = None
    is_public: bool = False
    stands_for: str = ""  # the missing item (completeness.Gap.key) that is to follow

    def to_json(self) -> dict[str, Any]:
        """Return the condition as the receipt signs it."""
        return {
            "text": {language: text for language, text in self.text.items() if text},
            "owner_role": str(self.owner_role),
            "due_on": self.due_on and self.due_on.isoformat(),
            "public": self.is_public,
            **({"stands_for": self.stands_for} if self.stands_for else {}),
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """Which filing was accepted, on which terms."""

    manufacturer: Organisation
    authority: Organisation
    filing_number: str
    dossier_sha256: str
    terms: Sequence[Term] = ()


def check(terms: Sequence[Term]) -> None:
    """Refuse a condition that nobody could fulfil.

    Raises:
        ConditionUnclear: it has no text, or its owner is not of a manufacturer.
    """
    for term in terms:
        if not any(text.strip() for text in term.text.values()) or term.owner_role not in OWNERS:
            raise ConditionUnclear


def grant(
    content: Mapping[str, Any], decision: Decision, *, by: ledger.Named, at: datetime
) -> Approval:
    """Make the approval, its first version and the type that it speaks of.

    Raises:
        TypeExists: a type of that code was registered since the application was filed.
        ApprovalExists: another manufacturer's deployment gave the same number to a filing.
        ConditionUnclear.
    """
    check(decision.terms)
    if Approval.objects.filter(number=decision.filing_number).exists():
        raise ApprovalExists(number=decision.filing_number)
    day = legal_day(at)
    kind = vehicles.enter_type(
        decision.manufacturer.pk, _spec(content, decision.filing_number, day), by=by, at=at
    )
    approval = Approval.objects.create(
        manufacturer=decision.manufacturer,
        authority=decision.authority,
        type=kind,
        number=decision.filing_number,
        granted_on=day,
        since=at,
    )
    _version(approval, 1, content, "", decision, by, at, changed=False)
    return approval


def change(
    number: str,
    base: int,
    content: Mapping[str, Any],
    reason: str,
    decision: Decision,
    *,
    by: ledger.Named,
    at: datetime,
) -> ApprovalVersion:
    """Make the next version of an approval.

    Raises:
        NoSuchApproval, ConditionUnclear.
        NotInForce: it was revoked or given back.
        ApprovalMovedOn: another change was accepted after this one was written.
    """
    check(decision.terms)
    approval = locked(decision.manufacturer.pk, number)
    if State(approval.state) in {State.REVOKED, State.WITHDRAWN}:
        raise NotInForce(number=number, state=approval.state)
    newest = ApprovalVersion.objects.filter(approval=approval).order_by("-version")[0]
    if newest.version != base:
        raise ApprovalMovedOn(base=base, newest=newest.version)
    spec = _spec(content, approval.number, approval.granted_on)
    vehicles.amend_type(approval.type, spec, by=by, at=at)
    return _version(approval, base + 1, content, reason, decision, by, at, changed=True)


def locked(manufacturer_id: int | None, number: str) -> Approval:
    """Return an approval with its row locked; of one manufacturer, or of any.

    Raises:
        NoSuchApproval: there is none.
    """
    found = Approval.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "type", "manufacturer", "authority"
    )
    if manufacturer_id is not None:
        found = found.filter(manufacturer_id=manufacturer_id)
    approval = found.filter(number=number).first()
    if approval is None:
        raise NoSuchApproval
    return approval


def _version(
    approval: Approval,
    version: int,
    content: Mapping[str, Any],
    reason: str,
    decision: Decision,
    by: ledger.Named,
    at: datetime,
    *,
    changed: bool,
) -> ApprovalVersion:
    made = ApprovalVersion.objects.create(
        approval=approval,
        version=version,
        content=dict(content),
        sha256=digest(dict(content)),
        filing_number=decision.filing_number,
        dossier_sha256=decision.dossier_sha256,
        reason=reason,
        in_force_from=legal_day(at),
        at=at,
    )
    _conditions(approval, version, decision.terms)
    ledger.record(
        event="approval:changed" if changed else "approval:granted",
        subject=f"approval/{approval.number}",
        actor=by,
        at=at,
        data={
            "number": approval.number,
            "manufacturer": decision.manufacturer.slug,
            "type": approval.type.code,
            "version": version,
            "content_sha256": made.sha256,
            "filing": decision.filing_number,
            "dossier_sha256": decision.dossier_sha256,
            "conditions": [term.to_json() for term in decision.terms],
        },
    )
    return made


def _conditions(approval: Approval, version: int, terms: Sequence[Term]) -> None:
    there = Condition.objects.filter(approval=approval).count()
    Condition.objects.bulk_create(
        Condition(
            approval=approval,
            version=version,
            key=f"C-{there + number}",
            text=term.to_json()["text"],
            owner_role=term.owner_role,
            due_on=term.due_on,
            is_public=term.is_public,
            stands_for=term.stands_for,
        )
        for number, term in enumerate(terms, start=1)
    )


def _spec(content: Mapping[str, Any], number: str, approved_on: date) -> vehicles.TypeSpec:
    kind = content["type"]
    return vehicles.TypeSpec(
        code=kind["code"],
        name=kind["name"],
        approval_number=number,
        approved_on=approved_on,
        automation_level=kind["automation_level"],
        ecus=[
            vehicles.EcuSpec(
                name=row["name"],
                address=row["address"],
                sub_address=row["sub_address"],
                hardware_id=row["hardware_id"],
                approval_relevant=row["approval_relevant"],
                firmware=[(text.encode(), text) for text in row["versions"]],
            )
            for row in content["ecus"]
        ],
        parameters={
            key: f"{one['value']} {one['unit']}".strip()
            for key, one in content["parameters"].items()
        },
        source=f"approval {number}",
    )
