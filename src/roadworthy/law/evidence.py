"""An evaluation as evidence: its canonical bytes, and whether asking again gives the same bytes.

* The evidence is the evaluation itself: facts, day, findings, and the digests and versions of what
  gave the answer. Who has the same packs, engine and calendar must get the same bytes.
* Nothing in the evidence is believed: all of it is worked out again from facts and day.
* Signatures are made and checked outside, over these bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import rfc8785
from jsonschema import Draft202012Validator, FormatChecker

from roadworthy.kernel.canonical import canonical
from roadworthy.kernel.errors import Invalid
from roadworthy.law.evaluation import SCHEMA, Evaluation
from roadworthy.law.rulebook import Rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules.engine import ENGINE_VERSION

# What an answer depends on beside the facts and the day.
VERSIONS = ("pack_digest", "rulebook_version", "engine_version", "calendar_version")


class NoEvidence(Invalid):
    code = "no-evidence"
    message = "This is not the evidence of an evaluation: {reason}."


@dataclass(frozen=True)
class Version:
    """Something that gave the answer: which it was then, and which it is here."""

    name: str
    stored: str
    here: str

    @property
    def is_same(self) -> bool:
        return self.stored == self.here


@dataclass(frozen=True)
class Rerun:
    """What became of asking again."""

    versions: tuple[Version, ...]
    fields: tuple[str, ...]  # of the evaluation that came out otherwise, the versions apart
    rules: tuple[str, ...]  # that answered otherwise, or on one side only
    refused: Invalid | None = None  # the facts are not accepted here any longer

    @property
    def is_same(self) -> bool:
        """Whether every byte came out again."""
        versions = all(version.is_same for version in self.versions)
        return versions and not self.fields and self.refused is None

    def to_json(self) -> dict[str, Any]:
        return {
            "same": self.is_same,
            "versions": {v.name: {"stored": v.stored, "here": v.here} for v in self.versions},
            "differing_versions": [v.name for v in self.versions if not v.is_same],
            "differing_fields": list(self.fields),
            "differing_rules": list(self.rules),
            "refused": str(self.refused) if self.refused else None,
        }


def content(told: Evaluation) -> bytes:
    """Return the bytes of an evaluation that are kept, digested and signed."""
    return canonical(told.to_json())


def read(kept: bytes) -> dict[str, Any]:
    """Return the evaluation that some bytes hold.

    Raises:
        NoEvidence: they hold none, or not as canonical JSON.
    """
    try:
        stored = json.loads(kept)
    except (ValueError, RecursionError):
        raise NoEvidence(reason="it is not JSON") from None
    found = checked(stored)
    if canonical(found) != kept:
        raise NoEvidence(reason="it is not canonical JSON (RFC 8785), so its bytes were changed")
    return found


def checked(stored: Any) -> dict[str, Any]:
    """Return ``stored`` if it has the form of an evaluation.

    Raises:
        NoEvidence: it has not; says where.
    """
    if not isinstance(stored, dict) or stored.get("schema") != SCHEMA:
        raise NoEvidence(reason=f"it does not call itself {SCHEMA}")
    fault = next(_form().iter_errors(stored), None)
    if fault is not None:
        place = "/".join(map(str, fault.absolute_path)) or "the whole"
        raise NoEvidence(reason=f"{place} has not its form ({fault.validator})")
    try:
        canonical(stored)
    except (rfc8785.CanonicalizationError, ValueError):
        raise NoEvidence(reason="it holds something that JSON cannot say exactly") from None
    return stored


def rerun(book: Rulebook, stored: Mapping[str, Any]) -> Rerun:
    """Ask again what a stored evaluation was asked, and compare."""
    made_by = (book.digest, book.version, ENGINE_VERSION, book.calendar.version)
    here = dict(zip(VERSIONS, made_by, strict=True))
    versions = tuple(Version(name, stored[name], here[name]) for name in VERSIONS)
    try:
        again = book.evaluate(
            stored["facts"],
            as_of=date.fromisoformat(stored["as_of"]),
            about=[Topic(each) for each in stored["about"]],
            jurisdiction=Jurisdiction(stored["jurisdiction"]),
        ).to_json()
    except Invalid as refused:
        return Rerun(versions, (), (), refused)
    fields = [name for name in again if name not in VERSIONS and _differs(again, stored, name)]
    return Rerun(versions, tuple(fields), tuple(_rules(again, stored)))


def _differs(again: Mapping[str, Any], stored: Mapping[str, Any], name: str) -> bool:
    return canonical(again[name]) != canonical(stored[name])


def _rules(again: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterable[str]:
    now, then = ({f["rule_id"]: canonical(f) for f in each["findings"]} for each in (again, stored))
    return sorted(rule_id for rule_id in {**now, **then} if now.get(rule_id) != then.get(rule_id))


@cache
def _form() -> Draft202012Validator:
    path = resources.files("roadworthy.rules") / "schemas" / "evaluation.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())
