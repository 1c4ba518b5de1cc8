"""The first start makes what an organisation needs, once, and goes on where it was cut short."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.conf import settings

from roadworthy import stores
from roadworthy.cli.federation import founding
from roadworthy.cli.federation.founding import Choices
from roadworthy.cli.federation.parties import MARK, PARTIES
from roadworthy.domains.exchange import identity
from roadworthy.domains.organisations import queries
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.trust.keys import WrongPassphrase
from tests.world import START

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://127.0.0.1:8120"


@pytest.fixture
def home(tmp_path, monkeypatch):
    from dataclasses import replace

    from roadworthy.config.env import Secret

    told = replace(settings.ROADWORTHY, home=tmp_path, online_key_passphrase=Secret("o" * 40))
    monkeypatch.setattr(settings, "ROADWORTHY", told)
    return tmp_path


def found(home, name="miit", **given):
    party = PARTIES[name]
    told = {}
    for made in founding.found(home, party, Choices.of(party, **given), url=URL, at=START):
        told |= {key: getattr(made, key) for key in made.to_json()}
    return SimpleNamespace(**told) if told else None


def test_an_authority_gets_keys_that_open_with_what_was_handed_out(home):
    made = found(home)
    (person,) = made.people
    assert person.role == Role.MIIT_REVIEWER
    own = queries.by_slug("miit")
    for purpose in person.keys:
        key = queries.live_key(own.pk, KeyPurpose(purpose))
        assert stores.keystore().signer(key.keyid, person.passphrase)
        with pytest.raises(WrongPassphrase):
            stores.keystore().signer(key.keyid, person.password)
    assert identity.own().url == URL
    assert stores.platform().offline("root", made.offline_passphrase)


def test_a_manufacturer_gets_a_person_for_each_role_and_a_token_for_its_vehicles(home):
    made = found(home, "manufacturer", slug="acme", mail_host="acme.cn")
    assert {one.role for one in made.people} == set(PARTIES["manufacturer"].roles)
    assert all(one.email.endswith("@acme.cn") for one in made.people)
    assert made.gateway_token
    assert len({one.password for one in made.people}) == len(made.people)


def test_again_it_makes_nothing(home):
    assert found(home) is not None
    assert found(home) is None
    assert found(home, slug="other") is None, "the home is MIIT's"


def test_cut_short_before_its_people_it_goes_on_and_tells_what_is_new(home):
    founding.keys(home, at=START)
    made = found(home)
    assert not hasattr(made, "offline_passphrase"), "told by the start that was cut short"
    assert len(made.people) == 1


def test_cut_short_before_its_first_metadata_it_makes_its_keys_anew(home):
    from roadworthy.domains.filings.platform import Platform

    Platform.create(home, online_passphrase="o" * 40, offline_passphrase="lost")
    made = found(home)
    assert stores.platform().offline("root", made.offline_passphrase)
    assert (home / MARK).exists()
