"""From an incident to the analysis of the defect that may be behind it (INC-08, REG626 12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from roadworthy.domains.incidents import assessing, errors, records
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.recalls import opening
from roadworthy.domains.recalls.opening import Suspicion
from roadworthy.domains.recalls.states import Origin


@transaction.atomic(durable=True)
def open_for(
    *,
    incident_id: int,
    title: Mapping[str, str],
    reason: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> str:
    """Open a defect analysis because of an incident; return its number.

    Raises:
        NoSuchIncident, NotAMember, WrongRole, FieldMissing.
        NoTypes: nobody has said which type the incident is about.
        DefectOpen: one is open for it already.
    """
    incident, by = records.locked(incident_id, actor)
    if incident.defect_number:
        raise errors.DefectOpen(number=incident.defect_number)
    types = [incident.type_id] if incident.type_id is not None else []
    about = Suspicion(
        Origin.INCIDENT,
        title,
        types,
        reason,
        {"incident": incident.number},
        function_id=incident.function_id,
    )
    defect = opening.opened(about, actor=actor, at=at)
    incident.defect_number = defect.number
    incident.save(update_fields=["defect_number"])
    records.log("incident:defect-opened", incident, by, at, defect=defect.number)
    assessing.reckon(incident, at)
    return defect.number
