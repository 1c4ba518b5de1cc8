"""Get hold of what is changed, check who changes it, and write down that it was changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import errors
from roadworthy.domains.processing.models import Flow, Item, Recipient
from roadworthy.kernel.transitions import WrongRole

LANGUAGES = ("zh-hans", "en")


def writer(actor: Actor, *, action: str, roles: tuple[Role, ...] = (Role.DATA,)) -> Witnessed:
    """Return the actor as the ledger names them, if their role may do this.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
        WrongRole: it is somebody else's work.
    """
    by = witnessed(actor)
    if actor.role not in roles or actor.organisation_id is None:
        raise WrongRole(roles=", ".join(sorted(roles)), action=action)
    return by


def mine(actor: Actor) -> int:
    """Return whose register the actor writes; ``writer`` has checked that there is one."""
    if actor.organisation_id is None:
        raise errors.NoSuchItem
    return actor.organisation_id


def item(actor: Actor, code: str) -> Item:
    """Return the actor's item with its row locked.

    Raises:
        NoSuchItem: there is none, or it is another manufacturer's.
    """
    found = (
        Item.objects.select_for_update(no_key=True)
        .filter(manufacturer_id=actor.organisation_id, code=code)
        .first()
    )
    if found is None:
        raise errors.NoSuchItem
    return found


def flow(actor: Actor, flow_id: int) -> Flow:
    """Return the actor's flow with its row locked.

    Raises:
        NoSuchFlow: there is none, or it is another manufacturer's.
    """
    found = (
        Flow.objects.select_for_update(no_key=True, of=("self",))
        .select_related("item__item", "recipient", "assessment")
        .filter(manufacturer_id=actor.organisation_id, pk=flow_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchFlow
    return found


def item_of(flow: Flow) -> Item:
    """Lock the item of a flow."""
    return Item.objects.select_for_update(no_key=True).get(pk=flow.item.item_id)


def numbering(manufacturer_id: int) -> QuerySet[Flow]:
    """Return the manufacturer's flows while nobody else gives one a number."""
    Organisation.objects.select_for_update(no_key=True).only("pk").get(pk=manufacturer_id)
    return Flow.objects.filter(manufacturer_id=manufacturer_id)


def recipient(manufacturer_id: int, recipient_id: int | None) -> Recipient | None:
    """Return a recipient of the manufacturer.

    Raises:
        NoSuchRecipient: there is none, or it is another manufacturer's.
    """
    if recipient_id is None:
        return None
    found = Recipient.objects.filter(manufacturer_id=manufacturer_id, pk=recipient_id).first()
    if found is None:
        raise errors.NoSuchRecipient
    return found


def both(words: Mapping[str, str], missing: type[Exception]) -> dict[str, str]:
    """Return words in both languages as they are kept; raise ``missing`` if one is empty."""
    kept = {one: words.get(one, "").replace("\0", "").strip() for one in LANGUAGES}
    if not all(kept.values()):
        raise missing
    return kept


def log(event: str, subject: str, by: ledger.Named, at: datetime, data: Mapping[str, Any]) -> None:
    """Write one step into the ledger, inside the caller's transaction."""
    ledger.record(event=event, subject=subject, actor=by, at=at, data=data)
