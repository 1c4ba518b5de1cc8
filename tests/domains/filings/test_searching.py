"""A filing is found by what both sides may read of it, in Chinese and in English."""

from __future__ import annotations

import pytest

from roadworthy.domains.filings import reading, searching, services
from roadworthy.domains.filings.models import Filing, FilingText
from roadworthy.domains.filings.searching import Piece
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from tests.world import DETAILS, World


@pytest.fixture
def filings(world: World) -> tuple[Filing, ...]:
    """A capability filing in Chinese, before MIIT and as a draft for SAMR."""
    made = services.prepare(
        kind=Kind.CAPABILITY,
        manufacturer_id=world.cast.manufacturer_id,
        details={
            **DETAILS[Kind.CAPABILITY],
            "management_system": "在线升级管理体系，覆盖ＯＴＡ全流程",
            "commitments": "Signed Packages only; 召回计划另行备案",
        },
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    return (world.submit(made[0]), *made[1:])


def found(world: World, search: str) -> set[int]:
    rows = reading.of_manufacturer(world.cast.manufacturer_id, search=search)
    return set(rows.values_list("pk", flat=True))


def test_a_filing_is_found_by_its_words(world: World, filings) -> None:
    both = {one.pk for one in filings}
    for search in (
        "升",
        "升级",
        "在线升级管理",
        "ota",
        "OTA全流程",
        "ＯＴＡ",
        "signed",
        "SIGNED pack",
        "备案 管理",
        "召回计划",
        "计划另行 packages",
        "' | 'ota",  # signs alone mean nothing
    ):
        assert found(world, search) == both, search
    assert found(world, "S-F1-2025") == {filings[1].pk}


def test_what_does_not_stand_there_is_not_found(world: World, filings) -> None:
    for search in (
        "升线",  # both characters are there, not beside each other
        "计划级管",  # each is there by itself
        "召回 不存在",  # every term has to be there
        "igned",  # words are found from their beginning
        "signed-packages",
        "ota:*&!x",
        "%",
        "___",
        "F1-2024",
    ):
        assert found(world, search) == set(), search


def test_an_authority_finds_what_was_submitted_to_it_and_nothing_else(
    world: World, filings
) -> None:
    def queue(party: Party) -> list[int]:
        rows = reading.queue(world.cast.organisation_ids[party], search="升级")
        return [one.pk for one in rows]

    assert queue(Party.MIIT) == [filings[0].pk]
    assert queue(Party.SAMR) == []


def test_another_manufacturer_finds_nothing(world: World, filings) -> None:
    stranger = world.cast.organisation_ids[Party.INSTITUTION]
    assert list(reading.of_manufacturer(stranger, search="升级")) == []


def test_a_reason_is_found_once_it_was_given(world: World, filings) -> None:
    assert found(world, "签字页缺失") == set()
    services.send_back(
        filing_id=filings[0].pk,
        reason="签字页缺失",
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
    assert found(world, "签字页缺失") == {filings[0].pk}


def test_a_release_is_found_by_its_titles_in_both_languages(world: World) -> None:
    release = world.signed(number="R-2025.7")
    pks = {one.pk for one in world.drafts(Kind.ACTIVITY, release)}
    for search in ("仪表显示", "cluster display", "R-2025.7", "r-2025", release.sha256):
        assert found(world, search) == pks, search


def test_what_was_filed_before_there_was_a_search_is_found_too(world: World, filings) -> None:
    before = set(FilingText.objects.values_list("filing_id", "head", "body", "lexemes"))
    FilingText.objects.all().delete()
    assert found(world, "升级") == set()
    assert searching.keep_missing() == len(filings)
    assert set(FilingText.objects.values_list("filing_id", "head", "body", "lexemes")) == before
    assert searching.keep_missing() == 0


def test_an_excerpt_marks_every_hit_around_the_first(world: World, filings) -> None:
    (pieces,) = searching.excerpts(filings[:1], "管理 ota").values()
    assert [one.text for one in pieces if one.hit] == ["管理", "OTA"]
    assert "".join(one.text for one in pieces) == "在线升级管理体系，覆盖OTA全流程"
    assert searching.excerpts(filings, "F1-2025") == {}  # the list shows the number itself
    assert searching.excerpts(filings, "") == {}


def test_an_excerpt_of_a_long_text_says_that_it_is_cut() -> None:
    text = "甲" * 100 + "缺陷" + "乙" * 100
    pieces = searching._excerpt(text, searching.re.compile("缺陷"))
    assert pieces[0] == pieces[-1] == Piece("…", hit=False)
    assert pieces[2] == Piece("缺陷", hit=True)
    assert sum(len(one.text) for one in pieces) < 100


def test_a_text_of_any_length_is_kept(world: World, filings) -> None:
    filing = filings[0]
    filing.reason = "".join(chr(0x4E00 + n % 20_000) + f" w{n} " for n in range(120_000))
    searching.keep(filing)
    assert found(world, "F1-2025 升级") >= set()
    assert found(world, "w17") == {filing.pk}
