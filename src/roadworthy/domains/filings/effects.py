"""What an acceptance brings about beyond its receipt, by the kind of what was accepted.

Runs inside the transaction that accepts: an acceptance and its effect stand or fall together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.ledger import services as ledger

Effect = Callable[[Filing, ledger.Named, datetime], None]
EFFECTS: Mapping[Kind, Effect] = {}


def accepted(filing: Filing, *, by: ledger.Named, at: datetime) -> None:
    """Bring about what follows from an acceptance; most kinds have their receipt only."""
    effect = EFFECTS.get(Kind(filing.dossier.kind))
    if effect is not None:
        effect(filing, by, at)
