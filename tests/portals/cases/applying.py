"""A type on its way to its approval, and to the next version of it, page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from roadworthy.cli.demo.cast import ORGANISATIONS
from roadworthy.domains.access.parameters import Schema
from roadworthy.domains.access.schemas import on
from roadworthy.domains.access.states import Matter
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer.access_forms import LEVELS
from roadworthy.portals.shared.approved import FIELDS, MATTERS
from tests.approving import FUNCTION, WORKING
from tests.portals.cases.filing import Filing
from tests.portals.cases.people import CODE, file

HANDS_FREE = FUNCTION | {
    "key": "handsfree",
    "name_zh": "高速自动驾驶",
    "name_en": "Hands-free motorway driving",
    "level": "3",
    "primary_version": "1",
}
DSSAD = {  # a level 3 asks for it, and for how much it holds
    "dssad": "yes",
    "dssad_time_span_events": "5000",
    "dssad_timestamp_events": "5000",
    "dssad_continuous_hours": "48",
    "locked_collision_overwritten": "no",
    "locked_events_uploaded": "yes",
}
SPECIFICATION = b"How driver assistance and online upgrade of the type work."
STANDARDS = ("GB 44496-2024", "GB 47955-2026", "GB 44721-2026")


class Applying(Filing):
    """What homologation and the test institution do for a type."""

    # The test institution.

    def test(self, name: str, tested: bytes, *, standard: str) -> str:
        """Test some bytes, sign the report and hand it over; return its number."""
        engineer = self.at_home(Role.TEST_ENGINEER)
        if self.reports:
            engineer.follow("Enter a report")
        else:
            with engineer.within("List of reports"):
                engineer.follow("Enter a report")
        number = f"TR-{len(self.reports) + 1}"
        self.reports.append(number)
        engineer.choose("Manufacturer", self.named(ORGANISATIONS[Kind.MANUFACTURER][1]))
        engineer.fill("Report number", number)
        engineer.fill("Title", f"{standard} {name}")
        engineer.fill("Tested by", standard)
        engineer.fill("Vehicle type", CODE)
        engineer.fill("Tested things", f"{hashlib.sha256(tested).hexdigest()}  {name}")
        with engineer.within("Result"):
            engineer.pick(("result", "Passed"))
        engineer.fill("Day of the test", legal_day(datetime.now(UTC)).isoformat())
        engineer.hand_in("Document", file(f"{number}.txt", f"{number}: {standard}".encode()))
        engineer.press("Enter a report")
        engineer.follow("Sign with my key")
        engineer.fill("Passphrase of your key", self.cast.passphrases[Role.TEST_ENGINEER])
        engineer.press("Sign the report")
        engineer.follow("Hand over to the manufacturer")
        engineer.press("Hand it over")
        engineer.sees("Handed over")
        return number

    # Market access of the type, and changes of it.

    def type_approved(self) -> None:
        """Take a new type from its application to its approval."""
        officer = self.before(Role.HOMOLOGATION, "Market access")
        officer.follow("Apply for a new type")
        officer.fill("Code of the new type", CODE)
        officer.press("Begin the application")
        with officer.within("Sections"):
            officer.follow("Vehicle type")
        self._sections(officer)
        self.attach(officer, "Technical specification", file("specification.txt", SPECIFICATION))
        reports = [self.test("specification.txt", SPECIFICATION, standard=s) for s in STANDARDS]
        for number in reports:
            self._rest_application(number, "Market access")
        self.approval = self.file_application()

    def _sections(self, officer: Any) -> None:
        """Write section after section; saving one that is complete leads to the next."""
        names = {name: value for name, value in WORKING["type"].items() if name != "code"}
        officer.fill("Name in Chinese", names["name_zh"])
        officer.fill("Name in English", names["name_en"])
        officer.choose("Vehicle category", names["category"])
        officer.press("Save and go on")
        schema = on(legal_day(datetime.now(UTC)))
        for key, value in WORKING["parameters"].items():
            self.parameter(officer, schema, key, value)
        officer.press("Save and go on")
        with officer.within("New entry {n}", n=1):
            self.write_function(officer, FUNCTION)
        officer.press("Save and go on")
        with officer.within("New entry {n}", n=1):
            self._ecu(officer, WORKING["ecus"]["rows"][0])
        officer.press("Save and go on")
        for name, value in WORKING["ota"].items():
            self._plain(officer, name, value)
        officer.press("Save and go on")
        for name, value in WORKING["recorder"].items():
            self._plain(officer, name, value)
        officer.press("Save and go on")
        for name, value in WORKING["management"].items():
            self._plain(officer, name, value)
        officer.press("Save and go on")
        officer.sees("Documents")

    def parameter(self, officer: Any, schema: Schema, key: str, value: str) -> None:
        known = schema.parameters[key]
        if known.choices:
            officer.choose(self.named(known.name), self.named(known.choices[value]))
        else:
            officer.fill(self.named(known.name), value)

    def write_function(self, officer: Any, function: Mapping[str, str]) -> None:
        for name, value in function.items():
            if name == "parking_only":
                continue
            if name == "level":
                officer.choose(self.told(FIELDS[name]), self.told(dict(LEVELS)[value]))
            else:
                officer.fill(self.told(FIELDS[name]), value)

    def _ecu(self, officer: Any, row: Mapping[str, str]) -> None:
        for name, value in row.items():
            self._plain(officer, name, value)

    def _plain(self, officer: Any, name: str, value: str) -> None:
        if value in {"yes", "no"}:
            officer.choose(self.told(FIELDS[name]), value.capitalize())
        else:
            officer.fill(self.told(FIELDS[name]), value)

    def attach(
        self, officer: Any, kind: str, document: Mapping[str, Any], *, kinds: str = "Kind"
    ) -> None:
        """Attach a document to the application or release before the officer."""
        officer.follow("Attach a document")
        officer.choose(kinds, kind)
        officer.fill("Title", document["name"])
        officer.hand_in("Document" if kinds == "Kind of document" else "File", document)
        officer.press("Attach a document")

    def _rest_application(self, number: str, matter: str) -> None:
        officer = self.before(Role.HOMOLOGATION, "Test reports")
        officer.follow(number)
        officer.press("Attach to %(code)s, %(matter)s", code=CODE, matter=officer.say(matter))

    def file_application(self) -> str:
        """File the application before the officer, submit it, and let MIIT accept it."""
        officer = self.person(Role.HOMOLOGATION)
        officer.sees("Nothing is missing: look at the preview and file it.")
        officer.follow("Preview and file")
        officer.press("Prepare the filing")
        number = self.number_at(officer)
        officer.press("Submit the filing")
        self.accepted(Kind.MIIT, number)
        return number

    # Changes of the approval.

    def change(self, matter: str, write: Callable[[Any], None]) -> str:
        """Apply for what the release changes of its type, get it accepted; return its number."""
        officer = self.release(Role.HOMOLOGATION)
        officer.follow(self._preparing(matter, Kind.MIIT))
        officer.press(self.told(MATTERS[Matter(matter.lower().replace(" ", "-"))]))
        write(officer)
        officer.follow("Write the reason")
        officer.fill("Why the product changes", "The update brings it")
        officer.press("Why the product changes")
        if matter == "Access permit":
            officer.sees(
                "An access permit rests on a safety case: attach it as a document of that kind."
            )
            self.attach(officer, "Safety case", file("safety-case.txt", b"Why it is safe."))
        return self.file_application()

    def faster(self, officer: Any) -> None:
        self._section(officer, "Technical parameters")
        self.parameter(officer, on(legal_day(datetime.now(UTC))), "top_speed", "190")
        officer.press("Save and go on")

    def new_primary_version(self, officer: Any) -> None:
        self._section(officer, "Technical parameters")
        schema = on(legal_day(datetime.now(UTC)))
        self.parameter(officer, schema, "assistance_primary_version", "4")
        officer.press("Save and go on")
        self._section(officer, "Driver assistance and automated driving")
        with officer.within(FUNCTION["name_en"]):
            officer.fill(self.told(FIELDS["primary_version"]), "4")
        officer.press("Save and go on")

    def hands_free(self, officer: Any) -> None:
        self._section(officer, "Driver assistance and automated driving")
        with officer.within("New entry {n}", n=2):
            self.write_function(officer, HANDS_FREE)
        officer.press("Save and go on")
        self._section(officer, "Data recorders")
        for name, value in DSSAD.items():
            self._plain(officer, name, value)
        officer.press("Save and go on")

    def _section(self, officer: Any, name: str) -> None:
        with officer.within("Sections"):
            officer.follow(name)
