"""What another system may be allowed to do, and which role that takes.

A scope never widens a role: a client gets only scopes of the one role in which it acts. What
needs a passphrase - signing, accepting, countersigning - is no scope: people do that.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_noop as _m

from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Kind, Role


class Scope(StrEnum):
    TYPES_READ = "types:read"
    TYPES_WRITE = "types:write"
    RELEASES_READ = "releases:read"
    RELEASES_WRITE = "releases:write"
    FILINGS_READ = "filings:read"
    FILINGS_WRITE = "filings:write"
    VEHICLES_READ = "vehicles:read"
    LOCKS_READ = "locks:read"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_WRITE = "incidents:write"
    RECALLS_WRITE = "recalls:write"
    COMPLETIONS_WRITE = "completions:write"
    EXPORTS_WRITE = "exports:write"


MEANING: Mapping[Scope, str] = {
    Scope.TYPES_READ: _m("Read vehicle types"),
    Scope.TYPES_WRITE: _m("Register vehicle types"),
    Scope.RELEASES_READ: _m("Read releases and what the rulebook says of them"),
    Scope.RELEASES_WRITE: _m("Register, fill and freeze releases"),
    Scope.FILINGS_READ: _m("Read filings, receipts and duties"),
    Scope.FILINGS_WRITE: _m("Prepare, submit and withdraw filings"),
    Scope.VEHICLES_READ: _m("Read what unknown software vehicles report"),
    Scope.LOCKS_READ: _m("Ask by VIN whether a vehicle may be registered and delivered"),
    Scope.REPORTS_READ: _m("Read test reports"),
    Scope.REPORTS_WRITE: _m("Enter test reports as drafts"),
    Scope.INCIDENTS_READ: _m("Read incidents and reports of them"),
    Scope.INCIDENTS_WRITE: _m("Tell of incidents"),
    Scope.RECALLS_WRITE: _m("Enter published recalls into the register"),
    Scope.COMPLETIONS_WRITE: _m("Report vehicles that a workshop has remedied"),
    Scope.EXPORTS_WRITE: _m("Ask before personal information is exported"),
}

_READ = frozenset(
    {
        Scope.TYPES_READ,
        Scope.RELEASES_READ,
        Scope.FILINGS_READ,
        Scope.VEHICLES_READ,
        Scope.REPORTS_READ,
    }
)

SCOPES_OF_ROLE: Mapping[Role, frozenset[Scope]] = {
    Role.HOMOLOGATION: _READ | {Scope.TYPES_WRITE, Scope.FILINGS_WRITE},
    Role.RELEASE_ENGINEER: _READ | {Scope.RELEASES_WRITE},
    Role.COMPLIANCE_OFFICER: _READ | {Scope.INCIDENTS_READ},
    Role.SAFETY: frozenset({Scope.TYPES_READ, Scope.INCIDENTS_READ, Scope.INCIDENTS_WRITE}),
    Role.RECALL: _READ | {Scope.COMPLETIONS_WRITE, Scope.LOCKS_READ},
    Role.AFTER_SALES: frozenset({Scope.LOCKS_READ}),
    Role.DATA: frozenset({Scope.TYPES_READ, Scope.EXPORTS_WRITE}),
    Role.MIIT_REVIEWER: frozenset({Scope.FILINGS_READ, Scope.INCIDENTS_READ}),
    Role.SAMR_REVIEWER: frozenset({Scope.FILINGS_READ, Scope.INCIDENTS_READ, Scope.RECALLS_WRITE}),
    Role.TEST_ENGINEER: frozenset({Scope.REPORTS_READ, Scope.REPORTS_WRITE}),
}

# Who answers for the other systems of their organisation. An authority's or institution's
# client reads, or writes drafts: its own people manage it.
MANAGERS: Mapping[Kind, Role] = {
    Kind.MANUFACTURER: Role.COMPLIANCE_OFFICER,
    Kind.MIIT: Role.MIIT_REVIEWER,
    Kind.SAMR: Role.SAMR_REVIEWER,
    Kind.INSTITUTION: Role.TEST_ENGINEER,
}


def roles_of(kind: Kind) -> tuple[Role, ...]:
    """Return the roles in which a client of such an organisation may act."""
    return tuple(role for role in SCOPES_OF_ROLE if KIND_OF_ROLE[role] == kind)
