"""``law text``: check what a text about driver assistance claims. Nothing is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import IO

import click

from roadworthy.cli import language, law_words
from roadworthy.cli.law import Day, FileTooLarge, print_json
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import Invalid
from roadworthy.law import wording
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import Outcome
from roadworthy.rules.explanation import explain
from roadworthy.rules.text import Text
from roadworthy.rules.wording import Hit, Kind, Weight

MOST_BYTES = 100_000
BROKEN = 1
_WEIGHTS = {
    Weight.FAULT: Text("须更正", "to be corrected"),
    Weight.WARNING: Text("提示", "a hint"),
}
_DENIED = Text("本句已否定", "denied in its own clause")
_INSTEAD = Text("可改为", "instead")
_ABSENT = Text("未提及", "does not speak of")
_NOTHING = Text("没有发现问题用语。", "No such claim was found.")
_UNVERIFIED = Text("证据等级{grade}，未经人工核对", "evidence grade {grade}, unverified")


class NotText(Invalid):
    code = "not-text"
    message = "{file} is not UTF-8 text (byte {at}): {reason}."


@click.command()
@click.argument("words", type=click.File("rb"), metavar="FILE")
@click.option(
    "--level", type=click.IntRange(0, 5), required=True, help="The system's level (GB/T 40429)."
)
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in Kind]),
    default=str(Kind.DESCRIPTION),
    show_default=True,
    help="Only a description has to state the limits.",
)
@click.option("--as-of", type=Day(), help="The day of the question; today when left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@language.option
def text(
    *,
    words: IO[bytes],
    level: int,
    kind: str,
    as_of: date | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Check a name, a description or a screen of driver assistance; - reads standard input.

    Ends with 1 if something has to be corrected.
    """
    on = as_of or legal_day(datetime.now(UTC))
    answer = wording.check_text(rulebook(), _read(words), kind=Kind(kind), level=level, as_of=on)
    if as_json:
        print_json(answer.to_json())
    else:
        _print(answer, law_words.LANGUAGE[language.chosen(lang)])
    if answer.finding and answer.finding.outcome is Outcome.BROKEN:
        raise click.exceptions.Exit(BROKEN)


def _read(words: IO[bytes]) -> str:
    content = words.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FileTooLarge(file=words.name, most=MOST_BYTES)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise NotText(file=words.name, at=wrong.start, reason=wrong.reason) from None


def _print(answer: wording.TextAnswer, lang: str) -> None:
    for hit in answer.checked.hits:
        click.echo(f"{hit.start + 1}-{hit.end}  {hit.found}  [{_weight(hit)[lang]}]")
        click.echo(f"    {hit.phrase.why[lang]}")
        click.echo(f"    {_INSTEAD[lang]}: {hit.phrase.instead[lang]}")
        act = hit.phrase.source
        unverified = _UNVERIFIED[lang].format(grade=hit.phrase.grade)
        click.echo(f"    {act.instrument.key} {act.provision.name[lang]} ({unverified})")
    for limit in answer.checked.absent:
        click.echo(f"-  {_ABSENT[lang]}: {limit.label[lang]}")
        click.echo(f"    {answer.lexicon.limits_why[lang]}")
    if not answer.checked.hits and not answer.checked.absent:
        click.echo(_NOTHING[lang])
    if answer.finding:
        click.echo()
        click.echo(explain(answer.finding.to_json()).short[lang])


def _weight(hit: Hit) -> Text:
    return _DENIED if hit.denied else _WEIGHTS[hit.phrase.weight]
