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
from roadworthy.law.evaluation import Classified, Decision, Evaluation, ScalePlace, Upcoming
from roadworthy.law.labels import Label
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules import contradictions, engine, instruments, packs
from roadworthy.rules import facts as vocabulary
from roadworthy.rules.answers import Outcome
from roadworthy.rules.cards import Rule, Scale, SignerRequirement
from roadworthy.rules.engine import Finding, Obligation
from roadworthy.rules.facts import FactDefinition
from roadworthy.rules.instruments import Cited
from roadworthy.rules.packs import Law, Pack
from roadworthy.rules.reading import NOW, TODAY, Ground
from roadworthy.rules.text import Text

_HOLDS: Mapping[Outcome, bool | None] = {
    Outcome.MET: True,
    Outcome.NOT_APPLICABLE: False,
    Outcome.UNDETERMINED: None,
}
_RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}
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
        self,
        facts: Mapping[str, Any],
        *,
        as_of: date,
        rules: Iterable[str] | None = None,
        about: Iterable[Topic] | None = None,
        jurisdiction: Jurisdiction = Jurisdiction.CN,
    ) -> Evaluation:
        """Classify an update and ask the rules of a jurisdiction that are in force on the day.

        Either the named ``rules`` are asked, or those on the topics it is ``about``; without
        either, those on the topics that the stated facts touch.

        Raises:
            UnknownFact: a fact is not in the vocabulary.
            WrongFact: a fact's value has not its form, or ``as_of`` is out of range.
            Contradictory: facts that cannot be true together.
            NoSuchRule: a named rule does not exist.
        """
        ground = self._ground(facts, as_of)
        asked = self._rules(rules, jurisdiction)
        findings = engine.evaluate(asked, ground)
        topics = _topics(findings, ground, about) if rules is None else tuple(Topic)
        wanted = {str(topic) for topic in topics}
        if rules is None:
            findings = tuple(f for f in findings if not wanted.isdisjoint(f.rule.topics))
        owed = [owed for finding in findings for owed in finding.obligations]
        classification = _classified(ground) if jurisdiction is Jurisdiction.CN else ()
        return Evaluation(
            as_of=as_of,
            jurisdiction=jurisdiction,
            about=topics,
            facts=ground.stated,
            classification=classification,
            scales={
                name: _place(scale, classification)
                for name, scale in self.law.scales.items()
                if as_of in scale.applies and classification
            },
            findings=tuple(sorted(findings, key=lambda f: _RANK[f.outcome])),
            obligations=tuple(sorted(owed, key=_order)),
            upcoming=_upcoming(asked, wanted, as_of),
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

    def _ground(self, facts: Mapping[str, Any], as_of: date) -> Ground:
        try:
            vocabulary.in_range(as_of)
        except ValueError:
            span = f"a day from {vocabulary.EARLIEST} to {vocabulary.LATEST}"
            raise vocabulary.WrongFact(name="as_of", value=as_of, expected=span) from None
        stated = vocabulary.stated(self.law.facts, facts)
        contradictions.refuse(self.law.contradictions, stated)
        return Ground(
            as_of=as_of,
            stated=stated,
            vocabulary=self.law.facts,
            parameters=self.law.parameters,
            labels={name: _in_force(tests, as_of) for name, tests in self.law.labels.items()},
            calendar=self.calendar,
        )

    def _rules(self, names: Iterable[str] | None, jurisdiction: Jurisdiction) -> tuple[Rule, ...]:
        if names is None:
            every = chain.from_iterable(self.law.rules.values())
            return tuple(rule for rule in every if rule.jurisdiction == jurisdiction)
        wanted = list(names)
        for name in wanted:
            if name not in self.law.rules:
                raise NoSuchRule(rule=name)
        return tuple(rule for name in wanted for rule in self.law.rules[name])


@cache
def rulebook() -> Rulebook:
    """Load and check all packs, once.

    Raises:
        BadPack: a pack's file is missing or wrong.
    """
    return Rulebook(packs.load(f"{__package__}.{pack}" for pack in PACKS), VERSION)


def _in_force(versions: Iterable[Rule], day: date) -> Rule | None:
    return next((rule for rule in versions if day in rule.applies), None)


def _topics(
    findings: Iterable[Finding],
    ground: Ground,
    about: Iterable[Topic] | None,
) -> tuple[Topic, ...]:
    """Return what the answer is about: what was wished, or what the stated facts touch.

    The facts about an update touch it through its labels, too. Nothing stated is about an update.
    """
    if about is not None:
        wished = set(about)
        return tuple(topic for topic in Topic if topic in wished)
    told = {name for name in ground.stated if ground.vocabulary[name].default is None}
    told -= {TODAY, NOW}
    # A rule's first topic is what it is mainly about; the others only ask it as well.
    touched = {
        finding.rule.topics[0] for finding in findings if not told.isdisjoint(finding.facts_read)
    }
    return tuple(topic for topic in Topic if topic in touched) or (Topic.UPDATE,)


def _upcoming(asked: Iterable[Rule], wanted: set[str], as_of: date) -> tuple[Upcoming, ...]:
    """Return the rules on the wanted topics that were published, but do not apply yet."""
    ahead = [
        rule
        for rule in asked
        if rule.applies.since > as_of
        and not wanted.isdisjoint(rule.topics)
        and _known_on(rule, as_of)
    ]
    return tuple(Upcoming(r) for r in sorted(ahead, key=lambda r: (r.applies.since, r.id)))


def _known_on(rule: Rule, day: date) -> bool:
    act = rule.source.instrument
    known = act.published_on or act.made_on or act.in_force_from
    return known is not None and known <= day


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
    "Jurisdiction",
    "Label",
    "Obligation",
    "Outcome",
    "Rulebook",
    "SignerRequirement",
    "Topic",
    "rulebook",
]
