"""A notice says all that the law asks for, in both languages, or it is not published."""

from __future__ import annotations

import pytest

from roadworthy.domains.notices import queries, services
from roadworthy.domains.notices.services import FIELDS, NoticeIncomplete
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Kind
from tests.world import START

FULL = {language: {name: f"{name} {language}" for name in FIELDS} for language in ("zh-hans", "en")}


@pytest.fixture
def maker(db: None) -> int:
    return organisations.create_organisation(
        slug="maker",
        kind=Kind.MANUFACTURER,
        name={"zh-hans": "厂", "en": "Maker"},
        actor=witnessed(PLATFORM),
        at=START,
    ).pk


def test_versions_follow_each_other_and_the_old_one_stays(maker):
    for text in ("first", "second"):
        content = FULL | {"en": FULL["en"] | {"purpose": text}}
        services.publish(manufacturer_id=maker, subject="campaign/1", content=content, at=START)
    newest = queries.latest(maker, "campaign/1")
    assert newest is not None
    assert newest.version == 2
    assert queries.text(newest, "en")["purpose"] == "second"
    assert queries.text(newest, "fr") == newest.content["zh-hans"]
    assert [n.version for n in queries.versions(maker, "campaign/1")] == [2, 1]
    assert queries.latest(maker + 1, "campaign/1") is None


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("gap", ["", "   ", None, 7])
def test_each_field_is_asked_for_in_each_language_by_name(maker, language, field, gap):
    content = FULL | {language: FULL[language] | {field: gap}}
    with pytest.raises(NoticeIncomplete) as refused:
        services.publish(manufacturer_id=maker, subject="campaign/1", content=content, at=START)
    assert refused.value.data["missing"] == f"{language}.{field}"
    assert queries.latest(maker, "campaign/1") is None


def test_an_empty_notice_is_told_everything_that_is_missing(maker):
    with pytest.raises(NoticeIncomplete) as refused:
        services.publish(manufacturer_id=maker, subject="campaign/1", content={}, at=START)
    assert refused.value.data["missing"].count(",") == 2 * len(FIELDS) - 1


def test_only_known_fields_are_published(maker):
    content = FULL | {"en": FULL["en"] | {"advert": "buy now"}, "fr": {}}
    notice = services.publish(
        manufacturer_id=maker, subject="campaign/1", content=content, at=START
    )
    assert notice.content == FULL
