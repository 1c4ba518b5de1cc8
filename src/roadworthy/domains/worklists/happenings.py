"""Work that incidents make: say what it is, tell the authorities, answer them, acknowledge."""

from __future__ import annotations

from typing import Final

from django.db.models import Case, F, JSONField, Q, Value, When
from django.db.models.functions import TruncDate

from roadworthy.domains.incidents import reading
from roadworthy.domains.incidents.models import Incident
from roadworthy.domains.incidents.states import State
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import DATED, Lines, lines
from roadworthy.domains.worklists.items import Kind
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.rules.answers import DueKind

_PROMPTLY: Final = {
    "kind": str(DueKind.PROMPT),
    "shown": {"zh-hans": "及时", "en": "Promptly"},
    "basis": {
        "zh-hans": "法律用语为“及时”，没有规定天数",
        "en": "the law says “promptly”, without a number",
    },
}
OWED: Final = "owed"  # the state of an incident of which a report is owed


def incidents(asked: Asked) -> Lines:
    """Return the incidents that wait: not qualified, not reported, or ready to be closed."""
    waits = Q(owes=True) | Q(state__in=[State.NEW, State.CONCLUDED])
    found = Incident.objects.filter(waits, manufacturer_id=asked.organisation_id)
    return lines(
        asked.among(found.exclude(state__in=[State.MERGED, State.SET_ASIDE])),
        kind=Kind.INCIDENT,
        subject=F("number"),
        due=Case(
            When(next_due_at__isnull=False, then=Value(dict(DATED), JSONField())),
            When(owes=True, then=Value(_PROMPTLY, JSONField())),
            default=Value({}, JSONField()),
        ),
        due_on=TruncDate("next_due_at", tzinfo=SHANGHAI),
        since=F("learned_at"),
        state=Case(When(~Q(state=State.NEW) & Q(owes=True), then=Value(OWED)), default=F("state")),
        page=("incident", F("pk")),
    )


def questions(asked: Asked) -> Lines:
    """Return what authorities ask about incidents."""
    return lines(
        asked.among(reading.open_questions(asked.organisation_id)),
        kind=Kind.INCIDENT_QUESTION,
        subject=F("incident__number"),
        about=F("authority__name"),
        since=F("asked_at"),
        page=("incident-answer", F("pk")),
    )


def reports(asked: Asked) -> Lines:
    """Return the reports of incidents that an authority has not acknowledged."""
    return lines(
        asked.among(reading.before_authority(asked.organisation_id, view=reading.WAITING)),
        kind=Kind.INCIDENT_REPORT,
        subject=F("report__number"),
        about=F("report__incident__manufacturer__name"),
        since=F("sent_at"),
        page=("incident", F("pk")),
    )
