"""``roadworthy found``: keys, organisation and first people of a deployment of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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

    Says which passwords and passphrases it made; they are kept nowhere. Run again, it does what
    is left to do.
    """
    chosen = parties.PARTIES[party]
    told = env.load()
    slug = given["slug"] or told.name or None
    choices = founding.Choices.of(chosen, **given | {"slug": slug})
    told_of: dict[str, Any] = {}
    for made in founding.found(
        stores.home(), chosen, choices, url=told.exchange_address, at=datetime.now(UTC)
    ):
        if credentials is None:
            click.echo("\n".join(_lines(made)))
            continue
        told_of |= made.to_json()
        _write(credentials, told_of)
    if told_of:
        click.echo(f"What was made at this first start is in {credentials}.")


def _write(path: Path, told_of: Mapping[str, Any]) -> None:
    """Write a file that only its owner reads."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(told_of, file, indent=1)


def _lines(made: Credentials) -> Iterator[str]:
    if made.offline_passphrase:
        yield "Made at this first start, and shown only now:"
        yield f"  offline keys (root, targets): passphrase {made.offline_passphrase}"
    if made.gateway_token:
        yield f"  vehicles: gateway token {made.gateway_token}"
    for person in made.people:
        yield f"  {person.email}: password {person.password}"
        if person.passphrase:
            yield f"    signs ({', '.join(person.keys)}) with passphrase {person.passphrase}"
