"""Write recalls into the register: new ones made, known ones amended, the older words kept.

Runs inside the caller's transaction. A source replaces what it states and keeps what it is silent
about; an index, which knows less than a notice, only fills what is empty.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from roadworthy.domains.recall_register.models import Product, Recall, Revision
from roadworthy.domains.recall_register.records import Details, parts_of, read_remedy
from roadworthy.domains.recall_register.states import Origin, Remedy

CONTENT: Final = (
    *("number", "maker", "products", "announced", "announced_on", "year", "built_from"),
    *("built_to", "units", "concern", "defect", "remedy", "remedy_stated", "remedy_text"),
    *("target_software", "plan_filed_on", "started_on", "investigated", "sources", "licence"),
    "extra",
)
_BATCH: Final = 1000


@dataclass
class Entered:
    """What became of the recalls. ``ids`` is by their keys."""

    new: int = 0
    changed: int = 0
    ids: dict[uuid.UUID, int] = field(default_factory=dict)


def enter(
    found: Mapping[uuid.UUID, Details], *, origin: Origin, fills_only: bool = False, at: datetime
) -> Entered:
    """Enter recalls by their keys; those that say nothing new stay as they are."""
    done, keys = Entered(), list(found)
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        known = {
            one.key: one
            for one in Recall.objects.select_for_update(no_key=True).filter(key__in=part)
        }
        made = [_made(found[key], key, origin, at) for key in part if key not in known]
        Recall.objects.bulk_create(made)
        done.new += len(made)
        changed = [one for one in known.values() if amend(one, found[one.key], fills_only, at)]
        done.changed += len(changed)
        done.ids |= {one.key: one.pk for one in (*made, *known.values())}
    return done


def amend(recall: Recall, details: Details, fills_only: bool, at: datetime) -> bool:  # noqa: FBT001
    """Take over what a source states; say whether that changed anything."""
    before = {name: getattr(recall, name) for name in CONTENT}
    after = before | {
        name: value
        for name, value in fields_of(details).items()
        if value not in ("", None) and not (fills_only and before[name] not in ("", None, [], {}))
    }
    after["sources"] = list(dict.fromkeys([*before["sources"], *details.sources]))
    after["extra"] = before["extra"] | dict(details.extra)
    if fills_only or (not details.remedy_text and details.remedy is None):
        after |= {name: before[name] for name in ("remedy", "remedy_stated")}
    if after == before:
        return False
    kept = {name: _plain(value) for name, value in before.items()}
    Revision.objects.create(recall=recall, revision=recall.revision, content=kept, replaced_at=at)
    for name, value in after.items():
        setattr(recall, name, value)
    recall.revision += 1
    recall.changed_at = at
    recall.save(update_fields=[*CONTENT, "revision", "changed_at"])
    return True


def fields_of(details: Details) -> dict[str, Any]:
    """Return the columns that a source's statement fills."""
    year, day = parts_of(details.announced) if details.announced else (None, None)
    told = {name: getattr(details, name) for name in CONTENT if hasattr(details, name)}
    return told | {
        "announced_on": day,
        "year": year,
        "remedy": details.remedy or read_remedy(details.remedy_text),
        "remedy_stated": details.remedy not in (None, Remedy.UNKNOWN),
        "sources": list(details.sources),
        "extra": dict(details.extra),
    }


def add_products(rows: Iterable[tuple[int, str, str, int | None]]) -> None:
    """Add models to what the search by model looks through: recall, make, model, model year."""
    Product.objects.bulk_create(
        [Product(recall_id=r, make=make, model=model, model_year=y) for r, make, model, y in rows],
        ignore_conflicts=True,
    )


def _made(details: Details, key: uuid.UUID, origin: Origin, at: datetime) -> Recall:
    return Recall(
        authority=details.authority,
        key=key,
        origin=origin,
        entered_at=at,
        changed_at=at,
        **fields_of(details),
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
