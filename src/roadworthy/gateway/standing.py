"""What one vehicle may be told right now: the read model, what this host knows beyond it, doubts.

* An outcome written on this host hides the action, however old the read model is.
* A stopped deployment, or a model that may be out of date, means: nothing to install.
"""

from __future__ import annotations

from typing import NamedTuple

from roadworthy.gateway import identity, records, refusals
from roadworthy.gateway.exchange import Request
from roadworthy.gateway.host import Host
from roadworthy.gateway.outcomes import SUCCEEDED, Outcome
from roadworthy.gateway.records import Assignment

LONGEST_ID = 256


class Standing(NamedTuple):
    key: bytes
    is_fresh: bool
    is_known: bool  # a row speaks of this vehicle
    assignment: Assignment
    outcome: Outcome | None = None  # of the open action, if there is one
    is_stopped: bool = False

    @property
    def open_action(self) -> str:
        """The action that takes reports: neither closed by the engine nor by the vehicle.

        It may be held (no kind): nothing is offered, but a vehicle that has begun may say so.
        """
        if self.outcome is None or self.outcome.closed:
            return ""
        return self.assignment.action_id

    @property
    def offered(self) -> str:
        """The action the vehicle shall install."""
        if self.assignment.kind != records.DEPLOY or self.is_stopped or not self.is_fresh:
            return ""
        return self.open_action

    @property
    def cancelling(self) -> str:
        """The action the vehicle shall give up."""
        if self.assignment.kind != records.CANCEL or not self.is_fresh:
            return ""
        return self.open_action

    @property
    def installed(self) -> tuple[str, str]:
        """The action installed last, and its deployment."""
        if self.outcome is not None and self.outcome.closed == SUCCEEDED:
            return self.assignment.action_id, self.assignment.deployment_id
        return self.assignment.installed_action_id, self.assignment.installed_deployment_id

    @property
    def wants_attributes(self) -> bool:
        """After a successful update a vehicle says anew what it runs."""
        just_updated = self.outcome is not None and self.outcome.closed == SUCCEEDED
        return bool(self.assignment.want_attributes) or just_updated

    def has_closed(self, action_id: str) -> bool:
        if self.outcome is not None and self.outcome.closed:
            return action_id == self.outcome.action_id or self.assignment.has_closed(action_id)
        return self.assignment.has_closed(action_id)


class Caller(NamedTuple):
    """A vehicle that was let in, and what the read model says of it."""

    key: bytes
    is_fresh: bool
    record: bytes | None


def admit(host: Host, request: Request) -> Standing:
    """Return the standing of the vehicle that asks, counting the request.

    Raises:
        WrongIdentifier: no vehicle can be called so.
        Unauthenticated: the token is not the vehicle's nor its manufacturer's.
        TooFast: it has asked too often, or this address has guessed too often.
    """
    caller = let_in(host, request)
    if not host.vehicles.take(caller.key):
        raise refusals.TooFast
    return standing_of(host, caller)


def let_in(host: Host, request: Request) -> Caller:
    """Find out who asks.

    Raises:
        WrongIdentifier: no vehicle can be called so.
        Unauthenticated: the token is not the vehicle's nor its manufacturer's.
        TooFast: this address has guessed too often.
        ComeBackLater: the read model was never built, so no token is known.
    """
    controller_id = request.controller_id
    if len(controller_id) > LONGEST_ID or not controller_id.isprintable():
        raise refusals.WrongIdentifier(most=LONGEST_ID)
    key = records.key(request.tenant, controller_id)
    is_fresh, record = host.model.look(key)
    authorization = request.header("authorization")
    if record is not None and identity.is_vehicle(authorization, records.token_sha256(record)):
        return Caller(key, is_fresh, record)
    tenant = host.model.common.tenants.get(request.tenant)
    digest = tenant.gateway_token_sha256 if tenant is not None else ""
    if identity.is_manufacturer(authorization, digest):
        return Caller(key, is_fresh, record)
    raise _refused(host, request)


def _refused(host: Host, request: Request) -> refusals.Refusal:
    if not host.model.is_built:
        return refusals.ComeBackLater()
    if not host.strangers.take(host.links.address(request)):
        return refusals.TooFast()
    return refusals.Unauthenticated()


def standing_of(host: Host, caller: Caller) -> Standing:
    """Return what a vehicle may be told.

    The outcome is read first and the model after it, because the projector writes the model before
    it forgets an outcome. In the other order both could be missed: the old action in the model, and
    the outcome that hides it already forgotten.
    """
    key, is_fresh, record = caller
    if record is None:
        return Standing(key, is_fresh, False, records.UNKNOWN)
    assignment = records.read(record)
    if not assignment.action_id:
        return Standing(key, is_fresh, True, assignment)
    last = host.outcomes.last(key)
    is_fresh, record = host.model.look(key)
    assignment = records.read(record) if record is not None else records.UNKNOWN
    action = assignment.action_id
    if not action:
        return Standing(key, is_fresh, record is not None, assignment)
    outcome = last if last is not None and last.action_id == action else Outcome(action)
    is_stopped = assignment.deployment_id in host.model.common.stops
    return Standing(key, is_fresh, True, assignment, outcome, is_stopped)
