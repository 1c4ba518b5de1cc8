"""An entry of the catalogue as one value: what is loaded, imported, typed in, exported.

* Whatever the way in, an entry passes ``checked`` before it is kept: nothing is half right.
* The JSON form is complete: an entry that went out and comes in again is the same entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Final

from roadworthy.domains.standards import errors, kinds, life
from roadworthy.domains.standards.life import Dates, Stands
from roadworthy.domains.standards.models import Standard
from roadworthy.domains.standards.states import Degree, Grade, Kind, State
from roadworthy.kernel import standard_number
from roadworthy.kernel.canonical import digest

DAYS: Final = (
    *("planned_on", "comment_from", "comment_until", "approved_on"),
    *("published_on", "in_force_on", "withdrawn_on"),
)
PLAIN: Final = ("raw", "title_zh", "title_en", "issuer", "plan_number", "source", "grade")
# Each pair: what comes later in a life, and what has to lie before it or on the same day.
_ORDER: Final = (
    ("comment_until", "comment_from"),
    ("published_on", "comment_from"),
    ("published_on", "approved_on"),
    ("in_force_on", "published_on"),
    ("withdrawn_on", "in_force_on"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """What an entry takes the place of."""

    number: str
    from_on: date | None = None  # None: the successor's first day
    is_partial: bool = False
    raw: str = ""
    source: str = ""
    grade: str = Grade.D


@dataclass(frozen=True, slots=True)
class Place:
    """A sub-area by framework, version and code: "iov-security/2022/5.3"."""

    path: str
    is_ours: bool = True
    source: str = ""
    grade: str = Grade.D


@dataclass(frozen=True, slots=True)
class Adopted:
    number: str
    degree: str = Degree.UNKNOWN
    source: str = ""
    grade: str = Grade.D


@dataclass(frozen=True, slots=True)
class ClauseText:
    number: str
    title: Mapping[str, str]
    text: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    grade: str = Grade.D


@dataclass(frozen=True, slots=True)
class Entry:
    """``evidence``: {field: {"source": ..., "grade": ...}} where it is not the entry's own."""

    number: str
    kind: str
    state: str
    source: str
    grade: str
    raw: str = ""
    title_zh: str = ""
    title_en: str = ""
    issuer: str = ""
    plan_number: str = ""
    planned_on: date | None = None
    comment_from: date | None = None
    comment_until: date | None = None
    approved_on: date | None = None
    published_on: date | None = None
    in_force_on: date | None = None
    withdrawn_on: date | None = None
    stated_on: date | None = None
    evidence: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    supersedes: tuple[Link, ...] = ()
    adopts: tuple[Adopted, ...] = ()
    clauses: tuple[ClauseText, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return all that is said, without what is empty; lists in one order."""
        whole = _plain(asdict(self))
        assert isinstance(whole, dict)
        return whole

    @property
    def digest(self) -> str:
        return digest(self.as_json())


def from_json(told: Mapping[str, Any]) -> Entry:
    """Return the entry that ``as_json`` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is not such a form.
    """
    parts: dict[str, type[Any]] = {
        "places": Place,
        "supersedes": Link,
        "adopts": Adopted,
        "clauses": ClauseText,
    }
    values: dict[str, Any] = {}
    for name, value in told.items():
        if name in parts:
            values[name] = tuple(parts[name](**_dated(one)) for one in value)
        else:
            values[name] = value
    return Entry(**_dated(values))


def of(standard: Standard) -> Entry:
    """Return a kept standard as an entry; its relations have to be prefetched."""
    same = {
        one.name: getattr(standard, one.name)
        for one in fields(Entry)
        if one.name not in {"places", "supersedes", "adopts", "clauses"}
    }
    clauses = sorted(standard.clauses.all(), key=lambda one: one.position)
    return Entry(
        **same,
        **_relations(standard),
        clauses=tuple(
            ClauseText(one.number, one.title, one.text, one.source, one.grade) for one in clauses
        ),
    )


def _relations(standard: Standard) -> dict[str, Any]:
    places = (
        Place(path_of(one.sub_area), one.is_ours, one.source, one.grade)
        for one in standard.placements.all()
    )
    links = (
        Link(one.predecessor.number, one.from_on, one.is_partial, one.raw, one.source, one.grade)
        for one in standard.replaced.all()
    )
    adopted = (
        Adopted(one.adopted, one.degree, one.source, one.grade) for one in standard.adoptions.all()
    )
    return {
        "places": tuple(sorted(places, key=lambda one: one.path)),
        "supersedes": tuple(sorted(links, key=lambda one: one.number)),
        "adopts": tuple(sorted(adopted, key=lambda one: one.number)),
    }


def path_of(sub_area: Any) -> str:
    version = sub_area.area.version
    return f"{version.framework.key}/{version.key}/{sub_area.code}"


def checked(entry: Entry) -> Entry:
    """Return the entry in its one spelling, with what follows from its number.

    Raises:
        NotANumber, SeveralNumbers: of itself or of what it replaces or adopts.
        SourceMissing, WithoutPlace, DatesOutOfOrder, WrongGrade, WrongKind.
    """
    number = standard_number.parse(entry.number)
    kind = kinds.agree(number, entry.kind)
    if not entry.source.strip():
        raise errors.SourceMissing
    if entry.grade not in set(Grade):
        raise errors.WrongGrade(value=entry.grade)
    if not entry.places:
        raise errors.WithoutPlace(number=str(number))
    in_order(entry)
    return replace(
        entry,
        number=str(number),
        kind=str(kind),
        state=str(_state(entry.state)),
        places=tuple(sorted(entry.places, key=lambda one: one.path)),
        supersedes=tuple(
            sorted(
                (
                    replace(one, number=standard_number.normal(one.number))
                    for one in entry.supersedes
                ),
                key=lambda one: one.number,
            )
        ),
        adopts=tuple(
            sorted(
                (replace(one, number=standard_number.normal(one.number)) for one in entry.adopts),
                key=lambda one: one.number,
            )
        ),
    )


def _state(told: str) -> State:
    try:
        return State(told)
    except ValueError:
        raise errors.WrongState(value=told) from None


def state_on(entry: Entry, day: date) -> str:
    """Return the state that an entry's dates lead to on a day; its own where they tell nothing."""
    dates = Dates(State(entry.state), entry.stated_on, *(getattr(entry, name) for name in DAYS))
    stands = life.standing(dates, (), day).stands
    return entry.state if stands == Stands.UNDETERMINED else str(stands)


def kind_of(number: str, told: str = "") -> Kind:
    """Return the kind that a number says, or the one told where it says none (a draft's).

    Raises:
        WrongKind: it says another one, or none is told.
    """
    return kinds.agree(standard_number.parse(number), told)


def in_order(entry: Entry) -> None:
    """Refuse days that cannot follow each other.

    Raises:
        DatesOutOfOrder: one lies before what has to come first.
    """
    for later, earlier in _ORDER:
        after, before = getattr(entry, later), getattr(entry, earlier)
        if after is not None and before is not None and after < before:
            raise errors.DatesOutOfOrder(
                later=later, later_on=after, earlier=earlier, earlier_on=before
            )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        kept = {name: _plain(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one not in ("", None, [], {}, False)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _dated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value)
        if isinstance(value, str) and name in (*DAYS, "stated_on", "from_on")
        else value
        for name, value in values.items()
    }
