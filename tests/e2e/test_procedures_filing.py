"""The filing of online upgrades, level by level, to both authorities, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.filings.dossiers import ASSESSMENT, DETAILS
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.shared.dossier import ASSESSMENT_LABELS, DETAIL_LABELS, OTA_TYPES
from roadworthy.portals.shared.words import FILING_KINDS, SAMR_READINGS
from tests.domains.campaigns import roads
from tests.e2e.conftest import Site, beside
from tests.e2e.hands import Hands
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
RELEASE = "R-2026.1"
VEHICLES = 7
NOTE = "问一下同事"


@dataclass
class Counter:
    """Who sits where."""

    world: World
    officer: Hands
    miit: Hands
    samr: Hands

    @property
    def reviewers(self) -> tuple[tuple[Hands, Role], ...]:
        return (self.miit, Role.MIIT_REVIEWER), (self.samr, Role.SAMR_REVIEWER)


@contextmanager
def seated(counter: tuple[Site, str]) -> Iterator[Counter]:
    site, language = counter
    world = site.town.world
    world.now = datetime.now(UTC)  # what the services do beside the pages happens now too
    roles = (Role.HOMOLOGATION, Role.MIIT_REVIEWER, Role.SAMR_REVIEWER)
    with ExitStack() as stack:
        yield Counter(world, *(stack.enter_context(site.hands(one, language)) for one in roles))


def write(officer: Hands, kind: Kind, **other: str) -> None:
    """Fill in what a kind of filing asks for."""
    for name in DETAILS[kind]:
        if name == "assessment":
            for part in ASSESSMENT:
                if part == "ota_type":
                    officer.choose(ASSESSMENT_LABELS[part], OTA_TYPES["service"])
                else:
                    officer.fill(ASSESSMENT_LABELS[part], f"{part}：见手册第3章")
        elif name == "types":
            code = {"zh": "阿尔法 · ALPHA", "en": "Alpha · ALPHA"}[officer.language]
            officer.tick(code)
        elif name != "figures":
            usual = "10" if name == "vehicle_count" else f"{name}：见手册第2章"
            officer.fill(DETAIL_LABELS[name], other.get(name, usual))


def labels(officer: Hands, names: Mapping[str, Any] | tuple[str, ...]) -> set[str]:
    return {officer.say(DETAIL_LABELS[name]) for name in names}


def number_on(page: Hands) -> str:
    return str(page.page.locator(".head__id code").inner_text())


def submit_both(officer: Hands) -> tuple[str, str]:
    """Submit MIIT's filing, then the same content to SAMR; return both numbers."""
    numbers = [number_on(officer)]
    officer.press("Submit the filing")
    officer.sees("{number} is submitted.", number=numbers[0])
    with officer.within("The other authority"):
        officer.sees("identical")
        numbers.append(officer.page.locator("[aria-labelledby=h-oth] a").inner_text())
        officer.follow(numbers[1])
    officer.press("Submit the filing")
    return numbers[0], numbers[1]


def accept(reviewer: Hands, number: str, passphrase: str) -> None:
    reviewer.go("/a/")
    reviewer.follow(number)
    reviewer.pick("Accept")
    reviewer.press("Go on to confirm")
    reviewer.fill("Passphrase of your key", passphrase)
    reviewer.press("Sign and accept")
    reviewer.sees("{number} is accepted; the receipt is signed.", number=number)


def test_capability_is_returned_by_one_authority_corrected_and_accepted_by_both(
    counter: tuple[Site, str],
) -> None:
    with seated(counter) as at:
        officer = at.officer
        officer.go("/m/filings/")
        officer.follow("File capability")
        officer.press("Make the filings")
        assert set(officer.mistakes()) == labels(officer, DETAILS[Kind.CAPABILITY])
        officer.look("filing-1-empty")
        write(officer, Kind.CAPABILITY)
        officer.press("Keep as a draft")
        officer.hand_in("Documents", {"name": "manual.txt", "mimeType": "", "buffer": b"SUMS"})
        officer.press("Attach")
        officer.sees("manual.txt")
        officer.look("filing-2-draft")
        for reviewer, _role in at.reviewers:
            reviewer.go("/a/")
            reviewer.sees("Nothing waits for a decision")
        officer.press("Save and preview")
        officer.sees("This is exactly what the authorities will read. Nothing is filed yet.")
        officer.look("filing-3-preview")
        officer.press("Make the filings")
        numbers = submit_both(officer)
        send_back(at, numbers)
        correct(at, numbers)


def send_back(at: Counter, numbers: tuple[str, str]) -> None:
    """SAMR returns; MIIT sees that it did, and neither sees the other's notes or questions."""
    at.samr.go("/a/")
    at.samr.sees_not(numbers[0])
    at.samr.follow(numbers[1])
    at.samr.fill("Internal note", NOTE)
    at.samr.press("Keep the note")
    at.samr.pick("Return for correction")
    at.samr.fill("Reasons", "缺少责任人的联系方式。")
    at.samr.press("Go on to confirm")
    at.samr.press("Return it")
    at.miit.go("/a/")
    at.miit.follow(numbers[0])
    at.miit.sees("manual.txt", ("filing", "Returned"))
    at.miit.sees_not(NOTE, "缺少责任人的联系方式。")
    at.miit.look("filing-4-other-returned")


def correct(at: Counter, numbers: tuple[str, str]) -> None:
    """The next version keeps what was written, and goes to both under one digest again."""
    officer = at.officer
    officer.go("/m/filings/")
    officer.follow(numbers[1])
    officer.sees("What the authority wrote", "缺少责任人的联系方式。")
    officer.sees_not(NOTE)
    officer.look("filing-5-returned")
    officer.press("Correct it")
    assert officer.value(DETAIL_LABELS["commitments"]) == "commitments：见手册第2章"
    officer.sees("manual.txt")
    officer.fill(DETAIL_LABELS["responsible_person"], "软件升级办公室，010-1234")
    officer.press("Save and preview")
    officer.press("Make the filings")
    later = submit_both(officer)
    for (reviewer, role), number, before in zip(at.reviewers, later, numbers, strict=True):
        reviewer.go("/a/")
        reviewer.sees_not(before)
        reviewer.follow(number)
        with reviewer.within("Changed since %(number)s", number=before):
            reviewer.sees("软件升级办公室，010-1234")
        reviewer.look(f"filing-6-corrected-{role}")
        accept(reviewer, number, at.world.passphrase(role))
    officer.go(officer.address)
    officer.sees(("filing", "Accepted"))
    officer.follow("Receipt")
    officer.sees("The signature holds", later[1])
    officer.go("/m/filings/")
    officer.follow(numbers[0])
    officer.sees(("filing", "Superseded"))


def test_type_and_function_is_refused_and_filed_again_from_last_time(
    counter: tuple[Site, str],
) -> None:
    with seated(counter) as at:
        officer, miit = at.officer, at.miit
        officer.go("/m/filings/")
        officer.follow("File types and functions")
        write(officer, Kind.TYPE)
        officer.press("Make the filings")
        refused, _of_samr = submit_both(officer)
        miit.go("/a/")
        miit.follow(refused)
        miit.pick("Refuse")
        miit.fill("Reasons", "软件版本组合不全。")
        miit.press("Go on to confirm")
        miit.press("Refuse it")
        officer.go("/m/filings/")
        officer.follow(refused)
        officer.sees("read the reasons.", "软件版本组合不全。")
        officer.look("filing-7-refused")
        officer.follow("File anew")
        assert officer.value(DETAIL_LABELS["ota_functions"]) == "ota_functions：见手册第2章"
        officer.fill(DETAIL_LABELS["version_sets"], "1.0.0；1.1.0；2.0.0")
        officer.press("Make the filings")
        again = submit_both(officer)
        accept_beside(at, *again)
        officer.go(officer.address)
        officer.sees(("filing", "Accepted"))


def accept_beside(at: Counter, *numbers: str) -> None:
    """Accept without the pages: how one accepts is played at the other levels."""
    for number in numbers:
        filing = Filing.objects.select_related("authority").get(number=number)
        beside(partial(at.world.accept, filing))


def test_an_activity_is_signed_accepted_amended_and_reported_on(counter: tuple[Site, str]) -> None:
    site, language = counter
    with seated(counter) as at:
        beside(at.world.levels_one_and_two)
        later = legal_day(datetime.now(UTC)) + timedelta(days=40)
        beside(partial(at.world.frozen, number=RELEASE, planned_on=later))
        write_activity(at.officer)
        with site.hands(Role.RELEASE_ENGINEER, language) as engineer:
            too_early(at.officer, engineer)
            sign(engineer, at.world)
        accepted = decide(at)
        amend(at, accepted)
        with site.hands(Role.COMPLIANCE_OFFICER, language) as compliance:
            choose_reading(at.officer, compliance, accepted[1])
        report(at)


def write_activity(officer: Hands) -> None:
    officer.go(f"/m/releases/{RELEASE}/")
    officer.follow("Prepare the filing")
    write(officer, Kind.ACTIVITY, vehicle_count="ten")
    officer.press("Make the filings")
    assert set(officer.mistakes()) == labels(officer, ("vehicle_count",))
    assert officer.value(DETAIL_LABELS["contingency"]) == "contingency：见手册第2章"
    officer.look("filing-8-activity-wrong")
    officer.fill(DETAIL_LABELS["vehicle_count"], "10")
    officer.press("Make the filings")
    officer.look("filing-9-activity")


def too_early(officer: Hands, engineer: Hands) -> None:
    """Nothing can be submitted that the authority could not countersign."""
    officer.press("Submit the filing")
    officer.sees("Sign the release first, for this dossier: the authority signs the same metadata.")
    assert officer.offers("Submit the filing")  # one is still where one was
    officer.look("filing-10-not-signed")
    engineer.go(f"/m/releases/{RELEASE}/")


def sign(engineer: Hands, world: World) -> None:
    engineer.open("Sign the release")
    engineer.fill("Passphrase of your key", "not it")
    engineer.press("Sign with my key")
    assert set(engineer.mistakes()) == {engineer.say("Passphrase of your key")}
    engineer.look("filing-11-wrong-passphrase")
    engineer.fill("Passphrase of your key", world.passphrase(Role.RELEASE_ENGINEER))
    engineer.press("Sign with my key")
    assert not engineer.offers("Sign the release")


def decide(at: Counter) -> tuple[str, str]:
    officer = at.officer
    officer.go("/m/filings/")
    number = Filing.objects.get(dossier__kind=Kind.ACTIVITY, authority__kind="miit").number
    officer.follow(number)
    numbers = submit_both(officer)
    for (reviewer, role), one in zip(at.reviewers, numbers, strict=True):
        accept(reviewer, one, at.world.passphrase(role))
    officer.go(f"/m/releases/{RELEASE}/")
    officer.look("filing-12-release")
    officer.sees(("release", "Released"))
    return numbers


def amend(at: Counter, accepted: tuple[str, str]) -> None:
    """What was accepted stands until its amendment is; both read the reason and what differs."""
    officer = at.officer
    officer.go("/m/filings/")
    officer.follow(accepted[0])
    officer.press("Amend")
    officer.fill(DETAIL_LABELS["vehicle_count"], "12")
    officer.press("Save and preview")
    assert set(officer.mistakes()) == {officer.say("Reason for the amendment")}
    officer.look("filing-13-no-reason")
    officer.fill("Reason for the amendment", "又交付两辆。")
    officer.press("Save and preview")
    officer.press("Make the filings")
    later = submit_both(officer)
    at.miit.go("/a/")
    at.miit.follow(later[0])
    with at.miit.within("Changed since %(number)s", number=accepted[0]):
        at.miit.sees("又交付两辆。", "12")
    at.miit.look("filing-14-amendment")
    accept(at.miit, later[0], at.world.passphrase(Role.MIIT_REVIEWER))
    accept_beside(at, later[1])
    officer.go("/m/filings/")
    officer.follow(accepted[0])
    officer.sees(("filing", "Superseded"))
    assert not officer.offers("Amend")


def choose_reading(officer: Hands, compliance: Hands, number: str) -> None:
    """Which of the two readings is applied is chosen by a person, and named where it acts."""
    compliance.go("/m/obligations/")
    compliance.follow("Reading of the five working days")
    compliance.pick(SAMR_READINGS["window"])
    compliance.look("filing-15-reading")
    compliance.press("Go by this reading")
    compliance.sees("Your reading is kept; open releases are assessed anew.")
    officer.go("/m/filings/")
    officer.follow(number)
    with officer.within("Five working days"):
        officer.sees(SAMR_READINGS["window"])


def plan_campaign(world: World) -> None:
    roads.register(world, VEHICLES)
    campaigns.create_campaign(
        manufacturer_id=world.cast.manufacturer_id,
        release_id=Filing.objects.filter(dossier__kind=Kind.ACTIVITY)[0].dossier.release_id,
        name=roads.NAME,
        groups=[campaigns.GroupPlan(100, 90, 50)],
        actor=world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )


def report(at: Counter) -> None:
    """The figures of a report come from the campaign; the authorities read and accept it."""
    world, officer = at.world, at.officer
    beside(partial(plan_campaign, world))
    officer.go(f"/m/releases/{RELEASE}/file/{Kind.IMPLEMENTATION_REPORT}/")
    officer.sees("Prepare: {kind}", kind=officer.say(FILING_KINDS[Kind.IMPLEMENTATION_REPORT]))
    write(officer, Kind.IMPLEMENTATION_REPORT)
    officer.press("Make the filings")
    officer.sees("Figures of the campaign", str(VEHICLES))
    numbers = submit_both(officer)
    at.samr.go("/a/")
    at.samr.follow(numbers[1])
    at.samr.look("filing-16-report")
    accept(at.samr, numbers[1], world.passphrase(Role.SAMR_REVIEWER))
    officer.go("/m/log/")
    officer.sees(*numbers)
    officer.look("filing-17-log")
