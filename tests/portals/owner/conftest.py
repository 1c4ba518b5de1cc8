"""A small fleet whose owners were asked, each with the link that they were sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from roadworthy.domains.campaigns.states import Act
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import LightWorld, light  # noqa: F401 - a fixture
from tests.domains.campaigns.roads import Road

TEXTS = {
    "zh-hans": {
        "purpose": "让仪表提示更清晰。",
        "content": "警示图标更大。\n文字更短。",
        "duration": "约10分钟。",
        "impact": "升级期间车辆不能行驶。",
        "precautions": "停在安全处，关好车门。",
        "unavailable_functions": "空调和中控屏不可用。\n手机遥控不可用。",
        "risks": "升级失败时自动恢复原版本。",
        "instructions": "电量不低于30%。",
    },
    "en": {
        "purpose": "Messages in the cluster become clearer.",
        "content": "Larger warning signs.\nShorter texts.",
        "duration": "About 10 minutes.",
        "impact": "The car cannot be driven meanwhile.",
        "precautions": "Park somewhere safe and close the doors.",
        "unavailable_functions": "Climate control and the centre screen.\nPhone control.",
        "risks": "If it fails, the previous version comes back by itself.",
        "instructions": "Battery at 30% or more.",
    },
}


@pytest.fixture(autouse=True)
def _no_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def drafted(light: LightWorld) -> Road:  # noqa: F811 - the fixture
    return roads.road(light)


@pytest.fixture
def asked(drafted: Road) -> Road:
    drafted.publish(TEXTS)
    drafted.take(Act.NOTIFY)
    return drafted


@pytest.fixture(params=["zh-hans", "en"])
def browser(request: pytest.FixtureRequest) -> Client:
    return in_language(request.param)


@pytest.fixture
def english() -> Client:
    return in_language("en")


def in_language(code: str) -> Client:
    client = Client()
    client.cookies["django_language"] = code
    return client
