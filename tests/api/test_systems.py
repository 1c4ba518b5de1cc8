"""Other systems: how they get in, what each may, and that they see nothing of others."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client as Browser

from roadworthy.api import authority, institution, manufacturer
from roadworthy.config.env import Secret
from roadworthy.domains.filings import drafting
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations import clients
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import NotAMember
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.organisations.scopes import SCOPES_OF_ROLE, Scope
from tests.api.systems import TOKEN, System, admit, manager, system
from tests.domains.campaigns import conftest as people
from tests.world import ONLINE, World

NOW = datetime.now(UTC)
# Each operation once, with the scope that it takes; one without a line here fails.
TABLE = {
    ("manufacturer", "GET", "/types"): "types:read",
    ("manufacturer", "POST", "/types"): "types:write",
    ("manufacturer", "GET", "/types/{code}"): "types:read",
    ("manufacturer", "GET", "/unknown-software"): "vehicles:read",
    ("manufacturer", "POST", "/delivery-locks"): "locks:read",
    ("manufacturer", "GET", "/releases"): "releases:read",
    ("manufacturer", "POST", "/releases"): "releases:write",
    ("manufacturer", "GET", "/releases/{number}"): "releases:read",
    ("manufacturer", "GET", "/releases/{number}/evaluation"): "releases:read",
    ("manufacturer", "POST", "/releases/{number}/changes"): "releases:write",
    ("manufacturer", "POST", "/releases/{number}/evidence"): "releases:write",
    ("manufacturer", "POST", "/releases/{number}/reports"): "releases:write",
    ("manufacturer", "PATCH", "/releases/{number}/answers"): "releases:write",
    ("manufacturer", "POST", "/releases/{number}/freeze"): "releases:write",
    ("manufacturer", "POST", "/releases/{number}/reopen"): "releases:write",
    ("manufacturer", "GET", "/filings"): "filings:read",
    ("manufacturer", "POST", "/filings"): "filings:write",
    ("manufacturer", "GET", "/filings/{number}"): "filings:read",
    ("manufacturer", "POST", "/filings/{number}/submit"): "filings:write",
    ("manufacturer", "POST", "/filings/{number}/withdraw"): "filings:write",
    ("manufacturer", "GET", "/filings/{number}/archive"): "filings:read",
    ("manufacturer", "GET", "/filing-drafts"): "filings:read",
    ("manufacturer", "POST", "/filing-drafts"): "filings:write",
    ("manufacturer", "GET", "/filing-drafts/{draft_id}"): "filings:read",
    ("manufacturer", "PATCH", "/filing-drafts/{draft_id}"): "filings:write",
    ("manufacturer", "DELETE", "/filing-drafts/{draft_id}"): "filings:write",
    ("manufacturer", "POST", "/filing-drafts/{draft_id}/attachments"): "filings:write",
    ("manufacturer", "POST", "/filing-drafts/{draft_id}/prepare"): "filings:write",
    ("manufacturer", "GET", "/obligations"): "filings:read",
    ("manufacturer", "GET", "/incidents"): "incidents:read",
    ("manufacturer", "GET", "/incidents/{number}"): "incidents:read",
    ("manufacturer", "POST", "/incidents"): "incidents:write",
    ("authority", "GET", "/authority/incident-reports"): "incidents:read",
    ("authority", "GET", "/authority/incident-reports/{report_id}"): "incidents:read",
    ("manufacturer", "GET", "/reports"): "reports:read",
    ("manufacturer", "GET", "/reports/{report_id}"): "reports:read",
    ("manufacturer", "POST", "/exports"): "exports:write",
    ("manufacturer", "POST", "/recalls/{number}/completions"): "completions:write",
    ("manufacturer", "GET", "/recalls/{number}/progress"): "filings:read",
    ("authority", "POST", "/authority/recalls"): "recalls:write",
    ("authority", "GET", "/authority/filings"): "filings:read",
    ("authority", "GET", "/authority/filings/{number}"): "filings:read",
    ("institution", "GET", "/institution/reports"): "reports:read",
    ("institution", "POST", "/institution/reports"): "reports:write",
    ("institution", "GET", "/institution/reports/{report_id}"): "reports:read",
}
KINDS = {
    "manufacturer": {Kind.MANUFACTURER},
    "authority": {Kind.MIIT, Kind.SAMR},
    "institution": {Kind.INSTITUTION},
}
APIS = {
    "manufacturer": manufacturer.api,
    "authority": authority.api,
    "institution": institution.api,
}


@pytest.fixture(autouse=True)
def home(request: pytest.FixtureRequest) -> Iterator[None]:
    if "world" not in request.fixturenames:
        yield
        return
    world, before = request.getfixturevalue("world"), settings.ROADWORTHY
    settings.ROADWORTHY = dataclasses.replace(
        before, home=world.platform.home, online_key_passphrase=Secret(ONLINE)
    )
    yield
    settings.ROADWORTHY = before
    cache.clear()


def operations() -> dict[tuple[str, str, str], Any]:
    return {
        (name, method.upper(), path.removeprefix("/api/v1")): told
        for name, api in APIS.items()
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, told in methods.items()
        if "/oauth/" not in path
    }


def _address(path: str) -> str:
    return path.format(code="none", number="none", report_id=1, draft_id=1) if "{" in path else path


def test_every_operation_has_a_line_in_the_table_and_names_its_scope():
    assert {key: told["x-scope"] for key, told in operations().items()} == TABLE


def test_openapi_tells_which_scope_each_operation_takes_and_where_tokens_are():
    for key, told in operations().items():
        assert told["security"] == [{"OAuth2": [TABLE[key]]}], key
    schemes = manufacturer.api.get_openapi_schema()["components"]["securitySchemes"]
    flow = schemes["OAuth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == TOKEN
    assert set(flow["scopes"]) == set(Scope)


@pytest.mark.parametrize("role", sorted(SCOPES_OF_ROLE))
def test_each_role_with_each_scope_gets_what_the_table_says_and_nothing_else(world, role):
    wrong = []
    kind = next(k for k in Kind if manager(world, role).organisation_id == _id(world, k))
    for scope in SCOPES_OF_ROLE[role]:
        one = system(world, role, [scope])
        for (audience, method, path), needed in TABLE.items():
            answer = one.ask(method, _address(path), "{}" if method != "GET" else None)
            may = needed == scope and kind in KINDS[audience]
            refused = answer.status_code == 403 and "insufficient-scope" in answer.json()["type"]
            if refused == may or answer.status_code in {401, 500}:
                wrong.append((scope, audience, method, path, answer.status_code))
            if answer.status_code >= 400:
                assert answer["content-type"] == "application/problem+json"
        cache.clear()
    assert wrong == []


def _id(world: World, kind: Kind) -> int:
    return world.cast.organisation_ids[kind]


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic x", "bearer  "])
def test_without_a_good_token_nothing_is_told(db, header):
    browser = Browser()
    for _audience, method, path in TABLE:
        headers = {"authorization": header} if header else {}
        answer = getattr(browser, method.lower())(f"/api/v1{_address(path)}", headers=headers)
        assert answer.status_code == 401, path
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["content-type"] == "application/problem+json"


def test_a_token_is_had_with_basic_authentication_too(world):
    admitted = admit(world, Role.HOMOLOGATION)
    pair = f"{admitted.client.client_id}:{admitted.secret}"
    basic = base64.b64encode(pair.encode()).decode()
    answer = Browser().post(
        TOKEN,
        {"grant_type": "client_credentials", "scope": "types:read"},
        headers={"authorization": f"Basic {basic}"},
    )
    assert answer.status_code == 200
    assert answer.json()["scope"] == "types:read"
    assert answer.json()["token_type"] == "Bearer"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "", "client_secret": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "types:read releases:write"}, 400, "invalid_scope"),
    ],
)
def test_a_refused_token_request_answers_as_the_rfc_says(world, change, status, error):
    admitted = admit(world, Role.HOMOLOGATION)
    good = {
        "grant_type": "client_credentials",
        "client_id": admitted.client.client_id,
        "client_secret": admitted.secret,
    }
    answer = Browser().post(TOKEN, good | change)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert admitted.secret not in answer.content.decode()


def test_guessing_secrets_is_slow(world):
    answers = {
        Browser().post(TOKEN, {"grant_type": "client_credentials"}).status_code for _ in range(61)
    }
    assert answers == {401, 429}


def test_only_digests_of_secrets_and_tokens_are_kept(world, django_assert_max_num_queries):
    from django.db import connection

    one = system(world, Role.HOMOLOGATION)
    with connection.cursor() as cursor:
        for table in ("client", "clientsecret", "accesstoken"):
            cursor.execute(f"SELECT row_to_json(t)::text FROM organisations_{table} t")
            kept = str(cursor.fetchall())
            assert one.admitted.secret not in kept
            assert one.token not in kept
    told = str([each.data for each in ledger.about(f"client/{one.admitted.client.client_id}")])
    assert one.admitted.secret not in told


def test_an_old_secret_stays_good_only_while_the_new_one_takes_over(world):
    admitted = admit(world, Role.HOMOLOGATION)
    at, by = datetime.now(UTC), manager(world, Role.HOMOLOGATION)
    anew = clients.rotate(client_pk=admitted.client.pk, overlap=timedelta(days=1), actor=by, at=at)

    def good(secret: str, when: datetime) -> bool:
        try:
            clients.grant(client_id=admitted.client.client_id, secret=secret, scopes=(), at=when)
        except clients.NotAdmitted:
            return False
        return True

    soon, later = at + timedelta(hours=23), at + timedelta(hours=25)
    assert [good(admitted.secret, soon), good(admitted.secret, later)] == [True, False]
    assert [good(anew.secret, soon), good(anew.secret, later)] == [True, True]


def test_who_was_shut_out_is_out_at_once(world):
    one = system(world, Role.HOMOLOGATION)
    assert one.ask("GET", "/types").status_code == 200
    by = manager(world, Role.HOMOLOGATION)
    clients.revoke(client_pk=one.admitted.client.pk, actor=by, at=datetime.now(UTC))
    assert one.ask("GET", "/types").status_code == 401
    with pytest.raises(clients.NotAdmitted):
        clients.grant(
            client_id=one.admitted.client.client_id,
            secret=one.admitted.secret,
            scopes=(),
            at=datetime.now(UTC),
        )


def test_a_token_ends(world):
    one = system(world, Role.HOMOLOGATION)
    with pytest.raises(clients.TokenNotGood):
        clients.machine(one.token, at=datetime.now(UTC) + clients.TOKEN_LIFE)


def test_when_it_was_used_last_is_known(world):
    one = system(world, Role.HOMOLOGATION)
    one.ask("GET", "/types")
    mine = _id(world, Kind.MANUFACTURER)
    assert clients.client(mine, one.admitted.client.pk).last_used_at is not None


def test_a_system_holds_no_key_and_signs_nothing(world):
    admitted = admit(world, Role.RELEASE_ENGINEER)
    with pytest.raises(organisations.MachineHoldsNoKey):
        organisations.create_key(
            organisation_id=_id(world, Kind.MANUFACTURER),
            holder_id=admitted.client.account_id,
            purpose=KeyPurpose.RELEASE,
            passphrase="anything",
            keystore=world.platform.keystore,
            actor=people.witnessed(people.PLATFORM),
            at=NOW,
        )


@pytest.mark.parametrize("role", [Role.HOMOLOGATION, Role.RELEASE_ENGINEER, Role.MARKETING])
def test_only_who_answers_for_it_lets_a_system_in(world, role):
    by = world.actor(role)
    with pytest.raises(clients.NotYourSystems):
        clients.admit(
            organisation_id=by.organisation_id,
            name="x",
            role=Role.HOMOLOGATION,
            scopes=["types:read"],
            actor=by,
            at=NOW,
        )


@pytest.mark.parametrize(
    ("role", "scopes", "error"),
    [
        (Role.HOMOLOGATION, ["releases:write"], clients.ScopeDoesNotFit),
        (Role.RELEASE_ENGINEER, ["filings:write"], clients.ScopeDoesNotFit),
        (Role.HOMOLOGATION, [], clients.ScopeDoesNotFit),
        (Role.MARKETING, ["types:read"], clients.RoleHasNoSystems),
        (Role.MIIT_REVIEWER, ["filings:read"], clients.RoleHasNoSystems),
    ],
)
def test_a_scope_never_widens_a_role(world, role, scopes, error):
    by = world.actor(Role.COMPLIANCE_OFFICER)
    with pytest.raises(error):
        clients.admit(
            organisation_id=by.organisation_id,
            name="x",
            role=role,
            scopes=scopes,
            actor=by,
            at=NOW,
        )


def test_another_organisation_manages_nothing_of_ours(world):
    admitted = admit(world, Role.HOMOLOGATION)
    _, strangers = people.people(Kind.MANUFACTURER, "other", "OTHER")
    by = strangers[Role.COMPLIANCE_OFFICER]
    with pytest.raises(clients.NoSuchClient):
        clients.revoke(client_pk=admitted.client.pk, actor=by, at=NOW)
    with pytest.raises(clients.NoSuchClient):
        clients.client(by.organisation_id, admitted.client.pk)
    with pytest.raises(NotAMember):
        clients.revoke(
            client_pk=admitted.client.pk,
            actor=dataclasses.replace(by, organisation_id=_id(world, Kind.MANUFACTURER)),
            at=NOW,
        )


def test_nothing_of_ours_is_told_to_another_manufacturers_system(world):
    release, filing = world.draft(), world.prepare("capability")[0]
    report = world.report()
    writer = world.actor(Role.HOMOLOGATION)
    draft = drafting.begin(kind=FilingKind.TYPE, details={}, actor=writer, at=world.tick())
    _, strangers = people.people(Kind.MANUFACTURER, "other", "OTHER")
    for role in (Role.HOMOLOGATION, Role.RELEASE_ENGINEER):
        theirs = system(world, role, actors=strangers)
        for path in (
            "/types",
            "/releases",
            "/filings",
            "/filing-drafts",
            "/obligations",
            "/reports",
        ):
            assert theirs.ask("GET", path).json()["items"] == [], path
        for path in (
            "/types/ALPHA",
            f"/releases/{release.number}",
            f"/releases/{release.number}/evaluation",
            f"/filings/{filing.number}",
            f"/reports/{report.pk}",
            f"/filing-drafts/{draft.pk}",
        ):
            assert theirs.ask("GET", path).status_code == 404, path
    filer = system(world, Role.HOMOLOGATION, actors=strangers)
    assert filer.ask("POST", f"/filings/{filing.number}/submit").status_code == 404
    assert filer.ask("POST", f"/filings/{filing.number}/withdraw").status_code == 404
    assert filer.ask("POST", f"/filing-drafts/{draft.pk}/prepare").status_code == 404
    assert filer.ask("DELETE", f"/filing-drafts/{draft.pk}").status_code == 404
    amends = {"kind": "capability", "amends": filing.number}
    assert filer.ask("POST", "/filing-drafts", json.dumps(amends)).status_code == 404
    builder = system(world, Role.RELEASE_ENGINEER, actors=strangers)
    number = release.number
    any_version = {"if-match": "x"}
    freeze = builder.ask("POST", f"/releases/{number}/freeze", headers=any_version)
    assert freeze.status_code == 404
    upload = {
        "ecu": "e",
        "from_version": "1",
        "to_version": "2",
        "image": io.BytesIO(b"image"),
    }
    assert builder.ask("POST", f"/releases/{number}/changes", upload).status_code == 404


def test_an_authoritys_system_never_sees_a_draft(world):
    drafts = world.prepare("capability")
    reader = system(world, Role.MIIT_REVIEWER)
    assert reader.ask("GET", "/authority/filings").json()["count"] == 0
    assert reader.ask("GET", f"/authority/filings/{drafts[0].number}").status_code == 404
    world.submit(drafts[0])
    world.submit(drafts[1])
    told = reader.ask("GET", "/authority/filings").json()["items"]
    assert [one["number"] for one in told] == [drafts[0].number]  # SAMR's copy is SAMR's
    whole = reader.ask("GET", f"/authority/filings/{drafts[0].number}").json()
    assert whole["dossier"]["kind"] == "capability"


def builder(world: World) -> System:
    return system(world, Role.RELEASE_ENGINEER)
