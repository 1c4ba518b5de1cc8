"""A function, texts and complaints in a world, taken through the real services."""

from __future__ import annotations

from typing import Any

from roadworthy.domains.aftersales import intake, services
from roadworthy.domains.aftersales.models import Complaint
from roadworthy.domains.aftersales.states import Category
from roadworthy.domains.disclosure import services as steps
from roadworthy.domains.disclosure import writing
from roadworthy.domains.disclosure.models import Function, Version
from roadworthy.domains.disclosure.states import Channel
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.models import Vehicle

DESCRIPTION = {
    "zh-hans": {
        "content": "在高速公路上保持车道和车距。",
        "purpose": "减轻长途驾驶的疲劳。",
        "conditions": "仅适用于车道线清晰的高速公路，雨雪天气不适用。",
        "risk": "可能无法识别静止的障碍物。",
        "mitigation": "驾驶员始终手握方向盘，注意路况，随时准备接管。",
    },
    "en": {
        "content": "Keeps the lane and the distance on motorways.",
        "purpose": "Makes long drives less tiring.",
        "conditions": "Only on motorways with clear lane markings, not in rain or snow.",
        "risk": "It may not see obstacles that stand still.",
        "mitigation": "The driver keeps both hands on the wheel and watches the road.",
    },
}
UPDATE = {
    "zh-hans": {
        "content": "警示图标更大。",
        "purpose": "更清晰。",
        "risk": "升级失败时恢复原版本。",
        "mitigation": "请停车后升级。",
    },
    "en": {
        "content": "Larger warning signs.",
        "purpose": "Easier to read.",
        "risk": "If it fails the former version comes back.",
        "mitigation": "Park before you start it.",
    },
}
SOUND = {"zh-hans": {"words": "高速领航辅助"}, "en": {"words": "Highway assist"}}
TOO_MUCH = {"zh-hans": {"words": "自动驾驶管家"}, "en": {"words": "Self-driving butler"}}
HINTING = {"zh-hans": {"words": "高阶智驾"}, "en": {"words": "Highway assist"}}


def function(world: Any, code: str = "HWA", **other: Any) -> Function:
    given = {
        "type_id": world.type_id,
        "name": {"zh-hans": "高速辅助", "en": "Highway assist"},
        "level": 2,
        "approval_number": "",
    }
    return writing.register_function(
        code=code, **(given | other), actor=world.actor(Role.MARKETING), at=world.tick()
    )


def draft(world: Any, channel: Channel, content: Any, **about: Any) -> Version:
    return writing.register_text(
        channel=channel,
        type_id=about.pop("type_id", world.type_id),
        content=content,
        **about,
        actor=world.actor(Role.MARKETING),
        at=world.tick(),
    )


def submitted(world: Any, version: Version) -> Version:
    return steps.submit(text_id=version.text_id, actor=world.actor(Role.MARKETING), at=world.tick())


def approved(world: Any, version: Version) -> Version:
    submitted(world, version)
    return steps.approve(
        text_id=version.text_id, actor=world.actor(Role.HOMOLOGATION), at=world.tick()
    )


def published(world: Any, version: Version) -> Version:
    approved(world, version)
    return steps.publish(
        text_id=version.text_id, actor=world.actor(Role.MARKETING), at=world.tick()
    )


def rewritten(world: Any, version: Version, content: Any, **more: Any) -> Version:
    return writing.write(
        text_id=version.text_id,
        content=content,
        **more,
        actor=world.actor(Role.MARKETING),
        at=world.tick(),
    )


def complaint(world: Any, vehicle_id: int, **account: Any) -> Complaint:
    given = {
        "category": Category.WORSE_AFTER_UPDATE,
        "words": "升级后方向盘抖动。",
        "contact": "王先生 13912345678",
        "channel": "telephone",
    }
    return intake.enter(
        vin=Vehicle.objects.get(pk=vehicle_id).vin or "",
        account=intake.Account(**(given | account)),
        actor=world.actor(Role.AFTER_SALES),
        at=world.tick(),
    )


def disputed(world: Any, vehicle_id: int, **account: Any) -> Complaint:
    made = complaint(world, vehicle_id, **account)
    return services.dispute(
        complaint_id=made.pk,
        summary={"zh-hans": "升级后方向盘抖动，未取得一致。", "en": "It shakes after an update."},
        actor=world.actor(Role.AFTER_SALES),
        at=world.tick(),
    )
