"""Another system as the tests play it: let in by a person, with a token of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.test import Client as Browser

from roadworthy.domains.organisations import clients
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Role
from roadworthy.domains.organisations.scopes import MANAGERS, SCOPES_OF_ROLE
from tests.world import World

TOKEN = "/api/v1/oauth/token"


@dataclass
class System:
    """A client with its secret and a token."""

    admitted: clients.Admitted
    token: str
    browser: Browser

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request as JSON, or as a form where ``body`` holds a file."""
        headers = {"authorization": f"Bearer {self.token}", "accept-language": "en"}
        headers |= more.pop("headers", {})
        form = isinstance(body, dict) and any(hasattr(value, "read") for value in body.values())
        if body is not None and not form:
            more["content_type"] = "application/json"
        return getattr(self.browser, method.lower())(
            f"/api/v1{path}", data=body, headers=headers, **more
        )


def manager(world: World, role: Role, actors: dict[Role, Actor] | None = None) -> Actor:
    """Return who lets systems in that act in that role."""
    return (actors or world.cast.actors)[MANAGERS[KIND_OF_ROLE[role]]]


def admit(
    world: World,
    role: Role,
    scopes: Collection[str] | None = None,
    actors: dict[Role, Actor] | None = None,
) -> clients.Admitted:
    """Let a system in, with all that its role allows unless told."""
    by = manager(world, role, actors)
    return clients.admit(
        organisation_id=by.organisation_id or 0,
        name="PLM",
        role=role,
        scopes=SCOPES_OF_ROLE[role] if scopes is None else scopes,
        actor=by,
        at=datetime.now(UTC),
    )


def system(
    world: World,
    role: Role,
    scopes: Collection[str] | None = None,
    actors: dict[Role, Actor] | None = None,
) -> System:
    """Let a system in and get it a token, through the endpoint."""
    admitted, browser = admit(world, role, scopes, actors), Browser()
    answer = browser.post(
        TOKEN,
        {
            "grant_type": "client_credentials",
            "client_id": admitted.client.client_id,
            "client_secret": admitted.secret,
        },
    )
    assert answer.status_code == 200, answer.content
    return System(admitted, answer.json()["access_token"], browser)
