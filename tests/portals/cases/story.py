"""What people do from an application to a signed release, page by page, each in their own window.

One script for whoever can work a page: ``Window`` without script, or ``Hands`` in a browser. The
steps name what is written on the page; nobody types an address but that of their first page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from tuf.api.metadata import Metadata, Targets

from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software.questionnaire import QUESTIONS
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import words
from roadworthy.trust import repository_files
from roadworthy.trust.roles import PARTIES_FIELD
from tests.conformance.tuf_clients import Verdict, ngclient
from tests.portals.cases.applying import Applying
from tests.portals.cases.filing import REVIEWERS
from tests.portals.cases.people import ECU, OLD, file
from tests.world import ANSWERS

LEAD = timedelta(days=30)  # more than SAMR's five working days before the planned day


class Story(Applying):
    """The people of one case, from an application to a signed release."""

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
        engineer = self.before(Role.RELEASE_ENGINEER, "Test reports")
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
            said = self.named(meant.title.to_json())
            engineer.sees(f"{code}（{said}）" if self.language == "zh" else f"{code} ({said})")

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
