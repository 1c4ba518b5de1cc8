"""Filings of a case: prepared, handed in, read and accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadworthy.domains.organisations.roles import Kind, Role
from tests.approving import WORKING
from tests.portals.cases.people import CODE, ECU, OLD, People

REVIEWERS = {Kind.MIIT: Role.MIIT_REVIEWER, Kind.SAMR: Role.SAMR_REVIEWER}


class Filing(People):
    """What passes between homologation and the two authorities."""

    # Filings, the manufacturer's side and the authority's.

    def accepted(self, authority: Kind, number: str) -> None:
        """Let a reviewer find a filing in the queue, accept it and sign the receipt."""
        role = REVIEWERS[authority]
        reviewer = self.at_home(role)
        with reviewer.within("Filings in the queue"):
            reviewer.follow(number)
        reviewer.pick("Accept")
        reviewer.press("Go on to confirm")
        reviewer.fill("Passphrase of your key", self.cast.passphrases[role])
        reviewer.press("Sign and accept")
        reviewer.sees("{number} is accepted; the receipt is signed.", number=number)

    def foundation(self) -> None:
        """File the two lower levels, on which every update rests, and get them accepted."""
        self._level(
            "File capability",
            {
                "Number of the access permit": "P-1",
                "Software update management system": "SUMS manual 3.1",
                "Responsible person": "Software update office",
                "Security measures": "Signed packages",
                "Commitments": "True and complete",
            },
        )
        self._level(
            "File types and functions",
            {
                "Functions for online upgrades": "Driver assistance",
                "Sets of software versions": f"{ECU} {OLD}",
                "How owners are told": "In the vehicle and by mail",
                "Supporting documents": "TR-1",
            },
            types=True,
        )

    def _level(self, begin: str, values: Mapping[str, str], *, types: bool = False) -> None:
        officer = self.before(Role.HOMOLOGATION, "Filings")
        officer.follow(begin)
        if types:
            officer.tick(self.type_named)
        officer.fill_in(values)
        officer.press("Make the filings")
        self.both_submitted_and_accepted()

    @property
    def type_named(self) -> str:
        name = WORKING["type"]["name_zh" if self.language == "zh" else "name_en"]
        return f"{name} · {CODE}"

    def both_submitted_and_accepted(self) -> None:
        """Submit the filing before the officer and its twin; let each authority accept its own."""
        first, second = self._numbers(self.person(Role.HOMOLOGATION))
        self.submitted(first, second)
        self.accepted(Kind.MIIT, first)
        self.accepted(Kind.SAMR, second)

    def _numbers(self, officer: Any) -> tuple[str, str]:
        """Return the numbers of a filing with MIIT and of its twin with SAMR, made after it."""
        first = self.number_at(officer)
        second = f"S-{first.rpartition('-')[0]}-{int(first[-4:]) + 1:04}"
        with officer.within("The other authority"):
            officer.sees(second)
        return first, second

    def submitted(self, *numbers: str) -> None:
        """Submit filings that were prepared."""
        for number in numbers:
            officer = self.before(Role.HOMOLOGATION, "Filings")
            officer.follow(number)
            officer.press("Submit the filing")
