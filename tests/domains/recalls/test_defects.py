"""A possible defect from the first word to the decision of a second person."""

from __future__ import annotations

import pytest

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import errors, queries, services, stopping
from roadworthy.domains.recalls.models import Duty, StopOrder
from roadworthy.domains.recalls.states import Act, Outcome, State, StopAct
from roadworthy.domains.recalls.stopping import Shown
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.transitions import WrongRole
from tests import recalling
from tests.domains.campaigns import roads


def test_numbers_count_per_manufacturer_and_the_ledger_knows_no_title(light, stranger):
    one, two = recalling.defect(light), recalling.defect(light, Role.AFTER_SALES)
    assert (one.number, two.number) == ("D-2025-0001", "D-2025-0002")
    assert [row.number for row in queries.defects(light.cast.manufacturer_id)] == [
        "D-2025-0002",
        "D-2025-0001",
    ]
    entry = Entry.objects.filter(event="defect:opened").first()
    assert b"ALPHA" in bytes(entry.body)
    assert b"Late warning" not in bytes(entry.body)


def test_a_signal_opens_one_by_itself_and_says_why(light):
    made = recalling.defect(
        light, origin="signal", actor=PLATFORM, links={"signal": "12"}, reason="Reached 0.4 ‰."
    )
    assert (made.state, made.opened_by_id) == (State.OPEN, None)
    assert made.reason == {"zh-hans": "Reached 0.4 ‰.", "en": "Reached 0.4 ‰."}


def test_another_manufacturers_type_is_refused(light, stranger):
    with pytest.raises(errors.NoTypes):
        recalling.defect(light, actor=stranger[Role.SAFETY])
    made = recalling.defect(light)
    with pytest.raises(errors.NoSuchDefect):
        queries.defect(stranger[Role.SAFETY].organisation_id, made.pk)


@pytest.mark.parametrize("absent", ["process", "method", "risk_assessment"])
def test_no_defect_needs_all_that_the_provision_lists(light, absent):
    with pytest.raises(errors.ReportIncomplete) as wrong:
        recalling.concluded(light, recalling.defect(light), Outcome.NO_DEFECT, **{absent: " "})
    assert wrong.value.data["rule"] == "RCL-02"


def test_the_second_person_is_another_one_and_decides_what_was_concluded(light):
    made = recalling.concluded(light, recalling.defect(light), Outcome.NO_DEFECT)
    officer = light.actor(Role.COMPLIANCE_OFFICER)
    with pytest.raises(WrongRole):
        services.decide(
            Act.DISMISS, defect_id=made.pk, actor=light.actor(Role.SAFETY), at=light.tick()
        )
    with pytest.raises(errors.OtherOutcome):
        services.decide(Act.CONFIRM, defect_id=made.pk, actor=officer, at=light.tick())
    done = services.decide(Act.DISMISS, defect_id=made.pk, actor=officer, at=light.tick())
    assert (done.state, done.confirmed_at) == (State.NOT_A_DEFECT, None)
    again = services.reopen(
        defect_id=made.pk, reason="A third case.", actor=officer, at=light.tick()
    )
    assert again.state == State.ANALYSING


def test_one_person_in_both_roles_does_not_confirm_their_own_conclusion(light):
    from roadworthy.domains.organisations.actors import Actor
    from roadworthy.domains.organisations.models import Membership

    safety = light.actor(Role.SAFETY)
    Membership.objects.create(
        user_id=safety.user_id,
        organisation_id=safety.organisation_id,
        role=Role.COMPLIANCE_OFFICER,
    )
    made = recalling.concluded(light, recalling.defect(light))
    both = Actor(Role.COMPLIANCE_OFFICER, safety.user_id, safety.organisation_id)
    with pytest.raises(errors.SamePerson):
        services.decide(Act.CONFIRM, defect_id=made.pk, actor=both, at=light.tick())


def test_a_confirmed_defect_orders_every_site_to_stop_at_once(light):
    recalling.sites(light)
    made = recalling.confirmed(light)
    orders = StopOrder.objects.filter(defect=made).order_by("site__code")
    assert [(one.site.code, one.part) for one in orders] == [
        ("D1", "sale"),
        ("D2", "sale"),
        ("P1", "production"),
    ]
    duties = {one.key: one for one in Duty.objects.filter(defect=made)}
    stop = duties["RCL-03.production"]
    assert (stop.due["kind"], stop.due_on, stop.fulfilled_at) == ("immediate", None, None)
    assert duties["RCL-03.import"].fulfilled_at, "who has no importer imports nothing"
    assert duties["RCL-04"].due_on.isoformat() == "2025-06-10"


def test_an_order_counts_as_carried_out_with_a_document(light, tmp_path):
    recalling.sites(light)
    made = recalling.confirmed(light)
    officer = light.actor(Role.COMPLIANCE_OFFICER)
    order = StopOrder.objects.get(defect=made, part="production")
    with pytest.raises(errors.EvidenceMissing):
        stopping.take(
            StopAct.EXECUTE, order_id=order.pk, shown=Shown("done"), actor=officer, at=light.tick()
        )
    digest = recalling.document(light, tmp_path)
    stopping.take(
        StopAct.RECEIVE,
        order_id=order.pk,
        shown=Shown("By telephone."),
        actor=officer,
        at=light.tick(),
    )
    stopping.take(
        StopAct.EXECUTE,
        order_id=order.pk,
        shown=Shown("Line 2 stands.", digest),
        actor=officer,
        at=light.tick(),
    )
    assert Duty.objects.get(defect=made, key="RCL-03.production").fulfilled_at
    assert not Duty.objects.get(defect=made, key="RCL-03.sale").fulfilled_at


def test_a_site_that_is_registered_later_is_ordered_too(light):
    made = recalling.confirmed(light)
    assert not StopOrder.objects.exists()
    recalling.sites(light)
    assert StopOrder.objects.filter(defect=made).count() == len(recalling.SITES)


def test_the_whole_type_is_locked_from_the_confirmation_on(light, stranger):
    (car,) = roads.register(light, 1)
    vin, maker = Vehicle.objects.get(pk=car).vin, light.cast.manufacturer_id
    assert queries.sale_locked(maker, vin) == ()
    made = recalling.confirmed(light)
    assert [lock.defect for lock in queries.sale_locked(maker, vin)] == [made.number]
    assert queries.sale_locked(stranger[Role.SAFETY].organisation_id, vin) == ()
