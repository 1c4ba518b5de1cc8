"""Ask the exchange: are all matters equal on both sides?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from roadworthy import stores
from roadworthy.domains.exchange import comparing, peering
from roadworthy.domains.exchange.comparing import Found
from roadworthy.domains.exchange.errors import NoSuchPeer
from roadworthy.domains.exchange.matters import Depth
from roadworthy.federation import comparing as descending
from roadworthy.kernel.errors import DomainError

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Peer


def compare(name: str | None, *, as_json: bool) -> bool:
    """Compare with one peer or with all; say whether all is equal.

    Raises:
        NoSuchPeer: no confirmed peer has that name.
    """
    chosen = [peer for peer in peering.connected() if name in {None, peer.name}]
    if name is not None and not chosen:
        raise NoSuchPeer
    told = [_compared(peer) for peer in chosen]
    if as_json:
        json.dump(told, sys.stdout, indent=1, ensure_ascii=False)
        click.echo()
    else:
        for one in told:
            _say(one)
    return all(one["equal"] for one in told)


def _compared(peer: Peer) -> dict[str, Any]:
    try:
        outcome = descending.compare(stores.exchange(), peer, depth=Depth.FULL)
    except DomainError as wrong:
        return {"peer": peer.name, "equal": False, "error": str(wrong), "differences": []}
    return {
        "peer": peer.name,
        "equal": outcome.is_equal,
        "matters": outcome.comparison.matters,
        "our_root": outcome.comparison.our_root,
        "their_root": outcome.comparison.their_root,
        "differences": [_difference(one) for one in outcome.found],
    }


def _difference(one: Found) -> dict[str, Any]:
    return {
        "matter": one.matter,
        "verdict": str(one.verdict),
        "harmless": one.verdict in comparing.HARMLESS,
        **one.details,
    }


def _say(one: dict[str, Any]) -> None:
    if "error" in one:
        click.echo(f"{one['peer']}: {one['error']}", err=True)
        return
    state = "equal" if one["equal"] else "DIFFERENT"
    click.echo(f"{one['peer']}: {one['matters']} matters, {state}")
    for found in one["differences"]:
        click.echo(f"  {found['matter']}: {found['verdict']}")
