"""A register of data built by the real services: items, recipients, notices, flows.

Days lie in 2026, after the export guide came into force (3 February) and before its year ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import declaring, exporting, register, services
from roadworthy.domains.processing.models import Decision, Flow, Recipient
from roadworthy.domains.processing.states import (
    Anonymised,
    Ground,
    Important,
    NoticeItem,
    Path,
    Place,
    Purpose,
    Sensitive,
    Storage,
    Subject,
)
from roadworthy.egress.policy import Kind, Origin

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # Tuesday, 09:00 in Asia/Shanghai


def both(words: str) -> dict[str, str]:
    return {"zh-hans": f"{words}（中文）", "en": words}


ENTRIES = {
    "speed": register.Entry(
        name=both("Speed"),
        kind=Kind.NUMBER,
        origin=Origin.VEHICLE,
        lowest=0,
        highest=300,
        personal=False,
        important=(),
        told_important=False,
    ),
    "account": register.Entry(
        name=both("Owner's account"),
        kind=Kind.WORD,
        origin=Origin.VEHICLE,
        words=("active", "closed"),
        personal=True,
        subjects=(Subject.OWNER,),
        important=(),
        told_important=False,
        persons=60_000,
    ),
    "position": register.Entry(
        name=both("Position"),
        kind=Kind.POSITION,
        origin=Origin.VEHICLE,
        personal=True,
        subjects=(Subject.DRIVER,),
        sensitive=(Sensitive.TRACK,),
        important=(),
        told_important=False,
        persons=5_000,
    ),
    "front-camera": register.Entry(
        name=both("Front camera"),
        kind=Kind.PICTURE,
        origin=Origin.EXTERIOR,
        personal=True,
        subjects=(Subject.OUTSIDE,),
        sensitive=(Sensitive.IMAGE,),
        important=(Important.EXTERIOR_FACES_PLATES,),
        marked_important=True,
        told_important=False,
        shows_persons_outside=True,
        persons=900,
    ),
    "driver-face": register.Entry(
        name=both("Driver's face"),
        kind=Kind.FLAG,
        origin=Origin.VEHICLE,
        personal=True,
        subjects=(Subject.DRIVER,),
        sensitive=(Sensitive.BIOMETRICS,),
        important=(),
        told_important=False,
        persons=900,
    ),
    "cabin-audio": register.Entry(
        name=both("Cabin audio"),
        kind=Kind.AUDIO,
        origin=Origin.COCKPIT,
        personal=True,
        subjects=(Subject.DRIVER, Subject.PASSENGER),
        sensitive=(Sensitive.AUDIO,),
        important=(),
        told_important=False,
        persons=900,
    ),
}


@dataclass
class Maker:
    """A manufacturer with people, and the steps that a test can take in its register."""

    manufacturer_id: int
    actors: dict[Role, Actor]
    now: datetime = START

    def tick(self, **step: float) -> datetime:
        self.now += timedelta(**(step or {"minutes": 1}))
        return self.now

    @property
    def data(self) -> Actor:
        return self.actors[Role.DATA]

    @property
    def officer(self) -> Actor:
        return self.actors[Role.COMPLIANCE_OFFICER]

    def state(self, *, critical: bool | None = False) -> None:
        exporting.state(
            statement=exporting.Statement(critical, "Gao Yuqing", "400-000", "Shanghai"),
            actor=self.data,
            at=self.tick(),
        )

    def enter(self, code: str, *, as_code: str = "", **changes: Any) -> str:
        """Enter one of the items above, changed as told."""
        made = register.enter_item(
            code=as_code or code,
            entry=replace(ENTRIES[code], **changes),
            actor=self.data,
            at=self.tick(),
        )
        return made.item.code

    def recipient(self, code: str = "cloud", country: str = "CN", **more: Any) -> Recipient:
        found = Recipient.objects.filter(manufacturer_id=self.manufacturer_id, code=code).first()
        return found or register.enter_recipient(
            code=code, name=both(code), country=country, actor=self.data, at=self.tick(), **more
        )

    def notice(self, code: str, *without: NoticeItem) -> None:
        said = {item: f"about {item}" for item in NoticeItem if item not in without}
        register.write_notice(
            code=code, content={"zh-hans": said, "en": said}, actor=self.data, at=self.tick()
        )

    def consent(self, code: str, purpose: Purpose = Purpose.REMOTE_SERVICE) -> None:
        register.write_consent_form(
            code=code,
            purpose=purpose,
            words=both("I agree"),
            periods=(30, 365),
            actor=self.data,
            at=self.tick(),
        )

    def said(self, item: str, **changes: Any) -> declaring.Declared:
        """What is declared of an item that goes to the company's own cloud in China."""
        told = declaring.Declared(
            item=item,
            purpose=changes.pop("purpose", Purpose.REMOTE_SERVICE),
            purpose_words=both("The owner sees it in the app"),
            necessity=both("The app has nothing else to show"),
            ground=changes.pop("ground", Ground.CONSENT),
            processed_in=Place.COMPANY,
            stored=Storage.CHINA,
            retention_days=90,
            can_run_in_car=False,
            exempt=False,
        )
        if "recipient_id" not in changes:
            changes["recipient_id"] = self.recipient().pk
        return replace(told, **changes)

    def draft(self, item: str, **changes: Any) -> Flow:
        return declaring.draft(declared=self.said(item, **changes), actor=self.data, at=self.tick())

    def declare(self, item: str, **changes: Any) -> Decision:
        flow = self.draft(item, **changes)
        return services.declare(flow_id=flow.pk, actor=self.data, at=self.tick())

    def approve(self, item: str, **changes: Any) -> Flow:
        declared = self.declare(item, **changes)
        services.approve(flow_id=declared.flow_id, actor=self.officer, at=self.tick())
        return Flow.objects.get(pk=declared.flow_id)

    def client(self, role: Role) -> Client:
        """Return a browser in which somebody with that role has signed in."""
        client = Client()
        client.force_login(User.objects.get(pk=self.actors[role].user_id))
        return client

    def ready(self, code: str, *, purpose: Purpose = Purpose.REMOTE_SERVICE, **changes: Any) -> str:
        """Enter an item with its notice and the consent to one purpose."""
        item = self.enter(code, **changes)
        self.notice(item)
        self.consent(item, purpose)
        return item

    def abroad(self, item: str, *, persons: int, to: str = "hq", **changes: Any) -> Flow:
        """Approve a flow to somebody in Germany."""
        return self.approve(item, **self.going_abroad(persons=persons, to=to), **changes)

    def going_abroad(self, *, persons: int | None, to: str = "hq") -> dict[str, Any]:
        return {
            "recipient_id": self.recipient(to, "DE").pk,
            "stored": Storage.CHINA_AND_ABROAD,
            "persons": persons,
        }


CONTRACT = {"path": Path.CONTRACT, "path_number": "SC-2026-07"}
BLURRED = {"anonymised": Anonymised.BLURRED, "precision_metres": None}
