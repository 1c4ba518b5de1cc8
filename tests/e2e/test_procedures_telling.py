"""Texts, complaints, findings and the register, by keyboard, from both sides, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from roadworthy.domains.conformity import detection
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import reporting
from roadworthy.portals.shared import words
from roadworthy.portals.shared.findings import REASONS
from tests.domains.campaigns import roads
from tests.e2e.conftest import Site, beside
from tests.world import ECU

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
UNKNOWN = "9.9.9"


@pytest.fixture(scope="module")
def told(counter: tuple[Site, str], django_db_blocker: Any) -> tuple[Site, str, str]:
    """A site with two vehicles on the road; one runs software that nothing covers."""
    site, language = counter
    with django_db_blocker.unblock():
        ids = roads.register(site.town.world, 2)
        reporting.record_ecu_report(
            vehicle_id=ids[0], ecu_name=ECU, version=UNKNOWN, actor=PLATFORM, at=datetime.now(UTC)
        )
        detection.detect(at=datetime.now(UTC))
        from roadworthy.domains.vehicles.models import Vehicle

        vin = Vehicle.objects.get(pk=ids[0]).vin or ""
    return site, language, vin


def named(who: Any, zh: str, en: str) -> str:
    return zh if who.language == "zh" else en


def test_a_name_that_claims_too_much_is_mended_reviewed_published_and_read_by_samr(
    told: tuple[Site, str, str],
) -> None:
    site, language, _vin = told
    with site.hands(Role.MARKETING, language) as marketing:
        marketing.go("/m/functions/register/")
        marketing.fill("Short name", "HWA")
        marketing.fill("Name in Chinese", "高速辅助")
        marketing.fill("Name in English", "Highway assist")
        marketing.choose("Driving-automation level", "2: combined driver assistance")
        marketing.press("Register a function")
        marketing.go("/m/texts/register/")
        marketing.follow("Name of a function")
        label = "{field} · {language}"
        field = marketing.say("The words")
        marketing.fill(label.format(field=field, language=marketing.say("Chinese")), "自动驾驶管家")
        marketing.fill(label.format(field=field, language=marketing.say("English")), "Butler")
        marketing.press("Check only")
        with marketing.within("What the checker says"):
            marketing.sees("自动驾驶")
        marketing.look("text-checked")
        marketing.fill(label.format(field=field, language=marketing.say("Chinese")), "高速辅助")
        marketing.press("Keep the draft")
        text = marketing.address
        marketing.press("Hand to homologation")
        assert not marketing.offers("Approve")
    with site.hands(Role.HOMOLOGATION, language) as officer:
        officer.go(text)
        officer.press("Approve")
    with site.hands(Role.MARKETING, language) as marketing:
        marketing.go(text)
        marketing.press("Publish")
        marketing.sees(("text", "Public"))
        marketing.look("text-public")
    with site.hands(Role.SAMR_REVIEWER, language) as reviewer:
        reviewer.go("/a/texts/")
        reviewer.follow("Name of a function")
        reviewer.sees("高速辅助", "Butler")


def test_a_complaint_is_answered_disputed_and_read_without_the_owner_by_samr(
    told: tuple[Site, str, str],
) -> None:
    site, language, vin = told
    with site.hands(Role.AFTER_SALES, language) as service:
        service.go("/m/complaints/enter/")
        service.fill("VIN", vin[:-1])
        service.fill("What the owner says", "升级后方向盘抖动。")
        service.press("Enter a complaint")
        assert set(service.mistakes()) == {"VIN"}
        service.fill("VIN", vin)
        service.choose("How it came in", "Telephone")
        service.fill("How to reach the owner", "王先生 13912345678")
        service.press("Enter a complaint")
        service.sees_not("13912345678")
        with service.within("Next step"):
            service.follow("Answer the owner")
        service.fill("To the owner", "请到店检查。")
        service.press("Answer the owner")
        service.follow("Put into dispute")
        service.fill("Summary in Chinese", "升级后抖动，未取得一致。")
        service.fill("Summary in English", "It shakes after an update; no agreement.")
        service.press("Put into dispute")
        service.look("complaint-disputed")
    with site.hands(Role.SAMR_REVIEWER, language) as reviewer:
        reviewer.go("/a/complaints/")
        reviewer.sees(named(reviewer, "升级后抖动", "It shakes after an update"))
        reviewer.sees_not(vin, "13912345678")
        reviewer.look("complaint-samr")


def test_unfiled_software_is_explained_taken_back_reported_and_settled_by_both(
    told: tuple[Site, str, str],
) -> None:
    site, language, _vin = told
    with site.hands(Role.COMPLIANCE_OFFICER, language) as officer:
        officer.go("/m/unknown/")
        officer.follow(UNKNOWN)
        finding = officer.address
        officer.follow("Explain")
        officer.choose("What is it?", next(iter(REASONS.values())))
        officer.fill("How do you know?", "Order 12")
        order = {"name": "order.txt", "mimeType": "text/plain", "buffer": b"Workshop order 12"}
        officer.hand_in("Document that shows it", order)
        officer.press("Explain")
        officer.sees("Order 12")
        officer.follow("Take the explanation back")
        officer.fill("Why does it no longer stand?", "Another vehicle")
        officer.press("Take the explanation back")
        officer.sees("taken back")
        officer.follow("Report to both authorities")
        officer.press("Report to both authorities")
        officer.look("finding-reported")
    for role in (Role.MIIT_REVIEWER, Role.SAMR_REVIEWER):
        with site.hands(role, language) as reviewer:
            reviewer.go("/a/findings/")
            reviewer.follow(UNKNOWN)
            reviewer.sees("Another vehicle")
            reviewer.follow("Settle")
            reviewer.fill("Your note", "A single car.")
            reviewer.press("Settle")
            reviewer.look(f"finding-{role}")
    with site.hands(Role.COMPLIANCE_OFFICER, language) as officer:
        officer.go(finding)
        officer.sees(words.FINDING["closed"].text)


def test_the_register_is_read_by_its_maker_and_by_vin_by_an_authority(
    told: tuple[Site, str, str],
) -> None:
    site, language, vin = told
    world = site.town.world
    with site.hands(Role.HOMOLOGATION, language) as officer:
        officer.go(f"/m/types/{world.type_id}/swin/")
        officer.sees(ECU)
        officer.look("register")
    beside(world.levels_one_and_two)  # an authority supervises whoever has filed with it
    with site.hands(Role.MIIT_REVIEWER, language) as reviewer:
        reviewer.go("/a/vehicle-by-vin/")
        reviewer.fill("VIN", vin)
        reviewer.press("Look up")
        reviewer.sees(vin)  # the heading: the form's own field is no text
        reviewer.look("register-vin")
