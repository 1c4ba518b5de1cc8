"""A request that makes something is done once, however often its client sends it.

* The client names the request by a key of its own. The same key with the same content gets the
  answer of the first time; with other content it is refused.
* A request that failed leaves no trace: the client may send it again under the same key.
* A request whose process died is taken over after a while; what it may have made by then is
  found by the natural keys of what is made (a release number, a matter already filed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from roadworthy.domains.organisations.models import Request
from roadworthy.kernel.errors import Conflict, Invalid

KEPT = timedelta(hours=24)
DEAD_AFTER = timedelta(minutes=10)


class KeyMeansAnother(Invalid):
    code = "idempotency-key-reused"
    message = 'The key "{key}" was used for another request. Choose a new key.'


class UnderWay(Conflict):
    code = "request-under-way"
    message = 'The request under the key "{key}" is under way. Ask again in a moment.'


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered the first time."""

    status: int
    body: Any
    headers: Mapping[str, str]


@transaction.atomic(durable=True)
def begin(*, client_pk: int, key: str, sha256: str, at: datetime) -> Answered | None:
    """Take a key for a request, or return what it was answered before.

    Raises:
        KeyMeansAnother: the key stands for a request with other content.
        UnderWay: the same request is being answered right now.
    """
    Request.objects.filter(client_id=client_pk, at__lt=at - KEPT).delete()
    try:
        with transaction.atomic():
            Request.objects.create(client_id=client_pk, key=key, sha256=sha256, at=at)
    except IntegrityError:
        return _again(client_pk, key, sha256, at)
    return None


def end(
    *, client_pk: int, key: str, status: int, body: Any, headers: Mapping[str, str] | None = None
) -> None:
    """Keep what a request was answered."""
    Request.objects.filter(client_id=client_pk, key=key).update(
        status=status, answer=body, headers=dict(headers or {})
    )


def give_up(*, client_pk: int, key: str) -> None:
    """Forget a request that failed."""
    Request.objects.filter(client_id=client_pk, key=key, status__isnull=True).delete()


def _again(client_pk: int, key: str, sha256: str, at: datetime) -> Answered | None:
    known = Request.objects.select_for_update(no_key=True).get(client_id=client_pk, key=key)
    if known.sha256 != sha256:
        raise KeyMeansAnother(key=key)
    if known.status is not None:
        return Answered(known.status, known.answer, known.headers)
    if at - known.at < DEAD_AFTER:
        raise UnderWay(key=key)
    known.at = at
    known.save(update_fields=["at"])
    return None
