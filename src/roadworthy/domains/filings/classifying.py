"""Ask the rulebook about a release because a person asks, and keep the answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.filings import assessment
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Evaluation


@transaction.atomic(durable=True)
def classify(*, release_id: int, actor: Actor, at: datetime) -> Evaluation:
    """Classify a release as of now; the same answer as before is not kept twice.

    Raises:
        NoSuchRelease, NotAMember.
    """
    release, by = software.locked(release_id, actor)
    return assessment.assess(release, by=by, at=at)
