"""Filings as a page reads them: one, with what belongs to it. Scoped to who asks; fails closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.filings import attested, completing, queries, searching, signing
from roadworthy.domains.filings.errors import NoSuchFiling, NotYourKey
from roadworthy.domains.filings.models import AnswerDocument, Filing, Mirror
from roadworthy.domains.filings.states import State
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.software import reports
from roadworthy.domains.software.models import Evaluation, Evidence, Image, Report

DECIDED = (State.ACCEPTED, State.RETURNED, State.REFUSED)
# What a list does not show and would have to carry for each of its rows.
_LONG = (
    "receipt",
    "dossier__content",
    "supersedes__receipt",
    "supersedes__dossier__content",
    "dossier__release__description",
    "dossier__release__answers",
)
_ORDERS = {"waited": "submitted_at", "number": "number", "decided": "decided_at"}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A release at another deployment: its number, its title, the findings about it counted."""

    number: str
    title: Mapping[str, str]
    tally: Mapping[str, int]


def of_manufacturer(
    manufacturer_id: int, *, search: str = "", kind: str = "", state: str = ""
) -> QuerySet[Filing]:
    """Return a manufacturer's filings, newest first."""
    return _narrow(queries.of_manufacturer(manufacturer_id), search, kind, state=state)


def queue(
    authority_id: int,
    *,
    view: str = "waiting",
    search: str = "",
    kind: str = "",
    label: str = "",
    sort: str = "waited",
) -> QuerySet[Filing]:
    """Return an authority's filings: those that wait, those sent back, those decided."""
    found = _narrow(queries.before_authority(authority_id), search, kind, label=label)
    if view == "waiting":
        found = found.filter(state=State.SUBMITTED)
    elif view == "returned":
        found = found.filter(state=State.RETURNED)
    else:
        found = found.filter(
            state__in=[State.ACCEPTED, State.REFUSED, State.WITHDRAWN, State.SUPERSEDED]
        )
    descending, key = sort.startswith("-"), sort.removeprefix("-")
    order = _ORDERS.get(key, "submitted_at")
    return found.order_by(f"-{order}" if descending else order, "id")


def own(manufacturer_id: int, filing_id: int) -> Filing:
    """Return one of the manufacturer's filings.

    Raises:
        NoSuchFiling: there is none, or it is another's.
    """
    return _one(queries.of_manufacturer(manufacturer_id), filing_id)


def handed_in(manufacturer_id: int, number: str) -> Filing:
    """Return one of the manufacturer's filings by its number, once it was handed in.

    Raises:
        NoSuchFiling: there is none, it is another's, or it is still a draft.
    """
    found = queries.of_manufacturer(manufacturer_id).filter(number=number)
    one = found.filter(submitted_at__isnull=False).first()
    if one is None:
        raise NoSuchFiling
    return one


def addressed(authority_id: int, filing_id: int) -> Filing:
    """Return a filing that was submitted to the authority.

    Raises:
        NoSuchFiling: there is none, it is another's, or it is still a draft.
    """
    return _one(queries.before_authority(authority_id), filing_id)


def siblings(filing: Filing) -> QuerySet[Filing]:
    """Return the filings of the same matter with the other authority."""
    others = (
        Filing.objects.select_related("authority", "dossier")
        .filter(dossier__kind=filing.dossier.kind, manufacturer_id=filing.manufacturer_id)
        .filter(dossier__release=filing.dossier.release)
        .exclude(pk=filing.pk)
        .exclude(authority_id=filing.authority_id)
        .order_by("id")
    )
    # Of kinds of which there are several, one of another matter is no "different content".
    same = others.filter(dossier_id=filing.dossier_id)
    return same if same.exists() else others


def evaluation_of(filing: Filing) -> Evaluation | None:
    """Return the rulebook's newest answer about the release that is filed."""
    release = filing.dossier.release
    return queries.latest_evaluation(release) if release else None


def answer_about(filing: Filing) -> dict[str, Any]:
    """Return what the rulebook says: of the release that is filed, or of the application itself."""
    evaluation = evaluation_of(filing)
    if evaluation is not None:
        return dict(evaluation.result)
    if filing.manufacturer.is_remote:
        mirror = Mirror.objects.filter(filing=filing).exclude(evaluation=None).first()
        if mirror is not None:
            return dict(mirror.evaluation or {})
    answer = completing.answer(filing)
    return answer.to_json() if answer else {}


def tallies(filings: list[Filing]) -> dict[int, dict[str, Any]]:
    """Return the findings counted by outcome, by release, in one query."""
    ids = {one.dossier.release_id for one in filings if one.dossier.release_id}
    newest = Evaluation.objects.filter(release__in=ids).order_by("release", "-id")
    rows = newest.distinct("release").values_list("release", "result__tally")
    return {release_id: tally or {} for release_id, tally in rows}


def told_elsewhere(filings: Iterable[Filing]) -> dict[int, Elsewhere]:
    """Return the releases at other deployments that filings are about, by filing, in one query."""
    ids = [one.pk for one in filings if one.dossier.release_id is None]
    found = Filing.objects.filter(pk__in=ids, dossier__content__has_key="release").exclude(
        manufacturer__deployment=""
    )
    rows = found.values_list(
        "pk",
        "dossier__content__release__number",
        "dossier__content__release__title",
        "mirror__evaluation__tally",
    )
    return {pk: Elsewhere(number, title, tally or {}) for pk, number, title, tally in rows}


def document(filing: Filing, sha256: str) -> Evidence | Image | Document:
    """Return a file that is part of what was filed, or of an answer about it.

    Raises:
        NoSuchFiling: the dossier names no such digest.
        NoSuchDocument: it stayed at the manufacturer's deployment, as images do.
    """
    attached = {one["sha256"] for one in filing.dossier.content.get("attachments", ())}
    attached |= {one["sha256"] for one in access_evidence(filing.dossier.content)}
    answers = AnswerDocument.objects.filter(question__filing=filing, document__sha256=sha256)
    on_paper = attested.of_filing(filing).filter(document__sha256=sha256)
    if sha256 in attached or answers.exists() or on_paper.exists():
        return documents.document(filing.manufacturer_id, sha256)
    release = filing.dossier.content.get("release", {})
    named = {one["sha256"] for one in release.get("evidence", ())}
    named |= {one["image"]["sha256"] for one in release.get("changes", ())}
    if sha256 not in named:
        raise NoSuchFiling
    if filing.manufacturer.is_remote:
        return documents.document(filing.manufacturer_id, sha256)
    evidence = Evidence.objects.filter(release=filing.dossier.release, sha256=sha256).first()
    found = (
        evidence
        or Image.objects.filter(manufacturer_id=filing.manufacturer_id, sha256=sha256).first()
    )
    if found is None:
        raise NoSuchFiling
    return found


def access_evidence(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the documents of an application for access, or for a change, that was filed."""
    details = content.get("details", {})
    approved = details.get("application") or details.get("proposed")
    return list(approved["evidence"]) if isinstance(approved, dict) else []


def revoked_in(filing: Filing) -> dict[str, Report]:
    """Return the reports of a dossier by which their institution no longer stands, by digest."""
    content = filing.dossier.content
    evidence = [*content.get("release", {}).get("evidence", ()), *access_evidence(content)]
    return reports.revoked_of(filing.manufacturer_id, [one["sha256"] for one in evidence])


def names_in(content: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the names of the institutions that a dossier knows by their slugs."""
    evidence = [*content.get("release", {}).get("evidence", ()), *access_evidence(content)]
    slugs = {one["institution"] for one in evidence if one.get("institution")}
    return dict(Organisation.objects.filter(slug__in=slugs).values_list("slug", "name"))


def figures(authority_id: int, *, since: datetime) -> dict[str, Any]:
    """Return what an authority's first page counts, and the spans of what it decided lately."""
    mine = queries.before_authority(authority_id)
    decided = mine.filter(decided_at__gte=since, state__in=DECIDED)
    spans = list(decided.values_list("submitted_at", "decided_at", "state"))
    return {
        "waiting": mine.filter(state=State.SUBMITTED).count(),
        "returned": mine.filter(state=State.RETURNED).count(),
        "decided": spans,
    }


def _narrow(
    found: QuerySet[Filing], search: str, kind: str, *, state: str = "", label: str = ""
) -> QuerySet[Filing]:
    if search:
        found = searching.matching(found, search)
    if kind:
        found = found.filter(dossier__kind=kind)
    if state:
        found = found.filter(state=state)
    if label:
        found = found.filter(dossier__labels__contains=[label])
    return found.defer(*_LONG)


def _one(found: QuerySet[Filing], filing_id: int) -> Filing:
    one = found.filter(pk=filing_id).first()
    if one is None:
        raise NoSuchFiling
    return one


def waiting(authority_id: int) -> int:
    """Count what waits for an authority's decision."""
    return queries.awaiting_review(authority_id).count()


def own_key(filing: Filing, actor: Actor) -> SigningKey | None:
    """Return the key with which the actor would sign an acceptance, if they hold one."""
    try:
        return signing.own_key(actor, signing.signer_of(filing)[1])
    except NotYourKey:
        return None
