"""Regulation packs: folders of YAML, Markdown and Python, read, checked and joined into one law.

* Every file is checked against the schema; a pack that is wrong stops the start, it never
  loads in part.
* Names of instruments, facts, parameters, rules and labels are unique over all packs, so a
  citation or a fact means one thing.
* The digest covers whatever can change an answer or its words: not cases, not README files.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml

from roadworthy.kernel.canonical import digest, sha256_hex
from roadworthy.kernel.errors import Invalid
from roadworthy.rules import cards, consistency, schema, strict_yaml, text
from roadworthy.rules.cards import Rule, Scale, SignerRequirement
from roadworthy.rules.contradictions import Contradiction, parse_contradiction
from roadworthy.rules.facts import FactDefinition, parse_fact
from roadworthy.rules.instruments import Instrument, Register, parse_instrument
from roadworthy.rules.parameters import Parameter, parse_parameter
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import Text
from roadworthy.rules.wording import Lexicon, parse_lexicon

T = TypeVar("T")
Versions = Mapping[str, tuple[Rule, ...]]  # by id; an amended rule has one card for each interval


@dataclass(frozen=True)
class Pack:
    id: str
    title: Text
    status: str
    jurisdiction: str
    verified_by: str | None
    verified_on: str | None
    instruments: tuple[Instrument, ...]
    rules: tuple[Rule, ...]
    digest: str

    @property
    def verified(self) -> bool:
        return bool(self.verified_by)


@dataclass(frozen=True)
class Law:
    """All packs joined."""

    packs: tuple[Pack, ...]
    register: Register
    facts: Mapping[str, FactDefinition]
    parameters: Mapping[str, Parameter]
    labels: Versions
    rules: Versions
    scales: Mapping[str, Scale]
    signers: tuple[SignerRequirement, ...]
    contradictions: tuple[Contradiction, ...]
    wording: Mapping[str, Lexicon]  # by pack
    digest: str


class Folder:
    """One pack's files; remembers what was read, which is what the digest covers."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.root = resources.files(package)
        self.read: dict[str, str] = {}
        self.row = self.yaml("pack.yaml", "pack")

    @property
    def verified_by(self) -> str | None:
        by: str | None = self.row["verified_by"]
        return by

    @property
    def jurisdiction(self) -> str:
        where: str = self.row.get("jurisdiction", "CN")
        return where

    def name(self, path: str) -> str:
        return f"{self.package.rpartition('.')[2]}/{path}"

    def text(self, path: str) -> str:
        """Return a file's text, with the line ends of no platform in particular.

        Raises:
            BadPack: there is no such file, or it is not finished.
        """
        try:
            words = (self.root / path).read_text(encoding="utf-8").replace("\r\n", "\n")
        except FileNotFoundError:
            raise BadPack(file=self.name(path), fault="it is not there") from None
        unfinished(self.name(path), words)
        self.read[path] = sha256_hex(words.encode())
        return words

    def yaml(self, path: str, kind: str) -> Any:
        """Return a YAML file's content, digested by what it says and not by its layout.

        Raises:
            BadPack: it is not there, not YAML, or not of that shape.
        """
        try:
            raw = strict_yaml.load(self.text(path))
        except yaml.YAMLError as fault:
            raise BadPack(file=self.name(path), fault=" ".join(str(fault).split())) from None
        self.read[path] = digest(schema.check(kind, raw, self.name(path)))
        return raw

    def optional(self, path: str, kind: str, otherwise: T) -> T:
        return self.yaml(path, kind) if (self.root / path).is_file() else otherwise

    def stems(self, folder: str, suffix: str) -> list[str]:
        place: Traversable = self.root / folder
        if not place.is_dir():
            return []
        files = (f.name for f in place.iterdir() if f.name.endswith(suffix))
        return sorted(n.removesuffix(suffix) for n in files if not n.startswith("_"))

    def checks(self, folder: str) -> Iterator[tuple[str, dict[str, Any], cards.Check]]:
        """Yield each card of a folder with the check that stands beside it.

        Raises:
            BadPack: a card has no check, or a check no card.
        """
        stems = self.stems(folder, ".yaml")
        for orphan in set(self.stems(folder, ".py")) - set(stems):
            raise BadPack(file=self.name(f"{folder}/{orphan}.py"), fault="it has no card")
        for stem in stems:
            self.text(f"{folder}/{stem}.py")
            card = self.yaml(f"{folder}/{stem}.yaml", "card")
            module = importlib.import_module(f"{self.package}.{folder}.{stem}")
            yield f"{folder}/{stem}.yaml", card, module.check


def unfinished(file: str, words: str) -> None:
    """Refuse what somebody began and left: a scaffold is not law.

    Raises:
        BadPack: a line still says TODO.
    """
    for number, line in enumerate(words.splitlines(), start=1):
        if "TODO" in line:
            raise BadPack(file=file, fault=f"line {number} still says TODO")


def load(packages: Iterable[str]) -> Law:
    """Read and join packs.

    Raises:
        BadPack: a file is missing or wrong, a name stands twice, or a citation leads nowhere.
    """
    folders = [Folder(package) for package in packages]
    register = _joined("instrument", (_instruments(f) for f in folders))
    facts = _joined("fact", (_facts(f) for f in folders))
    parameters = _joined("parameter", (_parameters(f, register) for f in folders))
    labels = _versions(rule for f in folders for rule in _rules(f, "labels", register))
    by_pack = [_rules(f, "rules", register) for f in folders]
    scales = _joined("scale", (_scales(f, register) for f in folders))
    signers = tuple(s for f in folders for s in _signers(f, register))
    contradictions = tuple(c for f in folders for c in _contradictions(f))
    wording = {f.row["id"]: one for f in folders if (one := _wording(f, register)) is not None}
    for folder in folders:
        for stem in folder.stems(".", ".py"):
            folder.text(f"{stem}.py")
    packs = tuple(_pack(f, tuple(rules)) for f, rules in zip(folders, by_pack, strict=True))
    rules = _versions(rule for rules in by_pack for rule in rules)
    for name, fault in consistency.faults(
        facts=facts,
        parameters=parameters.values(),
        labels=labels,
        rules=rules,
        scales=scales.values(),
        signers=signers,
        contradictions=contradictions,
    ):
        raise BadPack(file=name, fault=fault)
    return Law(
        packs=packs,
        register=register,
        facts=facts,
        parameters=parameters,
        labels=labels,
        rules=rules,
        scales=scales,
        signers=signers,
        contradictions=contradictions,
        wording=wording,
        digest=digest({pack.id: pack.digest for pack in packs}),
    )


def _pack(folder: Folder, rules: tuple[Rule, ...]) -> Pack:
    row = folder.row
    return Pack(
        id=row["id"],
        title=text.parse(row["title"]),
        status=row["status"],
        jurisdiction=folder.jurisdiction,
        verified_by=row["verified_by"],
        verified_on=row["verified_on"],
        instruments=tuple(_instruments(folder).values()),
        rules=rules,
        digest=digest(folder.read),
    )


def _instruments(folder: Folder) -> dict[str, Instrument]:
    found = {}
    for key, row in folder.row["instruments"].items():
        path = f"texts/{_file_name(key)}.md"
        words = folder.text(path)
        found[key] = _made(folder, path, lambda: parse_instrument(key, row, words))  # noqa: B023
    return found


def _file_name(key: str) -> str:
    """Return the name of an instrument's file: GB/T 40429 is gbt40429."""
    return "".join(letter for letter in key if letter.isalnum()).lower()


def _facts(folder: Folder) -> dict[str, FactDefinition]:
    none: dict[str, Any] = {}
    raw = folder.optional("facts.yaml", "facts", none)
    return {name: parse_fact(name, definition) for name, definition in raw.items()}


def _parameters(folder: Folder, register: Register) -> dict[str, Parameter]:
    found = {}
    for name in folder.stems("parameters", ".yaml"):
        path = f"parameters/{name}.yaml"
        raw = folder.yaml(path, "parameter")
        found[name] = _made(folder, path, lambda: parse_parameter(name, raw, register))  # noqa: B023
    return found


def _rules(folder: Folder, place: str, register: Register) -> list[Rule]:
    by, where = folder.verified_by, folder.jurisdiction
    return [
        _made(folder, path, lambda: cards.parse_rule(card, check, register, by, where))  # noqa: B023
        for path, card, check in folder.checks(place)
    ]


def _versions(rules: Iterable[Rule]) -> Versions:
    """Collect the cards of one id in order of time; on no day may two of them apply."""
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        others = found.get(rule.id, ())
        if any(rule.applies.overlaps(other.applies) for other in others):
            raise BadPack(file=rule.id, fault="two cards of it apply on the same day")
        found[rule.id] = tuple(sorted((*others, rule), key=lambda each: each.applies.since))
    return found


def _scales(folder: Folder, register: Register) -> dict[str, Scale]:
    none: dict[str, Any] = {}
    raw = folder.optional("scales.yaml", "scales", none)
    return _made(
        folder,
        "scales.yaml",
        lambda: {name: cards.parse_scale(name, row, register) for name, row in raw.items()},
    )


def _signers(folder: Folder, register: Register) -> list[SignerRequirement]:
    none: list[Any] = []
    raw = folder.optional("signatures.yaml", "signatures", none)
    return _made(
        folder, "signatures.yaml", lambda: [cards.parse_signer(row, register) for row in raw]
    )


def _contradictions(folder: Folder) -> list[Contradiction]:
    none: list[Any] = []
    raw = folder.optional("contradictions.yaml", "contradictions", none)
    return [parse_contradiction(row) for row in raw]


def _wording(folder: Folder, register: Register) -> Lexicon | None:
    raw = folder.optional("wording.yaml", "wording", None)
    if raw is None:
        return None
    return _made(folder, "wording.yaml", lambda: parse_lexicon(raw, register))


def _made(folder: Folder, path: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except (LookupError, ValueError, Invalid) as fault:
        raise BadPack(file=folder.name(path), fault=str(fault).strip("'")) from None


def _joined(kind: str, parts: Iterable[Mapping[str, T]]) -> dict[str, T]:
    whole: dict[str, T] = {}
    for part in parts:
        for name, value in part.items():
            if name in whole:
                raise BadPack(file=name, fault=f"two packs declare this {kind}")
            whole[name] = value
    return whole
