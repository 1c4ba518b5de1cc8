"""The files of a new rule, with a mark wherever only a person can know what belongs there.

Every mark is the word TODO: the loader of packs refuses a file that still has one, so a scaffold
cannot become law by being forgotten. Nothing that exists is written over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import Any

from roadworthy.kernel.errors import Conflict, Invalid, NotFound
from roadworthy.law.register import rows
from roadworthy.law.register.rows import Row
from roadworthy.rules import strict_yaml

TODO = "TODO"
_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
_CARD = Template("""\
# TODO: read every line of this card; take the marks away as you answer them.
id: $id
title: {zh-hans: $title_zh, en: $title_en}
citation: {instrument: $instrument, provision: $provision}
applies: {from: $since}
grade: $grade
binding: $binding
gate: TODO  # filing, release, execution, access, sale, upload, export, publication or none
topics: [TODO]  # update, access, recall, incident, data, standards or marketing
reasons:
  done:
    zh-hans: TODO
    en: TODO
  not_done:
    zh-hans: TODO
    en: TODO
  does_not_apply:
    zh-hans: TODO
    en: TODO
duties:  # TODO: what is owed; none, if the check owes nothing
  done: {zh-hans: $title_zh, en: $title_en}
""")
_CHECK = Template('''\
"""TODO: what has to hold, in one sentence."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("TODO_what_makes_it_apply"):
        return ctx.not_applicable("does_not_apply")
    done = ctx.fact("TODO_what_was_done")
$owe    return ctx.met("done") if done else ctx.broken("not_done")
''')
_CASES = Template("""\
- name: TODO what was asked is done
  kind: applies
  as_of: $later
  facts: {TODO_what_makes_it_apply: true, TODO_what_was_done: true}
  outcome: met
  reason: done
- name: TODO what was asked is not done
  kind: applies
  as_of: $later
  facts: {TODO_what_makes_it_apply: true, TODO_what_was_done: false}
  outcome: broken
  reason: not_done
- name: TODO it does not apply
  kind: does-not
  as_of: $later
  facts: {TODO_what_makes_it_apply: false}
  outcome: not-applicable
  reason: does_not_apply
- name: The day before
  kind: day-before
  as_of: $before
  facts: {TODO_what_makes_it_apply: true, TODO_what_was_done: false}
  outcome: not-in-force
- name: The first day
  kind: first-day
  as_of: $since
  facts: {TODO_what_makes_it_apply: true, TODO_what_was_done: false}
  outcome: broken
- name: TODO nobody said whether it was done
  kind: missing-fact
  as_of: $later
  facts: {TODO_what_makes_it_apply: true}
  outcome: undetermined
  missing: [TODO_what_was_done]
""")
_DUE: Mapping[str, str] = {
    "immediate": "ctx.at_once()",
    "prompt": "ctx.promptly()",
    "period": 'ctx.after("TODO_event_on", "TODO_period")',
    "keep": 'ctx.kept_after("TODO_event_on", "TODO_period")',
    "date": 'ctx.by("TODO_day")',
    "yearly": 'ctx.yearly("TODO_day_of_year", ctx.today)',
    "after-event": 'ctx.once("TODO_event_on")',
}


class BadRuleId(Invalid):
    code = "bad-rule-id"
    message = "{rule} is not a rule's id: capital letters, then numbers, as in RCL-04."


class NoSuchPack(NotFound):
    code = "no-such-pack"
    message = "There is no pack {pack}; there are {packs}."


class RuleExists(Conflict):
    code = "rule-exists"
    message = "{rule} has files already, and none was written over: {files}."


@dataclass(frozen=True)
class Scaffold:
    """What a new rule begins with; empty words are answered by the register or marked."""

    rule_id: str
    pack: str
    instrument: str = ""
    provision: str = ""
    since: str = ""
    grade: str = ""

    @property
    def stem(self) -> str:
        return self.rule_id.lower().replace("-", "_")

    @property
    def row(self) -> Row | None:
        return next((row for row in rows.rows() if row.id == self.rule_id), None)

    def write(self, law: Path) -> list[Path]:
        """Write card, check and cases below ``law``; return their places.

        Raises:
            BadRuleId: the id has not the form of one.
            NoSuchPack: there is no such folder.
            RuleExists: one of the files is there already, in this pack or another.
        """
        packs = {path.parent.name: path.parent for path in sorted(law.glob("*/pack.yaml"))}
        if not _ID.fullmatch(self.rule_id):
            raise BadRuleId(rule=self.rule_id)
        if self.pack not in packs:
            raise NoSuchPack(pack=self.pack, packs=", ".join(packs))
        there = [
            f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
            for folder in ("rules", "cases")
            for path in sorted(law.glob(f"*/{folder}/{self.stem}.*"))
        ]
        if there:
            raise RuleExists(rule=self.rule_id, files=", ".join(there))
        files = {packs[self.pack] / name: words for name, words in self._files(packs)}
        for path, words in files.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(words, encoding="utf-8")
        (packs[self.pack] / "rules" / "__init__.py").touch()
        return list(files)

    def _files(self, packs: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
        fields = self._fields(packs)
        yield f"rules/{self.stem}.yaml", _CARD.substitute(fields)
        yield f"rules/{self.stem}.py", _CHECK.substitute(fields)
        yield f"cases/{self.stem}.yaml", _CASES.substitute(fields)

    def _fields(self, packs: Mapping[str, Path]) -> dict[str, str]:
        row = self.row
        first = row.sources[0] if row else None
        instrument = self.instrument or (first.instrument if first else TODO)
        act = _acts(packs).get(instrument, {})
        since = self.since or act.get("in_force_from") or act.get("published_on") or TODO
        owe = _DUE.get(row.deadline_kind if row else "")
        binds = not act.get("draft", False) and (row.may_bind if row else True)
        return {
            "id": self.rule_id,
            "title_zh": _quoted(f"{TODO} {row.duty.zh_hans}" if row else TODO),
            "title_en": _quoted(f"{TODO} {row.duty.en}" if row else TODO),
            "instrument": instrument,
            "provision": _quoted(self.provision or (first.provision if first else TODO)),
            "grade": self.grade or (row.grade if row else act.get("grade", TODO)),
            "binding": "true" if binds else "false",
            "owe": f'    ctx.owe("done", {owe}, fulfilled=done)\n' if owe else "",
            "since": since,
            **_around(since),
        }


def _acts(packs: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """Return the rows of all instruments; the packs are not loaded, one may be unfinished."""
    found: dict[str, dict[str, Any]] = {}
    for path in packs.values():
        raw = strict_yaml.load((path / "pack.yaml").read_text(encoding="utf-8"))
        found |= raw["instruments"]
    return found


def _around(since: str) -> dict[str, str]:
    """Return the day before the first and one some time later."""
    if since == TODO:
        return {"before": TODO, "later": TODO}
    first = date.fromisoformat(since)
    one = timedelta(days=1)
    later = max(first + one, date(2025, 6, 16))  # a Monday far from holidays
    return {"before": (first - one).isoformat(), "later": later.isoformat()}


def _quoted(words: str) -> str:
    """Quote words that YAML would read as something else."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
