"""How long vehicles drove with a function or a version: from the platform's records, or entered.

* A function: all vehicles of its type, each from the day it was registered.
* A version: each vehicle from the day on which it said that it runs it until it said another.
* What was entered by a person stays; the platform's own figure never overwrites it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.surveillance import errors
from roadworthy.domains.surveillance.importing import MAY
from roadworthy.domains.surveillance.models import Exposure, Register

# Vehicles are first counted by day, so that the months are few times few.
_FUNCTIONS = """
SELECT f.code AS function, '' AS software, v.registered_at::date AS since, %(on)s::date AS until,
    count(*) AS vehicles
FROM disclosure_function f JOIN vehicles_vehicle v ON v.type_id = f.type_id
WHERE f.manufacturer_id = %(manufacturer)s AND v.vin IS NOT NULL GROUP BY 1, 2, 3, 4
"""
_VERSIONS = """
SELECT f.code, s.version, s.since, s.until, count(*)
FROM (
    SELECT r.ecu_id, r.version, r.at::date AS since,
        coalesce(lead(r.at) OVER (PARTITION BY r.vehicle_id, r.ecu_id ORDER BY r.id), %(at)s)::date
            AS until
    FROM vehicles_ecureport r JOIN vehicles_vehicle v ON v.id = r.vehicle_id
    WHERE v.manufacturer_id = %(manufacturer)s AND v.vin IS NOT NULL
    UNION ALL
    SELECT i.ecu_id, i.version, i.since::date, %(on)s
    FROM vehicles_installedsoftware i JOIN vehicles_vehicle v ON v.id = i.vehicle_id
    WHERE v.manufacturer_id = %(manufacturer)s AND v.vin IS NOT NULL AND i.source = 'baseline'
) s
JOIN vehicles_ecu e ON e.id = s.ecu_id JOIN disclosure_function f ON f.type_id = e.type_id
WHERE s.until > s.since GROUP BY 1, 2, 3, 4
"""
_STORE = f"""
INSERT INTO surveillance_exposure AS e
    (register_id, function, software, month, vehicle_days, basis, at)
SELECT %(register)s, function, software, month, sum(vehicles * (
    least(until, (month + interval '1 month')::date) - greatest(since, month))), 'platform', %(at)s
FROM ({_FUNCTIONS} UNION ALL {_VERSIONS}) counted
CROSS JOIN LATERAL (
    SELECT generate_series(date_trunc('month', since), until - 1, '1 month')::date AS month
) months
WHERE until > since GROUP BY 2, 3, 4
ON CONFLICT (register_id, function, software, month)
DO UPDATE SET vehicle_days = excluded.vehicle_days, at = excluded.at WHERE e.basis = 'platform'
"""  # noqa: S608 - made of the texts above only


@transaction.atomic(durable=True)
def count_vehicle_days(*, manufacturer_id: int, at: datetime) -> int:
    """Count what the manufacturer's own vehicles drove, to the day before; return the rows."""
    register = own_register(manufacturer_id)
    names: dict[str, Any] = {
        "register": register.pk,
        "manufacturer": manufacturer_id,
        "at": at,
        "on": at.date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, names)
        return int(cursor.rowcount)


@transaction.atomic(durable=True)
def enter(
    *,
    register_id: int,
    function: str,
    software: str,
    month: date,
    vehicle_days: int,
    actor: Actor,
    at: datetime,
) -> Exposure:
    """Enter vehicle days that the platform cannot know, for one month of one's own register.

    Raises:
        NotAMember, NotYourTask: the actor may not.
        NoSuchRegister: not one of the actor's organisation.
    """
    by = witnessed(actor)
    if actor.role not in MAY | {Role.PLATFORM}:
        raise errors.NotYourTask
    register = Register.objects.select_for_update(no_key=True).filter(pk=register_id).first()
    if register is None or (
        actor != PLATFORM and register.manufacturer_id != actor.organisation_id
    ):
        raise errors.NoSuchRegister
    made, _ = Exposure.objects.update_or_create(
        register=register,
        function=function,
        software=software,
        month=month.replace(day=1),
        defaults={"vehicle_days": vehicle_days, "basis": "entered", "at": at},
    )
    ledger.record(
        event="reports:exposure:entered",
        subject=f"register/{register.pk}",
        actor=by,
        at=at,
        data={
            "function": function,
            "software": software,
            "month": made.month.isoformat(),
            "vehicle_days": vehicle_days,
        },
    )
    return made


def own_register(manufacturer_id: int) -> Register:
    """Return the register of a manufacturer's own reports; the counts of its incidents, too."""
    found, _ = Register.objects.get_or_create(source="generic", manufacturer_id=manufacturer_id)
    return found
