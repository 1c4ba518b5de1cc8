"""One rule put into shape: its sources, its days, its numbers, and what it answers.

Its cases are asked anew when the page is first wanted: they show what the rulebook says now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from roadworthy.domains.recalls import lessons
from roadworthy.law import cases
from roadworthy.law.rulebook import NoSuchRule, rulebook
from roadworthy.law.topics import JURISDICTIONS, TOPICS, Jurisdiction, Topic
from roadworthy.portals.shared import presenting
from roadworthy.portals.shared.shapes import Text
from roadworthy.rules.answers import Gate
from roadworthy.rules.engine import Finding
from roadworthy.rules.instruments import Cited
from roadworthy.rules.parameters import Value

GATES: Mapping[Gate, Text] = {
    Gate.FILING: _("the filing: an authority rejects it"),
    Gate.RELEASE: _("the release: it cannot be signed"),
    Gate.ACCESS: _("the application for market access: it is not complete"),
    Gate.SALE: _("the sale: the vehicle is not sold, delivered or registered"),
    Gate.UPLOAD: _("the upload: the data do not leave the vehicle"),
    Gate.EXPORT: _("the export: the data do not leave the country"),
    Gate.PUBLICATION: _("the publication: the text is not published"),
    Gate.EXECUTION: _("the execution: no vehicle is offered the update"),
    Gate.NONE: _("nothing; it is shown and counted"),
}
KINDS: Mapping[str, Text] = {
    "applies": _("It applies"),
    "does-not": _("It does not apply"),
    "day-before": _("The day before it applied"),
    "first-day": _("Its first day"),
    "missing-fact": _("A fact is missing"),
    "other": _("Another case"),
}


class _Whatever(dict[str, str]):
    """Fields that only an answer fills."""

    def __missing__(self, _name: str) -> str:
        return "…"


def context(rule_id: str) -> dict[str, Any]:
    """Return what the page shows.

    Raises:
        NoSuchRule: the rulebook has no such rule.
    """
    versions = rulebook().law.rules.get(rule_id)
    if not versions:
        raise NoSuchRule(rule=rule_id)
    newest = versions[-1]
    pack = next(p for p in rulebook().packs if newest in p.rules)
    asked, findings = _cases(rule_id)
    return {
        "rule": newest,
        "pack": pack,
        "gate": GATES[newest.gate],
        "topics": [TOPICS[Topic(topic)] for topic in newest.topics],
        "jurisdiction": JURISDICTIONS[Jurisdiction(newest.jurisdiction)],
        "duties": [_open(words) for words in newest.duties.values()],
        "citations": [_citation(cited) for cited in (newest.source, *newest.also)],
        "parameters": _parameters(findings),
        "facts": {read.definition.name: read.definition for f in findings for read in f.facts},
        "versions": versions,
        "cases": asked,
        "lessons": lessons.adopted(_names(rule_id, newest, findings)),
    }


def _names(rule_id: str, rule: Any, findings: Iterable[Finding]) -> set[str]:
    """Return everything a lesson can have changed about a rule: itself, its numbers, its texts."""
    read = {value.name for finding in findings for value in finding.values}
    return {rule_id, *read, *(cited.instrument.key for cited in (rule.source, *rule.also))}


def _open(words: Mapping[str, str]) -> dict[str, str]:
    return {language: text.format_map(_Whatever()) for language, text in words.items()}


def _citation(cited: Cited) -> dict[str, Any]:
    act = cited.instrument
    return {
        "article": presenting.article(cited.to_json()),
        "terms": cited.provision.terms,
        "act": act,
        "issuer": act.issuer,
    }


def _parameters(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return every value, of whatever day, of the parameters that the rule was seen to read."""
    read = {value.name for finding in findings for value in finding.values}
    known = rulebook().law.parameters
    return [
        {"label": known[name].values[0].label, "values": [_value(v) for v in known[name].values]}
        for name in known
        if name in read
    ]


def _value(value: Value) -> dict[str, Any]:
    source = value.source
    return {
        "shown": value.shown,
        "since": value.applies_from,
        "source": presenting.instrument(source.instrument.title, source.instrument.number),
        "provision": source.provision.name,
        "grade": value.grade,
    }


@cache
def _cases(rule_id: str) -> tuple[tuple[dict[str, Any], ...], tuple[Finding, ...]]:
    """Return the cases of a rule as rows, and the findings that they led to."""
    rows: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for case in cases.cases():
        if case.rule_id != rule_id or case.is_label:
            continue
        answer = rulebook().evaluate(case.facts, as_of=case.as_of, rules=[rule_id])
        finding = answer.findings[0] if answer.findings else None
        findings.extend(answer.findings)
        rows.append(
            {
                "name": case.name,
                "kind": KINDS[case.kind],
                "as_of": case.as_of,
                "facts": _stated(answer.facts),
                "outcome": presenting.OUTCOMES[finding.outcome] if finding else "",
                "why": finding.why if finding else None,
                "owed": [(o.title, o.due.shown) for o in answer.obligations],
            }
        )
    return tuple(rows), tuple(findings)


def _stated(facts: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    known = rulebook().facts
    return [(known[name].label, known[name].shown(value)) for name, value in facts.items()]
