"""Products whose manufacturer has a deployment of its own: what it filed with us names them.

Their types are in no table here. A product is known by its code in a dossier that was handed in to
the authority; what is told of it is what those dossiers and reports say, and nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from roadworthy.domains.filings.models import Dossier, Filing
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.vehicles.errors import NoSuchType
from roadworthy.domains.vehicles.models import VehicleType

_NAMED = f"""
  SELECT f.manufacturer_id AS maker, f.id AS filing, f.submitted_at AS at,
    coalesce(one ->> 'code', one #>> '{{}}') AS code, coalesce(one ->> 'approval_number', '') AS no
  FROM {Filing._meta.db_table} f
  JOIN {Dossier._meta.db_table} d ON d.id = f.dossier_id
  JOIN {Organisation._meta.db_table} o ON o.id = f.manufacturer_id AND o.deployment > ''
  CROSS JOIN LATERAL jsonb_array_elements(
    CASE WHEN jsonb_typeof(d.content #> '{{release,types}}') = 'array'
         THEN d.content #> '{{release,types}}'
         WHEN jsonb_typeof(d.content #> '{{details,types}}') = 'array'
         THEN d.content #> '{{details,types}}' ELSE '[]' END) AS one
  WHERE f.authority_id = %s AND f.submitted_at IS NOT NULL
"""  # noqa: S608, SLF001 - nothing in it comes from outside
_PRODUCTS = f"""
  SELECT o.slug, o.name, code, max(no), count(DISTINCT filing), max(at)
  FROM ({_NAMED}) named JOIN {Organisation._meta.db_table} o ON o.id = maker
  WHERE concat_ws(' ', code, no, o.slug, o.name ->> 'zh-hans', o.name ->> 'en') ILIKE %s
  GROUP BY o.slug, o.name, code ORDER BY o.slug, code
"""  # noqa: S608, SLF001


@dataclass(frozen=True, slots=True)
class Product:
    """A product as dossiers name it."""

    manufacturer: str  # slug
    maker: Mapping[str, str]
    code: str
    approval_number: str
    filings: int  # that name it
    latest: Any  # when the newest of them was handed in


def products(authority_id: int, *, search: str = "") -> list[Product]:
    """Return the products that filings from other deployments name, by manufacturer and code."""
    pattern = "%" + search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, [authority_id, pattern])
        rows = cursor.fetchall()
    return [Product(slug, _read(name), *others) for slug, name, *others in rows]


def product(authority_id: int, manufacturer: str, code: str) -> VehicleType:
    """Return a product as a type that is in no table: what is filed about it is found by its code.

    Raises:
        NoSuchType: no filing with this authority names it.
    """
    found = [
        one
        for one in products(authority_id, search=code)
        if (one.manufacturer, one.code) == (manufacturer, code)
    ]
    if not found:
        raise NoSuchType
    maker = Organisation.objects.get(slug=manufacturer)
    return VehicleType(
        pk=0,  # no row has it: nothing here is about it by a key
        manufacturer=maker,
        code=code,
        name={"zh-hans": code, "en": code},
        approval_number=found[0].approval_number,
    )


def _read(name: Any) -> Mapping[str, str]:
    """Return a JSON column, which the database gives as text where Django does not ask."""
    read: Mapping[str, str] = json.loads(name) if isinstance(name, str) else name
    return read
