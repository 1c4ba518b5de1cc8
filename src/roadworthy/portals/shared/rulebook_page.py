"""The rulebook as a page: which texts it holds, how well each was read, and the rules in force."""

from __future__ import annotations

from typing import Any

from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import presenting, words


def context() -> dict[str, Any]:
    """Return what the page shows."""
    book = rulebook()
    return {
        "version": book.version,
        "digest": book.digest,
        "grades": tuple(words.GRADES.items()),
        "packs": [
            {
                "id": pack.id,
                "title": pack.title.to_json(),
                "verified": pack.verified,
                "verified_by": pack.verified_by,
                "instruments": [
                    {
                        "key": one.key,
                        "name": presenting.instrument(one.title.to_json(), one.number),
                        "issuer": one.issuer.to_json(),
                        "made_on": one.made_on,
                        "in_force_from": one.in_force_from,
                        "grade": one.grade,
                        "note": one.note.to_json() if one.note else None,
                    }
                    for one in pack.instruments
                ],
                "rules": [
                    {
                        "id": rule.id,
                        "title": rule.title.to_json(),
                        "provision": rule.source.provision.name.to_json(),
                        "instrument": rule.source.instrument.key,
                        "from": rule.applies.since,
                        "until": rule.applies.until,
                        "grade": rule.grade,
                    }
                    for rule in pack.rules
                ],
            }
            for pack in book.packs
        ],
    }
