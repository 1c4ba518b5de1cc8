"""``law coverage`` and ``law new-rule``: what the rulebook covers, and how it grows."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import resources
from pathlib import Path

import click

from roadworthy.cli import language
from roadworthy.rules.text import Text

NOT_COVERED = 1  # exit code of --check


@click.command()
@click.option("--check", is_flag=True, help="Fail, and name each row that lacks something.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@language.option
def coverage(*, check: bool, as_json: bool, lang: str | None) -> None:
    """Show what of the law is covered, how well, and what a lawyer still has to check."""
    from roadworthy.law import coverage as covering  # noqa: PLC0415 - the packs take a moment
    from roadworthy.law import coverage_table  # noqa: PLC0415
    from roadworthy.law.rulebook import rulebook  # noqa: PLC0415

    found = covering.coverage(rulebook())
    chosen = language.chosen(lang)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    elif check:
        words = "zh-hans" if chosen == "zh" else "en"
        for fault in found.faults:
            click.echo(f"{fault.subject}: {fault.words[words]}")
        if not found.faults:
            click.echo(coverage_table.lines(found, chosen)[0])
    else:
        click.echo("\n".join(coverage_table.lines(found, chosen)))
    if check and found.faults:
        click.get_current_context().exit(NOT_COVERED)


@click.command("new-rule")
@click.argument("rule_id", metavar="ID")
@click.option("--pack", required=True, help="The pack that gets it, cn_recall for instance.")
@click.option("--instrument", default="", help="What it rests on; the register's when left out.")
@click.option("--provision", default="", help="Its provision, as the Chinese text names it.")
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Its first day; the instrument's when left out.",
)
@click.option("--grade", type=click.Choice(list("ABCD")), help="How well its source was read.")
@click.option(
    "--law",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the packs; that of this installation when left out.",
)
@language.option
def new_rule(
    *,
    rule_id: str,
    pack: str,
    instrument: str,
    provision: str,
    since: datetime | None,
    grade: str | None,
    law: Path | None,
    lang: str | None,
) -> None:
    """Begin a rule: its card, its check and its cases, with a mark where you have to decide."""
    from roadworthy.cli import scaffold  # noqa: PLC0415 - the register takes a moment

    begun = scaffold.Scaffold(
        rule_id,
        pack,
        instrument=instrument,
        provision=provision,
        since=f"{since:%Y-%m-%d}" if since else "",
        grade=grade or "",
    )
    folder = law or Path(str(resources.files("roadworthy.law")))
    written = begun.write(folder)
    words = "zh-hans" if language.chosen(lang) == "zh" else "en"
    for path in written:
        click.echo(str(path))
    click.echo()
    for number, step in enumerate(_steps(begun.row is not None), start=1):
        click.echo(f"{number}. {step[words].format(pack=pack, stem=begun.stem, rule=rule_id)}")


def _steps(in_register: bool) -> list[Text]:  # noqa: FBT001 - private
    steps = [
        Text(
            "在{pack}/texts/中用自己的话写出条款，中英文并列官方术语。",
            "Put the provision into {pack}/texts/ in your own words, in both languages.",
        ),
        Text(
            "法律数字写入{pack}/parameters/，注明适用日期和出处；Python中不得有数字。",
            "Put each legal number into {pack}/parameters/ with its first day and its source; "
            "Python has none.",
        ),
        Text(
            "需要的新事实写入{pack}/facts.yaml；已有的事实直接使用。",
            "Add facts that nobody has yet to {pack}/facts.yaml; use those that exist.",
        ),
        Text(
            "逐处回答TODO；文件中还有TODO时规则库拒绝加载。",
            "Answer each TODO; the rulebook refuses to load while one is left.",
        ),
        Text(
            '运行 pytest tests/law -k "{stem} or {rule}"，'
            "再运行 scripts/past_answers.py --write 记录答案。",
            'Run pytest tests/law -k "{stem} or {rule}", then scripts/past_answers.py --write to '
            "record the answers.",
        ),
        Text(
            "运行 roadworthy law coverage --check，确认该条已覆盖。",
            "Run roadworthy law coverage --check to see that it is covered.",
        ),
    ]
    if not in_register:
        steps.append(
            Text(
                "登记册没有此编号；属于中国法律表内的，请先在law/register/中登记。",
                "The register does not know this id; if it belongs to the tables, add its row to "
                "law/register/ first.",
            )
        )
    return steps
