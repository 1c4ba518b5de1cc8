"""An approval as every audience reads it: what stands, what each version changed, what it is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import FileResponse, Http404

from roadworthy.domains.access import attesting, changes, queries
from roadworthy.domains.access.states import State
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import approved, downloads, stories, words
from roadworthy.portals.shared.formats import localised

_HISTORY = 30
# ECUs with their addresses, the proofs of security management, the documents.
CONFIDENTIAL = frozenset({"ecus", "management", "evidence"})


def context(found: Any, query: Mapping[str, str], *, public: bool = False) -> dict[str, Any]:
    """Return an approval's page; ``query`` may choose two versions to compare."""
    versions = list(queries.versions(found.pk))
    newest = versions[0]
    left, right = _pair(versions, query)
    conditions = [one for one in queries.conditions(found.pk) if one.is_public or not public]
    between = _told(changes.between(left.content, right.content), public) if left else ()
    names = queries.names_in(newest.content)
    return {
        "approval": found,
        "chip": approved.APPROVAL[State(found.state)],
        "newest": newest,
        "approved": approved.view(_open(newest.content) if public else newest.content, names),
        "revoked": {} if public else attesting.revoked_in(found.manufacturer_id, newest.content),
        "history": [
            (one, approved.spoken(_told(_since(versions, place), public)))
            for place, one in enumerate(versions)
        ],
        "numbers": [one.version for one in reversed(versions)],
        "left": left,
        "right": right,
        "changes": approved.rows_of(between),
        "conditions": [(one, words.ROLES[Role(one.owner_role)]) for one in conditions],
        "events": stories.events(ledger.latest_about(f"approval/{found.number}", _HISTORY)),
    }


def document_of(condition: Any) -> FileResponse:
    """Give back the document that shows that a condition is fulfilled.

    Raises:
        Http404: there is none.
    """
    if condition.document is None:
        raise Http404
    return downloads.of_kept(condition.document)


def _open(content: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what would help an attacker or is the manufacturer's own business."""
    return {name: part for name, part in content.items() if name not in CONFIDENTIAL}


def _told(found: Sequence[changes.Change], public: bool) -> Sequence[changes.Change]:  # noqa: FBT001
    return [one for one in found if not public or one.section not in CONFIDENTIAL]


def _since(versions: Sequence[Any], place: int) -> Sequence[changes.Change]:
    """Return what a version changed; of the first, nothing came before."""
    if place + 1 >= len(versions):
        return ()
    return changes.between(versions[place + 1].content, versions[place].content)


def _pair(versions: Sequence[Any], query: Mapping[str, str]) -> tuple[Any, Any]:
    by = {str(one.version): one for one in versions}
    right = by.get(query.get("to", ""), versions[0])
    left = by.get(query.get("from", "")) or by.get(str(right.version - 1))
    return left, right


__all__ = ["context", "localised"]
