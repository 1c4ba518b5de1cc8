"""Foreign keys are imports that import-linter cannot see: they keep to the same chain."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
CHAIN = next(one["layers"] for one in CONTRACTS if one["id"] == "domains")


def _foreign_keys():
    for config in apps.get_app_configs():
        if config.name.startswith("roadworthy.domains."):
            for model in config.get_models():
                for field in model._meta.get_fields():
                    if (field.many_to_one or field.one_to_one) and field.concrete:
                        yield config.label, field


def test_a_foreign_key_points_down_the_chain():
    pointing_up = [
        str(field)
        for label, field in _foreign_keys()
        if (other := field.related_model._meta.app_label) != label
        and CHAIN.index(other) <= CHAIN.index(label)
    ]
    assert pointing_up == []


def test_a_domain_does_not_see_who_points_at_it():
    visible = [
        f"{field}: related_name='+'"
        for label, field in _foreign_keys()
        if field.related_model._meta.app_label != label and field.remote_field.related_name != "+"
    ]
    assert visible == []


def test_every_domain_is_in_the_chain():
    labels = {
        config.label
        for config in apps.get_app_configs()
        if config.name.startswith("roadworthy.domains.")
    }
    assert labels == set(CHAIN)
