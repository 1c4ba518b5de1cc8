"""Nothing is offered without a yes on file; what was shown and chosen is kept; a no stands."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.campaigns import consents, queries, services
from roadworthy.domains.campaigns.consents import BadAnswer, NoSuchLink, NotAskedYet, TooLate
from roadworthy.domains.campaigns.models import Action, Consent
from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.ledger.models import Entry
from tests.domains.campaigns.roads import NOTICE, road


@pytest.fixture
def asked(light):
    """Two owners who were notified and have not answered."""
    r = road(light, vehicles=2)
    r.publish()
    r.take(Act.NOTIFY)
    return r


def entries(event: str) -> list[dict]:
    return [json.loads(bytes(e.body)) for e in Entry.objects.filter(event=event).order_by("id")]


def test_only_those_who_agreed_are_offered_the_update(asked):
    yes, silent = asked.tokens
    asked.answer(yes)
    asked.take(Act.START)
    asked.turn()
    assert asked.state(yes) == ActionState.OFFERED
    assert asked.state(silent) == ActionState.WAITING
    assert asked.row(silent).action_id is None


def test_an_answer_is_kept_with_the_notice_that_was_shown(asked, light):
    vehicle_id = next(iter(asked.tokens))
    asked.answer(vehicle_id, notice_version=1)
    kept = Consent.objects.get()
    assert (kept.choice, kept.language, kept.channel, kept.notice.version) == (
        "yes", "zh-hans", "web", 1,
    )  # fmt: skip
    (entry,) = entries("consent:given")
    assert entry["actor"]["role"] == "owner"
    assert entry["data"]["notice_sha256"] == kept.notice.sha256
    assert asked.action(vehicle_id).vehicle.vin not in json.dumps(entry)


def test_an_owner_may_change_their_mind_until_the_vehicle_begins(asked):
    vehicle_id = next(iter(asked.tokens))
    assert asked.answer(vehicle_id, "no").state == ActionState.DECLINED
    assert asked.answer(vehicle_id, "yes").state == ActionState.WAITING
    asked.take(Act.START)
    asked.turn()
    assert asked.row(vehicle_id).kind == "deploy"
    assert asked.answer(vehicle_id, "no").state == ActionState.DECLINED
    row = asked.row(vehicle_id)
    assert (row.kind, row.action_id) == ("", asked.action(vehicle_id).pk)
    assert asked.answer(vehicle_id, "yes").state == ActionState.WAITING
    asked.turn()
    assert asked.row(vehicle_id).kind == "deploy"
    asked.report(vehicle_id, "retrieved")
    asked.turn()
    with pytest.raises(TooLate):
        asked.answer(vehicle_id, "no")
    choices = Consent.objects.filter(action__vehicle_id=vehicle_id).order_by("id")
    assert [c.choice for c in choices] == ["no", "yes", "no", "yes"]


def test_saying_the_same_twice_is_kept_once(asked):
    vehicle_id = next(iter(asked.tokens))
    for _ in range(2):
        asked.answer(vehicle_id, "yes")
    for _ in range(2):
        asked.answer(vehicle_id, "no")
    assert Consent.objects.count() == 2
    assert len(entries("consent:given")) == len(entries("consent:refused")) == 1


def test_a_vehicle_that_had_begun_when_consent_was_taken_back_is_asked_to_stop(asked):
    vehicle_id = next(iter(asked.tokens))
    asked.answer(vehicle_id)
    asked.take(Act.START)
    asked.turn()
    asked.report(vehicle_id, "retrieved")  # written before the answer, applied after it
    asked.answer(vehicle_id, "no")
    asked.turn()
    assert asked.state(vehicle_id) == ActionState.CANCELLING
    assert asked.row(vehicle_id).kind == "cancel"
    asked.feedback(vehicle_id, "closed", "success", kind="cancel-feedback")
    asked.turn()
    assert asked.state(vehicle_id) == ActionState.CANCELLED


def test_a_new_version_of_the_notice_voids_earlier_answers(asked):
    vehicle_id = next(iter(asked.tokens))
    asked.answer(vehicle_id)
    asked.publish(NOTICE | {"en": NOTICE["en"] | {"risks": "one more"}})
    assert not asked.action(vehicle_id).consented
    view = queries.owner_view(asked.tokens[vehicle_id])
    assert (view.notice_version, view.choice, view.can_agree) == (2, "", True)
    with pytest.raises(consents.NoticeChanged, match="version 2"):
        asked.answer(vehicle_id, notice_version=1)
    asked.answer(vehicle_id, notice_version=2)
    assert asked.action(vehicle_id).consented


def test_there_is_nothing_to_decide_before_the_owner_is_told(light):
    r = road(light, vehicles=1)
    ((vehicle_id, token),) = r.tokens.items()
    with pytest.raises(NotAskedYet):
        r.answer(vehicle_id)
    r.publish()
    with pytest.raises(NotAskedYet):
        r.answer(vehicle_id)
    with pytest.raises(NoSuchLink):
        queries.owner_view(token)
    r.take(Act.NOTIFY)
    r.answer(vehicle_id)


def test_nothing_can_be_decided_when_the_campaign_is_over(asked):
    vehicle_id = next(iter(asked.tokens))
    asked.take(Act.STOP, "wrong image")
    asked.take(Act.CANCEL)
    with pytest.raises(TooLate):
        asked.answer(vehicle_id)
    view = queries.owner_view(asked.tokens[vehicle_id])
    assert (view.result, view.can_agree, view.can_decline) == ("not-done", False, False)


@pytest.mark.parametrize(
    "wrong", [{"choice": "maybe"}, {"language": "fr"}, {"channel": "telepathy"}]
)
def test_answers_that_are_none_are_refused(asked, light, wrong):
    token = next(iter(asked.tokens.values()))
    answer = {"choice": "yes", "language": "en", "channel": "web"} | wrong
    with pytest.raises(BadAnswer):
        services.answer_consent(token=token, at=light.tick(), **answer)


def test_an_update_that_came_to_an_end_is_not_agreed_to_any_more(asked):
    vehicle_id, other = asked.tokens
    asked.answer(vehicle_id)
    asked.take(Act.START)
    asked.turn()
    asked.feedback(vehicle_id, "closed", "failure")
    asked.turn()
    asked.take(Act.RESUME)
    with pytest.raises(TooLate):
        asked.answer(vehicle_id, "yes")
    asked.answer(other, "yes")


def test_an_answer_moves_no_row_that_another_campaign_has_under_way(light):
    release = light.released()
    first = road(light, vehicles=1, release=release).started()
    first.turn()
    (vehicle_id,) = first.tokens
    before = first.row(vehicle_id)
    Action.objects.filter(campaign=first.campaign).update(state=ActionState.CANCELLED)
    second = road(light, vehicles=[vehicle_id], release=release)
    Action.objects.filter(campaign=first.campaign).update(state=ActionState.OFFERED)
    second.publish()
    second.take(Act.NOTIFY)
    for choice in ("yes", "no", "yes"):
        second.answer(vehicle_id, choice)
    after = first.row(vehicle_id)
    assert (after.seq, after.action_id, after.kind) == (before.seq, before.action_id, "deploy")


def test_a_wrong_link_leads_nowhere(asked, light):
    with pytest.raises(NoSuchLink):
        services.answer_consent(
            token="guess", choice="yes", language="en", channel="web", at=light.tick()
        )
    with pytest.raises(NoSuchLink):
        queries.owner_view("guess")


def test_what_the_owner_was_shown_is_written_down_once_and_so_is_the_result(asked, light):
    vehicle_id = next(iter(asked.tokens))
    token = asked.tokens[vehicle_id]

    def look() -> None:
        services.record_shown(token=token, language="en", channel="web", at=light.tick())

    look()
    look()
    asked.answer(vehicle_id)
    asked.take(Act.START)
    asked.turn()
    asked.installs(vehicle_id)
    asked.turn()
    look()
    look()
    kept = Consent.objects.order_by("id").values_list("choice", flat=True)
    assert list(kept) == ["shown", "yes", "result"]


def test_the_owners_page_tells_the_way_from_notice_to_result(asked):
    vehicle_id = next(iter(asked.tokens))
    token = asked.tokens[vehicle_id]
    seen = [queries.owner_view(token)]
    asked.answer(vehicle_id)
    seen.append(queries.owner_view(token))
    asked.take(Act.START)
    asked.turn()
    seen.append(queries.owner_view(token))
    asked.report(vehicle_id, "retrieved")
    asked.feedback(vehicle_id, "closed", "success")
    asked.turn()
    seen.append(queries.owner_view(token))
    asked.says(vehicle_id, "1.1.0")
    asked.turn()
    seen.append(queries.owner_view(token))
    assert [view.result for view in seen] == [
        "none-yet", "none-yet", "under-way", "awaiting-proof", "success",
    ]  # fmt: skip
    assert [(v.choice, v.can_agree, v.can_decline) for v in seen] == [
        ("", True, True),
        ("yes", False, True),
        ("yes", False, True),
        ("yes", False, False),
        ("yes", False, False),
    ]
    assert seen[-1].vin_ending == asked.action(vehicle_id).vehicle.vin[-4:]
    assert seen[-1].notice == NOTICE
