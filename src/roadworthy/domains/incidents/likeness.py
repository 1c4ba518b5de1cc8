"""Which incidents are like this one (docs/adr/0012): the same things, and words in common.

Beside each incident stands what it can be compared by, as a ``tsvector`` of the lexemes that
filings are found by (docs/adr/0011): pairs of Chinese characters, words of other scripts.
PostgreSQL finds who shares any of them, and counts how many; nothing here knows a language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models import Func, Value

from roadworthy.domains.filings import searching
from roadworthy.domains.incidents.models import AccountVersion, Entry, Incident, IncidentText

MOST = 20
_MOST_LEXEMES = 2_000  # of one incident; more words than anybody writes
_TEXTS = ("narrative", "failure", "damage", "preliminary_cause")
_CANDIDATES = 400

# Dice's coefficient: twice what is shared, by what both have.
_LIKE = """
WITH mine AS (SELECT lexemes, count FROM incidents_incidenttext WHERE incident_id = %(id)s),
near AS (
    SELECT i.id, t.lexemes, t.count,
           (i.function_id IS NOT DISTINCT FROM %(function)s AND i.function_id IS NOT NULL) AS f,
           (i.type_id IS NOT DISTINCT FROM %(type)s AND i.type_id IS NOT NULL) AS ty,
           (i.kinds && %(kinds)s::varchar[] OR i.trigger = %(trigger)s) AS k,
           EXISTS (SELECT 1 FROM incidents_ran a JOIN incidents_ran b
                   ON a.ecu_id = b.ecu_id AND a.version = b.version
                   WHERE a.incident_id = i.id AND b.incident_id = %(id)s) AS v,
           (SELECT count(*) FROM unnest(%(conditions)s::text[]) c
            WHERE i.known ->> c = %(known)s::jsonb ->> c AND i.known ->> c <> 'unknown') AS c
    FROM incidents_incident i JOIN incidents_incidenttext t ON t.incident_id = i.id, mine
    WHERE i.manufacturer_id = %(manufacturer)s AND i.id <> %(id)s
      AND i.state NOT IN ('merged', 'set-aside')
      AND (i.function_id = %(function)s OR i.trigger = %(trigger)s
           OR t.lexemes @@ %(query)s::tsquery)
    ORDER BY i.id DESC LIMIT %(candidates)s
),
told AS (
    SELECT near.*, CASE WHEN mine.count + near.count = 0 THEN 0.0 ELSE
        2.0 * (SELECT count(*) FROM (SELECT unnest(tsvector_to_array(near.lexemes))
               INTERSECT SELECT unnest(tsvector_to_array(mine.lexemes))) s)
        / (mine.count + near.count) END AS words
    FROM near, mine
)
SELECT id, f, ty, k, v, c, words FROM told
ORDER BY words + 0.25 * (f::int + v::int + k::int) + 0.1 * (ty::int + c) DESC, id DESC
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Like:
    """One incident that is like another, and in what."""

    incident: Incident
    function: bool
    type: bool
    kind: bool
    version: bool
    conditions: int  # of road, weather and light
    words: int  # per cent in common


def keep(incident: Incident) -> None:
    """Write down what an incident is compared by; inside the transaction that changed it."""
    found = _lexemes(incident)
    vector = Func(
        Value(found, output_field=ArrayField(models.TextField())),
        function="array_to_tsvector",
        output_field=SearchVectorField(),
    )
    IncidentText.objects.update_or_create(
        incident=incident, defaults={"lexemes": vector, "count": len(found)}
    )


def of(incident: Incident, *, most: int = MOST) -> tuple[Like, ...]:
    """Return the incidents of the same manufacturer that are most like this one."""
    asked = _lexemes(incident)
    given: dict[str, Any] = {
        "id": incident.pk,
        "manufacturer": incident.manufacturer_id,
        "function": incident.function_id,
        "type": incident.type_id,
        "kinds": incident.kinds or [],
        "trigger": incident.trigger,
        "conditions": ["road", "weather", "light"],
        "known": _json(incident.known),
        "query": " | ".join(map(_quoted, asked[:200])),  # of no words: an empty query
        "candidates": _CANDIDATES,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIKE, given)
        rows = cursor.fetchall()
    found = Incident.objects.select_related("type", "function").in_bulk([row[0] for row in rows])
    return tuple(
        Like(found[pk], bool(f), bool(ty), bool(k), bool(v), c, round(100 * float(words)))
        for pk, f, ty, k, v, c, words in rows
        if f or v or words > 0
    )


def count(incident: Incident) -> int:
    """Count the incidents of the same kind with the same function, or type where none is named.

    This one counts as well: so many similar events there are.
    """
    found = Incident.objects.filter(manufacturer_id=incident.manufacturer_id).exclude(
        state__in=["merged", "set-aside"]
    )
    if incident.function_id is not None:
        found = found.filter(function_id=incident.function_id)
    elif incident.type_id is not None:
        found = found.filter(type_id=incident.type_id)
    else:
        return 1
    same = models.Q(trigger=incident.trigger)
    if incident.kinds:
        same |= models.Q(kinds__overlap=incident.kinds)
    return found.filter(same).count()


def _lexemes(incident: Incident) -> list[str]:
    accounts = AccountVersion.objects.filter(account__incident=incident)
    lines = Entry.objects.filter(incident=incident)
    texts = [
        *(str(incident.known.get(name, "")) for name in _TEXTS),
        *accounts.values_list("words", flat=True),
        *lines.values_list("text", flat=True),
    ]
    return _distinct(one for text in texts for one in searching.lexemes(text) if len(one) > 1)


def _distinct(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))[:_MOST_LEXEMES]


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _json(value: Any) -> str:
    return json.dumps(value)
