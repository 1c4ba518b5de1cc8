"""An export asks before it happens: whom it adds to the year's counters, and whether it may.

* One counter for a company, or for its whole group, and a year: to split an export over
  recipients, subsidiaries or flows changes nothing.
* The counter's row is locked while an answer is found: of two that ask at the same time the second
  sees what the first has added. Two can never both slip under a threshold.
* A person counts once a year. What is kept of a person is a salted digest; the salt goes with the
  year's end, and then the digests are numbers that belong to nobody.
* The thresholds are the law pack's: the rulebook answers with the counts as they would be.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from roadworthy.domains.organisations.actors import Actor, Witnessed
from roadworthy.domains.processing import counters, deciding, errors, exports, implied, records
from roadworthy.domains.processing.models import (
    ExportedPerson,
    ExportRequest,
    ExportYear,
    Flow,
    ItemVersion,
)
from roadworthy.domains.processing.states import Outcome, State
from roadworthy.kernel.calendar import legal_day

MOST: Final = 50_000  # persons of one request
_SALT: Final = 32  # bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """The answer to a wish to export."""

    request: ExportRequest
    repeated: bool  # the same reference was answered before; nothing was counted again


@transaction.atomic(durable=True)
def export(
    *, number: str, persons: Iterable[str], reference: str = "", actor: Actor, at: datetime
) -> Counted:
    """Ask to export these persons' information over an approved flow, and count them if allowed.

    ``persons`` are the company's own identifiers, the same all over its group; they are digested
    here and kept nowhere. A request is allowed whole or not at all. The same ``reference`` asked
    again gives the first answer.

    Raises:
        NotAMember, WrongRole.
        NoSuchFlow: there is none of that number.
        FlowNotApproved: no version of it is approved for the item as it is now.
        NotAnExport: it does not leave the country.
        NoPersons, TooManyPersons.
    """
    by = records.writer(actor, action="export")
    flow = _approved(actor, number)
    named = {one.strip() for one in persons if one.strip()}
    if not named:
        raise errors.NoPersons
    if len(named) > MOST:
        raise errors.TooManyPersons(count=len(named), most=MOST)
    counter = _locked(counters.party_of(flow.manufacturer_id), legal_day(at).year)
    earlier = _earlier(flow, reference)
    if earlier is not None:
        return Counted(earlier, repeated=True)
    return Counted(_answer(flow, counter, named, reference, by, at), repeated=False)


@transaction.atomic(durable=True)
def forget_years(*, before: int) -> int:
    """Erase whom the counters of earlier years counted; the numbers stay. Return how many."""
    found = ExportYear.objects.filter(year__lt=before).exclude(salt=b"")
    gone, _each = ExportedPerson.objects.filter(counter__in=found).delete()
    found.update(salt=b"")
    return gone


def add_to(group: str, before: str, *, at: datetime) -> None:
    """Bring a company's counts of this year into its group's, inside the caller's transaction.

    The group cannot tell whom it has counted already: the numbers are added, so never too low.
    """
    year = legal_day(at).year
    own = ExportYear.objects.select_for_update().filter(party=before, year=year).first()
    if own is None:
        return
    together = _locked(group, year)
    together.ordinary += own.ordinary
    together.sensitive += own.sensitive
    together.save(update_fields=["ordinary", "sensitive"])


def _approved(actor: Actor, number: str) -> Flow:
    """Return the standing version of a flow; it is held so that nobody ends it meanwhile."""
    found = (
        Flow.objects.select_for_update(no_key=True, of=("self",))
        .select_related("item__item", "recipient", "assessment")
        .filter(manufacturer_id=actor.organisation_id, number=number.strip())
        .order_by("-version")
    )
    flows = list(found)
    if not flows:
        raise errors.NoSuchFlow
    standing = next((one for one in flows if one.state == State.APPROVED), None)
    if (
        standing is None
        or ItemVersion.objects.filter(
            item_id=standing.item.item_id, number__gt=standing.item.number
        ).exists()
    ):
        raise errors.FlowNotApproved
    if not exports.is_export(standing):
        raise errors.NotAnExport
    return standing


def _locked(party: str, year: int) -> ExportYear:
    ExportYear.objects.bulk_create(
        [ExportYear(party=party, year=year, salt=secrets.token_bytes(_SALT))],
        ignore_conflicts=True,
    )
    return ExportYear.objects.select_for_update().get(party=party, year=year)


def _earlier(flow: Flow, reference: str) -> ExportRequest | None:
    if not reference.strip():
        return None
    return ExportRequest.objects.filter(
        manufacturer_id=flow.manufacturer_id, reference=reference.strip()
    ).first()


def _answer(
    flow: Flow, counter: ExportYear, named: set[str], reference: str, by: Witnessed, at: datetime
) -> ExportRequest:
    sensitive = bool(implied.sensitive_in(flow))
    new = _new(counter, named, sensitive=sensitive) if implied.counts_persons(flow) else []
    before = (counter.ordinary, counter.sensitive)
    wanted = (
        counter.ordinary + (0 if sensitive else len(new)),
        counter.sensitive + (len(new) if sensitive else 0),
    )
    done = counters.Totals(*wanted)
    answer = deciding.decide(flow, at=at, totals=done)
    allowed = answer.outcome in {Outcome.ALLOWED, Outcome.ALLOWED_IF}
    if allowed and new:
        counter.ordinary, counter.sensitive = wanted
        counter.save(update_fields=["ordinary", "sensitive"])
        ExportedPerson.objects.bulk_create(
            (ExportedPerson(counter=counter, digest=one, sensitive=sensitive) for one in new),
            batch_size=5000,
        )
    after = wanted if allowed else before
    made = ExportRequest.objects.create(
        counter=counter,
        manufacturer_id=flow.manufacturer_id,
        flow=flow,
        reference=reference.strip(),
        at=at,
        asked=len(named),
        new=len(new),
        allowed=allowed,
        outcome=answer.outcome,
        rules=[] if allowed else list(answer.rules),
        ordinary_after=after[0],
        sensitive_after=after[1],
    )
    _log(made, flow, by, at)
    return made


def _new(counter: ExportYear, named: set[str], *, sensitive: bool) -> list[bytes]:
    """Return the digests of those who were not counted yet this year."""
    salt = bytes(counter.salt)
    every = {hmac.digest(salt, one.encode(), hashlib.sha256) for one in named}
    known = ExportedPerson.objects.filter(
        counter=counter, sensitive=sensitive, digest__in=list(every)
    )
    return sorted(every - {bytes(one) for one in known.values_list("digest", flat=True)})


def _log(made: ExportRequest, flow: Flow, by: Witnessed, at: datetime) -> None:
    data = {
        "flow": flow.number,
        "allowed": made.allowed,
        "outcome": made.outcome,
        "rules": made.rules,
        "asked": made.asked,
        "new": made.new,
    }
    records.log("data-export:asked", f"data-flow/{flow.pk}", by, at, data)
