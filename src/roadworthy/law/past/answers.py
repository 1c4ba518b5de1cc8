"""Past answers compared with today's: nothing changes unless an erratum says what and why.

A key is the rule, the day and the digest of the facts as the rulebook read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from roadworthy.kernel.canonical import digest
from roadworthy.kernel.errors import Conflict
from roadworthy.law import PACKS, cases
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import Rulebook
from roadworthy.rules import instruments, schema, strict_yaml, text
from roadworthy.rules.instruments import Cited, Register
from roadworthy.rules.text import Text

NOT_IN_FORCE = "not-in-force"
GONE: Mapping[str, Any] = {"outcome": None}  # nobody asks this any more
_WAS = "was"
_SHORT = 16  # hexadecimal digits of the digest: enough to tell cases apart

Entry = Mapping[str, Any]  # outcome, reason, dues; and what they were before
Answers = Mapping[str, Mapping[str, Entry]]  # by pack, by key


@dataclass(frozen=True)
class Erratum:
    """Why the answers of a rule changed with a version of the rulebook."""

    id: str
    rule: str
    version: str
    on: date
    what: Text
    why: Text
    cites: tuple[Cited, ...]


@dataclass(frozen=True)
class Change:
    """One answer that is not what it was; no ``now``: the case is gone."""

    pack: str
    key: str
    before: Entry
    now: Entry | None

    @property
    def rule(self) -> str:
        return self.key.partition(" ")[0]

    def __str__(self) -> str:
        now = "no case any more" if self.now is None else _line(self.now)
        return f"{self.key} ({self.pack}): {_line(self.before)} -> {now}"


class Unexplained(Conflict):
    code = "past-answers-changed"
    message = "{count} past answers changed without an erratum of version {version}:\n{changes}"


def given(book: Rulebook) -> dict[str, dict[str, Entry]]:
    """Return what the rulebook answers to every case today."""
    found: dict[str, dict[str, Entry]] = {pack: {} for pack in PACKS}
    for case in cases.cases():
        asked = [] if case.is_label else [case.rule_id]
        evaluation = book.evaluate(case.facts, as_of=case.as_of, rules=asked)
        facts = digest(evaluation.to_json()["facts"])[:_SHORT]
        found[case.pack][f"{case.rule_id} {case.as_of} {facts}"] = _entry(case, evaluation)
    return {pack: dict(sorted(answers.items())) for pack, answers in found.items()}


def recorded() -> dict[str, dict[str, Entry]]:
    """Return what was answered before, by packs that are no more, too."""
    files = (file for file in resources.files(__package__).iterdir() if file.name.endswith(".json"))
    return {
        file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(files, key=lambda file: file.name)
    }


def changes(past: Answers, now: Answers) -> list[Change]:
    """Return the answers that are not what they were, cases that are gone among them."""
    found = []
    for pack, entries in past.items():
        for key, entry in entries.items():
            today = now.get(pack, {}).get(key)
            if today is None and entry["outcome"] is None:
                continue  # gone, and explained when it went
            if today is None or today != _last(entry):
                found.append(Change(pack, key, _last(entry), today))
    return found


def unrecorded(past: Answers, now: Answers) -> list[str]:
    """Return the keys of answers that nobody wrote down yet."""
    return [
        key for pack, entries in now.items() for key in entries if key not in past.get(pack, {})
    ]


def updated(past: Answers, now: Answers, errata: Iterable[Erratum], version: str) -> Answers:
    """Return the past with today's answers added; a change keeps what it was and its erratum.

    Raises:
        Unexplained: an answer changed or a case went, and no erratum of this version says why.
    """
    reasons = {erratum.rule: erratum.id for erratum in errata if erratum.version == version}
    changed = changes(past, now)
    silent = [change for change in changed if change.rule not in reasons]
    if silent:
        told = "\n".join(map(str, silent))
        raise Unexplained(count=len(silent), version=version, changes=told)
    whole = {pack: _joined(past.get(pack, {}), now.get(pack, {})) for pack in sorted({*past, *now})}
    for change in changed:
        entry = whole[change.pack][change.key]
        was = {**change.before, "erratum": reasons[change.rule]}
        whole[change.pack][change.key] = {
            **(GONE if change.now is None else change.now),
            _WAS: [*entry.get(_WAS, ()), was],
        }
    return {pack: dict(sorted(entries.items())) for pack, entries in whole.items()}


def cited_errata(past: Answers) -> set[str]:
    """Return the errata that past changes rest on."""
    entries = (entry for answers in past.values() for entry in answers.values())
    return {was["erratum"] for entry in entries for was in entry.get(_WAS, ())}


def errata(register: Register) -> tuple[Erratum, ...]:
    """Return the errata.

    Raises:
        BadPack: the file is wrong.
        LookupError: a citation leads nowhere.
    """
    file = resources.files(__package__) / "errata.yaml"
    raw = strict_yaml.load(file.read_text(encoding="utf-8"))
    return tuple(
        Erratum(
            id=row["id"],
            rule=row["rule"],
            version=row["version"],
            on=date.fromisoformat(row["date"]),
            what=text.parse(row["what"]),
            why=text.parse(row["why"]),
            cites=tuple(instruments.cited(register, each) for each in row["cites"]),
        )
        for row in schema.check("errata", raw, "past/errata.yaml", shapes="register")
    )


def written(entries: Mapping[str, Entry]) -> str:
    """Return a pack's file: one answer a line, so that a change is one line of a diff."""
    lines = (f"{json.dumps(key)}: {_line(entry)}" for key, entry in entries.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _entry(case: cases.Case, evaluation: Evaluation) -> Entry:
    tests = [c.finding for c in evaluation.classification if c.label == case.rule_id]
    findings = [finding for finding in (tests if case.is_label else evaluation.findings) if finding]
    if not findings:
        return {"outcome": NOT_IN_FORCE, "reason": None, "dues": {}}
    (finding,) = findings
    dues = {owed.key: _due(owed.due.to_json()) for owed in evaluation.obligations}
    return {"outcome": finding.outcome.value, "reason": finding.reason, "dues": dues}


def _joined(past: Mapping[str, Entry], now: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the past with what is new, and with today's answer where a case came back."""
    back = {
        key: {**now[key], _WAS: entry[_WAS]}
        for key, entry in past.items()
        if entry["outcome"] is None and key in now
    }
    return {**now, **past, **back}


def _due(due: Mapping[str, Any]) -> dict[str, Any]:
    return {name: due[name] for name in ("kind", "date", "instant") if due.get(name) is not None}


def _last(entry: Entry) -> Entry:
    """Return an entry's answer; of a case that went, the last it had."""
    if entry["outcome"] is None:
        entry = entry[_WAS][-1]
    return {name: entry[name] for name in ("outcome", "reason", "dues")}


def _line(entry: Entry) -> str:
    return json.dumps(entry, ensure_ascii=False)
