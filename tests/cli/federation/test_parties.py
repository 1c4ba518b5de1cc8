"""Each organisation's deployment has a home and ports of its own, and a home has one owner."""

from __future__ import annotations

import json

import pytest

from roadworthy.cli.federation import parties
from roadworthy.cli.federation.parties import PARTIES
from roadworthy.config.failures import CannotStart


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine on which nothing is set."""
    for name in ("HOME", "WEB_PORT", "GATEWAY_PORT", "EXCHANGE_PORT", "NAME", "PUBLIC_URL"):
        monkeypatch.delenv(f"ROADWORTHY_{name}", raising=False)
    return monkeypatch


def test_four_deployments_share_neither_home_nor_port(machine):
    found = [parties.environment(party) for party in PARTIES.values()]
    ports = [port for one in found for port in (one.web_port, one.gateway_port, one.exchange_port)]
    assert len(set(ports)) == 12
    assert len({one.home for one in found}) == 4
    assert [one.name for one in found] == [party.slug for party in PARTIES.values()]


def test_what_the_environment_says_goes_first(machine, tmp_path):
    machine.setenv("ROADWORTHY_HOME", str(tmp_path))
    machine.setenv("ROADWORTHY_WEB_PORT", "9000")
    told = parties.environment(PARTIES["samr"])
    assert (told.home, told.web_port, told.gateway_port) == (tmp_path, 9000, 8210)
    assert told.public_url == "http://127.0.0.1:9000"


def test_a_home_belongs_to_one_organisation_for_good(machine, tmp_path):
    machine.setenv("ROADWORTHY_HOME", str(tmp_path))
    (tmp_path / parties.MARK).write_text(json.dumps({"as": "miit", "organisation": "ministry"}))
    assert parties.environment(PARTIES["miit"], "other").name == "ministry"
    with pytest.raises(CannotStart, match="belongs to a deployment of miit, not of samr"):
        parties.environment(PARTIES["samr"])
