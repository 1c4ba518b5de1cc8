"""What can be asked about functions and texts. The manufacturer comes first; it sees its own.

* An authority sees what was or is public, never a draft.
* The public sees what is public now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from roadworthy.domains.disclosure import errors, wordings
from roadworthy.domains.disclosure.models import Function, Text, Version
from roadworthy.domains.disclosure.states import Channel, State
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import VehicleType

ORDERS: Final = {"id": "pk", "type": "type__code", "written": "written_at", "state": "state"}
SEEN_IN_PUBLIC = (State.PUBLISHED, State.REPLACED, State.WITHDRAWN)
# Whose turn it is with a wording in work.
TURN: Final[Mapping[State, Role]] = {
    State.DRAFT: Role.MARKETING,
    State.IN_REVIEW: Role.HOMOLOGATION,
    State.APPROVED: Role.MARKETING,
}


def functions(
    manufacturer_id: int, *, search: str = "", type_id: int | None = None
) -> QuerySet[Function]:
    """Return the manufacturer's functions with their types and how many texts each has."""
    found = Function.objects.filter(manufacturer_id=manufacturer_id).select_related("type")
    if type_id is not None:
        found = found.filter(type_id=type_id)
    if search:
        found = found.filter(Q(code__icontains=search) | Q(name__icontains=search))
    return found.annotate(text_count=Count("texts")).order_by("type__code", "code")


def function(manufacturer_id: int, function_id: int) -> Function:
    """Return one function.

    Raises:
        NoSuchFunction: there is none, or it is another manufacturer's.
    """
    found = functions(manufacturer_id).filter(pk=function_id).first()
    if found is None:
        raise errors.NoSuchFunction
    return found


def texts(
    manufacturer_id: int,
    *,
    search: str = "",
    channel: str = "",
    type_id: int | None = None,
    state: str = "",
    function_id: int | None = None,
    sort: str = "-written",
) -> QuerySet[Text]:
    """Return the texts, each with ``state``, ``number``, ``written_at`` of its newest version."""
    found = _texts(Version.objects.all()).filter(manufacturer_id=manufacturer_id)
    return _narrowed(
        found,
        search=search,
        channel=channel,
        type_id=type_id,
        state=state,
        function_id=function_id,
        sort=sort,
    )


def text(manufacturer_id: int, text_id: int) -> Text:
    """Return one text with all its versions, newest first.

    Raises:
        NoSuchText: there is none, or it is another manufacturer's.
    """
    return _one(Text.objects.filter(manufacturer_id=manufacturer_id), text_id, Version.objects)


def seen_by(
    authority_id: int,
    *,
    search: str = "",
    channel: str = "",
    state: str = "",
    sort: str = "-written",
) -> QuerySet[Text]:
    """Return what an authority sees: the texts of every manufacturer that are or were public."""
    if not _is_authority(authority_id):
        return Text.objects.none()
    public = _public_versions()
    found = _texts(public).filter(pk__in=public.values("text"))
    return _narrowed(found, search=search, channel=channel, state=state, sort=sort)


def text_seen_by(authority_id: int, text_id: int) -> Text:
    """Return one text as an authority sees it, its public versions with it.

    Raises:
        NoSuchText: there is none, or it never was public.
    """
    if not _is_authority(authority_id):
        raise errors.NoSuchText
    public = Text.objects.filter(pk__in=_public_versions().values("text"))
    return _one(public, text_id, _public_versions())


def public_of_type(type_id: int) -> tuple[Text, ...]:
    """Return the texts of a type that are public now, each with that version alone."""
    published = Version.objects.filter(state=State.PUBLISHED)
    return tuple(
        Text.objects.select_related("function", "release")
        .filter(type_id=type_id, pk__in=published.values("text"))
        .prefetch_related(Prefetch("versions", published, to_attr="public"))
        .order_by("function__code", "channel", "pk")
    )


def public_types(*, search: str = "") -> QuerySet[VehicleType]:
    """Return the types of which something is public: an update, a text."""
    published = Version.objects.filter(state=State.PUBLISHED).values("text__type")
    released = Release.objects.filter(released_at__isnull=False).values("types")
    found = (
        VehicleType.objects.select_related("manufacturer")
        .filter(Q(pk__in=published) | Q(pk__in=released))
        .order_by("manufacturer__slug", "code")
    )
    if search:
        found = found.filter(
            Q(code__icontains=search)
            | Q(name__icontains=search)
            | Q(approval_number__icontains=search)
            | Q(manufacturer__name__icontains=search)
        )
    return found


def public_type(manufacturer: str, code: str) -> VehicleType:
    """Return one type of which something is public.

    Raises:
        NoSuchText: there is none, or nothing of it is public.
    """
    found = public_types().filter(manufacturer__slug=manufacturer, code=code).first()
    if found is None:
        raise errors.NoSuchText
    return found


def functions_of_type(type_id: int) -> tuple[Function, ...]:
    """Return the functions of a type in order of their codes."""
    return tuple(Function.objects.filter(type_id=type_id).order_by("code"))


def updates_of_type(type_id: int, count: int) -> QuerySet[Release]:
    """Return the published releases for a type, newest first: never one that is still in work."""
    return Release.objects.filter(types=type_id, released_at__isnull=False).order_by(
        "-released_at", "-pk"
    )[:count]


def facts(release_id: int, type_ids: Iterable[int]) -> dict[str, Any]:
    """Return what the record of disclosure states to the rulebook about one release (N45-14).

    Stated only when there is a public account of the release for each of its types; what holds for
    all of them counts. A description of a function is no account of an update, so it states nothing
    here. Without a record the fact stays absent: unknown, not missing.
    """
    wanted = set(type_ids)
    rows = Version.objects.filter(
        state=State.PUBLISHED, text__release_id=release_id, text__channel=Channel.UPDATE
    ).values_list("text__type_id", "content")
    told: dict[int, set[str]] = {}
    for type_id, content in rows:
        told.setdefault(type_id, set()).update(
            field
            for field in wordings.RECORD
            if all(content.get(one, {}).get(field) for one in wordings.LANGUAGES)
        )
    if not wanted or not wanted <= set(told):
        return {}
    every = set.intersection(*(told[one] for one in wanted))
    return {"disclosure_fields": [field for field in wordings.RECORD if field in every]}


def waiting(manufacturer_id: int) -> Mapping[str, int]:
    """Return how many texts are in each state of work."""
    rows = Version.objects.filter(
        text__manufacturer_id=manufacturer_id,
        state__in=list(TURN),
    )
    return dict(rows.values_list("state").annotate(number=Count("pk")).order_by("state"))


def unfinished(manufacturer_id: int) -> QuerySet[Version]:
    """Return the wordings that wait for somebody, longest waiting first; ``TURN`` says for whom."""
    return Version.objects.filter(
        text__manufacturer_id=manufacturer_id, state__in=list(TURN)
    ).order_by("written_at", "pk")


def _public_versions() -> QuerySet[Version]:
    return Version.objects.filter(state__in=SEEN_IN_PUBLIC, published_at__isnull=False)


def _is_authority(organisation_id: int) -> bool:
    found = (organisations.authority(kind) for kind in (Kind.SAMR, Kind.MIIT))
    return organisation_id in {one.pk for one in found if one}


def _texts(versions: QuerySet[Version]) -> QuerySet[Text]:
    newest = versions.filter(text=OuterRef("pk")).order_by("-number")
    return Text.objects.select_related("type", "function", "release", "manufacturer").annotate(
        state=Subquery(newest.values("state")[:1]),
        number=Subquery(newest.values("number")[:1]),
        written_at=Subquery(newest.values("written_at")[:1]),
        content=Subquery(newest.values("content")[:1]),
        checked=Subquery(newest.values("checked")[:1]),
    )


def _narrowed(
    found: QuerySet[Text],
    *,
    search: str = "",
    channel: str = "",
    type_id: int | None = None,
    state: str = "",
    function_id: int | None = None,
    sort: str = "",
) -> QuerySet[Text]:
    if channel:
        found = found.filter(channel=channel)
    if type_id is not None:
        found = found.filter(type_id=type_id)
    if function_id is not None:
        found = found.filter(function_id=function_id)
    if state:
        found = found.filter(Q(state=state))
    if search:
        worded = Version.objects.filter(content__icontains=search).values("text")
        found = found.filter(
            Q(pk__in=worded)
            | Q(place__icontains=search)
            | Q(type__code__icontains=search)
            | Q(function__code__icontains=search)
            | Q(manufacturer__name__icontains=search)
        )
    key = ORDERS.get(sort.removeprefix("-"), "written_at")
    order = F(key).desc(nulls_last=True) if sort.startswith("-") else F(key).asc(nulls_last=True)
    return found.order_by(order, "-pk")


def _one(found: QuerySet[Text], text_id: int, versions: Any) -> Text:
    ordered = versions.select_related("written_by", "reviewed_by").order_by("-number")
    one = (
        found.select_related("type", "function", "release", "manufacturer")
        .prefetch_related(Prefetch("versions", ordered))
        .filter(pk=text_id)
        .first()
    )
    if one is None:
        raise errors.NoSuchText
    return one
