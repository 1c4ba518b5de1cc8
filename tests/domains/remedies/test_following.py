"""Owners are told, vehicles are proven to be remedied, and nobody drops out silently."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.errors import DetailMissing
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls.errors import NoSuchPlan
from roadworthy.domains.recalls.models import PlanRelease, Remedied
from roadworthy.domains.recalls.queries import sale_locked
from roadworthy.domains.recalls.states import PlanState
from roadworthy.domains.remedies import errors, feed, queries, sending, services
from roadworthy.domains.remedies.models import FollowUp, Mailing, OwnerNotice, Watermark
from roadworthy.domains.remedies.proving import CompletionRow
from roadworthy.domains.remedies.states import Channel, Choice, Figure, Reason
from tests import following
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import people
from tests.world import ECU, NEW

ORDER = "WO-17"


def queue(world, plan, channel=Channel.EMAIL):
    made = services.queue_notices(
        plan_id=plan.pk, channel=channel, actor=world.actor(Role.RECALL), at=world.tick()
    )
    return services.fill(mailing_id=made.pk, at=world.tick())


def complete(world, plan, *rows, actor=None):
    return services.record_completions(
        plan_id=plan.pk, rows=rows, channel="file",
        actor=actor or world.actor(Role.RECALL), at=world.tick(),
    )  # fmt: skip


def row(number, vin, **other):
    given = {"workshop": "Hefei 1", "done_on": "2025-06-03", "evidence": ORDER}
    return CompletionRow(number=number, vin=vin, **(given | other))


def test_a_notice_is_queued_for_each_owner_and_the_rest_are_followed_up(light):
    plan, cars = following.plan(light)
    following.contact(cars[0], light, language="en")
    following.contact(cars[1], light, email="")
    done = queue(light, plan)
    assert (done.queued, done.without_address) == (1, 2)
    assert OwnerNotice.objects.get().language == "en"
    assert [one.vehicle_id for one in queries.follow_ups(plan.pk)] == cars[1:]
    told = queries.progress(plan.pk)
    assert (told.queued, told.sent, told.follow_up) == (1, 0, 2)
    again = services.fill(mailing_id=done.pk, at=light.tick())
    assert again.queued == 1, "filled once"
    assert done.content["zh-hans"]["hotline"] == "400-000-0000"


def test_another_channel_that_reaches_somebody_takes_them_off_the_list(light):
    plan, cars = following.plan(light)
    following.contact(cars[0], light, email="")
    queue(light, plan)
    assert queries.progress(plan.pk).follow_up == 3
    queue(light, plan, Channel.LETTER)
    assert [one.vehicle_id for one in queries.follow_ups(plan.pk)] == cars[1:]
    assert queries.progress(plan.pk).follow_up == 2


def test_owners_are_told_all_that_the_regulation_asks_for_or_not_at_all(light):
    plan, _cars = following.plan(light, texts={"defect": {"zh-hans": "a", "en": "b"}}, hotline="")
    with pytest.raises(errors.WordsMissing, match="emergency_advice, remedy, hotline"):
        queue(light, plan)


def test_a_channel_is_used_once_and_only_for_a_plan_in_force(light, stranger):
    plan, _cars = following.plan(light)
    queue(light, plan)
    with pytest.raises(errors.MailingExists):
        queue(light, plan)
    with pytest.raises(NoSuchPlan):
        services.queue_notices(
            plan_id=plan.pk, channel=Channel.SMS, actor=stranger[Role.RECALL], at=light.tick()
        )
    with pytest.raises(errors.NotYourTask):
        services.queue_notices(
            plan_id=plan.pk, channel=Channel.SMS, actor=light.actor(Role.SAFETY), at=light.tick()
        )
    type(plan).objects.filter(pk=plan.pk).update(state=PlanState.DRAFT)
    with pytest.raises(errors.NotInForce):
        queue(light, plan, Channel.SMS)


def test_letters_are_sent_with_a_proof_and_come_back_with_a_reason(light):
    plan, cars = following.plan(light)
    for car in cars:
        following.contact(car, light)
    mailing = queue(light, plan, Channel.LETTER)
    recall = light.actor(Role.RECALL)
    with pytest.raises(errors.ProofMissing):
        services.record_posted(mailing_id=mailing.pk, proof=" ", actor=recall, at=light.tick())
    given = {"mailing_id": mailing.pk, "actor": recall}
    services.record_posted(proof="RA 1-3 CN", at=light.tick(), **given)
    assert queries.unposted() == [mailing.pk]
    assert services.post(mailing_id=mailing.pk, at=light.tick()) == 3
    assert services.post(mailing_id=mailing.pk, at=light.tick()) == 0
    assert queries.unposted() == []
    services.record_bounce(vehicle_id=cars[0], reason="moved", at=light.tick(), **given)
    with pytest.raises(errors.NoticeNotSent):
        services.record_bounce(vehicle_id=cars[0], reason="moved", at=light.tick(), **given)
    told = queries.progress(plan.pk)
    assert (told.sent, told.bounced, told.follow_up) == (3, 1, 1)
    assert FollowUp.objects.get().reason == Reason.BOUNCED
    assert Mailing.objects.get().bounced == 1
    plan.refresh_from_db()
    assert plan.owners_told_on is not None, "all of them were told"
    assert OwnerNotice.objects.filter(proof="RA 1-3 CN").count() == 3


def test_an_email_that_came_back_is_queued_again_and_counts_when_it_is_sent(light):
    plan, cars = following.plan(light, 1)
    following.contact(cars[0], light)
    queue(light, plan, Channel.EMAIL)
    (one,) = sending.take_up(channel=Channel.EMAIL, most=9, at=light.tick())
    sending.sent(one=one, proof="<1@x>", at=light.tick())
    recall = light.actor(Role.RECALL)
    row = services.record_returned(
        plan_id=plan.pk,
        vin=following.vin_of(cars[0]),
        channel="email",
        reason="mailbox full",
        actor=recall,
        at=light.tick(),
    )
    assert sending.take_up(channel=Channel.EMAIL, most=9, at=light.tick()) == ()
    given = {"returned_id": row.pk, "actor": recall}
    with pytest.raises(errors.AddressMissing):
        services.send_again(address=" ", at=light.tick(), **given)
    services.send_again(address="new@example.org", at=light.tick(), **given)
    told = queries.progress(plan.pk)
    assert (told.sent, told.bounced, told.follow_up) == (0, 0, 0)
    (one,) = sending.take_up(channel=Channel.EMAIL, most=9, at=light.tick())
    assert one.email == "new@example.org"
    sending.sent(one=one, proof="<2@x>", at=light.tick())
    assert queries.progress(plan.pk).reached == 1
    with pytest.raises(errors.NotReturned):
        services.send_again(address="c@example.org", at=light.tick(), **given)


def test_the_last_answer_counts_and_a_no_is_followed_up(light):
    plan, cars = following.plan(light)
    vin, recall = following.vin_of(cars[0]), light.actor(Role.RECALL)

    def answer(choice):
        services.record_answer(
            plan_id=plan.pk, vin=vin, choice=choice, actor=recall, at=light.tick()
        )
        told = queries.progress(plan.pk)
        return told.accepted, told.declined, told.unreachable, told.follow_up

    assert answer(Choice.UNREACHABLE) == (0, 0, 1, 1)
    assert answer(Choice.DECLINE) == (0, 1, 0, 1)
    assert answer(Choice.DECLINE) == (0, 1, 0, 1)
    assert answer(Choice.ACCEPT) == (1, 0, 0, 0)
    services.owner_answers(
        plan_id=plan.pk, vehicle_id=cars[0], choice=Choice.DECLINE, at=light.tick()
    )
    assert queries.owners_recall(plan.pk, cars[0]).choice == Choice.DECLINE
    with pytest.raises(errors.BadChoice):
        services.owner_answers(
            plan_id=plan.pk, vehicle_id=cars[0], choice=Choice.UNREACHABLE, at=light.tick()
        )
    with pytest.raises(errors.NotInScope):
        services.owner_answers(
            plan_id=plan.pk, vehicle_id=999_999, choice=Choice.ACCEPT, at=light.tick()
        )


def test_sent_proves_nothing_and_a_workshop_proves_by_version_or_evidence(light):
    plan, cars = following.plan(light)
    release = light.released()
    PlanRelease.objects.create(plan=plan, release=release, linked_at=light.now)
    vins = [following.vin_of(car) for car in cars]
    queue(light, plan)
    assert queries.progress(plan.pk).remedied == 0
    done = complete(
        light,
        plan,
        row(2, vins[0].lower(), evidence="", versions={ECU: NEW}),
        row(3, vins[1], evidence="", versions={ECU: "old"}),
        row(4, vins[1], evidence=""),
        row(5, vins[1], done_on="2030-01-01"),
        row(6, vins[1], workshop=" "),
        row(7, "LSVAA49J13204737"),
        row(8, "1M8GDM9AXKP042788"),
        row(9, vins[0]),
        row(10, vins[2]),
    )
    assert [(one.number, one.column, one.error.code) for one in done.refused] == [
        (3, f"ecu:{ECU}", "other-version"),
        (4, "evidence", "nothing-proven"),
        (5, "done_on", "wrong-completion-day"),
        (6, "workshop", "workshop-missing"),
        (7, "vin", "vin-wrong-length"),
        (8, "vin", "vehicle-not-in-scope"),
        (9, "vin", "vehicle-twice"),
    ]
    assert (done.rows, done.taken, done.duplicates) == (9, 2, 0)
    told = queries.progress(plan.pk)
    assert (told.remedied, told.by_workshop, told.percent) == (2, 2, Decimal("66.6"))
    assert told.follow_up == 1, "two of the three are remedied and need no address"
    again = complete(light, plan, row(2, vins[0]))
    assert (again.taken, again.duplicates) == (0, 1)
    assert sale_locked(plan.manufacturer_id, vins[0]) == ()
    assert sale_locked(plan.manufacturer_id, vins[1])


def test_a_running_version_proves_it_once_and_takes_the_owner_off_the_list(light):
    plan, cars = following.plan(light)
    release = light.released()
    PlanRelease.objects.create(plan=plan, release=release, linked_at=light.now)
    queue(light, plan)
    assert services.follow(plan_id=plan.pk, at=light.tick()) == 0
    road = roads.road(light, vehicles=cars[:2], release=release).started()
    road.turn()
    for car in cars[:2]:
        road.installs(car)
    assert services.follow(plan_id=plan.pk, at=light.tick()) == 0, "installed proves nothing"
    road.turn()
    road.turn()
    assert services.follow(plan_id=plan.pk, at=light.tick()) == 2
    assert services.follow(plan_id=plan.pk, at=light.tick()) == 0
    told = queries.progress(plan.pk)
    assert (told.by_version, told.left, told.follow_up) == (2, 1, 1)
    assert set(Remedied.objects.values_list("proof", flat=True)) == {"running-version"}
    assert [point.total for point in queries.curve(plan.pk)] == [2]


def test_only_what_changed_is_looked_at_again(light):
    plan, cars = following.plan(light)
    release = light.released()
    PlanRelease.objects.create(plan=plan, release=release, linked_at=light.now)
    road = roads.road(light, vehicles=cars[:2], release=release).started()
    assert feed.since_last(plan, light.tick()).actions is None, "never looked at"
    Watermark.objects.update(next_xid=0)  # all that ran then has ended
    assert feed.since_last(plan, light.tick()).actions is None, "what was under way then"
    assert feed.since_last(plan, light.tick()).actions == []
    assert services.follow(plan_id=plan.pk, at=light.tick()) == 0
    road.turn()
    road.installs(cars[0])
    for _turn in range(2):
        road.turn()
    [mine] = Action.objects.filter(vehicle_id=cars[0]).values_list("pk", flat=True)
    for _turn in range(2):
        assert mine in feed.since_last(plan, light.tick()).actions, "others have not ended"
    assert services.follow(plan_id=plan.pk, at=light.tick()) == 1
    Watermark.objects.update(next_xid=0)
    feed.since_last(plan, light.tick())
    Watermark.objects.update(next_xid=0)
    feed.since_last(plan, light.tick())
    assert feed.since_last(plan, light.tick()).actions == []
    assert feed.since_last(plan, light.now + timedelta(days=1)).actions is None, "once a day"


def test_a_no_to_the_update_is_followed_up_until_the_owner_agrees(light):
    plan, cars = following.plan(light)
    release = light.released()
    PlanRelease.objects.create(plan=plan, release=release, linked_at=light.now)
    road = roads.road(light, vehicles=cars[:2], release=release).started(declined=cars[:1])
    for _turn in range(2):
        services.follow(plan_id=plan.pk, at=light.tick())
        (one,) = queries.follow_ups(plan.pk)
        assert (one.vehicle_id, one.reason) == (cars[0], Reason.DECLINED)
        told = queries.progress(plan.pk)
        assert (told.remedied, told.declined, told.follow_up) == (0, 1, 1)
    road.answer(cars[0], "yes")
    services.follow(plan_id=plan.pk, at=light.tick())
    told = queries.progress(plan.pk)
    assert (told.declined, told.follow_up) == (0, 0)
    road.answer(cars[0], "no")
    services.record_answer(
        plan_id=plan.pk, vin=following.vin_of(cars[0]), choice=Choice.ACCEPT,
        actor=light.actor(Role.RECALL), at=light.tick(),
    )  # fmt: skip
    services.follow(plan_id=plan.pk, at=light.tick())
    assert queries.progress(plan.pk).follow_up == 0, "what was said last counts"


WORDS = {
    "problems": "None.",
    "measures": "None.",
    "outlook": "The rest follows.",
    "conclusion": "Done.",
}


def file_report(light, plan, kind="stage", **words):
    return services.file_report(
        plan_id=plan.pk,
        kind=kind,
        words=WORDS | words,
        effect={"verdict": "undetermined", "as_of": None},
        actor=light.actor(Role.RECALL),
        at=light.tick(),
    )


@pytest.fixture
def samr(light):
    return people(Kind.SAMR, "samr", None)[1][Role.SAMR_REVIEWER]


def submit(light, report):
    filings.submit(
        filing_id=report.filing_id, actor=light.actor(Role.HOMOLOGATION), at=light.tick()
    )
    services.follow_reports(at=light.tick())


def test_a_report_is_a_filing_with_the_figures_of_proofs(light, samr):
    plan, cars = following.plan(light, started_on=date(2025, 6, 3))
    complete(light, plan, row(2, following.vin_of(cars[0])))
    with pytest.raises(DetailMissing):
        file_report(light, plan, outlook=" ")
    made = file_report(light, plan)
    details = made.filing.dossier.content["details"]
    assert (made.filing.authority.kind, made.filing.state) == ("samr", "draft")
    assert details["figures"] == made.figures
    assert (made.figures["remedied"], made.figures["vehicles"]) == (1, 3)
    assert made.figures["curve"] == [["2025-06-03", 1]]
    assert made.figures["completion_percent"] == "33.3"
    with pytest.raises(errors.ReportUnderWay):
        file_report(light, plan)
    submit(light, made)
    plan.refresh_from_db()
    assert plan.stage_reports_on == [light.now.date().isoformat()], "noted when it is handed in"


def test_a_stage_report_that_comes_back_has_a_next_version(light, samr):
    plan, _cars = following.plan(light, started_on=date(2025, 6, 3))
    first = file_report(light, plan)
    submit(light, first)
    filings.send_back(
        filing_id=first.filing_id, reason="Which workshops?", actor=samr, at=light.tick()
    )
    again = file_report(light, plan, problems="Two workshops are late.")
    assert again.filing.supersedes_id == first.filing_id
    submit(light, again)
    plan.refresh_from_db()
    assert len(plan.stage_reports_on) == 1


def test_the_final_report_that_samr_accepts_ends_the_recall(light, samr, tmp_path):
    plan, _cars = following.plan(light, started_on=date(2025, 6, 3))
    with pytest.raises(errors.NotCompleted):
        file_report(light, plan, "final")
    done = light.now.date()
    type(plan).objects.filter(pk=plan.pk).update(state=PlanState.COMPLETED, completed_on=done)
    made = file_report(light, plan, "final")
    submit(light, made)
    plan.refresh_from_db()
    assert (plan.state, plan.final_report_on) == (PlanState.COMPLETED, light.now.date())
    Filing.objects.filter(pk=made.filing_id).update(state="accepted", receipt="signed")
    assert services.follow_reports(at=light.tick()) == 1
    plan.refresh_from_db()
    assert (plan.state, plan.defect.state) == (PlanState.REPORTED, "closed")
    assert services.follow_reports(at=light.tick()) == 0


def test_the_ledger_knows_how_many_and_not_who(light):
    plan, cars = following.plan(light)
    following.contact(cars[0], light)
    queue(light, plan)
    complete(light, plan, row(2, following.vin_of(cars[0])))
    bodies = b"".join(bytes(one.body) for one in Entry.objects.filter(event__startswith="recall:"))
    assert b'"vehicles":1' in bodies
    assert following.vin_of(cars[0]).encode() not in bodies
    assert "张三".encode() not in bodies


def test_a_published_recall_is_found_by_vin(light):
    plan, cars = following.plan(light)
    ((found, is_remedied),) = queries.published_with(following.vin_of(cars[0]))
    assert (found.number, is_remedied) == (plan.number, False)
    type(plan).objects.filter(pk=plan.pk).update(published_on=None)
    assert queries.published_with(following.vin_of(cars[0])) == []


def test_every_figure_has_its_place_in_the_progress(light):
    plan, _cars = following.plan(light)
    told = queries.progress(plan.pk)
    assert all(getattr(told, one.value.replace("-", "_")) == 0 for one in Figure)
