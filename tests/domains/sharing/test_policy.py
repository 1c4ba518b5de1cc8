"""The sharing data: what is not named is not shared, and a mistake in them stops everything."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.sharing.policy import OTHER, PARTS, Matter, policy, read
from roadworthy.law.rulebook import rulebook

TODAY = date(2026, 11, 22)
N45 = date(2025, 2, 28)
DATA = """
bases:
  law: {{instrument: N45, provision: {{zh-hans: 一, en: one}}, words: {{zh-hans: 一, en: one}},
         from: {since}, source: {{zh-hans: 一, en: one}}, grade: C, binding: {binding}}}
purposes: {{watch: {{title: {{zh-hans: 一, en: one}}, hint: {{zh-hans: 一, en: one}}}}}}
grants:
  - {{key: one, matter: {matter}, of: {of}, parts: [{part}], purposes: [{purpose}], basis: law}}
"""
GOOD = {
    "since": "2025-02-28",
    "binding": "true",
    "matter": "ota-filing",
    "of": "miit",
    "part": "dossier",
    "purpose": "watch",
}


def test_every_basis_stands_in_the_register_of_the_law_and_has_both_languages() -> None:
    told = policy()
    known = set(rulebook().law.register)
    for one in told.bases.values():
        assert one.instrument in known
        assert one.grade in {"A", "B", "C", "D"}
        for text in (one.provision, one.words, one.source):
            assert text["zh-hans"]
            assert text["en"]
    for purpose in told.purposes.values():
        assert set(purpose.title) == set(purpose.hint) == {"zh-hans", "en"}


def test_nothing_is_shared_that_no_grant_names() -> None:
    told = policy()
    assert not told.found(Matter.NEV_REPORT, Kind.SAMR, on=TODAY)
    assert not told.found(Matter.RECALL_NOTICE, Kind.SAMR, on=TODAY)
    assert not told.found(Matter.COMPLAINTS, Kind.MIIT, on=TODAY)
    assert not told.found(Matter.OTA_FILING, Kind.MIIT, on=TODAY, purpose="curiosity")
    assert not told.found(Matter.OTA_FILING, Kind.MANUFACTURER, on=TODAY)


def test_a_grant_begins_on_the_first_day_of_its_basis() -> None:
    told = policy()
    assert not told.found(Matter.OTA_FILING, Kind.MIIT, on=N45 - timedelta(days=1))
    assert told.found(Matter.OTA_FILING, Kind.MIIT, on=N45)
    assert told.found(Matter.RECALL, Kind.SAMR, on=N45 - timedelta(days=1)), "article 6 is older"


def test_what_rests_on_our_own_reading_is_not_verified_however_good_the_text_is() -> None:
    (one,) = [one for one in policy().grants if one.key == "access-production"]
    assert one.basis.grade == "A"
    assert one.grade == "D"
    assert not one.is_verified


def test_the_reader_is_always_the_other_authority() -> None:
    for one in policy().grants:
        assert {one.of, one.to} == set(OTHER)
        assert one.parts <= PARTS[one.matter]


def test_notes_of_reviewers_are_no_part_of_any_matter() -> None:
    assert not any("note" in part for parts in PARTS.values() for part in parts)


def test_good_data_are_read() -> None:
    (one,) = read(DATA.format(**GOOD)).grants
    assert one.holds(N45)


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "null"},
        {"binding": "false"},
        {"matter": "secrets"},
        {"of": "manufacturer"},
        {"part": "notes"},
        {"purpose": "curiosity"},
    ],
    ids=str,
)
def test_a_mistake_in_the_data_stops_the_platform_instead_of_sharing(wrong) -> None:
    with pytest.raises(ValueError):
        read(DATA.format(**{**GOOD, **wrong}))
