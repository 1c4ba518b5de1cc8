"""`roadworthy dossier`: a filing as one signed file; write it, check it offline, take it in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from roadworthy.cli import session
from roadworthy.cli.proof import FILE, NEW_FILE, read_anchors
from roadworthy.kernel.errors import NotFound


class NoSuchNumber(NotFound):
    code = "no-such-filing-number"
    message = 'There is no filing "{number}".'


@click.group()
def dossier() -> None:
    """Hand a filing to another deployment, or take one in."""


@dossier.command("export")
@click.argument("number", metavar="FILING")
@click.argument("file", type=NEW_FILE)
@click.option("--images/--no-images", default=True, help="Put the images into the file.")
def export(*, number: str, file: Path, images: bool) -> None:
    """Write a filing with all that belongs to it, signed with the key of this platform's log."""
    with session.django_database():
        from roadworthy import stores  # noqa: PLC0415
        from roadworthy.domains.filings import archiving, queries  # noqa: PLC0415

        found = queries.with_number(number)
        if found is None:
            raise NoSuchNumber(number=number)
        platform = stores.platform()
        with file.open("xb") as target:
            archiving.export(found, target, platform=platform, with_images=images)
        click.echo(f"{file}: {file.stat().st_size:,} bytes, signed by {platform.log.name}")


@dossier.command("verify")
@click.argument("file", type=FILE)
@click.option("--anchors", type=FILE, help="The keys to trust; else the one in the file itself.")
def verify(*, file: Path, anchors: Path | None) -> None:
    """Check an archive offline: every file, who wrote it, the authority's receipt."""
    session.set_up_django()  # no database is asked
    from roadworthy.domains.filings import archiving  # noqa: PLC0415

    checked = archiving.check(file, read_anchors(anchors))
    click.echo(f"{checked.number}: {checked.kind}, {checked.state}")
    click.echo(f"dossier sha256:{checked.dossier_sha256}")
    click.echo(f"{len(checked.archive.files)} files, each as the manifest says")
    click.echo(f"written by the platform {checked.archive.signer}")
    if checked.receipt_by:
        click.echo(f"accepted: receipt signed by {checked.receipt_by}, named by that platform")
    if checked.archive.key_from_archive:
        click.echo("The key came from the file itself: give --anchors to know whose it is.")


@dossier.command("import")
@click.argument("file", type=FILE)
@click.option("--email", required=True, help="Of the release engineer or homologation officer.")
@click.option("--anchors", type=FILE, required=True, help="The keys of the platform that wrote it.")
def take_in(*, file: Path, email: str, anchors: Path) -> None:
    """Check an archive and make a draft release, or a draft filing, of it."""
    with session.django_database():
        from roadworthy import stores  # noqa: PLC0415
        from roadworthy.domains.filings import archiving  # noqa: PLC0415
        from roadworthy.domains.organisations import queries  # noqa: PLC0415

        actor = queries.actor_of(email)
        taken = archiving.take_in(
            archiving.check(file, read_anchors(anchors)),
            manufacturer_id=actor.organisation_id or 0,
            images=stores.images(),
            documents=stores.documents(),
            actor=actor,
            at=datetime.now(UTC),
        )
        if taken.release is not None:
            click.echo(f"draft release {taken.release.number}")
        for filing in taken.filings:
            click.echo(f"draft filing {filing.number}")
        same = "the same content" if taken.same_content else "OTHER content: names differ here"
        click.echo(f"sha256:{taken.content_sha256} ({same})")
