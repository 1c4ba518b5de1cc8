"""Get hold of a text and of its versions, and write down what happened to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from roadworthy.domains.disclosure import errors, wordings
from roadworthy.domains.disclosure.models import Text, Version
from roadworthy.domains.disclosure.states import Channel, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.kernel.calendar import legal_day


def read_of(version: Version, at: datetime) -> wordings.Read:
    """Return what the rulebook says of a version on that day."""
    text = version.text
    level = text.function.level if text.function else text.type.automation_level
    return wordings.check(Channel(text.channel), version.content, level=level, as_of=legal_day(at))


def locked(text_id: int, actor: Actor) -> Text:
    """Return the actor's text with its row locked.

    Raises:
        NoSuchText: nothing has that id, or it is another organisation's.
    """
    text = (
        Text.objects.select_for_update(no_key=True, of=("self",))
        .select_related("type", "function", "release")
        .filter(pk=text_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if text is None:
        raise errors.NoSuchText
    return text


def newest(text: Text, states: Iterable[State]) -> Version | None:
    """Return the newest version that is in one of the states."""
    found = text.versions.filter(state__in=list(states)).order_by("-number").first()
    if found is not None:
        found.text = text
    return found


def log(event: str, version: Version, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write one step of a text into the ledger, inside the caller's transaction."""
    text = version.text
    ledger.record(
        event=event,
        subject=f"text/{version.text_id}",
        actor=by,
        at=at,
        release_id=text.release_id,
        data={
            "channel": text.channel,
            "version": version.number,
            "sha256": version.sha256,
            "faults": len(version.checked.get("faults", ())),
            **data,
        },
    )
