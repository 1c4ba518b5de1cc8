"""``roadworthy found``: keys, organisation and first people of a deployment of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from roadworthy import stores
from roadworthy.cli.federation import founding, parties
from roadworthy.cli.federation.founding import Credentials
from roadworthy.config import env


@click.command()
@click.argument("party", type=click.Choice(list(parties.PARTIES)))
@parties.choices
def found(*, party: str, credentials: Path | None, **given: str | None) -> None:
    """Set up the deployment of a manufacturer, an authority or a test institution, once.

    Says which passwords and passphrases it made; they are kept nowhere. Says nothing when
    everything is there already.
    """
    chosen = parties.PARTIES[party]
    told = env.load()
    slug = given["slug"] or told.name or None
    made = founding.found(
        stores.home(),
        chosen,
        founding.Choices.of(chosen, **given | {"slug": slug}),
        url=told.exchange_address,
        at=datetime.now(UTC),
    )
    if made is None:
        return
    if credentials is None:
        click.echo("\n".join(_lines(made)))
        return
    handle = os.open(credentials, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(made.to_json(), file, indent=1)
    click.echo(f"What was made at this first start is in {credentials}.")


def _lines(made: Credentials) -> Iterator[str]:
    yield "Made at this first start, and shown only now:"
    if made.offline_passphrase:
        yield f"  offline keys (root, targets): passphrase {made.offline_passphrase}"
    if made.gateway_token:
        yield f"  vehicles: gateway token {made.gateway_token}"
    for person in made.people:
        yield f"  {person.email}: password {person.password}"
        if person.passphrase:
            yield f"    signs ({', '.join(person.keys)}) with passphrase {person.passphrase}"
