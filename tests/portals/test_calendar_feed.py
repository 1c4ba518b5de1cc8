"""A person's work as a calendar: read by the library and by a second reader that knows the RFC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from roadworthy.domains.accounts import services as accounts
from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.models import Membership
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.domains.worklists import duties, errors, feeds
from roadworthy.domains.worklists.models import CalendarFeed
from roadworthy.portals.owner import redaction
from roadworthy.portals.shared import ical, throttle
from tests.domains.campaigns.conftest import light, stranger

__all__ = ["light", "stranger"]
pytestmark = pytest.mark.django_db
NOW = datetime(2025, 5, 20, 2, tzinfo=UTC)
TODAY = date(2025, 5, 20)


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()
    # A page that another test asked for leaves its reader's language active in this thread.
    with translation.override("zh-hans"):
        yield
    cache.clear()


@pytest.fixture
def filer(light):
    """Somebody whose type had access before the notice: dated and undated duties."""
    VehicleType.objects.update(approved_on=date(2025, 2, 27))
    duties.schedule(manufacturer_id=light.cast.manufacturer_id, at=NOW)
    return light.actor(Role.HOMOLOGATION)


def ask(token: str, **headers) -> object:
    return Client().get(reverse("feed", args=[token]), headers=headers)


def unfolded(content: bytes) -> list[tuple[str, str]]:
    """Read a calendar as RFC 5545 3.1 says, strictly, without the library that wrote it."""
    assert content.endswith(b"\r\n")
    physical = content[:-2].split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert not [line for line in physical if b"\n" in line or b"\r" in line]
    logical: list[bytes] = []
    for line in physical:
        if line.startswith((b" ", b"\t")):
            logical[-1] += line[1:]
        else:
            logical.append(line)
    pairs = []
    for line in logical:
        name, colon, value = line.decode().partition(":")
        assert colon
        pairs.append((name, value))
    return pairs


def components(pairs: list[tuple[str, str]], name: str) -> list[dict[str, str]]:
    found, inside = [], None
    for key, value in pairs:
        if (key, value) == ("BEGIN", name):
            inside = {}
        elif (key, value) == ("END", name):
            found.append(inside)
            inside = None
        elif inside is not None:
            inside[key] = value
    return found


def test_dated_work_is_an_all_day_event_on_its_legal_day(filer):
    agenda = feeds.opened(feeds.renew(actor=filer, at=NOW), today=TODAY)
    calendar = icalendar.Calendar.from_ical(ical.written(agenda, today=TODAY, site="https://x"))
    events = list(calendar.walk("VEVENT"))
    assert len(events) == 2
    for event in events:
        assert event.decoded("dtstart") == date(2025, 6, 1)
        assert event.decoded("dtend") == date(2025, 6, 2)
        assert "N45-02" in event["description"]
        assert "2025年6月1日" in event["description"]


def test_a_second_reader_finds_the_same(filer):
    agenda = feeds.opened(feeds.renew(actor=filer, at=NOW), today=TODAY)
    pairs = unfolded(ical.written(agenda, today=TODAY, site="https://x"))
    assert pairs[0] == ("BEGIN", "VCALENDAR")
    assert pairs[-1] == ("END", "VCALENDAR")
    events, tasks = components(pairs, "VEVENT"), components(pairs, "VTODO")
    assert {one["DTSTART;VALUE=DATE"] for one in events} == {"20250601"}
    assert len(tasks) == 3
    assert not [one for one in tasks if any(name.startswith("DUE") for name in one)]
    for one in (*events, *tasks):
        assert re.fullmatch(r"\d{8}T\d{6}Z", one["DTSTAMP"])
        assert one["LAST-MODIFIED"] == one["DTSTAMP"]
    assert len({one["UID"] for one in (*events, *tasks)}) == 5


def test_the_same_work_gives_the_same_bytes_and_a_later_day_the_same_uids(filer):
    token = feeds.renew(actor=filer, at=NOW)

    def written(today):
        return ical.written(feeds.opened(token, today=today), today=today, site="https://x")

    assert written(TODAY) == written(TODAY)
    later = written(date(2025, 6, 3))
    uids = [sorted(re.findall(rb"UID:[^\r]+", one)) for one in (written(TODAY), later)]
    assert uids[0] == uids[1]
    assert "逾期：" in later.decode().replace("\r\n ", "")


def test_in_the_persons_language(filer):
    token = feeds.renew(actor=filer, at=NOW)
    assert "向市场监管总局" in ask(token).content.decode().replace("\r\n ", "")
    accounts.choose_language(user_id=filer.user_id, language="en")
    answer = ask(token)
    assert "Send the deep-testing plan to SAMR" in answer.content.decode().replace("\r\n ", "")
    assert answer["Content-Language"] == "en"


def test_it_is_private_and_asked_again_cheaply(filer):
    answer = ask(feeds.renew(actor=filer, at=NOW))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    token = feeds.renew(actor=filer, at=NOW)
    etag = ask(token)["ETag"]
    again = ask(token, if_none_match=etag)
    assert (again.status_code, again.content) == (304, b"")


def test_only_the_hash_of_the_token_is_kept(filer):
    token = feeds.renew(actor=filer, at=NOW)
    kept = str(CalendarFeed.objects.values().get())
    assert token not in kept
    assert len(token) >= 40


def test_a_new_address_ends_the_old_one_and_a_closed_one_opens_nothing(filer):
    old = feeds.renew(actor=filer, at=NOW)
    new = feeds.renew(actor=filer, at=NOW + timedelta(hours=1))
    assert (ask(old).status_code, ask(new).status_code) == (404, 200)
    feeds.revoke(actor=filer)
    assert ask(new).status_code == 404


def test_a_wrong_token_looks_like_nothing_there(filer):
    feeds.renew(actor=filer, at=NOW)
    wrong = ask("x" * 43)
    nowhere = Client().get("/nothing-here/")
    assert wrong.status_code == nowhere.status_code == 404
    title = re.compile(rb"<h1>.*?</h1>")
    assert title.findall(wrong.content) == title.findall(nowhere.content)


def test_who_guesses_is_stopped_and_who_asks_too_often_waits(filer):
    token = feeds.renew(actor=filer, at=NOW)
    for _ in range(throttle.FEEDS.attempts):
        assert ask(token).status_code == 200
    assert ask(token).status_code == 429
    cache.clear()
    for number in range(throttle.UNKNOWN_FEEDS.attempts):
        assert ask(f"guess-{number}").status_code == 404
    assert ask("guess-again").status_code == 429


def test_who_left_or_was_closed_reads_nothing(filer):
    token = feeds.renew(actor=filer, at=NOW)
    User.objects.filter(pk=filer.user_id).update(is_active=False)
    with pytest.raises(errors.NoSuchLink):
        feeds.opened(token, today=TODAY)
    User.objects.filter(pk=filer.user_id).update(is_active=True)
    Membership.objects.filter(user_id=filer.user_id).delete()
    assert ask(token).status_code == 404


def test_another_organisation_s_calendar_holds_nothing_of_ours(filer, stranger):
    agenda = feeds.opened(feeds.renew(actor=stranger[Role.HOMOLOGATION], at=NOW), today=TODAY)
    assert agenda.items == ()


def test_the_token_stays_out_of_the_log(caplog):
    import logging

    caplog.handler.addFilter(redaction.Links())
    logging.getLogger("django.request").warning("Not Found: %s", "/feeds/secret-token.ics")
    logging.getLogger("django.request").warning("Not Found: %s", "/stop-mail/secret-token/")
    assert "secret-token" not in caplog.text
