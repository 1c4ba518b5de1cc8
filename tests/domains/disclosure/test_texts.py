"""Texts from the writer to the public, and what stands in between."""

from __future__ import annotations

import dataclasses

import pytest

from roadworthy.domains.disclosure import errors, queries, services, wordings, writing
from roadworthy.domains.disclosure.models import Version
from roadworthy.domains.disclosure.states import Channel, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.models import Membership
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software.models import Release
from roadworthy.kernel.transitions import WrongRole, WrongState
from tests import telling
from tests.domains.campaigns.conftest import people


def test_a_sound_text_goes_from_its_writer_to_the_public(light):
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    assert name.state == State.DRAFT
    public = telling.published(light, name)
    assert public.state == State.PUBLISHED
    assert public.published_at is not None
    assert public.reviewed_by_id != public.written_by_id


def test_a_text_that_claims_too_much_is_neither_approved_nor_published(light):
    loud = telling.draft(light, Channel.PRODUCT_NAME, telling.TOO_MUCH)
    assert loud.checked["faults"]
    telling.submitted(light, loud)
    with pytest.raises(errors.ClaimsTooMuch) as refused:
        services.approve(
            text_id=loud.text_id, actor=light.actor(Role.HOMOLOGATION), at=light.tick()
        )
    assert "自动驾驶" in refused.value.data["phrases"]["zh-hans"]
    loud.refresh_from_db()
    assert loud.state == State.IN_REVIEW


def test_what_is_a_fault_for_level_2_may_be_said_of_level_3(light):
    """GB/T 40429: from level 3 on it is automated driving, and may be called so."""
    pilot = telling.function(light, "PILOT", level=3)
    about = {"function_id": pilot.pk}
    words = {"zh-hans": {"words": "自动驾驶"}, "en": {"words": "Autonomous driving"}}
    assert not telling.draft(light, Channel.FUNCTION_NAME, words, **about).checked["faults"]
    assist = {"function_id": telling.function(light).pk}
    assert telling.draft(light, Channel.FUNCTION_NAME, words, **assist).checked["faults"]


def test_an_advertisement_without_limits_is_a_fault_and_a_name_without_them_is_none(light):
    assert telling.draft(light, Channel.ADVERTISEMENT, telling.SOUND).checked["faults"]
    assert not telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND).checked["faults"]


def test_a_fault_in_one_language_is_enough(light):
    half = {"zh-hans": telling.SOUND["zh-hans"], "en": telling.TOO_MUCH["en"]}
    assert telling.draft(light, Channel.IN_CAR, half).checked["faults"]


def test_a_hint_needs_a_reason_to_go_on(light):
    hinting = telling.draft(light, Channel.PRODUCT_NAME, telling.HINTING)
    with pytest.raises(errors.HintNeedsReason):
        telling.submitted(light, hinting)
    telling.rewritten(light, hinting, telling.HINTING, hint_reason="Registered trade mark.")
    assert telling.published(light, hinting).hint_reason == "Registered trade mark."


def test_nobody_approves_what_they_wrote(light):
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    telling.submitted(light, name)
    marketing = light.actor(Role.MARKETING)
    Membership.objects.create(
        user_id=marketing.user_id,
        organisation_id=marketing.organisation_id,
        role=Role.HOMOLOGATION,
    )
    both = dataclasses.replace(marketing, role=Role.HOMOLOGATION)
    with pytest.raises(errors.OwnWriting):
        services.approve(text_id=name.text_id, actor=both, at=light.tick())


def test_only_marketing_writes_and_only_homologation_approves(light):
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    with pytest.raises(WrongRole):
        writing.write(
            text_id=name.text_id,
            content=telling.SOUND,
            actor=light.actor(Role.HOMOLOGATION),
            at=light.tick(),
        )
    telling.submitted(light, name)
    with pytest.raises(WrongRole):
        services.approve(text_id=name.text_id, actor=light.actor(Role.MARKETING), at=light.tick())


def test_a_version_in_review_cannot_be_rewritten(light):
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    telling.submitted(light, name)
    with pytest.raises(errors.VersionInWork):
        telling.rewritten(light, name, telling.HINTING)


def test_what_goes_back_comes_again_and_keeps_the_reviewers_words(light):
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    telling.submitted(light, name)
    back = services.send_back(
        text_id=name.text_id,
        remark="Too long.",
        actor=light.actor(Role.HOMOLOGATION),
        at=light.tick(),
    )
    assert (back.state, back.remark) == (State.DRAFT, "Too long.")
    assert telling.published(light, name).state == State.PUBLISHED


def test_a_new_version_replaces_the_one_before_in_the_same_moment(light):
    first = telling.published(light, telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND))
    words = {"zh-hans": {"words": "领航辅助"}, "en": {"words": "Pilot assist"}}
    second = telling.published(light, telling.rewritten(light, first, words))
    first.refresh_from_db()
    assert (first.state, second.state) == (State.REPLACED, State.PUBLISHED)
    assert first.ended_at == second.published_at
    assert [
        one.number for one in queries.text(first.text.manufacturer_id, first.text_id).versions.all()
    ] == [2, 1]


def test_the_same_words_are_no_new_version(light):
    public = telling.published(light, telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND))
    with pytest.raises(errors.NothingChanged):
        telling.rewritten(light, public, telling.SOUND)


def test_what_is_withdrawn_is_public_no_more_and_says_why(light):
    public = telling.published(light, telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND))
    with pytest.raises(errors.RemarkMissing):
        services.withdraw(
            text_id=public.text_id, remark=" ", actor=light.actor(Role.MARKETING), at=light.tick()
        )
    services.withdraw(
        text_id=public.text_id,
        remark="The function is suspended.",
        actor=light.actor(Role.COMPLIANCE_OFFICER),
        at=light.tick(),
    )
    assert queries.public_of_type(light.type_id) == ()
    with pytest.raises(WrongState):
        services.publish(text_id=public.text_id, actor=light.actor(Role.MARKETING), at=light.tick())


def test_a_description_has_every_field_in_both_languages(light):
    about = {"function_id": telling.function(light).pk}
    lacking = {**telling.DESCRIPTION, "en": {**telling.DESCRIPTION["en"], "risk": " "}}
    with pytest.raises(errors.WordsMissing) as refused:
        telling.draft(light, Channel.DESCRIPTION, lacking, **about)
    assert refused.value.data["missing"] == "en.risk"


def test_a_text_is_about_the_right_things(light, stranger):
    of_one = {"function_id": telling.function(light).pk}
    other_type = light.add_type("BETA")
    with pytest.raises(errors.NotAFunctionOfThisType):
        telling.draft(light, Channel.FUNCTION_NAME, telling.SOUND, type_id=other_type, **of_one)
    with pytest.raises(errors.FunctionMissing):
        telling.draft(light, Channel.FUNCTION_NAME, telling.SOUND)
    with pytest.raises(errors.ReleaseMissing):
        telling.draft(light, Channel.UPDATE, telling.UPDATE)
    with pytest.raises(errors.NoSuchApproval):
        telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND, approval_number="X")
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    with pytest.raises(errors.NoSuchText):
        services.submit(text_id=name.text_id, actor=stranger[Role.MARKETING], at=light.tick())
    assert not queries.texts(stranger[Role.MARKETING].organisation_id)


def test_a_short_name_is_given_once_in_a_type(light):
    telling.function(light)
    with pytest.raises(errors.FunctionCodeTaken):
        telling.function(light)


def test_an_authority_sees_what_was_public_and_never_a_draft(light):
    samr, _ = people(Kind.SAMR, "samr", None)
    other, _ = people(Kind.SAMR, "other-samr", None)
    draft = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    assert not queries.seen_by(samr)
    with pytest.raises(errors.NoSuchText):
        queries.text_seen_by(samr, draft.text_id)
    telling.published(light, draft)
    telling.rewritten(light, draft, {"zh-hans": {"words": "新名"}, "en": {"words": "New"}})
    (seen,) = queries.seen_by(samr)
    assert (seen.number, seen.state) == (1, State.PUBLISHED)
    assert [one.number for one in queries.text_seen_by(samr, draft.text_id).versions.all()] == [1]
    assert not queries.seen_by(other)


def test_the_ledger_knows_digests_and_no_words(light):
    public = telling.published(light, telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND))
    bodies = [bytes(one.body).decode() for one in Entry.objects.filter(event__startswith="text:")]
    assert [public.sha256 in body for body in bodies] == [True] * 4
    assert not [body for body in bodies if "领航" in body or "Highway" in body]


def test_an_account_of_the_update_states_the_record_of_disclosure(light):
    release = light.released()
    facts = [release.pk, [light.type_id]]
    assert queries.facts(*facts) == {}, "unknown stays absent"
    account = telling.draft(light, Channel.UPDATE, telling.UPDATE, release_id=release.pk)
    assert queries.facts(*facts) == {}, "a draft is no record"
    telling.published(light, account)
    assert queries.facts(*facts) == {"disclosure_fields": list(wordings.RECORD)}
    beta = light.add_type("BETA")
    assert queries.facts(release.pk, [light.type_id, beta]) == {}, "one type is not told of"


def test_the_public_sees_releases_only_once_they_are_out(light):
    draft = light.draft()
    assert not queries.updates_of_type(light.type_id, 9)
    Release.objects.filter(pk=draft.pk).update(released_at=light.tick())
    assert list(queries.updates_of_type(light.type_id, 9)) == [draft]
    assert queries.public_type("maker", "ALPHA").pk == light.type_id


def test_one_version_in_work_at_a_time(light):
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    telling.rewritten(light, name, telling.TOO_MUCH)
    assert Version.objects.filter(text=name.text_id).count() == 1, "a draft is changed in place"


def test_a_wording_in_work_says_whose_turn_it_is(light):
    mine = light.cast.manufacturer_id
    name = telling.draft(light, Channel.PRODUCT_NAME, telling.SOUND)
    assert [queries.TURN[State(one.state)] for one in queries.unfinished(mine)] == [Role.MARKETING]
    telling.submitted(light, name)
    assert [queries.TURN[State(one.state)] for one in queries.unfinished(mine)] == [
        Role.HOMOLOGATION
    ]
    assert queries.waiting(mine) == {State.IN_REVIEW: 1}
