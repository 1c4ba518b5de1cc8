"""The short path for plain polls gives the general answer, byte for byte, or none."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.gateway import app, idle, places, projection, records
from roadworthy.gateway.exchange import Scope
from roadworthy.gateway.host import Host
from roadworthy.gateway.limits import Buckets
from roadworthy.gateway.model import StoredCommon, StoredTenant
from roadworthy.gateway.outcomes import Note
from roadworthy.gateway.projection import Position, Projection
from roadworthy.gateway.settings import Settings

TOKEN = "secret"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()
RECORDS = {
    "idle": "||||||",
    "wants": "|||||1|",
    "installed": "|||7|70||",
    "both": "|||7|70|1|7,6",
    "closed": "||||||5",
    "offered": "deploy|9|90||||",
    "held": "|9|90||||",
    "cancelled": "cancel|9|90|7|70|1|5",
    "closing": "deploy|9|90|7|70||",
    "京 A/1"[:3]: "|||7|70|1|",
    "x" * 600: "||||||",
}


@pytest.fixture(scope="module", params=["host", "public", "proxy"])
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    given_settings = Settings(home=tmp_path_factory.mktemp("home"), database_url="")
    extra = {
        "host": {},
        "public": {"public_url": "https://gw.example"},
        "proxy": {"behind_proxy": True},
    }[request.param]
    given_settings = replace(given_settings, **extra)
    filled(given_settings)
    made = Host.of(given_settings)
    made.outcomes.note([Note(records.key("T", "closing"), "9", closed="succeeded")])
    yield made
    made.outcomes.close()


def filled(given_settings: Settings) -> None:
    places.prepare(given_settings)
    writing = Projection(given_settings)
    tenants = {"T": StoredTenant(hashlib.sha256(b"gw").hexdigest(), "00:05:00")}
    writing.share(StoredCommon(tenants, []), {}, Position())
    rows = [(records.key("T", name), f"{DIGEST}|{rest}".encode()) for name, rest in RECORDS.items()]
    writing.apply([*rows, (records.key("T", "tokenless"), b"|||||||")], Position())
    writing.stamp(projection.now() + 0.9)
    writing.close()


def scope_of(
    path: str, *, headers: dict[str, str], method: str = "GET", scheme: str = "http"
) -> Scope:
    scope = SimpleNamespace(
        proto="http", path=path, method=method, scheme=scheme, headers=headers, authority=None,
        client="127.0.0.1:1",
    )  # fmt: skip
    return cast(Scope, scope)


def poll(host: Host, scope: Scope, *, plainly: bool) -> tuple[Any, ...] | None:
    host.seen._ids.clear()
    if plainly:
        plain = app.Application(host)._plain_answer(scope)
        return None if plain is None else (plain.status, plain.headers, plain.body)
    general = asyncio.run(app.Application(host)._answer(app.Request(scope, None)))  # type: ignore[arg-type]
    return general.status, general.headers, general.body


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from([*RECORDS, "unknown", "tokenless", ""]),
    tenant=st.sampled_from(["T", "U", "T\x01"]),
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "POST"]),
    rest=st.sampled_from(["", "", "", "/", "/configData"]),
    authorization=st.sampled_from(
        ["TargetToken secret"] * 4
        + [
            "TargetToken wrong",
            "targettoken secret",
            "GatewayToken gw",
            "TargetToken  secret",
            "TargetToken ",
            "",
            "x",
        ]
    ),
    accept=st.sampled_from([None, "application/json", "*/*", "application/cbor", "text/html"]),
    asked=st.sampled_from(["gw:80", "gw:80", "[::1]:9", "a ", None]),
    known=st.sampled_from([None, None, "*", b'"0x"']),
    forwarded=st.sampled_from([None, "proxy.example"]),
    scheme=st.sampled_from(["http", "https"]),
)
def test_the_two_ways_agree(  # noqa: PLR0917 - drawn by hypothesis
    host: Host, name: str, tenant: str, method: str, rest: str, authorization: str,
    accept: str | None, asked: str | None, known: str | None, forwarded: str | None,
    scheme: str,
) -> None:  # fmt: skip
    headers = {
        "authorization": authorization, "accept": accept, "host": asked,
        "if-none-match": known, "x-forwarded-host": forwarded,
    }  # fmt: skip
    scope = scope_of(
        f"/{tenant}/controller/v1/{name}{rest}", method=method, scheme=scheme,
        headers={key: value for key, value in headers.items() if value is not None},
    )  # fmt: skip
    for _ in range(2):  # the second time from what was composed before
        plain = poll(host, scope, plainly=True)
        if plain is not None:
            assert plain == poll(host, scope, plainly=False)


@pytest.mark.parametrize("name", [name for name in RECORDS if len(name) < 500])
def test_the_short_path_is_taken_for_plain_polls(host: Host, name: str) -> None:
    headers = {"host": "gw:80", "authorization": "TargetToken secret"}
    scope = scope_of(f"/T/controller/v1/{name}", headers=headers)
    poll(host, scope, plainly=False)  # its host is known now
    is_proxied = host.settings.behind_proxy
    host.seen._ids.clear()
    assert (idle.answer(host, scope) is None) == is_proxied
    if not is_proxied:
        impatient = replace(host, vehicles=Buckets(rate=0.001, burst=1))
        assert idle.answer(impatient, scope), "the second poll in a while is counted"
        assert idle.answer(impatient, scope) is None
