"""Take a release back before vehicles can have it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.filings.models import Candidate
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import RELEASE, Action, State
from roadworthy.kernel.errors import Conflict


class StillPublished(Conflict):
    code = "still-published"
    message = (
        "Vehicles accept this release already. Stop its campaign; taking the image out of the "
        "repository needs the signatures of all its parties again."
    )


@transaction.atomic(durable=True)
def withdraw(*, release_id: int, actor: Actor, at: datetime) -> Release:
    """Withdraw a release for good; metadata that waits for signatures is thrown away.

    Raises:
        NoSuchRelease, NotAMember, WrongState, WrongRole.
        StillPublished: its metadata is published.
    """
    release, by = software.locked(release_id, actor)
    after = RELEASE.next_state(State(release.state), Action.WITHDRAW, actor.role)
    if release.state == State.RELEASED:
        raise StillPublished
    Candidate.objects.filter(release=release, published_at__isnull=True).delete()
    return software.move(release, after, Action.WITHDRAW, by, at)
