"""Get to know other deployments: give out our card, take in theirs, compare, confirm."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

import click
from django.conf import settings

from roadworthy import stores
from roadworthy.config.failures import CannotStart
from roadworthy.domains.exchange import identity, peering, queries
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.trust import cards

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Deployment


@click.group()
def peers() -> None:
    """Get to know other deployments, each of which serves one organisation.

    Whoever can run these commands on the host acts as the platform; each step is in the ledger.
    """


def establish() -> Deployment:
    """Take part in the exchange under the name and address that the settings say.

    Raises:
        CannotStart: the settings give no name.
    """
    chosen = settings.ROADWORTHY
    if not chosen.name:
        raise CannotStart(
            "This deployment has no name among others. Set ROADWORTHY_NAME to the short name of "
            "the organisation that it serves."
        )
    return identity.establish(
        stores.platform(),
        name=chosen.name,
        url=chosen.exchange_address,
        passphrase=stores.online_passphrase(),
        at=datetime.now(UTC),
    )


@peers.command()
@click.option("--output", type=click.File("wb"), default="-", help="Where to; else to the screen.")
def card(output: BinaryIO) -> None:
    """Give out this deployment's card, for the people of another one.

    They enter it with `roadworthy peers add` and read the fingerprint out to you.
    """
    row = establish()
    output.write(identity.card(stores.exchange(), at=datetime.now(UTC)) + b"\n")
    click.echo(f"Fingerprint: {cards.shown(row.fingerprint)}", err=True)


@peers.command()
@click.argument("file", type=click.File("rb"))
def add(file: BinaryIO) -> None:
    """Enter the card of another deployment. Nothing goes there until you confirm it."""
    establish()
    peer = peering.enter(file.read(cards.LARGEST + 1), actor=PLATFORM, at=datetime.now(UTC))
    click.echo(f"{peer.name} at {peer.url} is {peer.state}.")
    click.echo(f"Fingerprint: {cards.shown(peer.fingerprint)}")
    click.echo(
        "Let the people there read their fingerprint out to you, on the telephone or face to face; "
        f"then run: roadworthy peers confirm {peer.name} --fingerprint ..."
    )


@peers.command()
@click.argument("name")
@click.option("--fingerprint", required=True, help="As its people say it is, not as printed here.")
def confirm(*, name: str, fingerprint: str) -> None:
    """Confirm that a card is really theirs, and with it their keys."""
    peering.confirm(name=name, fingerprint=fingerprint, actor=PLATFORM, at=datetime.now(UTC))
    click.echo(f"{name} is confirmed.")


@peers.command()
@click.argument("name")
@click.option("--reason", required=True)
def suspend(*, name: str, reason: str) -> None:
    """Stop sending to a peer and taking from it."""
    peering.suspend(name=name, reason=reason, actor=PLATFORM, at=datetime.now(UTC))
    click.echo(f"{name} is suspended.")


@peers.command()
@click.argument("name")
def resume(*, name: str) -> None:
    """Go on with a suspended peer."""
    peering.resume(name=name, actor=PLATFORM, at=datetime.now(UTC))
    click.echo(f"{name} is confirmed.")


@peers.command()
@click.argument("name")
@click.option("--reason", required=True)
def end(*, name: str, reason: str) -> None:
    """End a peer for good."""
    peering.end(name=name, reason=reason, actor=PLATFORM, at=datetime.now(UTC))
    click.echo(f"{name} is ended.")


@peers.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(*, as_json: bool) -> None:
    """List the peers, and how sending to each goes."""
    found = queries.overview()
    if as_json:
        json.dump([one.as_json() for one in found], sys.stdout, indent=1)
        click.echo()
        return
    for one in found:
        click.echo(
            f"{one.name:<20} {one.state:<10} {one.queued:>6} wait  {one.dead:>4} dead  "
            f"{one.halted:>4} halted  {one.last_error or 'ok'}"
        )
    if not found:
        click.echo("No peers.")
