"""``law``: ask the rulebook from files. No database, no Django, nothing is kept.

The day comes from ``--as-of``, else from the file, else it is today in Shanghai.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import IO, Any

import click

from roadworthy.cli import language, law_words
from roadworthy.cli.main import Commands, Entry
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import Invalid
from roadworthy.law import changes, facts_file
from roadworthy.law import diff as differing
from roadworthy.law.facts_file import FactsFile
from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules import facts as vocabulary
from roadworthy.rules import tree

MOST_BYTES = 1_000_000  # a set of facts has some hundred lines
ENTRIES = {
    "evaluate": Entry("roadworthy.cli.law:evaluate", "Say what the law wants for these facts."),
    "explain": Entry("roadworthy.cli.law:explain", "Say why a rule answers as it does."),
    "diff": Entry("roadworthy.cli.law:diff", "Compare the answers of two days."),
    "evidence": Entry("roadworthy.cli.law_evidence:evidence", "Keep an evaluation as evidence."),
    "check": Entry("roadworthy.cli.law_evidence:check", "Ask kept evidence again, byte for byte."),
    "text": Entry("roadworthy.cli.law_text:text", "Check what a text about assistance claims."),
    "coverage": Entry(
        "roadworthy.cli.law_register:coverage", "Say which articles have rules, and which not."
    ),
    "new-rule": Entry("roadworthy.cli.law_register:new_rule", "Begin a rule: card, check, cases."),
}


class FileTooLarge(Invalid):
    code = "file-too-large"
    message = "{file} has more than {most:,} bytes; facts need no more."


class Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return vocabulary.in_range(date.fromisoformat(value))
        except ValueError:
            return self.fail(str(facts_file.wrong_day(value)), param, ctx)


facts_argument = click.argument("facts", type=click.File("rb"), metavar="FACTS")
as_of_option = click.option("--as-of", type=Day(), help="The day of the question (YYYY-MM-DD).")
about_option = click.option(
    "--about",
    type=click.Choice([str(topic) for topic in Topic]),
    multiple=True,
    help="A topic; repeatable. What the facts touch when left out.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(
    "law",
    cls=Commands,
    entries=ENTRIES,
    help="Ask the rulebook. FACTS is a YAML or JSON file of facts; - reads standard input.",
)
def law() -> None: ...


@click.command()
@facts_argument
@as_of_option
@about_option
@click.option(
    "--jurisdiction",
    "jurisdictions",
    type=click.Choice([str(each) for each in Jurisdiction]),
    multiple=True,
    default=["CN"],
    help="CN when left out; several stand side by side.",
)
@json_option
@language.option
def evaluate(
    *,
    facts: IO[bytes],
    as_of: date | None,
    about: tuple[str, ...],
    jurisdictions: tuple[str, ...],
    as_json: bool,
    lang: str | None,
) -> None:
    """Say what the law wants for these facts: labels, decision, obligations, what comes."""
    said = asked(facts, as_of, about)
    told = [_told(said, Jurisdiction(each)) for each in dict.fromkeys(jurisdictions)]
    if as_json:
        print_json(
            {
                "evaluations": {e.answer.jurisdiction: e.answer.to_json() for e in told},
                "changes": {e.answer.jurisdiction: [c.to_json() for c in e.changes] for e in told},
            }
        )
        return
    law_words.print_answers(told, language.chosen(lang))


@click.command()
@facts_argument
@click.argument("rules", nargs=-1, required=True, metavar="RULE...")
@as_of_option
@json_option
@language.option
def explain(
    *,
    facts: IO[bytes],
    rules: tuple[str, ...],
    as_of: date | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Say why rules answer as they do, at length and as a tree, and what would change it."""
    said, book = asked(facts, as_of, ()), rulebook()
    answer = book.evaluate(said.facts, as_of=day(said), rules=dict.fromkeys(rules))
    found = {finding.rule_id: finding.to_json() for finding in answer.findings}
    otherwise = {
        rule_id: changes.finding_would_change(book, said.facts, rule_id, as_of=day(said))
        for rule_id in found
    }
    if as_json:
        explained = [
            {**tree.explained(finding), "changes": [c.to_json() for c in otherwise[rule_id]]}
            for rule_id, finding in found.items()
        ]
        idle = [rule_id for rule_id in dict.fromkeys(rules) if rule_id not in found]
        print_json({"explanations": explained, "not_in_force": idle})
        return
    chosen = language.chosen(lang)
    for rule_id in dict.fromkeys(rules):
        if rule_id in found:
            law_words.print_explanation(found[rule_id], otherwise[rule_id], chosen)
        else:
            law_words.print_not_in_force(book.rule(rule_id), day(said), chosen)


@click.command()
@facts_argument
@click.argument("one", type=Day(), metavar="DATE")
@click.argument("other", type=Day(), metavar="DATE")
@about_option
@click.option(
    "--jurisdiction", type=click.Choice([str(each) for each in Jurisdiction]), default="CN"
)
@json_option
@language.option
def diff(
    *,
    facts: IO[bytes],
    one: date,
    other: date,
    about: tuple[str, ...],
    jurisdiction: str,
    as_json: bool,
    lang: str | None,
) -> None:
    """Compare what the law says about the same facts on two days, and why it differs."""
    said = asked(facts, None, about)
    found = differing.diff(
        rulebook(),
        said.facts,
        between=(one, other),
        about=said.about,
        jurisdiction=Jurisdiction(jurisdiction),
    )
    if as_json:
        print_json(found.to_json())
        return
    law_words.print_difference(found, language.chosen(lang))


def asked(facts: IO[bytes], as_of: date | None, about: tuple[str, ...]) -> FactsFile:
    """Read the file; what the command line says goes before what the file says.

    Raises:
        UnusableFacts: the file is not usable; names every fault with its line.
        FileTooLarge: nobody has so many facts.
    """
    content = facts.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FileTooLarge(file=facts.name, most=MOST_BYTES)
    said = facts_file.read(content, file=facts.name, book=rulebook())
    topics = tuple(Topic(each) for each in about) or said.about
    return FactsFile(said.facts, as_of or said.as_of, topics)


def _told(said: FactsFile, jurisdiction: Jurisdiction) -> law_words.Told:
    answer = rulebook().evaluate(
        said.facts, as_of=day(said), about=said.about, jurisdiction=jurisdiction
    )
    found = changes.would_change(
        rulebook(), said.facts, as_of=day(said), about=answer.about, jurisdiction=jurisdiction
    )
    return law_words.Told(answer, found)


def day(said: FactsFile) -> date:
    return said.as_of or legal_day(datetime.now(UTC))


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))
