"""From an application for access to its filing: the one step in which both domains take part."""

from __future__ import annotations

from datetime import datetime

from roadworthy.domains.access import preparing
from roadworthy.domains.access import queries as access
from roadworthy.domains.access.models import Application
from roadworthy.domains.filings import dossiers, services
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.actors import Actor
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import Conflict, Invalid


def file(
    *,
    manufacturer_id: int,
    application_id: int,
    actor: Actor,
    at: datetime,
    incomplete_because: str = "",
) -> tuple[Filing, ...]:
    """Compose the dossier of an application and the draft of its filing.

    ``incomplete_because`` is why it is filed although the law asks for more.

    Raises:
        NoSuchApplication, Incomplete, IncompleteUnconfirmed, NothingChanges, ChangeReasonMissing.
        What ``services.prepare`` raises.
    """
    application = access.application(manufacturer_id, application_id)
    details = preparing.details(
        application, as_of=legal_day(at), incomplete_because=incomplete_because
    )
    return services.prepare(
        kind=Kind(application.matter),
        manufacturer_id=manufacturer_id,
        details=details,
        release_id=application.release_id,
        actor=actor,
        at=at,
    )


def preview(application: Application, *, at: datetime) -> str:
    """Return the digest that the dossier would have now; "" while it cannot be filed."""
    try:
        details = preparing.details(application, as_of=legal_day(at))
        content = dossiers.compose(
            Kind(application.matter), application.manufacturer, application.release, details
        )
    except (Invalid, Conflict):
        return ""
    return dossiers.sha256(content)
