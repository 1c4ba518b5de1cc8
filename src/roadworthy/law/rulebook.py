"""The rulebook: the packs loaded once, asked about an update's facts as of a day.

Pure after loading: the same facts on the same day with the same packs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from typing import Any

from roadworthy.kernel.calendar import PRC, WorkingCalendar
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.errors import Invalid, NotFound
from roadworthy.law import PACKS, VERSION
from roadworthy.law.evaluation import Classified, Decision, Evaluation, ScalePlace
from roadworthy.law.labels import Label
from roadworthy.rules import engine, instruments, packs
from roadworthy.rules import facts as vocabulary
from roadworthy.rules.answers import Outcome
from roadworthy.rules.cards import Rule, Scale, SignerRequirement
from roadworthy.rules.context import Ground
from roadworthy.rules.engine import Finding, Obligation
from roadworthy.rules.facts import FactDefinition
from roadworthy.rules.instruments import Cited
from roadworthy.rules.packs import Law, Pack
from roadworthy.rules.text import Text

_HOLDS: Mapping[Outcome, bool | None] = {
    Outcome.MET: True,
    Outcome.NOT_APPLICABLE: False,
    Outcome.UNDETERMINED: None,
}
_ROUTINE = Text("常规升级", "Routine")


class NoSuchRule(NotFound):
    code = "no-such-rule"
    message = "The rulebook has no rule {rule}."


class NoSuchProvision(NotFound):
    code = "no-such-provision"
    message = "The rulebook has no words for {citation}."


class NotClassified(Invalid):
    code = "not-classified"
    message = "Who has to sign cannot be said: the update has no legal label yet."


class NoSignersYet(Invalid):
    code = "no-signers-yet"
    message = "No rule in force on {as_of} says who has to sign an update."


@dataclass(frozen=True)
class Rulebook:
    law: Law
    version: str
    calendar: WorkingCalendar = PRC

    @property
    def packs(self) -> tuple[Pack, ...]:
        return self.law.packs

    @property
    def digest(self) -> str:
        return self.law.digest

    @property
    def facts(self) -> Mapping[str, FactDefinition]:
        return self.law.facts

    def rule(self, rule_id: str, *, as_of: date | None = None) -> Rule:
        """Return a rule's card: the one in force on a day, or the newest.

        Raises:
            NoSuchRule: there is no such rule, or none of it is in force on the day.
        """
        versions = self.law.rules.get(rule_id, ())
        found = versions[-1:] if as_of is None else [r for r in versions if as_of in r.applies]
        if not found:
            raise NoSuchRule(rule=rule_id)
        return found[0]

    def cited(self, citation: Citation) -> Cited:
        """Return what a citation points at: the instrument's dates and our words for the provision.

        Raises:
            NoSuchProvision: the register has no such instrument, or no words for the provision.
        """
        wanted = {"instrument": citation.instrument, "provision": citation.provision}
        try:
            return instruments.cited(self.law.register, wanted)
        except LookupError:
            raise NoSuchProvision(citation=str(citation)) from None

    def evaluate(
        self, facts: Mapping[str, Any], *, as_of: date, rules: Iterable[str] | None = None
    ) -> Evaluation:
        """Classify an update and ask every rule in force (or the named ones) about it.

        Raises:
            UnknownFact: a fact is not in the vocabulary.
            WrongFact: a fact's value has not its form.
            NoSuchRule: a named rule does not exist.
        """
        ground = Ground(
            as_of=as_of,
            stated=vocabulary.stated(self.law.facts, facts),
            vocabulary=self.law.facts,
            parameters=self.law.parameters,
            labels={name: _in_force(tests, as_of) for name, tests in self.law.labels.items()},
            calendar=self.calendar,
        )
        classification = _classified(ground)
        findings = engine.evaluate(self._rules(rules), ground)
        owed = [owed for finding in findings for owed in finding.obligations]
        return Evaluation(
            as_of=as_of,
            facts=ground.stated,
            classification=classification,
            scales={
                name: _place(scale, classification)
                for name, scale in self.law.scales.items()
                if as_of in scale.applies
            },
            findings=tuple(sorted(findings, key=lambda f: list(Outcome).index(f.outcome))),
            obligations=tuple(sorted(owed, key=_order)),
            pack_digest=self.digest,
            rulebook_version=self.version,
            engine_version=engine.ENGINE_VERSION,
            calendar_version=self.calendar.version,
        )

    def signers(self, labels: Iterable[Label], *, as_of: date) -> tuple[SignerRequirement, ...]:
        """Return who has to sign a release with these labels: what each asks for, together.

        Raises:
            NotClassified: there is no label.
            NoSignersYet: the day lies before the first rule on signatures.
        """
        held = {str(label) for label in labels}
        if not held:
            raise NotClassified
        required = tuple(
            signer
            for signer in self.law.signers
            if as_of in signer.applies and (not signer.labels or signer.labels & held)
        )
        if not required:
            raise NoSignersYet(as_of=as_of)
        return required

    def _rules(self, names: Iterable[str] | None) -> Iterable[Rule]:
        if names is None:
            return chain.from_iterable(self.law.rules.values())
        wanted = list(names)
        for name in wanted:
            if name not in self.law.rules:
                raise NoSuchRule(rule=name)
        return [rule for name in wanted for rule in self.law.rules[name]]


@cache
def rulebook() -> Rulebook:
    """Load and check all packs, once.

    Raises:
        BadPack: a pack's file is missing or wrong.
    """
    return Rulebook(packs.load(f"{__package__}.{pack}" for pack in PACKS), VERSION)


def _in_force(versions: Iterable[Rule], day: date) -> Rule | None:
    return next((rule for rule in versions if day in rule.applies), None)


def _classified(ground: Ground) -> tuple[Classified, ...]:
    tests = {name: test for name, test in ground.labels.items() if test}
    told = {finding.rule_id: finding for finding in engine.evaluate(tests.values(), ground)}
    found = [
        Classified(label, test.title, _HOLDS[told[label].outcome], test.basis_rule, told[label])
        for label in Label
        if (test := tests.get(label)) is not None
    ]
    return (*found, _routine([c.holds for c in found]))


def _routine(others: list[bool | None]) -> Classified:
    holds = False if True in others else None if None in others else bool(others)
    return Classified(Label.ROUTINE, _ROUTINE, holds, None, None)


def _place(scale: Scale, classification: tuple[Classified, ...]) -> ScalePlace:
    """Find the strictest class that holds; one that is undetermined hides those below it."""
    holds = {str(c.label): c.holds for c in classification}
    codes: list[str] = []
    code, words, open_above = None, None, False
    for rung in scale.classes:
        remains = None if open_above else not codes
        states = [holds.get(label, False) for label in rung.any_of] or [remains]
        if True in states:
            codes.append(rung.code)
            if code is None and not open_above:
                code, words = rung.code, rung.title
        elif None in states:
            open_above = True
    return ScalePlace(scale.name, scale.title, code, words, tuple(codes))


def _order(owed: Obligation) -> tuple[Any, ...]:
    return owed.fulfilled is True, owed.due.order, owed.key


__all__ = [
    "Decision",
    "Evaluation",
    "Finding",
    "Label",
    "Obligation",
    "Outcome",
    "Rulebook",
    "SignerRequirement",
    "rulebook",
]
