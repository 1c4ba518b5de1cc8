"""The rulebook for programs: facts go in, answers come out, nothing is kept.

* Anybody may ask; each address only so often, and with so many bytes.
* The body is read here and not by the framework: a repeated name is refused, as in a file, and a
  body that is too large is refused before it is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError, ValidationError
from ninja.throttling import AnonRateThrottle
from pydantic import ConfigDict, Field
from pydantic import ValidationError as WrongForm

from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import Invalid
from roadworthy.law import changes, diff, facts_file, wording
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules import tree
from roadworthy.rules.wording import Kind

MOST_BYTES = 100_000
RATE = "300/m"
TOO_LARGE = 413

Form = TypeVar("Form", bound=Schema)
TopicName = Literal["update", "access", "recall", "incident", "data", "standards", "marketing"]
JurisdictionName = Literal["CN", "UN", "US"]


class Throttle(AnonRateThrottle):
    """Counts apart from the rest of the API: who asks much here still reads the public record."""

    scope = "law"


router = Router(tags=["law"], throttle=[Throttle(RATE)])


class NoJson(Invalid):
    code = "no-json"
    message = "The body is not JSON: {reason}."


class RepeatedName(Invalid):
    code = "repeated-name"
    message = "{name} stands twice in the body; which of its values is meant?"


class Question(Schema):
    """Facts by their names in the rulebook; what is not stated is not taken for "no"."""

    model_config = ConfigDict(extra="forbid")

    facts: dict[str, Any]
    as_of: date | None = Field(default=None, description="Today in Shanghai when left out.")
    about: list[TopicName] | None = Field(
        default=None, description="The topics that the facts touch when left out."
    )
    jurisdictions: list[JurisdictionName] = Field(default=["CN"], min_length=1)


class Comparison(Schema):
    """The same facts on two days."""

    model_config = ConfigDict(extra="forbid")

    facts: dict[str, Any]
    days: tuple[date, date]
    about: list[TopicName] | None = None
    jurisdiction: JurisdictionName = "CN"


class TextToCheck(Schema):
    """A name, a description or a screen of a driver-assistance system; it is not kept."""

    model_config = ConfigDict(extra="forbid")

    text: str
    level: int = Field(ge=0, le=5, description="GB/T 40429")
    kind: Literal["name", "description", "interface"] = "description"
    as_of: date | None = Field(default=None, description="Today in Shanghai when left out.")


class Answers(Schema):
    """By jurisdiction: the evaluation, why each rule answered so, what would change the answer.

    Evaluations and explanations have the form that ``GET /law/schema`` answers.
    """

    evaluations: dict[str, dict[str, Any]]
    explanations: dict[str, list[dict[str, Any]]]
    changes: dict[str, list[dict[str, Any]]]


def _body(form: type[Schema]) -> dict[str, Any]:
    content = {"application/json": {"schema": form.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


@router.get("/schema", response=dict[str, Any])
def schema(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON Schema of an evaluation; its explanations are `$defs/explanation`."""
    return _schema()


@router.post("/evaluate", response=Answers, openapi_extra=_body(Question))
def evaluate(request: HttpRequest) -> Answers:
    """Say what the law wants for these facts on that day, and why."""
    asked = _read(request, Question)
    facts_file.check(rulebook(), asked.facts)
    as_of = asked.as_of or legal_day(datetime.now(UTC))
    answers = [
        rulebook().evaluate(
            asked.facts, as_of=as_of, about=_topics(asked.about), jurisdiction=Jurisdiction(where)
        )
        for where in dict.fromkeys(asked.jurisdictions)
    ]
    return Answers(
        evaluations={answer.jurisdiction: answer.to_json() for answer in answers},
        explanations={answer.jurisdiction: _explanations(answer) for answer in answers},
        changes={answer.jurisdiction: _changes(answer) for answer in answers},
    )


@router.post("/diff", response=dict[str, Any], openapi_extra=_body(Comparison))
def compare(request: HttpRequest) -> dict[str, Any]:
    """Say what the law wants otherwise on the later of two days, and which rule makes it so."""
    asked = _read(request, Comparison)
    facts_file.check(rulebook(), asked.facts)
    return diff.diff(
        rulebook(),
        asked.facts,
        between=asked.days,
        about=_topics(asked.about),
        jurisdiction=Jurisdiction(asked.jurisdiction),
    ).to_json()


@router.post("/text", response=dict[str, Any], openapi_extra=_body(TextToCheck))
def text(request: HttpRequest) -> dict[str, Any]:
    """Say which words of a text claim what a system of that level cannot do, and on what ground."""
    asked = _read(request, TextToCheck)
    as_of = asked.as_of or legal_day(datetime.now(UTC))
    return wording.check_text(
        rulebook(), asked.text, kind=Kind(asked.kind), level=asked.level, as_of=as_of
    ).to_json()


def _read(request: HttpRequest, form: type[Form]) -> Form:
    """Read the body.

    Raises:
        HttpError: it is too large.
        NoJson, RepeatedName, ValidationError: it cannot be read as what is asked for.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise HttpError(TOO_LARGE, f"The body may have {MOST_BYTES:,} bytes.")
    try:
        body = json.loads(request.body, object_pairs_hook=_once)
    except RequestDataTooBig:
        raise HttpError(TOO_LARGE, f"The body may have {MOST_BYTES:,} bytes.") from None
    except json.JSONDecodeError as wrong:
        reason = f"line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"
        raise NoJson(reason=reason) from None
    except (ValueError, RecursionError) as wrong:
        raise NoJson(reason=type(wrong).__name__) from None
    try:
        return form.model_validate(body)
    except WrongForm as wrong:
        errors = [{**one, "loc": ("body", *one["loc"])} for one in wrong.errors(include_url=False)]
        raise ValidationError(errors) from None


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise RepeatedName(name=name)
        found[name] = value
    return found


def _topics(about: Iterable[str] | None) -> list[Topic] | None:
    return None if about is None else [Topic(each) for each in about]


def _explanations(answer: Evaluation) -> list[dict[str, Any]]:
    return [tree.explained(finding.to_json()) for finding in answer.findings]


def _changes(answer: Evaluation) -> list[dict[str, Any]]:
    found = changes.would_change(
        rulebook(),
        answer.facts,
        as_of=answer.as_of,
        about=answer.about,
        jurisdiction=answer.jurisdiction,
    )
    return [change.to_json() for change in found]


@cache
def _schema() -> dict[str, Any]:
    path = resources.files("roadworthy.rules") / "schemas" / "evaluation.schema.json"
    whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return whole
