"""``trace``, ``export``, ``verify`` and ``witness``: the story of a release, and its proof."""

from __future__ import annotations

import itertools
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from roadworthy.cli import language
from roadworthy.kernel.errors import Conflict, NotFound
from roadworthy.trust import verify as verifying
from roadworthy.trust.bundle import Anchors, AnchorsMalformed
from roadworthy.trust.report import Report, Text

if TYPE_CHECKING:
    from roadworthy.domains.software.models import Release
    from roadworthy.portals.shared.shapes import EventView

OWN_KEYS = (
    "The keys were taken from the bundle itself: this shows that it is whole, not who made it."
)
NOT_PROVEN = 3  # exit code: the bundle was read and does not prove what it should
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
manufacturer = click.option("--manufacturer", help="Short name, where a number is used twice.")


class NoSuchNumber(NotFound):
    code = "no-such-number"
    message = 'There is no release "{number}".'


class NumberUsedTwice(Conflict):
    code = "number-used-twice"
    message = "Release {number} exists for {makers}. Say which: --manufacturer NAME."


@click.command()
@click.argument("number", metavar="RELEASE")
@manufacturer
@click.option("--json", "as_json", is_flag=True, help="Print the entries as JSON lines.")
@language.option
def trace(*, number: str, manufacturer: str | None, as_json: bool, lang: str | None) -> None:
    """Tell the story of a release, step by step, each with its place in the log."""
    from django.utils import translation  # noqa: PLC0415 - Django is set up when a command runs

    from roadworthy.domains.ledger import queries as ledger  # noqa: PLC0415
    from roadworthy.kernel.calendar import SHANGHAI  # noqa: PLC0415
    from roadworthy.portals.shared import stories  # noqa: PLC0415

    release = _release(number, manufacturer)
    story = ledger.story_of_release(release.pk)
    if as_json:
        for told in story:
            click.echo(json.dumps({"index": told.index, **json.loads(told.body)}))
        return
    table = Table("#", "Asia/Shanghai", "", "", box=None, pad_edge=False)
    with translation.override("zh-hans" if language.chosen(lang) == "zh" else "en"):
        # A campaign has a step for each vehicle: what repeats stands once, with its number.
        lines = (stories.event(told) for told in story)
        for (text, who), alike in itertools.groupby(lines, lambda e: (str(e.text), str(e.detail))):
            same = list(alike)
            at = same[0].at.astimezone(SHANGHAI)
            times = f" ×{len(same):,}" if len(same) > 1 else ""
            table.add_row(_places(same), f"{at:%Y-%m-%d %H:%M}", text + times, who)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    checkpoint = ledger.latest_checkpoint()
    if checkpoint is not None:
        click.echo()
        click.echo(checkpoint.note)


@click.command()
@click.argument("number", metavar="RELEASE")
@click.argument("file", type=NEW_FILE)
@manufacturer
@click.option("--images/--no-images", default=True, help="Put the images into the file.")
@click.option("--anchors", type=NEW_FILE, help="Also write the keys that verifiers should trust.")
def export(
    *, number: str, file: Path, manufacturer: str | None, images: bool, anchors: Path | None
) -> None:
    """Write the proof of a release to one file that `roadworthy verify` checks offline."""
    from roadworthy import stores  # noqa: PLC0415
    from roadworthy.domains.filings import proofs  # noqa: PLC0415 - after Django is set up

    release, platform = _release(number, manufacturer), stores.platform()
    built = proofs.bundle(release, platform=platform, at=datetime.now(UTC), with_images=images)
    built.write(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")
    if anchors is not None:
        anchors.write_text(json.dumps(proofs.anchors(platform).to_dict(), indent=1) + "\n")
        click.echo(f"{anchors}: the keys; hand them over by another way than the proof")


@click.command()
@click.argument("bundle", type=FILE)
@click.option("--anchors", type=FILE, help="The keys to trust; else those in the bundle itself.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@language.option
def verify(*, bundle: Path, anchors: Path | None, as_json: bool, lang: str | None) -> None:
    """Check a proof offline: inclusion, consistency, signatures and digests.

    Ends with exit code 3 and names every entry at fault if anything is not as it should be.
    """
    report = verifying.verify(bundle, read_anchors(anchors))
    if as_json:
        click.echo(json.dumps(_as_json(report), ensure_ascii=False, indent=1))
    else:
        _print(report, lang)
    if not report.ok:
        raise click.exceptions.Exit(NOT_PROVEN)


@click.command()
@click.option("--email", required=True, help="Of the reviewer who holds the witness key.")
@click.password_option("--passphrase", confirmation_prompt=False, help="Of the witness key.")
def witness(*, email: str, passphrase: str) -> None:
    """Cosign the log's newest checkpoint, as the continuation of the last one seen."""
    from roadworthy import stores  # noqa: PLC0415
    from roadworthy.domains.filings import witnessing  # noqa: PLC0415 - after Django is set up
    from roadworthy.domains.organisations import queries  # noqa: PLC0415

    checkpoint = witnessing.cosign(
        passphrase=passphrase,
        platform=stores.platform(),
        actor=queries.actor_of(email),
        at=datetime.now(UTC),
    )
    click.echo(checkpoint.note)


def _places(events: list[EventView]) -> str:
    """Say where in the log the first and the last of these steps stand."""
    ends = dict.fromkeys((events[0].index, events[-1].index))
    return "–".join("…" if index is None else f"{index:,}" for index in ends)


def _release(number: str, manufacturer: str | None) -> Release:
    from roadworthy.domains.software import queries  # noqa: PLC0415 - after Django is set up

    found = [
        release
        for release in queries.with_number(number)
        if manufacturer in {None, release.manufacturer.slug}
    ]
    if not found:
        raise NoSuchNumber(number=number)
    if len(found) > 1:
        makers = ", ".join(release.manufacturer.slug for release in found)
        raise NumberUsedTwice(number=number, makers=makers)
    return found[0]


def read_anchors(path: Path | None) -> Anchors | None:
    """Return the anchors that a file holds; without a file none.

    Raises:
        AnchorsMalformed: it holds something else.
    """
    if path is None:
        return None
    try:
        return Anchors.from_dict(json.loads(path.read_text()))
    except ValueError as wrong:
        raise AnchorsMalformed(reason=str(wrong)) from None


def _print(report: Report, lang: str | None) -> None:
    translate = language.words(lang).gettext

    def told(text: Text) -> str:
        return translate(text.msgid).format(**text.data) if text.msgid else ""

    for check in report.checks:
        mark = "✓" if check.ok else "✗"
        detail = told(check.detail)
        click.echo(f"{mark} {told(check.name)}" + (f" ({detail})" if detail else ""))
    for problem in report.problems:
        click.echo(f"  {problem.where}: {told(problem.text)}", err=True)
    if report.keys_from_bundle:
        click.echo(translate(OWN_KEYS))
    click.echo(translate("Verified.") if report.ok else translate("NOT VERIFIED."))


def _as_json(report: Report) -> dict[str, object]:
    return {
        "ok": report.ok,
        "keys_from_bundle": report.keys_from_bundle,
        "checks": [
            {"name": str(c.name), "ok": c.ok, "detail": str(c.detail)} for c in report.checks
        ],
        "problems": [{"where": p.where, "what": str(p.text)} for p in report.problems],
    }
