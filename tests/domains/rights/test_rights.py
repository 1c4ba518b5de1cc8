"""What a person asks is carried out in every store, and the log knows nobody afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from roadworthy.domains.aftersales import services as complaints
from roadworthy.domains.aftersales.models import Complaint
from roadworthy.domains.campaigns.consents import NoSuchLink
from roadworthy.domains.campaigns.states import Act
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import commitment
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing.models import GatewayTelemetry
from roadworthy.domains.remedies.models import Contact
from roadworthy.domains.rights import consenting, errors, queries, services, stores
from roadworthy.domains.rights.models import Consent, GatewayConsent, Request
from roadworthy.domains.rights.states import Kind, State
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.transitions import WrongRole, WrongState
from roadworthy.vehicle.ddi import OwnerSaid
from tests import telling
from tests.domains.campaigns import roads
from tests.flowing import Maker

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # Tuesday


@pytest.fixture
def asked(light):
    """A vehicle whose owner has a link, complained, and left an address."""
    road = roads.road(light, vehicles=1)
    road.publish()
    road.take(Act.NOTIFY)
    ((vehicle_id, token),) = road.tokens.items()
    made = telling.complaint(light, vehicle_id)
    Contact.objects.create(vehicle_id=vehicle_id, name="张三", phone="13800138000", updated_at=NOW)
    actors = light.cast.actors
    maker = Maker(light.cast.manufacturer_id, actors, now=NOW)
    maker.ready("position")
    return maker, token, vehicle_id, made


def end(light, complaint):
    for step, more in ((complaints.answer, {"words": "Done."}), (complaints.close, {})):
        step(
            complaint_id=complaint.pk,
            actor=light.actor(Role.AFTER_SALES),
            at=light.tick(),
            **more,
        )


def test_a_deletion_is_owed_within_the_working_days_of_the_law(asked):
    _maker, token, _vehicle, _made = asked
    found = services.ask(token=token, kind=Kind.DELETION, at=NOW)
    assert found.due_on == date(2026, 9, 15), "ten working days after Tuesday, 1 September"
    with pytest.raises(errors.AskedAlready):
        services.ask(token=token, kind=Kind.DELETION, at=NOW)
    copy = services.ask(token=token, kind=Kind.ACCESS, at=NOW)
    assert copy.due_on is None, "promptly: no number is invented"


def test_a_copy_holds_everything_of_the_person(asked):
    maker, token, _vehicle, _made = asked
    found = services.ask(token=token, kind=Kind.ACCESS, at=NOW)
    with pytest.raises(errors.NoSuchRequest):
        queries.copy_for(token, at=NOW)
    services.carry_out(request_id=found.pk, actor=maker.data, at=maker.tick())
    copy = queries.copy_for(token, at=NOW)
    assert set(copy) == set(stores.Store)
    assert copy["recalls"]["contact"]["phone"] == "13800138000"
    assert copy["complaints"][0]["contact"]


def test_a_deletion_is_carried_out_and_the_log_is_about_nobody(asked, light):
    maker, token, vehicle_id, made = asked
    end(light, made)
    salt, words = bytes(made.salt), made.words
    said = commitment(salt, words)
    log = "".join(bytes(one.body).decode() for one in Entry.objects.all())
    assert said in log, "the log knew it by its commitment"
    found = services.ask(token=token, kind=Kind.DELETION, words="alles", at=NOW)
    done = services.carry_out(request_id=found.pk, actor=maker.data, at=maker.tick())
    made.refresh_from_db()
    assert (made.contact, made.words, bytes(made.salt)) == ("", "", b"")
    assert not Contact.objects.filter(vehicle_id=vehicle_id).exists()
    assert (done.state, done.words, bytes(done.salt)) == (State.CARRIED_OUT, "", b"")
    assert commitment(b"", words) != said, "without the salt nobody can make it again"
    kept = {row["store"]: row for row in done.result if row["kept"]}
    assert kept["vehicle"]["instrument"] == "REG626"
    assert all(row["instrument"] for row in kept.values()), "each names its article"


def test_a_deletion_takes_what_the_vehicle_sent_and_a_copy_shows_it(asked):
    maker, token, vehicle_id, _made = asked
    vehicle = Vehicle.objects.select_related("manufacturer").get(pk=vehicle_id)
    sent = {"policy": "", "body": {"items": {"speed": 80}}, "received_at": NOW}
    for who, until in ((vehicle.controller_id, 9), (vehicle.controller_id, -1), ("another", 9)):
        GatewayTelemetry.objects.create(
            tenant=vehicle.manufacturer.ddi_tenant,
            controller_id=who,
            record_id=who,
            drop_at=NOW + timedelta(hours=until),
            **sent,
        )
    found = services.ask(token=token, kind=Kind.DELETION, at=NOW)
    held = queries.held(found, at=NOW)
    assert (held["telemetry"], held["recalls"], held["vehicle"]) == (1, 1, 1), "what ended is gone"
    done = services.carry_out(request_id=found.pk, actor=maker.data, at=maker.tick())
    row = next(one for one in done.result if one["store"] == "telemetry")
    assert (row["erased"], row["kept"]) == (2, 0)
    assert GatewayTelemetry.objects.get().controller_id == "another"
    assert queries.held(done, at=NOW) == {}, "it is answered"


def test_what_is_still_dealt_with_is_kept_and_says_so(asked):
    maker, token, _vehicle, made = asked
    found = services.ask(token=token, kind=Kind.DELETION, at=NOW)
    done = services.carry_out(request_id=found.pk, actor=maker.data, at=maker.tick())
    row = next(one for one in done.result if one["store"] == "complaints")
    assert (row["kept"], row["why"], row["provision"]) == (1, "still-open", "四（九）")
    assert Complaint.objects.get(pk=made.pk).contact


def test_nobody_else_asks_reads_or_carries_out(asked, stranger):
    maker, token, _vehicle, _made = asked
    found = services.ask(token=token, kind=Kind.DELETION, at=NOW)
    with pytest.raises(NoSuchLink):
        services.ask(token="guessed", kind=Kind.DELETION, at=NOW)
    with pytest.raises(errors.NoSuchRequest):
        services.carry_out(request_id=found.pk, actor=stranger[Role.DATA], at=NOW)
    with pytest.raises(WrongRole):
        services.carry_out(request_id=found.pk, actor=maker.officer, at=NOW)
    with pytest.raises(errors.NoSuchRequest):
        queries.request(stranger[Role.DATA], found.pk)


def test_a_refusal_says_why_and_a_request_can_be_taken_back(asked):
    maker, token, _vehicle, _made = asked
    found = services.ask(token=token, kind=Kind.ACCESS, at=NOW)
    with pytest.raises(errors.WhyMissing):
        services.refuse(request_id=found.pk, answer=" ", actor=maker.data, at=NOW)
    services.take_back(token=token, request_id=found.pk, at=NOW)
    with pytest.raises(WrongState):
        services.carry_out(request_id=found.pk, actor=maker.data, at=NOW)
    assert Request.objects.get().state == State.TAKEN_BACK


def test_a_consent_is_for_one_item_and_purpose_until_a_day_of_their_own(asked):
    maker, token, vehicle_id, _made = asked
    (offer,) = consenting.offered(token, on=date(2026, 9, 1))
    for days in (7, None):
        with pytest.raises(errors.NotOffered):
            consenting.give(token=token, form_id=offer.form.pk, days=days, language="en", at=NOW)
    made = consenting.give(token=token, form_id=offer.form.pk, days=30, language="en", at=NOW)
    assert made.until == date(2026, 10, 1)

    def stands(purpose="remote-service", on=date(2026, 10, 1)):
        return consenting.standing(vehicle_id, "position", purpose, on=on)

    assert stands()
    assert not stands(on=date(2026, 10, 2)), "it ends by itself"
    assert not stands(purpose="marketing"), "a consent to one purpose is none for another"
    consenting.withdraw(token=token, consent_id=made.pk, at=maker.tick())
    assert not stands()
    assert Consent.objects.get().withdrawn_at is not None


def test_a_consent_and_its_withdrawal_are_told_to_the_gateways(asked):
    maker, token, vehicle_id, _made = asked
    vehicle = Vehicle.objects.select_related("manufacturer").get(pk=vehicle_id)

    def told():
        row = GatewayConsent.objects.get(
            tenant=vehicle.manufacturer.ddi_tenant, controller_id=vehicle.controller_id
        )
        shape = {"given": row.given, "withdrawn": row.withdrawn}
        return msgspec.convert(shape, OwnerSaid, strict=False), row.seq

    (offer,) = consenting.offered(token, on=date(2026, 9, 1))
    made = consenting.give(token=token, form_id=offer.form.pk, days=30, language="en", at=NOW)
    said, before = told()
    (agreed,) = said.given
    assert (agreed.item, agreed.purpose, agreed.given_at) == ("position", "remote-service", NOW)
    assert agreed.until == datetime(2026, 10, 1, 16, tzinfo=UTC), "midnight in Shanghai after it"
    consenting.withdraw(token=token, consent_id=made.pk, at=maker.tick())
    said, after = told()
    assert (said.given, said.withdrawn) == ((), (("position", "remote-service"),))
    assert after > before, "a gateway that follows the feed sees it"
    deletion = services.ask(token=token, kind=Kind.DELETION, at=NOW)
    services.carry_out(request_id=deletion.pk, actor=maker.data, at=maker.tick())
    assert told()[0].withdrawn, "erasing who said it does not undo what was said"
    consenting.give(token=token, form_id=offer.form.pk, days=30, language="en", at=maker.tick())
    said, _seq = told()
    assert (len(said.given), said.withdrawn) == (1, ()), "a new consent takes its place"


def test_the_owners_page_takes_consents_and_requests(asked, client):
    _maker, token, _vehicle, _made = asked
    page = f"/o/{token}/data/"
    assert client.get(page).status_code == 200
    (offer,) = consenting.offered(token, on=date(2026, 9, 1))
    sent = {"consent": offer.form.pk, "days": "30"}
    assert client.post(page, sent).status_code == 302
    assert client.post(page, sent | {"days": "7"}).status_code == 422, "not offered"
    assert client.post(page, {"withdraw": Consent.objects.get().pk}).status_code == 302
    assert client.post(page, {"ask": "deletion", "words": "alles"}).status_code == 302
    assert client.post(page, {"ask": "deletion"}).status_code == 409, "asked already"
    assert client.post(page, {"take_back": Request.objects.get().pk}).status_code == 302
    assert client.get(f"/o/{token}/data.json").status_code == 404, "no copy was laid ready"
    assert client.get("/o/guessed/data/").status_code == 404
