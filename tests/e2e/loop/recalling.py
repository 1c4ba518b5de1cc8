"""The recall of the loop, page by page: plan, campaign, completion by proof, report, lesson."""

from __future__ import annotations

import base64
import csv
import io
from dataclasses import dataclass
from typing import Any

from roadworthy.domains.notices.services import FIELDS
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls.models import RecallPlan
from roadworthy.portals.manufacturer.campaign_forms import NOTICE_LABELS
from roadworthy.portals.shared import recall_words
from tests.e2e.loop import clock
from tests.e2e.loop.people import Loop, today
from tests.portals.cases.story import file

CHANGED = "N45 2027, 三（七）"


@dataclass
class Recall(Loop):
    """The people of the loop, from the confirmed defect on."""

    plan: str = ""

    def planned(self) -> str:
        """Write the plan and prepare it; return the number of its filing."""
        recall = self.at(Role.RECALL, "Defects", self.signal)
        self.first(recall, "Write the recall plan")
        recall.fill("Vehicles in scope", "type BETA and ecu frontCamera = 1.0.0")
        recall.pick(self.told(recall_words.REMEDIES["ota"]))
        title = {"zh": "领航辅助更新", "en": "Pilot update"}[self.language]
        recall.tick(f"{self.remedy_number} · {title}")
        for name in ("Defect", "Possible consequence", "Remedy", "Advice to owners until then"):
            recall.fill(f"{name}, in Chinese", "高速领航辅助在低角度阳光下丢失车道线。")
            recall.fill(f"{name}, in English", "The motorway pilot loses the lane in low sun.")
        recall.fill("Planned start", today())
        recall.fill("Hotline", "400 000 0000")
        recall.press("Write the recall plan")
        self.plan = self.number_at(recall)
        recall.sees(self.plan)
        recall.look("loop-plan")
        self.first(recall, "Prepare it for SAMR")
        recall.press("Prepare it for SAMR")
        return self.filing_of_plan()

    def filing_of_plan(self) -> str:
        return RecallPlan.objects.get(number=self.plan).filing_number

    def begun(self) -> None:
        """Tell the dealers of the plan in force, and start the recall."""
        recall = self.at(Role.RECALL, "Recalls", self.plan)
        recall.fill("Dealers told of the plan", today())
        recall.choose("Dealers have stopped selling", "Yes")
        recall.fill("Recall published", today())
        recall.press("Note it")
        self.first(recall, "Start the recall")
        recall.fill("Day", today())
        recall.press("Start the recall")
        samr = self.at(Role.SAMR_REVIEWER, "Recalls", self.plan)
        samr.sees("合肥工厂")
        samr.look("loop-samr-recall")

    # The campaign.

    def campaign(self) -> dict[int, str]:
        """Plan the campaign and ask the owners; return their links by vehicle."""
        officer = self.at(Role.COMPLIANCE_OFFICER, "Recalls", self.plan, self.number)
        self.first(officer, "Plan the campaign")
        parts = ("share of the vehicles", "proven before the next opens", "failures that pause")
        for number, values in ((1, ("100", "100", "50")), (2, ("", "", "")), (3, ("", "", ""))):
            for part, value in zip(parts, values, strict=True):
                officer.fill(officer.say(f"Group {{n}}: {part}", n=number), value)
        officer.press("Plan a campaign")
        officer.look("loop-campaign-planned")
        links = base64.b64decode(officer.href("Download the links (CSV)").split(",", 1)[1])
        officer.follow("Go to the campaign")
        self.first(officer, "Write the notice")
        self.notice(officer)
        officer.press("Ask the owners")
        officer.look("loop-campaign-asked")
        rows = csv.DictReader(io.StringIO(links.decode()))
        return {int(row["vehicle"]): "/" + row["link"].split("/", 3)[3] for row in rows}

    def notice(self, officer: Any) -> None:
        for part, words in (
            ("中文", "更新高速领航辅助软件，约需十分钟，期间请勿驾驶。"),
            (("in itself", "English"), "New motorway pilot; ten minutes; do not drive meanwhile."),
        ):
            with officer.within(part):
                for name in FIELDS:
                    officer.fill(self.told(NOTICE_LABELS[name]), words)
        officer.press("Publish the notice")

    def answers(self, link: str, *, agrees: bool) -> None:
        """Let an owner read the notice behind their link, and answer."""
        owner = self.stranger()
        owner.go(link)
        owner.sees(("recall", "Yes"))
        owner.pick("Install it" if agrees else "I do not want this update")
        owner.press("Confirm my choice")
        owner.look(f"loop-owner-{'yes' if agrees else 'no'}")

    def rolled_out(self) -> None:
        title = {"zh": "领航辅助更新", "en": "Pilot update"}[self.language]
        officer = self.at(Role.COMPLIANCE_OFFICER, "Recalls", self.plan, title)
        officer.press("Start the rollout")
        officer.look("loop-rollout")

    # Completion.

    def remedied(self, proven: int, all_: int, *, by_workshop: int = 0, waiting: int = 0) -> None:
        """Expect the same figures on both sides: what is proven, and nothing else."""
        done = proven + by_workshop
        recall = self.at(Role.RECALL, "Recalls in progress", self.plan)
        recall.sees(f"{done} / {all_}")
        recall.figure("By the running version", proven)
        recall.figure("By a workshop", by_workshop)
        recall.figure("To follow up", waiting)
        recall.look(f"loop-remedied-{done}")
        samr = self.at(Role.SAMR_REVIEWER, "Recalls", self.plan)
        samr.figure("Not remedied yet", all_ - done)
        samr.look(f"loop-samr-{done}")

    def declined(self, vin: str) -> None:
        """See that the owner who said no stands among those who are to be followed up."""
        recall = self.at(Role.RECALL, "Recalls in progress", self.plan, "To follow up")
        recall.sees(vin, "Declines")
        recall.look("loop-follow-ups")

    def repaired(self, vin: str, version: str) -> None:
        """Hand in a workshop's file about one vehicle."""
        rows = f"vin,workshop,done_on,ecu:frontCamera\n{vin},合肥一店,{today()},{version}\n"
        service = self.at(
            Role.AFTER_SALES, "Recalls in progress", self.plan, "Repairs in workshops"
        )
        service.hand_in("File (CSV)", file("repairs.csv", rows.encode()))
        service.press("Read the file")
        service.sees(vin)
        service.look("loop-repaired")

    def completed(self) -> None:
        """Complete the recall, and file the final report with its figures; SAMR accepts it."""
        recall = self.at(Role.RECALL, "Recalls", self.plan)
        recall.fill("All owners told", today())
        recall.press("Note it")
        self.first(recall, "Complete the recall")
        recall.fill("Day", today())
        recall.press("Complete the recall")
        recall = self.at(Role.RECALL, "Recalls in progress", self.plan, "Write the final report")
        recall.sees("Final report", "100")
        recall.look("loop-final-report")
        recall.press("Make the filing")
        report = self.number_at(recall)
        self.submitted(report)
        self.accepted(Kind.SAMR, report)
        clock.recalls_followed()
        self.at(Role.RECALL, "Recalls", self.plan).look("loop-reported")
        samr = self.at(Role.SAMR_REVIEWER, "Recalls", self.plan)
        samr.sees("Final report", "100.0%")
        samr.pick("A view of the recall's effect")
        samr.fill("Words in Chinese", "召回措施有效，未再发生同类事件。")
        samr.fill("Words in English", "The remedy works; nothing of the kind has happened again.")
        samr.press("Write it")
        samr.look("loop-samr-reported")
        recall = self.at(Role.RECALL, "Recalls", self.plan)
        with recall.within("What SAMR writes"):
            recall.sees(self.words("召回措施有效", "The remedy works"))
        recall.look("loop-evaluated")

    # The lesson.

    def taught(self, rule: str) -> None:
        """Propose to change a requirement; MIIT takes it up, and safety reads that."""
        safety = self.at(Role.SAFETY, "Defects", self.signal, "Propose a change")
        safety.pick("A requirement")
        safety.fill("Its name", rule)
        safety.fill("Title in Chinese", "低角度阳光下的车道线识别")
        safety.fill("Title in English", "Lanes in low sun")
        safety.fill("Proposal and its reasons, in Chinese", "试验应当覆盖低角度阳光。")
        safety.fill("Proposal and its reasons, in English", "Tests should cover low sun.")
        safety.press("Propose a change")
        safety.follow("Propose it to MIIT")
        safety.press("Propose it to MIIT")
        title = {"zh": "低角度阳光下的车道线识别", "en": "Lanes in low sun"}[self.language]
        miit = self.at(Role.MIIT_REVIEWER, "Lessons", title, "Take it up")
        miit.fill("Reason", self.words("下一版将作修改。", "The next edition will."))
        miit.press("Take it up")
        miit.sees(self.defect)
        miit.look("loop-lesson-miit")
        miit.follow("The changed text applies")
        miit.fill("Reason", self.words("已采纳。", "Adopted."))
        miit.fill("Changed text", CHANGED)
        miit.fill("Applies from", today())
        miit.press("The changed text applies")
        miit.look("loop-lesson-adopted")
        safety = self.at(Role.SAFETY, "Lessons", title)
        safety.sees(CHANGED, self.defect)
        lesson = self.number_at(safety)
        safety.look("loop-lesson")
        safety.follow(rule)
        safety.sees(lesson, CHANGED, self.plan)
        safety.look("loop-rule")
