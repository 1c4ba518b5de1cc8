"""Organisations, people and keys: who may hold what."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.accounts import services as accounts
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations import services
from roadworthy.domains.organisations.actors import PLATFORM, Actor, NotAMember, witnessed
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from tests.world import World


def test_a_role_of_another_kind_of_organisation_is_refused(world: World) -> None:
    with pytest.raises(services.RoleDoesNotFit):
        services.add_member(
            organisation_id=world.cast.organisation_ids[Kind.MIIT],
            user_id=world.actor(Role.MIIT_REVIEWER).person_id,
            role=Role.RELEASE_ENGINEER,
            actor=witnessed(PLATFORM),
            at=world.tick(),
        )


def test_a_purpose_has_one_live_key(world: World) -> None:
    with pytest.raises(services.KeyExists):
        services.create_key(
            organisation_id=world.cast.manufacturer_id,
            holder_id=world.actor(Role.RELEASE_ENGINEER).person_id,
            purpose=KeyPurpose.RELEASE,
            passphrase="another",
            keystore=world.platform.keystore,
            actor=witnessed(PLATFORM),
            at=world.tick(),
        )


def test_nobody_holds_a_key_that_their_role_does_not_sign_with(world: World) -> None:
    with pytest.raises(services.MayNotHoldKey):
        services.create_key(
            organisation_id=world.cast.manufacturer_id,
            holder_id=world.actor(Role.HOMOLOGATION).person_id,
            purpose=KeyPurpose.RELEASE,
            passphrase="another",
            keystore=world.platform.keystore,
            actor=witnessed(PLATFORM),
            at=world.tick(),
        )


def test_who_acts_under_a_membership_that_is_not_theirs_is_refused(world: World) -> None:
    engineer = world.actor(Role.RELEASE_ENGINEER)
    for forged in (
        Actor(Role.COMPLIANCE_OFFICER, engineer.user_id, engineer.organisation_id),
        Actor(Role.RELEASE_ENGINEER, engineer.user_id, world.cast.organisation_ids[Kind.MIIT]),
        Actor(Role.RELEASE_ENGINEER, None, engineer.organisation_id),
        Actor(Role.RELEASE_ENGINEER, engineer.user_id, None),
    ):
        with pytest.raises(NotAMember):
            witnessed(forged)


def test_the_ledger_knows_people_only_by_commitment(world: World) -> None:
    bodies = b"".join(bytes(entry.body) for entry in Entry.objects.all()).decode()
    for person in world.cast.passwords:
        assert person not in bodies
    for secret in (*world.cast.passwords.values(), *world.cast.passphrases.values()):
        assert secret not in bodies
    actors = [json.loads(bytes(entry.body))["actor"] for entry in Entry.objects.all()]
    assert {frozenset(actor) for actor in actors} == {
        frozenset({"role", "organisation", "commitment"})
    }


def test_an_address_has_one_account_whatever_its_case(world: World) -> None:
    with pytest.raises(accounts.EmailTaken):
        accounts.create_user(
            email="RELEASE@starway.example",
            name="Other",
            password="long enough for anybody",
            language="en",
            actor=witnessed(PLATFORM),
            at=world.tick(),
        )


def test_a_weak_password_and_an_unknown_language_are_named(world: World) -> None:
    asked = {"email": "new@starway.example", "name": "N", "actor": witnessed(PLATFORM)}
    with pytest.raises(accounts.WeakPassword):
        accounts.create_user(**asked, password="12345", language="en", at=world.tick())
    with pytest.raises(accounts.UnknownLanguage, match="zh-hans, en"):
        accounts.create_user(
            **asked, password="long enough for anybody", language="fr", at=world.tick()
        )
