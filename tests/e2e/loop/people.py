"""What people do in the loop beyond ``tests.portals.cases.story``, page by page.

Nobody types an address but to sign in: from there one goes by the navigation and what pages offer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from roadworthy.domains.incidents.models import Report
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.manufacturer.text_forms import LEVELS
from tests.e2e.loop.road import REMEDY
from tests.portals.cases.story import Story, file

FUNCTION = "NOA"
SITES = "plant,P1,合肥工厂,plant@starway.example\ndealer,D1,合肥一店,dealer@starway.example\n"
SITE_NAMES = ("合肥工厂", "合肥一店")
BOTH = (Role.MIIT_REVIEWER, Role.SAMR_REVIEWER)


def today() -> str:
    return legal_day(datetime.now(UTC)).isoformat()


@dataclass
class Loop(Story):
    """The story goes on after the type is approved: on the road, and back to the law."""

    stranger: Callable[[], Any] = field(default=lambda: None)  # somebody who signs in nowhere
    packed: bytes = b""  # the image of the remedy
    remedy_number: str = "R-REMEDY"
    defect: str = ""

    @property
    def image(self) -> bytes:
        return self.packed if self.number == self.remedy_number else super().image

    @property
    def version(self) -> str:
        return REMEDY if self.number == self.remedy_number else super().version

    def before(self, role: Role, entry: str) -> Any:
        """Return somebody at an entry of their navigation."""
        who = self.person(role)
        who.enter(entry)
        return who

    def at_home(self, role: Role) -> Any:
        """Return somebody at what waits for them."""
        homes = {Role.TEST_ENGINEER: "Test reports"} | dict.fromkeys(BOTH, "Queue")
        return self.before(role, homes.get(role, "Overview"))

    def at(self, role: Role, entry: Any, *follow: str) -> Any:
        """Return somebody at an entry of their navigation, or behind links from there."""
        who = self.before(role, entry)
        for name in follow:
            who.follow(name)
        return who

    def choice(self, fact: str, value: str) -> str:
        return self.named(rulebook().facts[fact].choices[value].to_json())

    def words(self, zh: str, en: str) -> str:
        """Return what somebody writes, in the language of the story."""
        return zh if self.language == "zh" else en

    @property
    def signal(self) -> str:
        """What the platform itself calls a defect that a signal opened."""
        return {"zh": "事件信号：", "en": "Signal from incidents: "}[self.language] + FUNCTION

    # Before anything happens.

    def watched(self, fewest: int) -> None:
        """Register the function, the sites, and the number of incidents that opens an analysis."""
        marketing = self.at(Role.MARKETING, "Functions", "Register a function")
        marketing.fill("Short name", FUNCTION)
        marketing.fill("Name in Chinese", "高速领航辅助")
        marketing.fill("Name in English", "Motorway pilot")
        marketing.choose("Driving-automation level", self.told(dict(LEVELS)[2]))
        marketing.press("Register a function")
        recall = self.at(Role.RECALL, "Defects", "Plants and dealers")
        recall.fill("Plants, dealers and importers", SITES)
        recall.press("Register")
        recall.sees("合肥工厂", "合肥一店")
        safety = self.at(Role.SAFETY, "Signals", "Alarms", "Set levels")
        safety.fill("Similar incidents from which an analysis is opened", str(fewest))
        safety.fill(
            "Why these numbers",
            self.words("三起相同绝非偶然。", "Three of a kind are no accident."),
        )
        safety.press("Levels that open a defect analysis")
        safety.sees("No alarm")

    # Incidents.

    def reported(self, numbers: Sequence[str]) -> None:
        """Find the incidents, qualify the first, report it; both authorities acknowledge."""
        safety = self.at(Role.SAFETY, "Incidents")
        safety.sees(*numbers)
        safety.follow(numbers[0])
        safety.sees("Disengagement by failure", "The vehicle itself")
        safety.follow("Say what it is")
        safety.tick(self.choice("incident_kinds", "disengagement"))
        safety.choose(self.fact("is_new_energy"), "yes")
        safety.choose(self.fact("casualties_or_major_impact"), "no")
        safety.press("Say what it is")
        self.first(safety, "Send the report")
        safety.press("Send it")
        for role in BOTH:
            reviewer = self.at(role, "Incidents")
            with reviewer.within("List of reports"):
                reviewer.sees("Disengagement by failure")
            self.first_report(reviewer)
            reviewer.fill("Passphrase of your key", self.cast.passphrases[role])
            reviewer.press("Acknowledge it")
            reviewer.sees(("incident report", "Acknowledged"))
            reviewer.look(f"loop-incident-{role}")
        safety = self.at(Role.SAFETY, "Incidents", numbers[0])
        with safety.within("Reports to the authorities"):
            safety.sees_not(("incident report", "Not acknowledged"))
        safety.look("loop-incident")

    def first(self, who: Any, name: str) -> None:
        """Take the step that the page names as the next."""
        with who.within("Next step"):
            who.follow(name)

    def first_report(self, reviewer: Any) -> None:
        """Open the only report there is; its number names it."""
        reviewer.follow(Report.objects.order_by("-pk")[0].number)

    # The defect.

    def alarm(self, defect: str, count: int) -> None:
        """See that the alarm opened an analysis, and why."""
        self.defect = defect
        safety = self.at(Role.SAFETY, "Signals", "Alarms")
        safety.sees(defect, FUNCTION)
        safety.look("loop-alarm")
        safety = self.at(Role.SAFETY, "Defects", self.signal)
        with safety.within("Why it was opened"):
            safety.sees(str(count))
        safety.look("loop-defect-opened")

    def concluded(self) -> None:
        """Analyse the defect, conclude, and let the second person confirm it."""
        safety = self.at(Role.SAFETY, "Defects", self.signal)
        self.first(safety, "Begin to analyse")
        safety.press("Begin to analyse")
        self.first(safety, "Write the conclusion")
        safety.pick("There is a defect")
        lost = self.words(
            "低角度阳光下前视摄像头丢失车道线。", "The camera loses the lane in low sun."
        )
        safety.fill("Conclusion and its reasons", lost)
        safety.press("Write the conclusion")
        officer = self.at(Role.COMPLIANCE_OFFICER, "Defects", self.signal)
        self.first(officer, "Confirm the defect")
        officer.press("Confirm the defect")
        officer.sees("合肥工厂", "合肥一店", "0/2")
        safety = self.at(Role.SAFETY, "Defects", self.signal, "Result reported to SAMR")
        safety.fill("Day on which the result was reported", today())
        safety.press("Result reported to SAMR")

    def stops(self, sites: Sequence[str]) -> None:
        """Note with a document that each site has stopped."""
        recall = self.at(Role.RECALL, "Defects", self.signal)
        for one in sites:
            recall.follow(f"{recall.say('Carried out')}{recall.say(('title', ': '))}{one}")
            recall.look("loop-stop")
            recall.fill("What it shows", self.words("生产和销售已停止。", "The line stands still."))
            recall.hand_in("Document", file("stopped.txt", b"Stopped."))
            self.send(recall)
        recall.sees(f"{len(sites)}/{len(sites)}")
        recall.look("loop-stopped")

    def send(self, who: Any) -> None:
        """Send the form of a page that asks one thing, whose button is its heading."""
        who.press(who.page.get_by_role("heading", level=1).inner_text())

    def locked(self, vin: str, *, locked: bool) -> None:
        """Ask as a dealer does whether a vehicle may be delivered."""
        service = self.at(Role.AFTER_SALES, "Recalls in progress", "May it be delivered?")
        service.fill("VIN", vin)
        service.press(("by VIN", "Ask"))
        if locked:
            service.sees("Locked: neither register nor deliver it.", self.defect)
        else:
            service.sees("No lock is known for this VIN.")
        service.look(f"loop-{'locked' if locked else 'free'}")

    # What somebody tries to pass over.

    def concealed(self) -> None:
        """See that SAMR's queue shows the service release that removes a known defect."""
        self.denied("RCL-24")
        samr = self.at(Role.SAMR_REVIEWER, ("conformity", "Findings"))
        samr.sees(self.number)
        samr.look("loop-concealed")
