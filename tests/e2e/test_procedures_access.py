"""Market access at the counter, from both sides, in each language, by keyboard alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from roadworthy.domains.access import schemas
from roadworthy.domains.access.content import Section
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer.access_forms import LEVELS
from roadworthy.portals.shared.approved import DOCUMENTS, FIELDS, SECTIONS
from roadworthy.portals.shared.words import ROLES
from tests import approving
from tests.e2e.conftest import Site, beside
from tests.e2e.hands import Hands
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
REPORT, SPECIFICATION = b"Report of the institution", b"How it works"
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "level": dict(LEVELS),
    "category": {"M1": "M1"},
}
YES_NO = {"yes": "Yes", "no": "No"}


def file_of(name: str, content: bytes | str) -> Any:
    whole = content if isinstance(content, bytes) else content.encode()
    return {"name": name, "mimeType": "application/octet-stream", "buffer": whole}


def write(officer: Hands, values: Mapping[str, str]) -> None:
    """Write the fields of a section, or of one row of it."""
    for name, value in values.items():
        if value in YES_NO:
            officer.choose(FIELDS[name], YES_NO[value])
        elif name in CHOICES:
            officer.choose(FIELDS[name], CHOICES[name][value])
        elif value and name not in {"none", "parking_only"}:
            officer.fill(FIELDS[name], value)


def parameter(officer: Hands, key: str) -> str:
    """Return what the page calls a technical parameter."""
    one = schemas.on(legal_day(datetime.now(UTC))).parameters[key]
    return str(one.name["en" if officer.language == "en" else "zh-hans"])


def test_somebody_signs_in_and_is_told_what_is_missing_in_their_language(
    counter: tuple[Site, str],
) -> None:
    site, language = counter
    passwords = site.town.world.cast.passwords
    email = next(one for one in passwords if one.startswith("homologation@"))
    with site.hands(None, language) as officer:
        officer.go("/login/")
        officer.press("Sign in")
        told = officer.say("This is empty. Fill it in.")
        assert list(officer.mistakes().values()) == [f"{officer.say('Error:')} {told}"] * 2
        officer.sign_in(email, passwords[email])
        officer.follow("Market access")
        assert officer.offers("Apply for a new type")


def test_a_type_goes_from_an_empty_form_to_an_approval_that_is_revoked(
    counter: tuple[Site, str],
) -> None:
    site, language = counter
    world = site.town.world
    homologation, miit = Role.HOMOLOGATION, Role.MIIT_REVIEWER
    with site.hands(homologation, language) as officer, site.hands(miit, language) as reviewer:
        write_everything(officer)
        attach_documents(officer, world)
        number = file_it(officer, reviewer)
        ask_and_answer(officer, reviewer, number)
        send_back_and_correct(officer, reviewer)
        number = accept(officer, reviewer, world, number)
        with site.hands(None, language) as anybody:
            stand_and_fall(officer, reviewer, anybody, number)


def write_everything(officer: Hands) -> None:
    """Write every section; what is wrong or missing is named, beside its field."""
    officer.go("/m/approvals/")
    officer.follow("Apply for a new type")
    officer.fill("Code of the new type", "ALPHA")
    officer.press("Begin the application")
    assert set(officer.mistakes()) == {officer.say("Code of the new type")}
    officer.fill("Code of the new type", "OMEGA")
    officer.press("Begin the application")
    with officer.within("Sections"):
        officer.follow(SECTIONS[Section.TYPE])
    write(officer, {"name_zh": "欧米伽", "category": "M1"})
    officer.press("Save and go on")
    assert set(officer.mistakes()) == {officer.say("Name in English")}
    officer.look("access-1-missing")
    officer.fill("Name in English", "Omega")
    officer.press("Save and go on")
    parameters = approving.WORKING[Section.PARAMETERS] | {"length": "4.75 m"}
    for key, value in parameters.items():
        if key == "energy":
            officer.choose(parameter(officer, key), energy(officer))
        else:
            officer.fill(parameter(officer, key), value)
    officer.press("Save and go on")
    assert set(officer.mistakes()) == {parameter(officer, "length")}
    officer.look("access-2-wrong-unit")
    officer.fill(parameter(officer, "length"), "4750 mm")
    officer.press("Save and go on")
    with officer.within("New entry {n}", n=1):
        write(officer, approving.WORKING[Section.FUNCTIONS]["rows"][0])
    officer.look("access-3-function")
    officer.press("Save and go on")
    with officer.within("New entry {n}", n=1):
        write(officer, approving.WORKING[Section.ECUS]["rows"][0])
    officer.press("Save and go on")
    for section in (Section.OTA, Section.RECORDER, Section.MANAGEMENT):
        write(officer, approving.WORKING[section])
        officer.press("Save and go on")
    officer.look("access-4-sections-complete")


def energy(officer: Hands) -> str:
    choices = schemas.on(legal_day(datetime.now(UTC))).parameters["energy"].choices or {}
    return str(choices["electric"]["en" if officer.language == "en" else "zh-hans"])


def attach_documents(officer: Hands, world: World) -> None:
    """A test report counts with the statement that its institution signed, and not before."""
    officer.follow("Attach a document")
    officer.choose("Kind", DOCUMENTS["test-report"])
    officer.fill("Title", "UN R157 / GB 44496")
    officer.fill("Standard it was tested to", "GB 44496")
    officer.hand_in("File", file_of("report.pdf", REPORT))
    officer.press("Attach a document")
    assert set(officer.mistakes()) == {officer.say("File")}  # it is no PDF
    officer.hand_in("File", file_of("report.txt", REPORT))
    officer.press("Attach a document")
    officer.look("access-5-no-statement")
    assert set(officer.mistakes()) == {officer.say("Statement of the test institution (DSSE)")}
    officer.hand_in("File", file_of("report.txt", REPORT))
    statement = approving.statement(world, REPORT)
    officer.hand_in("Statement of the test institution (DSSE)", file_of("r.dsse", statement))
    officer.press("Attach a document")
    officer.sees("signature checked")
    officer.follow("Attach a document")
    officer.choose("Kind", DOCUMENTS["technical-specification"])
    officer.fill("Title", "How it works")
    officer.hand_in("File", file_of("how.txt", SPECIFICATION))
    officer.press("Attach a document")


def file_it(officer: Hands, reviewer: Hands) -> str:
    """The authority learns of it when it is submitted, and not before."""
    officer.follow("Preview and file")
    officer.sees("4750 mm", "sha256:")
    officer.look("access-6-preview")
    officer.press("Prepare the filing")
    number = str(officer.page.locator(".head__id code").inner_text())
    reviewer.go("/a/")
    reviewer.sees_not(number)
    officer.press("Submit the filing")
    officer.sees("{number} is submitted.", number=number)
    reviewer.go("/a/")
    reviewer.follow(number)
    reviewer.sees("4750 mm")
    reviewer.look("access-7-before-the-reviewer")
    return number


def ask_and_answer(officer: Hands, reviewer: Hands, number: str) -> None:
    """A note stays with the authority; what is asked and answered, both read."""
    reviewer.fill("Internal note", "看一下限速")
    reviewer.press("Keep the note")
    reviewer.fill("Ask the manufacturer", "Which roads?")
    reviewer.press("Ask")
    with reviewer.within("Questions and answers"):
        reviewer.sees("Which roads?", ("question", "Open"))
    officer.go("/m/filings/")
    officer.follow(number)
    officer.sees("Which roads?")
    officer.sees_not("看一下限速")
    officer.follow(["Answer", "Question %(n)s"], n=1)
    officer.press("Send the answer")
    assert set(officer.mistakes()) == {officer.say("Your answer")}
    officer.fill("Your answer", "Motorways with two lanes.")
    officer.hand_in("Documents", file_of("roads.txt", b"G1, G2"))
    officer.press("Send the answer")
    officer.sees("Your answer is with the authority.", "roads.txt")
    officer.look("access-8-answered")
    reviewer.go(reviewer.address)
    reviewer.sees("Motorways with two lanes.", "roads.txt", "看一下限速")
    reviewer.look("access-9-answer-before-the-reviewer")


def send_back_and_correct(officer: Hands, reviewer: Hands) -> None:
    """A return says why; the next version shows what differs from the one sent back."""
    reviewer.pick("Return for correction")
    reviewer.press("Go on to confirm")
    assert set(reviewer.mistakes()) == {reviewer.say("Reasons")}
    reviewer.look("access-10-no-reason")
    reviewer.fill("Reasons", "最高车速与试验报告不符。")
    reviewer.press("Go on to confirm")
    reviewer.press("Return it")
    officer.go(officer.address)
    officer.sees("What the authority wrote", "最高车速与试验报告不符。")
    officer.look("access-11-returned")
    officer.follow("Correct it")
    with officer.within("Sections"):
        officer.follow(SECTIONS[Section.PARAMETERS])
    officer.fill(parameter(officer, "top_speed"), "200")
    officer.press("Save and go on")
    officer.follow("Preview and file")
    officer.press("Prepare the filing")
    officer.press("Submit the filing")


def accept(officer: Hands, reviewer: Hands, world: World, number: str) -> str:
    """The reviewer sees what changed, sets a condition and signs; the officer gets a receipt."""
    returned, number = number, str(officer.page.locator(".head__id code").inner_text())
    reviewer.go("/a/")
    reviewer.follow(number)
    with reviewer.within("Changed since %(number)s", number=returned):
        reviewer.sees(parameter(reviewer, "top_speed"), "180 km/h", "200 km/h")
    reviewer.open("Conditions of the approval")
    with reviewer.within("Condition {n}", n=1):
        reviewer.fill("Condition in Chinese", "每季度报告接管次数")
        reviewer.fill("Condition in English", "Report takeovers every quarter")
        reviewer.choose("Who answers for it", ROLES[Role.COMPLIANCE_OFFICER])
        reviewer.fill("Due on", "2030-13-31")
        reviewer.tick("Show it on the public page of the approval")
    reviewer.pick("Accept")
    reviewer.press("Go on to confirm")
    assert set(reviewer.mistakes()) == {reviewer.say("Due on")}
    reviewer.look("access-12-wrong-day")
    with reviewer.within("Condition {n}", n=1):
        reviewer.fill("Due on", "2030-01-31")
    reviewer.press("Go on to confirm")
    reviewer.fill("Passphrase of your key", "not it")
    reviewer.press("Sign and accept")
    assert set(reviewer.mistakes()) == {reviewer.say("Passphrase of your key")}
    reviewer.look("access-13-wrong-passphrase")
    reviewer.fill("Passphrase of your key", world.passphrase(Role.MIIT_REVIEWER))
    reviewer.press("Sign and accept")
    reviewer.sees("{number} is accepted; the receipt is signed.", number=number)
    officer.go(officer.address)
    officer.sees(("filing", "Accepted"))
    officer.follow("Receipt")
    officer.sees("The signature holds", number)
    officer.look("access-14-receipt")
    return number


def stand_and_fall(officer: Hands, reviewer: Hands, anybody: Hands, number: str) -> None:
    """Everybody reads that it stands, that it is suspended and why, and that it is over."""
    address = f"/p/starway/approvals/{number}/"
    officer.go("/m/approvals/")
    officer.follow(number)
    officer.sees(("approval", "In force"))
    officer.look("access-15-approval")
    anybody.go(address)
    anybody.sees(("approval", "In force"), "200 km/h")
    anybody.sees_not("camera-a:1", "看一下限速")
    anybody.look("access-16-public")
    reviewer.go("/a/approvals/")
    reviewer.follow(number)
    reviewer.follow("Suspend")
    reviewer.press("Suspend")
    assert set(reviewer.mistakes()) == {reviewer.say("Reason")}
    reviewer.look("access-17-suspend")
    reviewer.fill("Reason", "接管率过高")
    reviewer.press("Suspend")
    for one in (officer, anybody):
        one.go(one.address)
        one.sees(("approval", "Suspended"), "接管率过高")
    anybody.look("access-18-suspended")
    reviewer.follow("Put back into force")
    reviewer.fill("Reason", "已整改")
    reviewer.press("Put back into force")
    anybody.go(anybody.address)
    anybody.sees(("approval", "In force"))
    reviewer.follow("Revoke")
    reviewer.fill("Reason", "再次发生")
    reviewer.press("Revoke")
    for one in (officer, anybody):
        one.go(one.address)
        one.sees(("approval", "Revoked"), "再次发生")
    assert not reviewer.offers("Put back into force")
    officer.look("access-19-revoked")


def test_one_is_refused_one_is_taken_back_and_an_approval_is_given_back(
    counter: tuple[Site, str],
) -> None:
    site, language = counter
    world = site.town.world
    refused = beside(lambda: approving.file(world, approving.whole(world, "TAU"))).number
    withdrawn = beside(lambda: approving.file(world, approving.whole(world, "RHO"))).number
    given_back = beside(lambda: approving.approved(world, code="PHI")).number
    homologation, miit = Role.HOMOLOGATION, Role.MIIT_REVIEWER
    with site.hands(homologation, language) as officer, site.hands(miit, language) as reviewer:
        refuse(officer, reviewer, refused)
        take_back(officer, reviewer, withdrawn)
        give_back(officer, reviewer, given_back)


def refuse(officer: Hands, reviewer: Hands, number: str) -> None:
    """A refusal is final: the officer reads why, and can only begin anew."""
    reviewer.go("/a/")
    reviewer.follow(number)
    reviewer.pick("Refuse")
    reviewer.fill("Reasons", "不符合附件2（三）。")
    reviewer.press("Go on to confirm")
    reviewer.look("access-20-refuse")
    reviewer.press("Refuse it")
    reviewer.sees("{number} is refused.", number=number)
    with reviewer.within("Views"):
        reviewer.follow("Decided")
    reviewer.sees(number, ("filing", "Refused"))
    officer.go("/m/filings/")
    officer.follow(number)
    officer.sees(("filing", "Refused"), "不符合附件2（三）。")
    officer.look("access-21-refused")
    assert not officer.offers("Submit the filing")
    assert not officer.offers("Receipt")


def take_back(officer: Hands, reviewer: Hands, number: str) -> None:
    """What is withdrawn leaves the queue; the page asks before, and Escape is no answer."""
    officer.go("/m/filings/")
    officer.follow(number)
    officer.open("Withdraw")
    officer.page.keyboard.press("Escape")
    officer.sees(("filing", "Under review"))
    officer.open("Withdraw")
    officer.press("Withdraw it")
    officer.sees(("filing", "Withdrawn"))
    officer.look("access-22-withdrawn")
    reviewer.go("/a/")
    reviewer.sees_not(number)


def give_back(officer: Hands, reviewer: Hands, number: str) -> None:
    """The manufacturer ends an approval; the authority reads that and why."""
    officer.go("/m/approvals/")
    officer.follow(number)
    officer.follow("Give it back")
    officer.press("Give the approval back")
    assert set(officer.mistakes()) == {officer.say("Reason")}
    officer.fill("Reason", "停产")
    officer.press("Give the approval back")
    officer.sees(("approval", "Given back"), "停产")
    reviewer.go("/a/approvals/")
    reviewer.follow(number)
    reviewer.sees(("approval", "Given back"), "停产")
    assert not reviewer.offers("Suspend")
    reviewer.look("access-23-given-back")
