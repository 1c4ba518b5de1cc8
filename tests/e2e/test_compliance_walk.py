"""Both halves of compliance as a new user takes them: standards, and the automobile-data gate.

By what is seen on the pages and clicked, in Chromium; axe-core looks at each page on the way.
``ROADWORTHY_TEST_LANGUAGES=zh,en`` walks in each of these. What other procedures make (a release
that vehicles have, a campaign whose owners hold a link) is there before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import FilePayload
from pytest_django import DjangoDbBlocker

from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.campaigns.states import Act
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing.states import Purpose
from roadworthy.kernel import vin
from roadworthy.portals.shared import rights_words
from roadworthy.portals.shared.data_words import ACTS, PURPOSES
from tests import complying, flowing
from tests.e2e.conftest import Site, serving
from tests.e2e.looking import AXE, CONTRAST, SERIOUS
from tests.e2e.mouse import Mouse
from tests.e2e.test_cases_to_signed_release import languages
from tests.portals import town as towns
from tests.portals.conftest import standing
from tests.portals.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

GUIDE = {"zh": "2022年建设指南（定稿）", "en": "Guide of 2022 (final)"}
ROWS = """标准号,标准名称,发布日期,实施日期,标准状态
Q/XT 101-2026,示例车端日志规范,2026-03-02,2026-09-01,现行
Q/XT 102-2026,示例数据出境自查规范,2026-03-02,2026-01-01,现行
GB 2793.1-二零零八,编号有误的一行,,,
"""


NOT_YET, MISSING = ("matrix", "Not yet in force"), ("matrix", "Missing")


@dataclass
class Walk:
    """Who walks, where, and as whom."""

    site: Site
    language: str
    token: str  # an owner's link
    vin: str
    stack: ExitStack

    def window(self, role: Role | None) -> Mouse:
        context, page = self.site.open(role, language=self.language)
        self.stack.callback(context.close)
        return Mouse(page, self.language, base=self.site.url)


def seen(who: Mouse, name: str) -> None:
    """Take a picture if somebody wants one; nothing is wrong that axe-core knows."""
    who.look(f"walk-{name}")
    if not who.page.evaluate("'axe' in window"):
        who.page.evaluate(AXE_SCRIPT)
    found = who.page.evaluate(AXE, {"rules": {CONTRAST: {"enabled": False}}})
    wrong = [(one["id"], one["nodes"][0]["html"][:160]) for one in found]
    assert not [one for one in found if one["impact"] in SERIOUS], (who.address, wrong)


@pytest.fixture(scope="module", params=languages("zh"))
def walk(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Walk]:
    with (
        django_db_blocker.unblock(),
        standing(towns.found, tmp_path_factory) as founded,
        ExitStack() as stack,
    ):
        token, number = _before(founded)
        site = stack.enter_context(serving(founded, django_db_blocker))
        yield Walk(site, request.param, token, number, stack)


def _before(town: Town) -> tuple[str, str]:
    """Let the catalogue be loaded, an item with its notice be registered, an owner hold a link."""
    world = town.world
    complying.seed(world)
    town.releases["draft"] = world.draft(number="D-1")
    ids = towns.roads.register(world, 1)
    made = campaigns.create_campaign(
        manufacturer_id=world.cast.manufacturer_id,
        release_id=world.released(number="R-1").pk,
        name=towns.roads.NAME,
        groups=towns.roads.ALL_AT_ONCE,
        actor=world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )
    ride = towns.roads.Road(world, made.campaign, made.consent_tokens)
    ride.publish()
    ride.take(Act.NOTIFY)
    maker = flowing.Maker(world.cast.manufacturer_id, world.cast.actors)
    maker.state()
    maker.ready("position")
    maker.abroad("position", persons=50, precision_metres=500, **flowing.CONTRACT)
    car = vin.compose(wmi="LTV", descriptor="AAAAA", year=2025, plant="A", serial=1)
    return made.consent_tokens[ids[0]], car.text


def test_standards_from_the_catalogue_to_evidence(walk: Walk) -> None:
    who = walk.window(Role.HOMOLOGATION)
    who.go("/m/")
    found_in_the_catalogue(who)
    taken_from_a_file(who)
    analysed(who)
    shown_for_a_type(who)
    confirmed(walk.window(Role.COMPLIANCE_OFFICER))
    who.go(who.address)
    who.sees(("matrix", "Met"))
    seen(who, "cell-met")
    watched(who)


def found_in_the_catalogue(who: Mouse) -> None:
    """Tree, search by number and pinyin, one standard, two versions compared, targets."""
    who.enter("Standards")
    seen(who, "standards")
    with who.within("Framework"):
        who.page.get_by_role("link", name=GUIDE[who.language]).click()
    who.page.get_by_role("link", name="5.3").click()
    who.sees("GB 44496-2024")
    seen(who, "sub-area")
    who.follow("Clear")
    for asked in ("gb44496", "qiche ruanjian shengji"):
        who.fill("Number, title in Chinese or English, or pinyin", asked)
        who.press("Filter")
        who.sees("GB 44496-2024")
        who.sees_not("GB 44495-2024")
    who.follow("GB 44496-2024")
    who.sees("What is known", "What replaced what")
    seen(who, "standard")
    who.enter("Standards")
    who.follow("Compare versions")
    who.sees("differs", "the same")
    seen(who, "compare")
    who.enter("Standards")
    who.follow("Targets")
    seen(who, "targets")


def taken_from_a_file(who: Mouse) -> None:
    """A list with two bad rows: the columns are mapped, the good row is in, the bad are named."""
    who.enter("Standards")
    who.follow("Import")
    seen(who, "import")
    file: FilePayload = {"name": "标准.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    who.hand_in("File of standards", file)
    who.press("Continue")
    who.sees("示例车端日志规范")
    seen(who, "mapping")
    who.fill("Source of rows that name none", "企业标准目录")
    who.field("Place of new rows that name none").select_option("iov-security/2022/5.3")
    who.press("Take the rows in")
    who.figure(("standard", "New"), 1)
    who.figure(("row", "Refused"), 2)
    seen(who, "report-of-rows")


def analysed(who: Mouse) -> None:
    """Answer what is known of a mandatory standard that is old enough."""
    who.enter("Standards")
    who.follow("Statistical analysis")
    seen(who, "analyses")
    who.follow("GB 39732-2020")
    who.fill("Share of enterprises or products that comply", "95")
    who.press("Hand in")
    who.sees("Your organisation handed in its analysis; it stays as it is.")
    seen(who, "analysis")


def shown_for_a_type(who: Mouse) -> None:
    """The matrix on three days, a fact that was missing, what comes, a cell and its evidence."""
    who.enter(("standards", "Requirements"))
    seen(who, "types")
    who.page.get_by_role("link", name={"zh": "阿尔法", "en": "Alpha"}[who.language]).click()
    who.sees("Missing facts")
    who.page.locator("#h-miss").locator("xpath=../..").get_by_role("link").first.click()
    seen(who, "fact")
    who.page.locator("main select").select_option("M1")
    who.fill("Where it was read", "《公告》第380批")
    who.press("State it")
    for day, state in (("2024-06-01", ""), ("2026-11-20", NOT_YET), ("2028-03-01", MISSING)):
        who.fill("As of", day)
        who.press("Filter")
        if state:
            assert who.page.locator("tbody .chip", has_text=who.say(state)).count()
        else:
            who.sees("The type was not approved yet on that day.")
    seen(who, "matrix")
    who.follow("What comes")
    seen(who, "coming")
    who.page.go_back()
    who.follow("OSCAL")
    seen(who, "oscal")
    with who.page.expect_download() as download:
        who.page.get_by_role("link", name=who.say("Export the profile")).click()
    assert json.loads(Path(download.value.path()).read_bytes())["profile"]["uuid"]
    who.page.go_back()
    who.fill("As of", "2026-11-20")
    who.page.get_by_label(who.say("Standard"), exact=True).select_option("GB/T 40429-2021")
    who.press("Filter")
    who.page.locator("th a.name").first.click()
    who.sees(("matrix", "Missing"))
    who.choose("Kind of evidence", "Document")
    manual: FilePayload = {"name": "说明书.txt", "mimeType": "text/plain", "buffer": b"Level 2."}
    who.hand_in("Document", manual)
    who.fill("Title of the evidence", "GB/T 40429")
    who.press("Attach")
    who.sees(("evidence", "To be confirmed"))
    seen(who, "cell")


def confirmed(officer: Mouse) -> None:
    officer.go("/m/")
    officer.enter(("standards", "Requirements"))
    officer.page.locator("main .head a.btn").first.click()
    seen(officer, "to-be-confirmed")
    officer.follow("GB/T 40429")
    officer.follow("Confirm")
    officer.press("Confirm the evidence")
    officer.sees(("evidence", "Valid"))


def watched(who: Mouse) -> None:
    who.enter(("standards", "Requirements"))
    who.follow("What changed")
    who.sees("Q/XT 101-2026")
    seen(who, "changed")
    who.enter(("standards", "Requirements"))
    who.follow("Notices on standards")
    seen(who, "notices")


def test_data_from_the_register_to_the_yearly_report(walk: Walk) -> None:
    who, officer = walk.window(Role.DATA), walk.window(Role.COMPLIANCE_OFFICER)
    who.go("/m/")
    officer.go("/m/")
    registered(who)
    decided(who, officer)
    delivered(walk.window(Role.RELEASE_ENGINEER))
    exported(who)
    asked_by_a_person(walk, who)
    owed(who)


def registered(who: Mouse) -> None:
    """Enter a recipient and an item."""
    who.enter("Data register")
    seen(who, "register")
    who.follow("Enter a recipient")
    who.fill_in({"Short name": "lab", "Name in Chinese": "研究院", "Name in English": "Lab"})
    who.fill("Country", "XX")
    who.press("Save")
    assert "Country" in str(who.mistakes()) or who.mistakes(), "a country that does not exist"
    who.fill("Country", "CN")
    who.press("Save")
    who.follow("Enter a data item")
    who.fill_in({"Short name": "speed", "Name in Chinese": "车速", "Name in English": "Speed"})
    who.fill("Highest value, of a number", "300")
    who.tick("Examined for the six categories of important data")
    who.choose("An authority told or published that it is important data", "No")
    seen(who, "item-form")
    who.press("Save")
    who.sees("No flow is declared: nothing of it leaves the vehicle.")
    seen(who, "item")


def decided(who: Mouse, officer: Mouse) -> None:
    """Declare one flow that may be, and one that may not; a second person approves the first."""
    who.follow("Declare a flow")
    flow(who, Purpose.DEFECT_ANALYSIS, "No personal information")
    seen(who, "flow-form")
    who.press("Save and ask the rulebook")
    who.sees(("data flow", "Allowed"))
    seen(who, "flow-allowed")
    who.follow(ACTS["declare"])
    who.press(ACTS["declare"])
    officer.enter("Data flows")
    seen(officer, "flows")
    officer.page.locator("tbody th a.name").first.click()
    officer.follow(ACTS["approve"])
    officer.press(ACTS["approve"])
    officer.sees(("data flow", "Approved"))
    who.enter("Data flows")
    who.follow("Declare a flow")
    who.page.get_by_label(who.say("Data item"), exact=True).select_option("position")
    flow(who, Purpose.MARKETING, "Consent")
    who.fill("A position leaves rounded to", "100")
    who.press("Save and ask the rulebook")
    who.sees(("data flow", "Denied"), "DAT-07")
    seen(who, "flow-denied")
    who.enter("Data register")
    seen(who, "picture")


def flow(who: Mouse, purpose: Purpose, ground: str) -> None:
    who.choose("Purpose", PURPOSES[purpose])
    for part in ("The purpose in words", "Why less would not do"):
        who.fill(f"{part}, in Chinese", "查找缺陷原因")
        who.fill(f"{part}, in English", "To find the cause of defects")
    who.choose("Legal ground", ground)
    who.choose("Where it is processed", "In the company")
    who.choose("The function can do with processing in the vehicle", "No")
    who.choose("Recipient", {"zh": "研究院 · 中国", "en": "Lab · China"}[who.language])
    who.choose("Where it is stored", "In China")
    who.fill("Deleted after", "90")
    who.fill("Persons whose information goes, in a year", "0")


def delivered(engineer: Mouse) -> None:
    """The approved flows become a change of a release, as any software."""
    engineer.go("/m/releases/D-1/")
    engineer.follow("Add the data policy")
    seen(engineer, "policy")


def exported(who: Mouse) -> None:
    who.enter("Exports of data")
    who.follow("Ask for an export")
    who.fill("Persons, one a line", "a\nb\nb")
    who.press("Save")
    who.sees("Exports of data")
    seen(who, "exports")


def asked_by_a_person(walk: Walk, who: Mouse) -> None:
    """An owner consents, withdraws, and asks for deletion; a caller for a copy."""
    owner = walk.window(None)
    owner.go(f"/o/{walk.token}/data/")
    owner.press(("consent", "Agree"))
    owner.sees("You agreed")
    seen(owner, "owner-consents")
    owner.press(("consent", "Withdraw"))
    owner.sees("Not agreed")
    owner.press("Ask for deletion")
    who.enter("Requests of persons")
    seen(who, "requests")
    who.follow("Enter a request")
    who.fill("VIN", walk.vin)
    who.choose("What is asked for", rights_words.KINDS["access"])
    who.fill("How it is known who asks", "身份证与行驶证已核对")
    who.press("Save")
    who.sees("What the stores hold of the person")
    seen(who, "request")
    who.enter("Requests of persons")
    who.page.locator("tbody th a.name").last.click()
    who.follow(rights_words.ACTS["carry-out"])
    seen(who, "carry-out")
    who.press(rights_words.ACTS["carry-out"])
    who.sees("What was done in each store")
    seen(who, "carried-out")
    owner.page.reload()
    seen(owner, "owner-answered")


def owed(who: Mouse) -> None:
    """A vulnerability on the clock, a risk assessment about flows, the yearly report."""
    who.enter("Vulnerabilities and leaks")
    who.follow("Enter a vulnerability or leak")
    who.fill("In one line", "远程解锁可重放")
    who.fill("What is known", "外部报告，待判定。")
    who.fill("When it was found", "2026-11-20 09:00")
    who.press("Save")
    who.sees("What the rulebook answers")
    seen(who, "breach")
    who.enter("Duties about data")
    who.follow("Enter a risk assessment")
    for part in ("What was assessed", "Risks", "Measures"):
        who.fill(f"{part}, in Chinese", "车速用于缺陷分析")
        who.fill(f"{part}, in English", "Speed for the analysis of defects")
    who.page.get_by_role("checkbox").first.check()
    who.fill("Assessed on", "2026-11-20")
    seen(who, "risk-form")
    who.press("Save")
    who.sees("RA-2026-0001")
    who.page.locator("main form button").first.click()
    who.follow("Duties about data")
    seen(who, "duties")
    who.page.locator("#h-r").locator("xpath=../..").get_by_role("link").first.click()
    seen(who, "report")
    for name, media in (("Download as PDF", "pdf"), ("Data as JSON", "json")):
        assert media in who.page.request.get(who.base + who.href(name)).headers["content-type"]
