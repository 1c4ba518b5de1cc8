"""Whatever happens between four deployments, both sides end equal and nothing is released early.

One test, for four deployments are dear: its stories follow one another on the same four, and after
each every pair agrees on every matter, nothing waits, and nothing is dead. The last stories leave
something that a person has to look at: then exactly that is named, and nothing else.
"""

from __future__ import annotations

import os

import pytest

from roadworthy.cli.federation.deployments import until
from tests.federation import stories_databases, stories_messages, stories_network
from tests.federation.networks import Network

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(2400),
    # Four deployments ask for both cores for minutes: scripts/ten_times.py runs it, not each CI.
    pytest.mark.skipif(
        "ROADWORTHY_TEST_SEED" not in os.environ, reason="run by scripts/ten_times.py"
    ),
]

MENDED = (
    stories_network.lost_late_cut_and_changed_bytes_change_nothing,
    stories_network.an_authority_that_cannot_be_reached_keeps_the_gate_shut,
    stories_network.whatever_process_is_killed_goes_on_where_it_was,
    stories_network.a_manufacturer_killed_with_its_database_goes_on,
    stories_network.an_authority_killed_with_its_database_goes_on,
    stories_messages.said_again_in_any_order_nothing_happens_twice,
    stories_messages.out_of_order_a_message_waits_for_the_one_before,
    stories_messages.changed_or_anothers_it_is_not_kept,
    stories_databases.a_filing_altered_after_its_receipt_is_found_and_named,
    stories_databases.an_authority_put_back_to_yesterday_gets_back_what_it_had,
    stories_databases.a_manufacturer_put_back_to_yesterday_releases_nothing_early,
)
NAMED = (
    stories_messages.no_receipt_counts_that_its_authority_did_not_sign,
    stories_messages.a_peer_that_contradicts_itself_is_kept_as_evidence,
)


def test_whatever_happens_both_sides_end_equal_or_a_person_is_told(network: Network) -> None:
    for story in MENDED:
        print(story.__name__, flush=True)  # which one it was, where it fails
        story(network)
        settled(network)
    for story in NAMED:
        print(story.__name__, flush=True)
        story(network)
    assert told(network) == network.lost


def settled(network: Network) -> None:
    """Expect that everything has arrived and taken effect, and that all pairs are equal."""
    for name in network.four:
        until(
            lambda name=name: (
                not network.sql(
                    name, "SELECT 1 FROM exchange_outgoing WHERE acknowledged_at IS NULL"
                )
            ),
            f"{name} has nothing left to send",
        )
        until(
            lambda name=name: (
                not network.sql(
                    name, "SELECT 1 FROM exchange_incoming WHERE state IN ('received', 'waiting')"
                )
            ),
            f"everything that came to {name} has taken effect",
        )
        dead = "SELECT kind, error FROM exchange_incoming WHERE state = 'dead'"
        assert network.sql(name, dead) == []
        assert (
            network.sql(name, "SELECT matter, halted FROM exchange_line WHERE halted <> ''") == []
        )
    network.loop.compared()


def told(network: Network) -> set[str]:
    """Return the matters at which a person has to look, at any of the deployments."""
    stopped = (
        "SELECT matter FROM exchange_line WHERE halted <> '' UNION SELECT l.matter FROM "
        "exchange_incoming i JOIN exchange_line l ON l.id = i.line_id WHERE i.state = 'dead'"
    )
    return {matter for name in network.four for (matter,) in network.sql(name, stopped)}
