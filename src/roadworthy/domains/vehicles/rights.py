"""Who may write here: people of the manufacturer in the right role, or the platform itself."""

from __future__ import annotations

from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.vehicles import errors

TYPES = frozenset({Role.HOMOLOGATION})
VEHICLES = frozenset({Role.HOMOLOGATION, Role.RELEASE_ENGINEER, Role.COMPLIANCE_OFFICER})


def check(manufacturer_id: int, actor: Actor, roles: frozenset[Role]) -> Witnessed:
    """Return the actor's ledger form if they may act here.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
        NoSuchManufacturer: no manufacturer has that id, or the actor acts for another.
        NotYourTask: the actor's role does not do this.
    """
    by = witnessed(actor)
    if not Organisation.objects.filter(pk=manufacturer_id, kind=Kind.MANUFACTURER).exists():
        raise errors.NoSuchManufacturer
    if actor.role == Role.PLATFORM:
        return by
    if actor.organisation_id != manufacturer_id:
        raise errors.NoSuchManufacturer
    if actor.role not in roles:
        raise errors.NotYourTask(roles=", ".join(sorted(roles)))
    return by
