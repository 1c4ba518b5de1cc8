"""The catalogue as an OSCAL catalog (NIST, version 1.1.2), and back.

* A framework's version is a group, its areas and sub-areas are groups in it, a standard is a
  control in the first sub-area where it stands, its clauses are controls within it.
* All that OSCAL has no field for goes into props of our own namespace: what comes back in is the
  entry that went out, and what then goes out again are the same bytes.
* Identifiers and times follow from the content alone; nothing is made up on the way.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from roadworthy.domains.standards import entries, errors
from roadworthy.domains.standards.entries import Entry
from roadworthy.kernel.canonical import canonical, digest

VERSION: Final = "1.1.2"
NAMESPACE: Final = "https://roadworthy.example/ns/oscal"  # ours; nothing is fetched from there
_ROOT: Final = uuid.UUID("6f1d7a0e-5d0f-5c55-9a35-0c5b6e3c2b11")
_WHOLE: Final = "entry"  # the prop that holds an entry, whole
_READ: Final = ("kind", "state", "published_on", "in_force_on", "source", "grade")
_LONGEST: Final = 50_000_000  # bytes of a file that is read


def token(text: str) -> str:
    """Return an identifier as OSCAL wants it: it begins with a letter and has no blanks."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.").lower()
    return plain if re.match(r"[a-z_]", plain) else f"s-{plain}"


def exported(whole: Iterable[Entry], frameworks: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the catalog as canonical JSON.

    ``frameworks``: [{"path": "iov-security/2022", "title": ..., "areas": [{"code", "title",
    "sub_areas": [{"code", "title"}]}]}], as ``catalog_frameworks`` gives them.
    """
    rows = sorted(whole, key=lambda one: one.number)
    by_place: dict[str, list[Entry]] = defaultdict(list)
    for one in rows:
        by_place[min(place.path for place in one.places)].append(one)
    content = digest([one.as_json() for one in rows])
    document = {
        "catalog": {
            "uuid": str(uuid.uuid5(_ROOT, content)),
            "metadata": {
                "title": "Standards for connected vehicles",
                "last-modified": _moment(rows),
                "version": content[:12],
                "oscal-version": VERSION,
                "props": [_prop("digest", content)],
            },
            "groups": [_framework(one, by_place) for one in frameworks],
        }
    }
    return canonical(document)


def read(content: bytes) -> tuple[Entry, ...]:
    """Return the entries of a catalog that ``exported`` wrote, or of another one that uses props.

    Raises:
        WrongOscal: it is no OSCAL catalog, or a control holds no entry.
    """
    if len(content) > _LONGEST:
        raise errors.WrongOscal(where="file", reason="too long")
    try:
        document = json.loads(content)
        groups = document["catalog"]["groups"]
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise errors.WrongOscal(where="catalog", reason=str(wrong)) from None
    found: list[Entry] = []
    _collect(groups, found, depth=0)
    return tuple(sorted(found, key=lambda one: one.number))


def _framework(told: Mapping[str, Any], by_place: Mapping[str, list[Entry]]) -> dict[str, Any]:
    path = told["path"]
    return {
        "id": token(f"framework-{path}"),
        "class": "framework",
        "title": _title(told["title"]),
        "props": [_prop("path", path)],
        "groups": [_area(path, area, by_place) for area in told["areas"]],
    }


def _area(
    path: str, told: Mapping[str, Any], by_place: Mapping[str, list[Entry]]
) -> dict[str, Any]:
    return {
        "id": token(f"area-{path}-{told['code']}"),
        "class": "area",
        "title": _title(told["title"]),
        "props": [_prop("label", told["code"])],
        "groups": [_sub_area(f"{path}/{one['code']}", one, by_place) for one in told["sub_areas"]],
    }


def _sub_area(
    path: str, told: Mapping[str, Any], by_place: Mapping[str, list[Entry]]
) -> dict[str, Any]:
    group: dict[str, Any] = {
        "id": token(f"sub-area-{path}"),
        "class": "sub-area",
        "title": _title(told["title"]),
        "props": [_prop("label", told["code"]), _prop("path", path)],
    }
    held = [_control(one) for one in by_place.get(path, ())]
    return {**group, "controls": held} if held else group


def _control(entry: Entry) -> dict[str, Any]:
    told = entry.as_json()
    control: dict[str, Any] = {
        "id": control_id(entry.number),
        "class": "standard",
        "title": entry.title_zh or entry.title_en or entry.number,
        "props": [
            {"name": "label", "value": entry.number},
            *(_prop(name, str(told[name])) for name in _READ if told.get(name)),
            _prop(_WHOLE, canonical(told).decode()),
        ],
    }
    if entry.supersedes:
        control["links"] = [
            {"href": f"#{control_id(one.number)}", "rel": "supersedes", "text": one.number}
            for one in entry.supersedes
        ]
    if entry.clauses:
        control["controls"] = [
            {
                "id": clause_id(entry.number, one.number),
                "class": "clause",
                "title": _title(one.title),
                "props": [{"name": "label", "value": one.number}],
                "parts": [
                    {
                        "id": f"{clause_id(entry.number, one.number)}_smt",
                        "name": "statement",
                        "prose": _title(one.text) or _title(one.title),
                    }
                ],
            }
            for one in entry.clauses
        ]
    return control


def control_id(number: str) -> str:
    """Return the identifier of a standard's control, from its normalised number."""
    return token(number)


def clause_id(number: str, clause: str) -> str:
    """Return the identifier of a clause's control."""
    return f"{token(number)}_{token(clause)}"


def _collect(groups: Any, found: list[Entry], depth: int) -> None:
    if not isinstance(groups, list) or depth > 5:
        raise errors.WrongOscal(where="groups", reason="not a list of groups")
    for group in groups:
        if not isinstance(group, dict):
            raise errors.WrongOscal(where="groups", reason="not a group")
        found.extend(_entry(one) for one in group.get("controls", ()))
        if "groups" in group:
            _collect(group["groups"], found, depth + 1)


def _entry(control: Any) -> Entry:
    try:
        props = {
            one["name"]: one["value"]
            for one in control.get("props", ())
            if one.get("ns") == NAMESPACE
        }
        told = entries.from_json(json.loads(props[_WHOLE]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as wrong:
        where = control.get("id", "?") if isinstance(control, dict) else "?"
        raise errors.WrongOscal(where=where, reason=repr(wrong)) from None
    return told


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value}


def _title(told: Mapping[str, str]) -> str:
    return told.get("zh-hans") or told.get("en") or ""


def _moment(rows: Sequence[Entry]) -> str:
    """Return the newest day for which a source speaks: the content's own time, not the clock's."""
    days = [one.stated_on for one in rows if one.stated_on is not None]
    day = max(days) if days else datetime(2000, 1, 1, tzinfo=UTC).date()
    return f"{day.isoformat()}T00:00:00+00:00"
