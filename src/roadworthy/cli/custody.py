"""`roadworthy custody`: a chain of custody that somebody exported, checked offline."""

from __future__ import annotations

from pathlib import Path

import click

from roadworthy.cli import session
from roadworthy.cli.proof import FILE, read_anchors


@click.group()
def custody() -> None:
    """Check what was preserved of an incident, and who touched it."""


@custody.command("verify")
@click.argument("file", type=FILE)
@click.option("--anchors", type=FILE, help="The keys to trust; else the one in the file itself.")
def verify(*, file: Path, anchors: Path | None) -> None:
    """Check an archive offline: every file, every line of the chain, every proof."""
    session.set_up_django()  # no database is asked
    from roadworthy.domains.incidents import custody as chains  # noqa: PLC0415

    trusted = read_anchors(anchors)
    found = chains.check(file, trusted.log if trusted else None)
    click.echo(f"{found.incident}: {len(found.exhibits)} held, each as it was kept")
    for name, sha256 in found.exhibits.items():
        click.echo(f"  {name}  sha256:{sha256}")
    click.echo(f"{found.steps} steps, {found.proven} of them proven to stand in the public log")
    for one in found.acknowledged:
        click.echo(f"{one.report} acknowledged by {one.authority} on {one.at}, key {one.keyid}")
        if not one.is_proven:
            click.echo("  not proven to stand in the public log yet")
    if found.unsigned:
        click.echo(f"{found.unsigned} acknowledgements without a signature")
    click.echo(f"written by the platform {found.signer}")
    if found.key_from_archive:
        click.echo("The key came from the file itself: give --anchors to know whose it is.")
