"""The API as a vehicle's screen and a stranger use it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.world import World


def test_an_unknown_token_is_a_problem_with_a_stable_type(client: Client, db: None) -> None:
    answer = client.post(
        "/api/v1/consents/nothing",
        {"choice": "yes", "language": "en"},
        content_type="application/json",
    )
    assert answer.status_code == 404
    assert answer["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/no-such-link"


def test_an_answer_that_is_neither_yes_nor_no_names_the_field(client: Client, db: None) -> None:
    answer = client.post(
        "/api/v1/consents/nothing",
        {"choice": "perhaps", "language": "en"},
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert "choice" in answer.content.decode()


def test_the_story_of_a_published_release_can_be_checked(client: Client, world: World) -> None:
    from roadworthy.kernel.canonical import canonical
    from roadworthy.trust import checkpoints
    from roadworthy.trust.tlog import leaf_hash, verify_inclusion

    release = world.released()
    world.witness()
    trace = client.get(f"/api/v1/releases/starway/{release.number}/trace").json()
    opened = checkpoints.open_checkpoint(
        trace["checkpoint"].encode(), world.platform.log.verifier
    ).checkpoint
    for step in trace["entries"]:
        verify_inclusion(
            leaf_hash(canonical(step["body"])),
            step["index"],
            opened.size,
            [bytes.fromhex(each) for each in step["inclusion_proof"]],
            opened.root,
        )
    assert trace["entries"]


@pytest.mark.parametrize("stage", ["draft", "signed"])
def test_what_is_not_published_is_not_found(client: Client, world: World, stage: str) -> None:
    release = getattr(world, stage)()
    assert client.get(f"/api/v1/releases/starway/{release.number}/trace").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_is_not_there_is_a_problem_too(client: Client, method: str) -> None:
    answer = getattr(client, method)("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer["content-type"] == "application/problem+json"
