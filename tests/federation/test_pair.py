"""Two deployments, two databases, one signed conversation over mutual TLS."""

from __future__ import annotations

import json

import pytest

from tests.federation.deployments import exchanging, pair, until

APPLIED = "SELECT count(*) FROM exchange_incoming WHERE state = 'applied'"


@pytest.mark.slow
def test_two_deployments_greet_each_other_over_mutual_tls(home):
    with pair(home) as (ours, theirs), exchanging(ours, theirs):
        for one in (ours, theirs):
            until(lambda one=one: one.rows(APPLIED)[0][0] == 1, f"{one.name} was not greeted")
        listed = json.loads(ours.command("peers", "list", "--json"))
        assert [(one["name"], one["queued"], one["dead"]) for one in listed] == [("miit", 0, 0)]
        kinds = theirs.rows("SELECT kinds FROM exchange_peer")[0][0]
        assert kinds["deployment.greeting"] == [1]
