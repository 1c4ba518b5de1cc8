"""The page of one release: what is shown, gathered from the queries and put into shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.access import queries as approvals
from roadworthy.domains.access.states import State as Standing
from roadworthy.domains.campaigns import overview
from roadworthy.domains.campaigns.overview import Place
from roadworthy.domains.compliance import overview as compliance
from roadworthy.domains.filings import assessment, attested, dossiers, permits, stopping
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.filings.permits import Permit
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.domains.software import questionnaire, reports
from roadworthy.domains.software.states import RELEASE, Action, State
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer import (
    attest_page,
    release_delays,
    release_dialogs,
    release_next,
)
from roadworthy.portals.manufacturer.matrix_views import READERS as MATRIX_READERS
from roadworthy.portals.shared import approved, loop, presenting, stories, words
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Button, Chip, Crumb, Next, Tone

_HISTORY = 12


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do here besides the steps of the state table."""

    edit: bool
    file: bool
    plan: bool
    sign_anew: bool


def context(release: Any, who: Acting, at: datetime) -> dict[str, Any]:
    """Return everything the release's page shows to somebody."""
    result, evaluated_at = _result(release, at)
    if evaluated_at is None:
        # Nothing is kept yet: what follows from the labels is shown as it would be now.
        release.labels = result["labels"]
    place = overview.place(release, at=at)
    steps = loop.steps(place)
    may = _may(release, who)
    rows = presenting.signers(filings.signatories(release, at=at))
    changes = list(software.changes_of(release.pk))
    needed = _permits(release, place)
    next_ = _to_attest(release, rows, who) or release_next.step(
        release, place, result, who, changes=len(changes), unfiled=_unfiled(needed)
    )
    return {
        "release": release,
        "types": list(release.types.all()),
        **_waited_for(release, who),
        "crumbs": [Crumb(_("Releases"), reverse("m:releases")), Crumb(release.number)],
        "chip": loop.chip(place),
        "labels": presenting.labels(result["labels"], result["undetermined_labels"]),
        "next": next_,
        "steps": steps,
        "result": result,
        "evaluated_at": evaluated_at,
        **_answered(result),
        "changes": changes,
        **_documents(release),
        "may": may,
        "filings": _filings(release, place, who, may, needed),
        "same_digest": _same_digest(place),
        "answers": _answers(release),
        "actions": _actions(release, who, next_),
        "duties": presenting.duties(filings.obligations_of(release), legal_day(at)),
        "signers": rows,
        "on_paper": attested.of_release(release) if any(s.attested for s in rows) else (),
        "threshold": presenting.threshold(rows) if rows else None,
        "events": stories.events(ledger.latest_of_release(release.pk, _HISTORY)),
        "dialogs": release_dialogs.all_of(release, who),
    }


def _to_attest(release: Any, signers: Sequence[Any], who: Acting) -> Next | None:
    """Return the officer's step: to sign in the place of an authority that answers on paper."""
    if who.role != Role.COMPLIANCE_OFFICER:
        return None
    if all(one.signed or not one.attested for one in signers):
        return None
    waiting = filings.attested_to_sign(release.manufacturer_id)
    mine = next((one for one in waiting if one.dossier.release_id == release.pk), None)
    return attest_page.next_of(mine, who.role) if mine else None


def _waited_for(release: Any, who: Acting) -> dict[str, Any]:
    """Return what keeps the release, or what it lacks without being kept."""
    return {
        "held_up": _held_up(release),
        "delays": release_delays.of_release(release, who),
        "unshown": compliance.unshown(release.manufacturer_id, release.types.all()),
        "may_read_matrix": who.role in MATRIX_READERS,
    }


def _answered(result: Mapping[str, Any]) -> dict[str, Any]:
    found = presenting.findings(result)
    return {
        "scales": tuple(result["scales"].values()),
        "classification": presenting.classification(result),
        "findings": found,
        "folded": presenting.folded(found),
        "tally": presenting.tally(result),
    }


def _documents(release: Any) -> dict[str, Any]:
    """Return what the release rests on, and by which of it nobody stands any more."""
    found = list(software.evidence_of(release.pk))
    digests = [one.sha256 for one in found]
    return {
        "evidence": [_evidence(one) for one in found],
        "revoked": reports.revoked_of(release.manufacturer_id, digests),
    }


def _held_up(release: Any) -> list[tuple[Any, Chip]]:
    """Return the approvals that keep the gate shut, with how each stands."""
    found = approvals.not_in_force(release.types.all())
    return [(one, approved.APPROVAL[Standing(one.state)]) for one in found]


def _result(release: Any, at: datetime) -> tuple[Mapping[str, Any], datetime | None]:
    """Return the kept answer of the rulebook, or for a draft what it would answer now."""
    if release.state != State.DRAFT:
        kept = filings.latest_evaluation(release)
        if kept is not None:
            return kept.result, kept.at
    return assessment.evaluate(release, at=at).to_json(), None


def _may(release: Any, who: Acting) -> May:
    return May(
        edit=release.state == State.DRAFT and who.role == Role.RELEASE_ENGINEER,
        file=release.state in {State.FROZEN, State.SIGNED} and who.role == Role.HOMOLOGATION,
        plan=release.state == State.RELEASED and who.role == Role.COMPLIANCE_OFFICER,
        sign_anew=release.state == State.SIGNED and who.role == Role.RELEASE_ENGINEER,
    )


def _evidence(document: Any) -> dict[str, Any]:
    issuer = (
        document.institution.name if document.institution else document.release.manufacturer.name
    )
    return {
        "document": document,
        "kind": words.EVIDENCE.get(document.kind, document.kind),
        "issuer": localised(issuer),
    }


def _permits(release: Any, place: Place) -> dict[Kind, tuple[Permit, ...]]:
    """Return the permits that a release needs, by kind, where it touches several approvals."""
    if release.state == State.DRAFT:
        return {}
    kinds = [Kind(kind) for kind, _party in place.needed if kind in dossiers.BY_THEMSELVES]
    found = {kind: permits.of_release(release, kind) for kind in kinds}
    return {kind: each for kind, each in found.items() if len(each) > 1}


def _unfiled(needed: Mapping[Kind, Sequence[Permit]]) -> list[tuple[Kind, Permit]]:
    return [(kind, one) for kind, each in needed.items() for one in each if one.filing_id is None]


def _filings(
    release: Any,
    place: Place,
    who: Acting,
    may: May,
    needed: Mapping[Kind, Sequence[Permit]],
) -> list[dict[str, Any]]:
    rows = [_filing(one) for one in overview.foundation(who.organisation_id)]
    for kind, party in place.needed:
        standing = place.standing(kind, party)
        if kind in needed:
            rows += [_of_permit(release, Kind(kind), one, place, may) for one in needed[Kind(kind)]]
        elif standing is not None:
            rows.append(_filing(standing))
        elif release.state != State.DRAFT:
            rows.append(_to_prepare(release, kind, party, may))
    extra = [f for f in place.filings if (f.kind, f.authority) not in place.needed]
    return [*rows, *(_filing(one) for one in extra)]


def _filing(one: Any) -> dict[str, Any]:
    unfinished = one.state in {FilingState.DRAFT, FilingState.RETURNED}
    return {
        "authority": words.party(one.authority),
        "kind": words.FILING_KINDS[one.kind],
        "number": one.number,
        "chip": words.FILING[one.state],
        "submitted_at": one.submitted_at,
        "when": _("not submitted"),
        "href": reverse("m:filing", args=[one.id]),
        "action": _("Continue") if unfinished else _("View"),
    }


def _of_permit(release: Any, kind: Kind, permit: Permit, place: Place, may: May) -> dict[str, Any]:
    """Return the line of one approval's change: its filing, or where it begins."""
    filed = next((one for one in place.filings if one.id == permit.filing_id), None)
    row = _filing(filed) if filed else _to_prepare(release, kind, Party.MIIT, may)
    if filed is None and may.file:
        row["href"] = release_next.permit_address(release, kind, permit)
    text = _("{kind} of {approval}")
    row["kind"] = text.format(kind=words.FILING_KINDS[kind], approval=permit.approval)
    return row


def _to_prepare(release: Any, kind: str, party: str, may: May) -> dict[str, Any]:
    return {
        "authority": words.party(party),
        "kind": words.FILING_KINDS[kind],  # type: ignore[index]
        "number": "",
        "chip": Chip(Tone.IDLE, _("Not prepared")),
        "submitted_at": None,
        "when": "–",
        "href": reverse("m:release-filing", args=[release.number, kind]) if may.file else "",
        "action": _("Prepare"),
    }


def _same_digest(place: Place) -> str:
    """Return the digest that all filings of the activity share, if they do."""
    digests = {one.dossier_sha256 for one in place.filings if one.kind == "activity"}
    return digests.pop() if len(digests) == 1 else ""


def _answers(release: Any) -> list[dict[str, Any]]:
    return [
        {"key": one.key, "text": dict(one.text), "answer": release.answers.get(one.key, "")}
        for one in questionnaire.QUESTIONS
    ]


def _actions(release: Any, who: Acting, next_: Any) -> Sequence[Button]:
    """Return a button for each step the table allows, but the one that the page puts first."""
    taken = {next_.primary.href} if next_ and next_.primary else set()
    buttons = (
        release_dialogs.button(release, action)
        for action in RELEASE.available(State(release.state), who.role)
        if action != Action.RELEASE
    )
    return tuple(one for one in (*buttons, *_stops(release, who)) if one.href not in taken)


def _stops(release: Any, who: Acting) -> Sequence[Button]:
    if who.role != Role.COMPLIANCE_OFFICER or not stopping.concerns(release):
        return ()
    return (Button(_("Production and sale"), reverse("m:release-stops", args=[release.number])),)
