"""Who acts: a person in one organisation in one role, or the platform itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from roadworthy.domains.organisations.models import Membership
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import Forbidden


class NotAMember(Forbidden):
    code = "not-a-member"
    message = "You do not act as {role} for this organisation."


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who takes a step. ``user_id`` and ``organisation_id`` are None for the platform."""

    role: Role
    user_id: int | None = None
    organisation_id: int | None = None

    @property
    def person_id(self) -> int:
        """Return whose account this is.

        Raises:
            NotAMember: the platform acts, and it is nobody.
        """
        if self.user_id is None:
            raise NotAMember(role=self.role)
        return self.user_id


PLATFORM = Actor(Role.PLATFORM)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """An actor as the ledger may name them: role, organisation, salted commitment of the person."""

    role: str
    organisation: str | None
    commitment: str | None

    def as_json(self) -> dict[str, str | None]:
        """Return the ``actor`` member of a ledger entry."""
        return {
            "role": self.role,
            "organisation": self.organisation,
            "commitment": self.commitment,
        }


def witnessed(actor: Actor) -> Witnessed:
    """Check that the actor holds the membership they act under, and return their ledger form.

    Raises:
        NotAMember: no such membership, or the account is closed.
    """
    if actor.role == Role.PLATFORM:
        return Witnessed(Role.PLATFORM, None, None)
    if actor.organisation_id is None:
        raise NotAMember(role=actor.role)
    membership = (
        Membership.objects.select_related("user", "organisation")
        .filter(
            user_id=actor.person_id,
            organisation_id=actor.organisation_id,
            role=actor.role,
            user__is_active=True,
        )
        .first()
    )
    if membership is None:
        raise NotAMember(role=actor.role)
    return Witnessed(
        actor.role,
        membership.organisation.slug,
        commitment(membership.user.salt, f"user/{membership.user_id}"),
    )


def commitment(salt: bytes | memoryview, subject: str) -> str:
    """Return the salted SHA-256 by which the ledger knows a person or a vehicle.

    Erasing the salt erases the link: what stays in the log is a random-looking number.
    """
    return hashlib.sha256(bytes(salt) + subject.encode()).hexdigest()
