"""The facts that leave PostgreSQL: which columns, and by which query.

* Facts of the log follow its leaves: a gap-free order in which entries were committed. Each leaf
  gives at most one row of a fact: the range of leaves in a file's name says what is in it.
* Facts of state are counted by their key and written as differences: all rows of a key summed
  give the count of today.
* No VIN, no person: a fact says which type, never which vehicle. A day is a legal day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_DAY: Final = "(n.at AT TIME ZONE 'Asia/Shanghai')::date AS day"
_YEAR: Final = "extract(year FROM n.at AT TIME ZONE 'Asia/Shanghai')::int AS year"
_NEWS: Final = """
WITH n AS MATERIALIZED (
    SELECT l.index AS leaf, e.id AS entry, e.at, e.event, e.subject,
        split_part(e.subject, '/', 2)::bigint AS of,
        convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data
    FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id
    WHERE l.index >= %(first)s AND l.index < %(end)s AND e.event = ANY(%(events)s)
)
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One Parquet table. ``columns``: name to kind ("int", "small", "year", "day", "text",
    "number", "truth").
    """

    name: str
    columns: Mapping[str, str]
    query: str
    events: Sequence[str] = ()  # of the log; none: a fact of state, with ``n`` as its count
    is_open: bool = False  # of no manufacturer: everybody sees all of it

    @property
    def key(self) -> tuple[str, ...]:
        """What a fact of state is counted by."""
        return tuple(name for name in self.columns if name != "n")


UPDATES: Final = Fact(
    "updates",
    {"leaf": "int", "day": "day", "year": "year", "manufacturer": "text", "type": "text",
     "remedy": "text"},
    f"""{_NEWS}
    SELECT n.leaf, {_DAY}, {_YEAR}, m.slug, coalesce(t.code, '') AS type,
        CASE WHEN EXISTS (SELECT FROM recalls_planrelease p WHERE p.release_id = c.release_id)
            THEN 'recall' ELSE 'update' END AS remedy
    FROM n JOIN campaigns_action a ON a.id = n.of
    JOIN campaigns_campaign c ON c.id = a.campaign_id
    JOIN organisations_organisation m ON m.id = c.manufacturer_id
    JOIN vehicles_vehicle v ON v.id = a.vehicle_id
    LEFT JOIN vehicles_vehicletype t ON t.id = v.type_id ORDER BY n.leaf
    """,  # noqa: S608 - made of the texts above only
    ("action:proven",),
)  # fmt: skip
# The year is that of the first answer; a changed mind takes the first back.
CONSENTS: Final = Fact(
    "consents",
    {"leaf": "int", "day": "day", "year": "year", "manufacturer": "text", "type": "text",
     "answered": "small", "given": "small"},
    f"""{_NEWS}
    SELECT n.leaf, {_DAY},
        extract(year FROM coalesce(first.at, n.at) AT TIME ZONE 'Asia/Shanghai')::int AS year,
        m.slug, coalesce(t.code, '') AS type, (before.event IS NULL)::int AS answered,
        (n.event = 'consent:given')::int - coalesce((before.event = 'consent:given')::int, 0)
            AS given
    FROM n JOIN campaigns_action a ON a.id = n.of
    JOIN campaigns_campaign c ON c.id = a.campaign_id
    JOIN organisations_organisation m ON m.id = c.manufacturer_id
    JOIN vehicles_vehicle v ON v.id = a.vehicle_id
    LEFT JOIN vehicles_vehicletype t ON t.id = v.type_id
    LEFT JOIN LATERAL (
        SELECT e.event FROM ledger_entry e
        WHERE e.subject = n.subject AND e.id < n.entry AND e.event = ANY(%(events)s)
        ORDER BY e.id DESC LIMIT 1
    ) before ON true
    LEFT JOIN LATERAL (
        SELECT e.at FROM ledger_entry e
        WHERE e.subject = n.subject AND e.id < n.entry AND e.event = ANY(%(events)s)
        ORDER BY e.id LIMIT 1
    ) first ON true ORDER BY n.leaf
    """,  # noqa: S608 - made of the texts above only
    ("consent:given", "consent:refused"),
)  # fmt: skip
FILINGS: Final = Fact(
    "filings",
    {"leaf": "int", "day": "day", "year": "year", "manufacturer": "text", "kind": "text",
     "authority": "text", "label": "text", "state": "text", "first": "truth",
     "waited_days": "number"},
    f"""{_NEWS}
    SELECT n.leaf, {_DAY}, {_YEAR}, m.slug, d.kind, o.kind AS authority,
        coalesce((SELECT string_agg(one, '+' ORDER BY one) FROM jsonb_array_elements_text(
            CASE jsonb_typeof(d.labels) WHEN 'array' THEN d.labels ELSE '[]' END) one), ''),
        n.data ->> 'after' AS state,
        f.supersedes_id IS NULL AND submitted.at IS NULL AS first,
        CASE WHEN n.data ->> 'after' IN ('accepted', 'returned', 'refused')
            THEN extract(epoch FROM n.at - submitted.at) / 86400.0 END AS waited_days
    FROM n JOIN filings_filing f ON f.id = n.of JOIN filings_dossier d ON d.id = f.dossier_id
    JOIN organisations_organisation m ON m.id = f.manufacturer_id
    JOIN organisations_organisation o ON o.id = f.authority_id
    LEFT JOIN LATERAL (
        SELECT e.at FROM ledger_entry e
        WHERE e.subject = n.subject AND e.id < n.entry AND e.event = ANY(%(events)s)
            AND convert_from(e.body, 'UTF8')::jsonb #>> '{{data,after}}' = 'submitted'
        ORDER BY e.id DESC LIMIT 1
    ) submitted ON true ORDER BY n.leaf
    """,  # noqa: S608 - made of the texts above only
    ("filing:state:changed",),
)  # fmt: skip
# One row for each step of a plan that was ever filed; the newest of a number counts.
RECALLS: Final = Fact(
    "recalls",
    {"leaf": "int", "day": "day", "year": "year", "manufacturer": "text", "number": "text",
     "version": "int", "state": "text", "remedy": "text", "vehicles": "int",
     "confirmed_on": "day"},
    f"""{_NEWS}
    SELECT n.leaf, {_DAY}, extract(year FROM (
            SELECT min(q.filed_at) FROM recalls_recallplan q
            WHERE q.manufacturer_id = p.manufacturer_id AND q.number = p.number
        ) AT TIME ZONE 'Asia/Shanghai')::int AS year,
        m.slug, p.number, p.version, p.state, p.remedy, p.vehicles,
        (d.confirmed_at AT TIME ZONE 'Asia/Shanghai')::date AS confirmed_on
    FROM n JOIN recalls_recallplan p ON p.id = n.of
    JOIN recalls_defect d ON d.id = p.defect_id
    JOIN organisations_organisation m ON m.id = p.manufacturer_id
    WHERE p.filed_at IS NOT NULL ORDER BY n.leaf
    """,  # noqa: S608 - made of the texts above only
    ("recall-plan:changed", "recall-plan:resolved", "recall-plan:amended"),
)  # fmt: skip
# One row for each step of an incident; the newest of a number counts.
INCIDENTS: Final = Fact(
    "incidents",
    {"leaf": "int", "day": "day", "year": "year", "manufacturer": "text", "number": "text",
     "state": "text", "trigger": "text", "type": "text", "function": "text", "region": "text"},
    f"""{_NEWS}
    SELECT n.leaf, {_DAY}, extract(year FROM
            coalesce(i.occurred_at, i.learned_at) AT TIME ZONE 'Asia/Shanghai')::int AS year,
        m.slug, i.number, i.state, i.trigger, coalesce(t.code, '') AS type,
        coalesce(f.code, '') AS function, i.province
    FROM n JOIN incidents_incident i ON i.id = n.of
    JOIN organisations_organisation m ON m.id = i.manufacturer_id
    LEFT JOIN vehicles_vehicletype t ON t.id = i.type_id
    LEFT JOIN disclosure_function f ON f.id = i.function_id ORDER BY n.leaf
    """,  # noqa: S608 - made of the texts above only
    ("incident:learned", "incident:stated", "incident:state:changed", "incident:account-added",
     "incident:account-corrected", "incident:merged-in", "incident:separated"),
)  # fmt: skip
REMEDIED: Final = Fact(
    "remedied",
    {"manufacturer": "text", "number": "text", "day": "day", "n": "int"},
    """
    SELECT m.slug, p.number, c."on" AS day, sum(c.n)
    FROM remedies_count c JOIN recalls_recallplan p ON p.id = c.recall_id
    JOIN organisations_organisation m ON m.id = p.manufacturer_id
    WHERE c.figure IN ('by-version', 'by-workshop') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """,
)
FLEET: Final = Fact(
    "fleet",
    {"manufacturer": "text", "type": "text", "level": "int", "day": "day", "year": "year",
     "n": "int"},
    """
    SELECT m.slug, t.code, t.automation_level,
        (v.registered_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        extract(year FROM v.registered_at AT TIME ZONE 'Asia/Shanghai')::int AS year, count(*)
    FROM vehicles_vehicle v JOIN vehicles_vehicletype t ON t.id = v.type_id
    JOIN organisations_organisation m ON m.id = v.manufacturer_id
    WHERE v.vin IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4
    """,
)  # fmt: skip
FUNCTIONS: Final = Fact(
    "functions",
    {"manufacturer": "text", "type": "text", "function": "text", "level": "int", "n": "int"},
    """
    SELECT m.slug, t.code, f.code, f.level, 1
    FROM disclosure_function f JOIN vehicles_vehicletype t ON t.id = f.type_id
    JOIN organisations_organisation m ON m.id = f.manufacturer_id ORDER BY 1, 2, 3
    """,
)
STANDARDS: Final = Fact(
    "standards",
    {"standard": "text", "state": "text", "n": "int"},
    """
    SELECT kind AS standard, state, count(*) FROM standards_standard WHERE manufacturer_id IS NULL
    GROUP BY 1, 2 ORDER BY 1, 2
    """,
    is_open=True,
)
FACTS: Final = {
    one.name: one
    for one in (
        STANDARDS,
        UPDATES,
        CONSENTS,
        FILINGS,
        RECALLS,
        INCIDENTS,
        REMEDIED,
        FLEET,
        FUNCTIONS,
    )
}
