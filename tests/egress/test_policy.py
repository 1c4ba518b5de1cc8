"""A policy is one byte string, and cannot say what must not leave."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from roadworthy.egress import policy
from roadworthy.egress.errors import CockpitLeaves, TwoRules, WrongPolicy, WrongRule
from roadworthy.egress.policy import Kind, Origin
from tests.egress.policies import policy_of, position, rule

SMALL = policy_of(rule("speed", lowest=0, highest=300), position())


def test_a_policy_is_read_as_it_was_written() -> None:
    content = policy.encode(SMALL)
    assert policy.parse(content) == SMALL
    turned = policy_of(*reversed(SMALL.rules))
    assert (policy.encode(turned), turned.digest) == (content, SMALL.digest)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        policy.encode(SMALL) + b" ",
        policy.encode(SMALL).replace(b'"item"', b'"itm"'),
        policy.encode(SMALL).replace(b"roadworthy-egress-1", b"roadworthy-egress-2"),
        policy.encode(SMALL).replace(b'"version":"1"', b'"version":""'),
        policy.encode(SMALL).replace(b'"number"', b'"anything"'),
        policy.encode(SMALL).replace(b'"blur":false', b'"blur":false,"blur":false'),
    ],
)
def test_bytes_that_are_no_policy_are_refused(content: bytes) -> None:
    with pytest.raises(WrongPolicy):
        policy.parse(content)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("item", {"item": "a b"}),
        ("derived_from", {"derived_from": ("a b",)}),
        ("purpose", {"purpose": ""}),
        ("recipient", {"recipient": "x\n"}),
        ("country", {"country": "cn"}),
        ("retention_seconds", {"retention_seconds": 0}),
        ("lowest", {"lowest": 2, "highest": 1}),
        ("lowest", {"kind": Kind.FLAG, "lowest": 2}),
        ("precision_metres", {"kind": Kind.POSITION}),
        ("precision_metres", {"kind": Kind.POSITION, "precision_metres": 0}),
        ("precision_metres", {"precision_metres": 10}),
        ("blur", {"blur": True}),
        ("kind", {"kind": Kind.VIDEO}),
        ("words", {"kind": Kind.WORD}),
        ("words", {"words": ("on",)}),
        ("allowed_until", {"allowed_from": date(2026, 1, 1), "allowed_until": date(2026, 1, 1)}),
    ],
)
def test_a_rule_that_cannot_be_followed_names_its_field(field: str, wrong: Any) -> None:
    with pytest.raises(WrongRule) as refused:
        rule(wrong.pop("item", "speed"), wrong.pop("kind", Kind.NUMBER), **wrong)
    assert refused.value.data["field"] == field


def test_what_comes_from_the_cockpit_cannot_be_let_out_under_any_name() -> None:
    with pytest.raises(CockpitLeaves):
        rule("mood", origin=Origin.COCKPIT)
    camera = rule("cabin", Kind.VIDEO, origin=Origin.COCKPIT, in_car_only=True)
    eyes = rule("eyes", derived_from=("cabin",), in_car_only=True)
    assert policy_of(camera, eyes)
    with pytest.raises(CockpitLeaves):
        policy_of(camera, rule("eyes", derived_from=("cabin",)))
    with pytest.raises(CockpitLeaves):  # and what is derived from what is derived
        policy_of(camera, eyes, rule("tired", derived_from=("eyes",)))
    with pytest.raises(CockpitLeaves):  # for another purpose it is the same picture
        policy_of(camera, rule("cabin", purpose="advertising", words=("x",), kind=Kind.WORD))


def test_two_rules_for_the_same_are_refused() -> None:
    with pytest.raises(TwoRules):
        policy_of(rule("speed"), rule("speed", consent=False))
    assert policy_of(rule("speed"), rule("speed", country="DE"))
