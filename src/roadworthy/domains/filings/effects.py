"""What a filing brings about beyond itself: at its preparation, and at its acceptance.

Runs inside the transaction that prepares or accepts: the step and its effect stand or fall
together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from roadworthy.domains.access import applications, granting
from roadworthy.domains.filings.errors import NoConditionsHere
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.ledger import services as ledger

Effect = Callable[[Filing, Sequence[granting.Term], ledger.Named, datetime], None]


def prepared(filings: Sequence[Filing]) -> None:
    """Tell the application that a dossier was composed of it, and under which number."""
    for filing in filings:
        application_id = _details(filing).get("application_id")
        if application_id is not None:
            applications.filed(application_id, filing.number)


def accepted(
    filing: Filing, *, terms: Sequence[granting.Term], by: ledger.Named, at: datetime
) -> None:
    """Bring about what follows from an acceptance; most kinds have their receipt only.

    Raises:
        NoConditionsHere: terms were set for what makes no approval.
        TypeExists, ApprovalExists, ApprovalMovedOn, NotInForce, ConditionUnclear: the approval
            cannot be made.
    """
    effect = EFFECTS.get(Kind(filing.dossier.kind))
    if effect is not None and has_conditions(filing):
        effect(filing, terms, by, at)
    elif terms:
        raise NoConditionsHere


def has_conditions(filing: Filing) -> bool:
    """Say whether the acceptance of a filing makes an approval, which conditions can go with."""
    details = _details(filing)
    return "approval" in details or filing.dossier.kind == Kind.MARKET_ACCESS


def approval_of(filing: Filing) -> str:
    """Return the number of the approval that an accepted filing made or changed; "" for none."""
    if not has_conditions(filing):
        return ""
    return str(_details(filing).get("approval") or filing.number)


def _grant(filing: Filing, terms: Sequence[granting.Term], by: ledger.Named, at: datetime) -> None:
    details = _details(filing)
    granting.grant(details["application"], _decision(filing, terms), by=by, at=at)
    _close(filing, at)


def _change(filing: Filing, terms: Sequence[granting.Term], by: ledger.Named, at: datetime) -> None:
    details = _details(filing)
    granting.change(
        details["approval"],
        details["from_version"],
        details["proposed"],
        details.get("reason", ""),
        _decision(filing, terms),
        by=by,
        at=at,
    )
    _close(filing, at)


def _close(filing: Filing, at: datetime) -> None:
    details = _details(filing)
    # An application elsewhere is called by the same numbers as one of ours.
    if "application_id" in details and not filing.manufacturer.is_remote:
        applications.close(details["application_id"], at)


def _decision(filing: Filing, terms: Sequence[granting.Term]) -> granting.Decision:
    return granting.Decision(
        manufacturer=filing.manufacturer,
        authority=filing.authority,
        filing_number=filing.number,
        dossier_sha256=filing.dossier.sha256,
        terms=terms,
    )


def _details(filing: Filing) -> Mapping[str, Any]:
    details: Mapping[str, Any] = filing.dossier.content["details"]
    return details


EFFECTS: Mapping[Kind, Effect] = {
    Kind.MARKET_ACCESS: _grant,
    Kind.PRODUCT_CHANGE: _change,
    Kind.ACCESS_PERMIT: _change,
}
