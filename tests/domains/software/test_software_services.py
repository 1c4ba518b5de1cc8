"""Releases before they are filed: what can be said of them, by whom, until when."""

from __future__ import annotations

from typing import Any

import pytest

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software import content, questionnaire, services
from roadworthy.domains.software.models import Evidence
from roadworthy.kernel.transitions import WrongRole, WrongState
from roadworthy.trust.dsse import NotAttested
from tests.world import ECU, World


def stranger(world: World) -> Actor:
    """Return a release engineer of another manufacturer."""
    other = organisations.create_organisation(
        slug="other",
        kind=Kind.MANUFACTURER,
        name={"zh-hans": "他", "en": "Other"},
        actor=witnessed(PLATFORM),
        at=world.tick(),
    )
    user = organisations.hire(
        organisation_id=other.pk,
        email="engineer@other.example",
        name="Stranger",
        password="long enough for anybody",
        role=Role.RELEASE_ENGINEER,
        actor=witnessed(PLATFORM),
        at=world.tick(),
    )
    return Actor(Role.RELEASE_ENGINEER, user.pk, other.pk)


def change(world: World, release_id: int, **other: Any) -> None:
    services.add_change(
        **{
            "release_id": release_id,
            "ecu_name": ECU,
            "from_version": "1",
            "to_version": "2",
            "filename": "image.swu",
            "chunks": [b"bytes"],
            "images": world.platform.images,
            "actor": world.actor(Role.RELEASE_ENGINEER),
            "at": world.tick(),
        }
        | other
    )


def test_another_manufacturers_release_looks_like_none(world: World) -> None:
    release = world.draft()
    foreign = stranger(world)
    for step in (
        lambda: services.freeze(release_id=release.pk, actor=foreign, at=world.tick()),
        lambda: services.answer(release_id=release.pk, answers={}, actor=foreign, at=world.tick()),
        lambda: change(world, release.pk, actor=foreign),
        lambda: services.freeze(release_id=10**6, actor=foreign, at=world.tick()),
    ):
        with pytest.raises(services.NoSuchRelease):
            step()


def test_a_frozen_release_cannot_be_changed_until_it_is_reopened(world: World) -> None:
    release = world.frozen()
    with pytest.raises(services.ReleaseIsFixed):
        change(world, release.pk)
    engineer = world.actor(Role.RELEASE_ENGINEER)
    services.reopen(release_id=release.pk, actor=engineer, at=world.tick())
    services.answer(
        release_id=release.pk, answers={"a": "Something else."}, actor=engineer, at=world.tick()
    )


def test_the_digest_follows_the_content(world: World) -> None:
    release = world.frozen()
    first = release.sha256
    engineer = world.actor(Role.RELEASE_ENGINEER)
    services.reopen(release_id=release.pk, actor=engineer, at=world.tick())
    again = services.freeze(release_id=release.pk, actor=engineer, at=world.tick())
    assert again.sha256 == first == content.sha256(again)
    services.reopen(release_id=release.pk, actor=engineer, at=world.tick())
    services.answer(
        release_id=release.pk, answers={"a": "Changed."}, actor=engineer, at=world.tick()
    )
    changed = services.freeze(release_id=release.pk, actor=engineer, at=world.tick())
    assert changed.sha256 != first


def test_an_unanswered_question_keeps_a_release_a_draft_and_is_named(world: World) -> None:
    release = world.draft(h="")
    with pytest.raises(services.ReleaseIncomplete, match=r"7\.1\.2\.5 \(h\)"):
        services.freeze(
            release_id=release.pk, actor=world.actor(Role.RELEASE_ENGINEER), at=world.tick()
        )


def test_the_table_decides_who_freezes(world: World) -> None:
    release = world.draft()
    with pytest.raises(WrongRole):
        services.freeze(
            release_id=release.pk, actor=world.actor(Role.HOMOLOGATION), at=world.tick()
        )
    frozen = world.frozen()
    with pytest.raises(WrongState):
        services.freeze(
            release_id=frozen.pk, actor=world.actor(Role.RELEASE_ENGINEER), at=world.tick()
        )


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"ecu_name": "nothing"}, services.NoSuchEcu),
        ({"filename": "../etc/passwd"}, services.BadFilename),
        ({"filename": "图像.swu"}, services.BadFilename),
        ({"chunks": []}, services.EmptyFile),
        ({}, services.EcuChangedTwice),
    ],
)
def test_a_bad_change_names_what_is_wrong(
    world: World, other: dict[str, Any], error: type[Exception]
) -> None:
    release = world.draft()
    with pytest.raises(error):
        change(world, release.pk, **other)


def test_a_number_is_used_once(world: World) -> None:
    world.draft(number="R-7")
    with pytest.raises(services.ReleaseNumberTaken):
        world.draft(number="R-7")


def test_a_report_that_the_institution_did_not_sign_is_refused(world: World) -> None:
    release = world.draft()
    signed = Evidence.objects.get(release=release, kind="test-report")
    with pytest.raises(services.OtherDocument):
        services.add_evidence(
            release_id=release.pk,
            kind="test-report",
            title="Another",
            filename="other.txt",
            chunks=[b"another report"],
            images=world.platform.images,
            actor=world.actor(Role.RELEASE_ENGINEER),
            at=world.tick(),
            envelope=signed.envelope,
            institution_id=signed.institution_id,
        )
    with pytest.raises(NotAttested):
        services.add_evidence(
            release_id=release.pk,
            kind="test-report",
            title="Another",
            filename="other.txt",
            chunks=[b"report on R-1"],
            images=world.platform.images,
            actor=world.actor(Role.RELEASE_ENGINEER),
            at=world.tick(),
            envelope=signed.envelope,
            institution_id=world.cast.organisation_ids[Kind.MIIT],
        )


@pytest.mark.parametrize(
    "answers",
    [
        {"function_level": 6},
        {"function_level": True},
        {"removes_defect": "yes"},
        {"declared_kind": "gift"},
        {"a": 7},
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused(answers: dict[str, Any]) -> None:
    with pytest.raises(questionnaire.WrongAnswer):
        questionnaire.check(answers)


def test_a_question_that_nobody_asked_is_refused() -> None:
    with pytest.raises(questionnaire.UnknownAnswer):
        questionnaire.check({"z": "?"})


def test_each_step_of_a_release_is_in_the_ledger(world: World) -> None:
    release = world.frozen()
    assert [told.event for told in ledger.story_of_release(release.pk)] == [
        "release:registered",
        "release:change-added",
        "release:evidence-added",
        "release:evidence-added",
        "release:answered",
        "release:state:changed",
    ]
