"""What people do from an application to a signed release, page by page, each in their own window.

One script for whoever can work a page: ``Window`` without script, or ``Hands`` in a browser. The
steps name what is written on the page; nobody types an address but that of their first page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from tuf.api.metadata import Metadata, Targets

from roadworthy.cli.demo.cast import ORGANISATIONS, Cast
from roadworthy.domains.access.parameters import Schema
from roadworthy.domains.access.schemas import on
from roadworthy.domains.access.states import Matter
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software.questionnaire import QUESTIONS
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.manufacturer.access_forms import LEVELS
from roadworthy.portals.shared import words
from roadworthy.portals.shared.approved import FIELDS, MATTERS
from roadworthy.trust import repository_files
from roadworthy.trust.roles import PARTIES_FIELD
from tests.approving import FUNCTION, WORKING
from tests.conformance.tuf_clients import Verdict, ngclient
from tests.world import ANSWERS

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
CODE, ECU, OLD = "BETA", "frontCamera", "1.0.0"
LEAD = timedelta(days=30)  # more than SAMR's five working days before the planned day
SPECIFICATION = b"How driver assistance and online upgrade of the type work."
STANDARDS = ("GB 44496-2024", "GB 47955-2026", "GB 44721-2026")
HOMES = {
    Role.HOMOLOGATION: "/m/",
    Role.RELEASE_ENGINEER: "/m/",
    Role.COMPLIANCE_OFFICER: "/m/",
    Role.MIIT_REVIEWER: "/a/",
    Role.SAMR_REVIEWER: "/a/",
    Role.TEST_ENGINEER: "/t/",
}
MENU = {
    "Market access": "/m/approvals/",
    "Filings": "/m/filings/",
    "Releases": "/m/releases/",
    "Test reports": "/m/reports/",
}
REVIEWERS = {Kind.MIIT: Role.MIIT_REVIEWER, Kind.SAMR: Role.SAMR_REVIEWER}


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@dataclass
class Story:
    """The people of one case, and what they call things in their language."""

    platform: Platform
    cast: Cast
    language: str
    person: Callable[[Role], Any]  # somebody with that role, signed in
    number_at: Callable[[Any], str]  # what the page before them is about
    reports: list[str] = field(default_factory=list)
    approval: str = ""  # of the type, once it has one
    number: str = ""  # of the release that the case is about

    def begins(self, number: str) -> None:
        """Begin a case: the release will have that number."""
        self.number = number

    @property
    def image(self) -> bytes:
        return f"the image of {self.number}".encode()

    @property
    def filename(self) -> str:
        return f"{self.number.lower()}.swu"

    @property
    def version(self) -> str:
        return f"1.1.0+{self.number.lower()}"

    def at_home(self, role: Role) -> Any:
        """Return somebody on their first page."""
        who = self.person(role)
        who.go(HOMES[role])
        return who

    def before(self, role: Role, entry: str) -> Any:
        """Return somebody at an entry of the menu, which they know the address of."""
        who = self.person(role)
        who.go(MENU[entry])
        return who

    def fact(self, name: str) -> str:
        """Return what the rulebook calls a fact."""
        return self.named(rulebook().facts[name].label.to_json())

    def told(self, label: Any) -> str:
        """Return a label of the portals in the language of the story."""
        with translation.override("zh-hans" if self.language == "zh" else "en"):
            return str(label)

    def named(self, text: Mapping[str, str]) -> str:
        return text["zh-hans" if self.language == "zh" else "en"]

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

    # Releases.

    def release_written(self, answers: Mapping[str, Any]) -> None:
        """Register a release with one image, its reports and its answers; freeze it."""
        engineer = self.before(Role.RELEASE_ENGINEER, "Releases")
        with engineer.within("List of releases"):
            is_first = engineer.offers("Register a release")
            if is_first:
                engineer.follow("Register a release")
        if not is_first:
            engineer.follow("Register a release")
        engineer.fill("Release number", self.number)
        planned = legal_day(datetime.now(UTC)) + LEAD
        engineer.fill("Planned release", planned.isoformat())
        engineer.fill("Title in Chinese", "领航辅助更新")
        engineer.fill("Title in English", "Pilot update")
        engineer.fill("Purpose in Chinese", "改进")
        engineer.fill("Purpose in English", "Better")
        engineer.tick(self.type_named)
        engineer.press("Register a release")
        with engineer.within("Next step"):
            engineer.follow("Add a change")
        engineer.choose("ECU", ECU)
        engineer.fill("Version before", OLD)
        engineer.fill("Version after", self.version)
        engineer.hand_in("Image", file(self.filename, self.image))
        engineer.press("Add a change")
        assessment = file("assessment.txt", b"Assessed: safe.")
        self.attach(engineer, "Safety assessment", assessment, kinds="Kind of document")
        report = self.test(self.filename, self.image, standard="GB 44496-2024")
        engineer.go(MENU["Test reports"])
        engineer.follow(report)
        engineer.press("Attach to %(number)s", number=self.number)
        with engineer.within("Next step"):
            engineer.follow("Answer the questions")
        self.answer(engineer, ANSWERS | answers)
        engineer.press("Save the answers")
        with engineer.within("Next step"):
            engineer.press("Freeze the content")

    def answer(self, engineer: Any, answers: Mapping[str, Any]) -> None:
        facts = rulebook().facts
        for name, value in answers.items():
            if name in facts:
                with engineer.within(self.fact(name)):
                    engineer.pick(self._option(name, value))
        for question in QUESTIONS:
            label = f"({question.key}) {self.named(question.text)}"
            engineer.fill(label, answers[question.key])

    def _option(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "Yes" if value else "No"
        choices = rulebook().facts[name].choices
        return self.named(choices[value].to_json()) if choices else str(value)

    def release(self, role: Role) -> Any:
        """Return somebody before the release."""
        who = self.before(role, "Releases")
        who.follow(self.number)
        return who

    def labelled(self, *labels: str) -> None:
        """Expect these legal labels, and no other, on the release's page."""
        engineer = self.release(Role.RELEASE_ENGINEER)
        with engineer.within("Classification"):
            for label, chip in words.LABELS.items():
                (engineer.sees if label in labels else engineer.sees_not)(self.told(chip.text))

    def category(self, code: str) -> None:
        """Expect a category of the notice of 2025, and that it is called nothing lighter."""
        engineer = self.release(Role.RELEASE_ENGINEER)
        scale = rulebook().law.scales["n45_category"]
        (meant,) = (one for one in scale.classes if one.code == code)
        with engineer.within("Classification"):
            engineer.sees(f"{code} ({self.named(meant.title.to_json())})")

    def prepared(self, kind: str, values: Mapping[str, str]) -> tuple[str, ...]:
        """Prepare a filing of the release; return the numbers, MIIT's first."""
        officer = self.release(Role.HOMOLOGATION)
        officer.follow(self._preparing(kind, Kind.SAMR))
        if kind == "Update activity":
            officer.choose("Kind of online upgrade", values["Kind of online upgrade"])
            values = {k: v for k, v in values.items() if k != "Kind of online upgrade"}
        officer.fill_in(values)
        officer.press("Make the filings")
        return self._numbers(officer) if kind == "Update activity" else (self.number_at(officer),)

    def _preparing(self, kind: str, authority: Kind) -> str:
        return (
            f"{self.told(_('Prepare'))} {self.told(words.party(authority))} · {self.told(_(kind))}"
        )

    def signed(self) -> None:
        """Let the release engineer sign."""
        engineer = self.release(Role.RELEASE_ENGINEER)
        engineer.open("Sign the release")
        engineer.fill("Passphrase of your key", self.cast.passphrases[Role.RELEASE_ENGINEER])
        engineer.press("Sign with my key")

    def activity(self, kind: str = "Technical service") -> Mapping[str, str]:
        """Return what a filing of an update says."""
        return {
            "Number of vehicles": "10",
            "Schedule": "In three groups",
            "Impact on vehicles and owners": "None",
            "Kind of online upgrade": kind,
            "Update cycle": "Quarterly",
            "Where the need comes from": "Planned",
            "Purpose of the upgrade": "Better",
            "If something fails before the upgrade": "It does not begin",
            "If something fails during the upgrade": "The previous version is restored",
            "If something fails after the upgrade": "The previous version is restored",
            "Conclusion of the safety assessment": "Safe",
            "Contingency plan": "The previous version is restored",
        }

    def recall(self) -> Mapping[str, str]:
        """Return what a recall plan says."""
        return {
            "Defect": "The motorway pilot answers too late in extreme scenes",
            "Possible consequence": "Collision with what stands on the road",
            "Remedy": "New software of the driver assistance",
            "Vehicles concerned": "All of the type",
            "Advice to owners until then": "Do not use the motorway pilot",
        }

    def countersigned(self, authority: Kind, number: str) -> None:
        """Let a reviewer sign the metadata that came after the acceptance."""
        role = REVIEWERS[authority]
        reviewer = self.person(role)
        reviewer.go("/a/countersign/")
        reviewer.follow(f"{reviewer.say('Countersign')} {number}")
        reviewer.fill("Passphrase of your key", self.cast.passphrases[role])
        reviewer.press("Sign with my key")

    def refused_before_permit(self, number: str) -> None:
        """Expect that an activity cannot be submitted while its product change is not permitted."""
        officer = self.before(Role.HOMOLOGATION, "Filings")
        officer.follow(number)
        officer.press("Submit the filing")
        officer.sees("This cannot be done as it is", "OTA22-06")

    def denied(self, rule: str) -> None:
        """Expect that the release's page names the rule that keeps the gate shut."""
        engineer = self.release(Role.RELEASE_ENGINEER)
        engineer.sees(rule)
        engineer.sees_not("Every signature is there: released")

    def approved_by(self, permit: str) -> None:
        """Expect that the approval's newest version came by this permit."""
        officer = self.before(Role.HOMOLOGATION, "Market access")
        officer.follow(self.approval)
        officer.sees(permit)

    def stopped(self) -> None:
        """Let the compliance officer state that production and sale have stopped."""
        officer = self.release(Role.COMPLIANCE_OFFICER)
        with officer.within("Next step"):
            officer.follow("Production and sale")
        for name in ("production_stopped", "sale_stopped"):
            with officer.within(self.fact(name)):
                officer.pick("Yes")
        officer.hand_in("Document that shows it", file("order.txt", b"Plants and dealers: stop."))
        officer.press("State it")

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

    # What a program that nobody here wrote says about it.

    def vehicle_takes(self, labels: str, home: Path) -> Verdict:
        """Ask python-tuf's client, with the root that vehicles are built with, for the image."""
        folder = home / "repository"
        repository_files.export(DatabaseMetadata(), self.platform.contents, folder)
        root = (folder / "metadata" / "1.root.json").read_bytes()
        target = f"starway/{labels}/{self.filename}"
        return ngclient(folder.resolve().as_uri(), target, root, home / "client")

    def released(self, labels: str, parties: set[str], home: Path) -> None:
        """Expect the release signed by these parties and no other, and taken by a vehicle."""
        engineer = self.release(Role.RELEASE_ENGINEER)
        with engineer.within("Signatures needed for release"):
            engineer.sees_not(("signer", "Waiting"))
        verdict = self.vehicle_takes(labels, home)
        assert verdict.accepted, (verdict.error, verdict.detail)
        assert verdict.image == self.image
        metadata = home / "repository" / "metadata"
        newest = max(metadata.glob("*.targets.json"), key=lambda one: int(one.name.split(".")[0]))
        targets = Metadata[Targets].from_file(str(newest))
        name = f"starway.{labels}"
        keys = targets.signed.unrecognized_fields[PARTIES_FIELD][name]
        assert set(keys) == parties
        published = Metadata[Targets].from_file(str(metadata / f"1.{name}.json"))
        result = targets.signed.get_verification_result(
            name, published.signed_bytes, published.signatures
        )
        assert set(result.signed) == set(keys.values())
        assert result.threshold == len(parties)
