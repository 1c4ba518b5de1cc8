"""A flow from its draft to the policy of a vehicle, and who may take which step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import countries, declaring, errors, queries, register, services
from roadworthy.domains.processing.models import Flow
from roadworthy.domains.processing.states import (
    Ground,
    NoticeItem,
    Outcome,
    Place,
    State,
    Storage,
)
from roadworthy.egress import policy
from roadworthy.kernel.transitions import WrongRole
from tests.flowing import BLURRED, ENTRIES, both

NOT_PERSONAL = {"ground": Ground.NOT_PERSONAL, "persons": 0}


def test_what_is_about_nobody_is_allowed(maker):
    maker.enter("speed")
    assert maker.declare("speed", **NOT_PERSONAL).outcome == Outcome.ALLOWED


def test_personal_data_are_allowed_on_conditions(maker):
    maker.ready("position")
    answer = maker.declare("position", precision_metres=500)
    assert answer.outcome == Outcome.ALLOWED_IF
    assert {one["rule_id"] for one in answer.result["conditions"]} == {
        *("DAT-03", "DAT-06", "DAT-07")
    }


def test_drafts_are_shown_apart_and_decide_nothing(maker):
    """The draft of 2021 wanted every export assessed; the final text does not."""
    maker.ready("account")
    answer = maker.declare("account", **maker.going_abroad(persons=60_000))
    watched = {one["rule_id"]: one for one in answer.result["watched"]}
    assert (watched["DAT-11"]["outcome"], watched["DAT-11"]["binding"]) == ("broken", False)
    assert answer.outcome == Outcome.ALLOWED_IF


def test_nothing_is_guessed(maker):
    maker.enter("speed", important=None)
    answer = maker.declare("speed", **NOT_PERSONAL, can_run_in_car=None)
    assert answer.outcome == Outcome.UNDETERMINED
    missing = set(answer.result["missing"])
    assert missing == {"important_data_categories", "function_runs_in_vehicle"}
    with pytest.raises(errors.StillUndetermined):
        services.approve(flow_id=answer.flow_id, actor=maker.officer, at=maker.tick())


def test_an_approved_flow_is_a_rule_of_the_policy(maker):
    maker.ready("position")
    maker.approve("position", precision_metres=500)
    (rule,) = queries.approved_flows(maker.manufacturer_id, 0)
    assert rule == policy.Rule(
        item="position",
        kind=policy.Kind.POSITION,
        purpose="remote-service",
        recipient="cloud",
        country="CN",
        retention_seconds=90 * 86_400,
        precision_metres=500,
        allowed_from=maker.now.date(),
    )


def test_pictures_of_the_outside_leave_blurred(maker):
    maker.ready("front-camera")
    maker.approve("front-camera", **BLURRED)
    (rule,) = queries.approved_flows(maker.manufacturer_id, 0)
    assert rule.blur


def test_who_declares_does_not_approve(maker):
    maker.enter("speed")
    declared = maker.declare("speed", **NOT_PERSONAL)
    with pytest.raises(WrongRole):
        services.approve(flow_id=declared.flow_id, actor=maker.data, at=maker.tick())
    both_roles = replace(maker.officer, user_id=maker.data.user_id)
    Flow.objects.filter(pk=declared.flow_id).update(declared_by=maker.officer.user_id)
    with pytest.raises(errors.SamePerson):
        services.approve(flow_id=declared.flow_id, actor=maker.officer, at=maker.tick())
    assert both_roles.role == Role.COMPLIANCE_OFFICER


def test_a_new_version_of_the_item_asks_for_a_new_decision(maker):
    maker.enter("speed")
    flow = maker.approve("speed", **NOT_PERSONAL)
    assert len(queries.approved_flows(maker.manufacturer_id, 0)) == 1
    entry = replace(ENTRIES["speed"], highest=250)
    register.change_item(code="speed", entry=entry, actor=maker.data, at=maker.tick())
    assert queries.approved_flows(maker.manufacturer_id, 0) == (), "until it is declared anew"
    anew = declaring.rewrite(
        flow_id=flow.pk,
        declared=maker.said("speed", **NOT_PERSONAL),
        actor=maker.data,
        at=maker.tick(),
    )
    services.declare(flow_id=anew.pk, actor=maker.data, at=maker.tick())
    services.approve(flow_id=anew.pk, actor=maker.officer, at=maker.tick())
    flow.refresh_from_db()
    assert (flow.state, anew.version) == (State.REPLACED, 2)
    (rule,) = queries.approved_flows(maker.manufacturer_id, 0)
    assert rule.highest == 250
    assert [one.number for one in queries.versions(flow.item.item_id)] == [2, 1], "both readable"


def test_an_ended_flow_leaves_the_policy(maker):
    maker.enter("speed")
    flow = maker.approve("speed", **NOT_PERSONAL)
    with pytest.raises(errors.ReasonMissing):
        services.end(flow_id=flow.pk, remark=" ", actor=maker.officer, at=maker.tick())
    services.end(flow_id=flow.pk, remark="No longer asked", actor=maker.data, at=maker.tick())
    assert queries.approved_flows(maker.manufacturer_id, 0) == ()


def test_what_the_filter_cannot_carry_out_is_not_approved(maker):
    """The law lets cockpit sound out with consent; the filter lets none out."""
    maker.ready("cabin-audio")
    declared = maker.declare("cabin-audio")
    assert declared.outcome == Outcome.ALLOWED_IF
    assert not declared.result["filter"]["enforceable"]
    with pytest.raises(errors.NotEnforceable):
        services.approve(flow_id=declared.flow_id, actor=maker.officer, at=maker.tick())


def test_what_stays_in_the_vehicle_is_in_the_policy_as_staying(maker):
    maker.ready("cabin-audio")
    inside = {"processed_in": Place.CAR, "stored": Storage.VEHICLE, "recipient_id": None}
    maker.approve("cabin-audio", **inside)
    (rule,) = queries.approved_flows(maker.manufacturer_id, 0)
    assert rule.in_car_only


def test_what_is_derived_from_what_stays_in_is_not_approved(maker):
    maker.ready("cabin-audio")
    inside = {"processed_in": Place.CAR, "stored": Storage.VEHICLE, "recipient_id": None}
    maker.approve("cabin-audio", **inside)
    maker.enter("speed", as_code="talking", derived_from=["cabin-audio"])
    declared = maker.declare("talking", **NOT_PERSONAL)
    with pytest.raises(errors.NotEnforceable):
        services.approve(flow_id=declared.flow_id, actor=maker.officer, at=maker.tick())


def test_one_item_goes_to_one_recipient_for_one_purpose_once(maker):
    maker.enter("speed")
    maker.approve("speed", **NOT_PERSONAL)
    second = maker.declare("speed", **NOT_PERSONAL)
    with pytest.raises(errors.SameAsAnother):
        services.approve(flow_id=second.flow_id, actor=maker.officer, at=maker.tick())


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"purpose_words": {"zh-hans": "", "en": "x"}}, errors.NoPurpose),
        ({"necessity": {"zh-hans": "为", "en": " "}}, errors.NoNecessity),
        ({"retention_days": 0}, errors.NoRetention),
        ({"opened_from": ["ZZ"]}, errors.NoSuchCountry),
        ({"recipient_id": None}, errors.NoRecipient),
        ({"stored": Storage.VEHICLE}, errors.NothingStaysAndLeaves),
        ({"stored": Storage.ABROAD}, errors.PlacesDisagree),
        ({"recipient_id": 0}, errors.NoSuchRecipient),
        ({"assessment_id": 0}, errors.NoSuchAssessment),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(maker, changes, refusal):
    maker.enter("speed")
    with pytest.raises(refusal):
        maker.draft("speed", **changes)
    assert not Flow.objects.exists()


def test_a_position_leaves_in_a_stated_precision_only(maker):
    maker.ready("position")
    with pytest.raises(errors.NoPrecision):
        maker.draft("position")


def test_another_manufacturers_register_is_not_there(maker, other):
    maker.enter("speed")
    flow = maker.approve("speed", **NOT_PERSONAL)
    with pytest.raises(errors.NoSuchFlow):
        queries.flow(other.manufacturer_id, flow.pk)
    with pytest.raises(errors.NoSuchItem):
        other.draft("speed")
    with pytest.raises(errors.NoSuchFlow):
        services.end(flow_id=flow.pk, remark="x", actor=other.data, at=other.tick())
    assert queries.approved_flows(other.manufacturer_id, 0) == ()


def test_a_recipient_is_in_a_country_that_exists(maker):
    with pytest.raises(errors.NoSuchCountry):
        maker.recipient("nowhere", "XX")
    assert maker.recipient("hq", "de").country == "DE"


def test_a_consent_is_never_only_for_always(maker):
    item = maker.enter("position")
    with pytest.raises(errors.OnlyAlways):
        register.write_consent_form(
            code=item,
            purpose="navigation",
            words=both("Always"),
            periods=(),
            offers_always=True,
            actor=maker.data,
            at=maker.tick(),
        )


def test_an_incomplete_notice_denies_the_flow(maker):
    maker.enter("account")
    maker.notice("account", NoticeItem.CONTACT)
    assert maker.declare("account").rules == ["DAT-06"]


def test_each_step_is_in_the_log_without_a_person(maker):
    maker.enter("speed")
    flow = maker.approve("speed", **NOT_PERSONAL)
    bodies = [bytes(entry.body).decode() for entry in Entry.objects.order_by("pk")]
    steps = [body for body in bodies if f'"data-flow/{flow.pk}"' in body]
    assert [step.count('"action"') for step in steps] == [0, 1, 1]
    assert "decision_sha256" in steps[-1]
    assert not [body for body in bodies if "@starway.example" in body]


def test_countries_have_names_in_both_languages():
    assert countries.named("DE") == {"zh-hans": "德国", "en": "Germany"}
    assert countries.is_abroad("HK"), "exports leave the mainland"
