"""What can be asked about the register. The manufacturer comes first; it sees its own."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from roadworthy.domains.processing import errors
from roadworthy.domains.processing.models import (
    Assessment,
    ConsentForm,
    Decision,
    Flow,
    Item,
    ItemVersion,
    Notice,
    Profile,
    Recipient,
)
from roadworthy.domains.processing.permitting import rule_of
from roadworthy.domains.processing.states import State
from roadworthy.egress.policy import Rule

ORDERS: Final = {
    "number": "number",
    "item": "item__item__code",
    "purpose": "purpose",
    "state": "state",
    "country": "recipient__country",
    "written": "written_at",
}
STANDING = (State.DRAFT, State.DECLARED, State.APPROVED)


def approved_flows(manufacturer_id: int, type_id: int) -> tuple[Rule, ...]:
    """Return what may leave vehicles of a type: the approved flows as rules of their policy.

    A flow whose item has a newer version is left out until it is declared and approved again.
    """
    found = (
        approved(manufacturer_id)
        .filter(starts_in="car")
        .filter(Q(types=type_id) | Q(types__isnull=True))
        .filter(Q(item__types=type_id) | Q(item__types__isnull=True))
        .distinct()
    )
    rules = {}
    for flow in found.order_by("pk"):
        rule = rule_of(flow)
        rules[rule.key] = rule
    return tuple(rules[key] for key in sorted(rules))


def approved(manufacturer_id: int) -> QuerySet[Flow]:
    """Return the flows that are approved for the item as it stands now."""
    return _with_newest(Flow.objects.filter(manufacturer_id=manufacturer_id)).filter(
        state=State.APPROVED, item__number=F("newest")
    )


def items(manufacturer_id: int, *, search: str = "") -> QuerySet[ItemVersion]:
    """Return the newest version of each item, by its code."""
    newest = (
        ItemVersion.objects.filter(item=OuterRef("item")).order_by("-number").values("number")[:1]
    )
    found = (
        ItemVersion.objects.filter(item__manufacturer_id=manufacturer_id)
        .annotate(newest=Subquery(newest))
        .filter(number=F("newest"))
        .select_related("item")
    )
    if search:
        found = found.filter(Q(item__code__icontains=search) | Q(name__icontains=search))
    return found.order_by("item__code")


def item(manufacturer_id: int, code: str) -> Item:
    """Return one item with its versions, newest first.

    Raises:
        NoSuchItem: there is none, or it is another manufacturer's.
    """
    found = Item.objects.filter(manufacturer_id=manufacturer_id, code=code).first()
    if found is None:
        raise errors.NoSuchItem
    return found


def versions(item_id: int) -> QuerySet[ItemVersion]:
    """Return all versions of an item, newest first."""
    return (
        ItemVersion.objects.filter(item_id=item_id)
        .select_related("item", "written_by")
        .prefetch_related("types", "functions")
        .order_by("-number")
    )


def flows(
    manufacturer_id: int,
    *,
    search: str = "",
    state: str = "",
    outcome: str = "",
    purpose: str = "",
    country: str = "",
    sort: str = "-written",
) -> QuerySet[Flow]:
    """Return the flows, each in its newest version."""
    newest = (
        Flow.objects.filter(manufacturer_id=manufacturer_id, number=OuterRef("number"))
        .order_by("-version")
        .values("version")[:1]
    )
    found = (
        _with_newest(Flow.objects.filter(manufacturer_id=manufacturer_id))
        .annotate(latest=Subquery(newest))
        .filter(version=F("latest"))
    )
    for name, value in (
        ("state", state),
        ("outcome", outcome),
        ("purpose", purpose),
        ("recipient__country", country),
    ):
        if value:
            found = found.filter(**{name: value})
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(item__item__code__icontains=search)
            | Q(item__name__icontains=search)
            | Q(recipient__name__icontains=search)
            | Q(purpose_words__icontains=search)
        )
    key = F(ORDERS.get(sort.removeprefix("-"), "written_at"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-pk")


def flow(manufacturer_id: int, flow_id: int) -> Flow:
    """Return one version of a flow.

    Raises:
        NoSuchFlow: there is none, or it is another manufacturer's.
    """
    found = (
        _with_newest(Flow.objects.filter(manufacturer_id=manufacturer_id, pk=flow_id))
        .select_related("written_by", "declared_by", "decided_by", "assessment")
        .prefetch_related("types")
        .first()
    )
    if found is None:
        raise errors.NoSuchFlow
    return found


def others_of(flow: Flow) -> QuerySet[Flow]:
    """Return all versions of a flow, newest first."""
    return Flow.objects.filter(manufacturer_id=flow.manufacturer_id, number=flow.number).order_by(
        "-version"
    )


def decision(flow_id: int) -> Decision | None:
    """Return the latest answer about a flow."""
    return Decision.objects.filter(flow_id=flow_id).order_by("-pk").first()


def recipients(manufacturer_id: int) -> QuerySet[Recipient]:
    """Return who receives data, by their codes."""
    return Recipient.objects.filter(manufacturer_id=manufacturer_id).order_by("code")


def assessments(manufacturer_id: int) -> QuerySet[Assessment]:
    """Return the security assessments of exports, newest first."""
    return Assessment.objects.filter(manufacturer_id=manufacturer_id).order_by("-pk")


def notice_of(item_id: int) -> Notice | None:
    """Return what people are told about an item now."""
    return Notice.objects.filter(item_id=item_id).order_by("-number").first()


def notices(item_id: int) -> QuerySet[Notice]:
    """Return all wordings of an item's notice, newest first."""
    return Notice.objects.filter(item_id=item_id).order_by("-number")


def consent_forms(item_id: int) -> QuerySet[ConsentForm]:
    """Return how consent to an item is asked for now: the newest form of each purpose."""
    newest = (
        ConsentForm.objects.filter(item_id=item_id)
        .values("purpose")
        .annotate(top=Max("pk"))
        .values("top")
    )
    return ConsentForm.objects.filter(pk__in=newest).order_by("purpose")


def profile(manufacturer_id: int) -> Profile | None:
    """Return what the manufacturer states about itself, if it has said anything."""
    return (
        Profile.objects.select_related("group", "manufacturer")
        .filter(manufacturer_id=manufacturer_id)
        .first()
    )


def _with_newest(found: QuerySet[Flow]) -> QuerySet[Flow]:
    """Add the number of the item's newest version, with which a flow's can be compared."""
    newest = (
        ItemVersion.objects.filter(item=OuterRef("item__item"))
        .order_by("-number")
        .values("number")[:1]
    )
    return found.annotate(newest=Subquery(newest)).select_related("item__item", "recipient")
