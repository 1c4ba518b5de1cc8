"""From a working copy to what is filed: every fault first, then the details of the dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from roadworthy.domains.access import (
    attesting,
    changes,
    completeness,
    content,
    queries,
    schemas,
)
from roadworthy.domains.access.changes import Change
from roadworthy.domains.access.completeness import TEST_REPORT, Gap
from roadworthy.domains.access.content import Composed, Section
from roadworthy.domains.access.errors import (
    ChangeReasonMissing,
    Incomplete,
    IncompleteUnconfirmed,
    NothingChanges,
    SafetyCaseMissing,
)
from roadworthy.domains.access.models import Application, Report
from roadworthy.domains.access.states import Matter
from roadworthy.kernel.errors import Conflict, Invalid
from roadworthy.law.evaluation import Evaluation

SAFETY_CASE = "safety-case"


def composed(
    application: Application, *, as_of: date, typed: Mapping[str, Any] | None = None
) -> Composed:
    """Read an application as of a day; ``typed`` overlays sections that are not saved yet."""
    working = {**application.content, **(typed or {})}
    evidence = [_evidence(report) for report in queries.reports(application.pk)]
    return content.compose(working, evidence, schemas.on(as_of))


def compared(application: Application, made: Composed) -> tuple[Change, ...]:
    """Return what a change differs in from what is approved; nothing for a new type."""
    if application.approval_id is None:
        return ()
    first = 1 if application.base_version is None else application.base_version
    base = queries.version(application.approval_id, first)
    return changes.between(base.content, made.content)


def asked(application: Application, made: Composed, *, as_of: date) -> Evaluation:
    """Return the rulebook's answer to an application; a revoked report bears nothing in it."""
    revoked = attesting.revoked_in(application.manufacturer_id, made.content)
    return completeness.ask(made, schemas.on(as_of), as_of=as_of, revoked=revoked)


def gaps(application: Application, answer: Evaluation) -> tuple[Gap, ...]:
    """Return what the law asks of a new type's application and that is not there.

    A change of an approved type is asked what changes; it is no application for access (N45-01).
    """
    return () if application.approval_id is not None else completeness.gaps(answer)


def details(
    application: Application, *, as_of: date, incomplete_because: str = ""
) -> dict[str, Any]:
    """Return the details of the dossier.

    ``incomplete_because`` is why it is filed although the law asks for more; the dossier says so.

    Raises:
        Incomplete: something is wrong or missing; each fault is named.
        IncompleteUnconfirmed: the law asks for more, and nobody said why it is filed without.
        NothingChanges, ChangeReasonMissing: a change that changes nothing, or does not say why.
        SafetyCaseMissing: a permit for a function has no document that argues its safety.
    """
    made = composed(application, as_of=as_of)
    if made.faults:
        raise Incomplete(count=len(made.faults), faults=made.faults)
    if application.approval_id is None:
        stated = {"application": made.content, "application_id": application.pk}
        answer = asked(application, made, as_of=as_of)
        return stated | _incomplete(gaps(application, answer), incomplete_because)
    found = compared(application, made)
    if not found:
        raise NothingChanges
    if not application.reason:
        raise ChangeReasonMissing
    approval = queries.approval(application.manufacturer_id, _number(application))
    return {
        "reason": application.reason,
        "approval": approval.number,
        "from_version": application.base_version,
        "changes": [change.to_json() for change in found],
        "proposed": made.content,
        "application_id": application.pk,
        **_asked(Matter(application.matter), found, made),
    }


def obstacle(application: Application, *, as_of: date) -> Invalid | Conflict | None:
    """Return what a change still lacks besides its sections, if it lacks anything."""
    if application.approval_id is None:
        return None
    try:
        details(application, as_of=as_of)
    except Incomplete:
        return None  # the sections say it themselves
    except (NothingChanges, ChangeReasonMissing, SafetyCaseMissing) as error:
        return error
    return None


def _incomplete(found: Sequence[Gap], because: str) -> dict[str, Any]:
    if not found:
        return {}
    if not because.strip():
        raise IncompleteUnconfirmed(count=len(found), gaps=found)
    return {
        "incomplete": {"reason": because.strip(), "missing": [gap.to_json() for gap in found]},
    }


def _number(application: Application) -> str:
    assert application.approval is not None  # the table's constraint
    return application.approval.number


def _asked(matter: Matter, found: Sequence[Change], made: Composed) -> dict[str, Any]:
    if matter == Matter.ACCESS_PERMIT:
        functions = [c.to_json() for c in found if c.section == Section.FUNCTIONS]
        if not functions:
            raise NothingChanges
        cases = [one["title"] for one in made.content["evidence"] if one["kind"] == SAFETY_CASE]
        if not cases:
            raise SafetyCaseMissing
        return {"functions": functions, "safety_case": "; ".join(cases)}
    main = [change.to_json() for change in found if change.main]
    if not main:
        raise NothingChanges
    return {"parameters": main}


def _evidence(report: Report) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "title": report.title,
        "standard": report.standard,
        "filename": report.filename,
        "sha256": report.sha256,
        "length": report.length,
        "institution": report.institution.slug if report.institution else None,
        "attested": bool(report.envelope) and report.kind == TEST_REPORT,
    }
