"""The indicators as ibis expressions: the same for DuckDB, Spark and whatever ibis speaks.

Each measure takes the facts as tables (already within the reader's scope), the columns to split
by and the numbers of its definition. It returns a table: ``year``, the columns, ``value`` (a
float) and ``base`` (an int: how many vehicles or cases are behind the value).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import ibis

_LEAVES: Final = 10**12  # more than a log will have: what comes first in an order of two
_SHORTEST: Final = 1  # an exposure of no days is no exposure


@dataclass(frozen=True)
class Facts:
    """The tables that one question reads; ``until`` is the last day that they cover."""

    tables: Mapping[str, Any]
    until: date
    first_year: int

    def __getattr__(self, name: str) -> Any:
        try:
            return self.tables[name]
        except KeyError:
            raise AttributeError(name) from None


By = Sequence[str]
Measure = Callable[[Facts, By, Mapping[str, int]], Any]


def ota_filings(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Count activities that reached SAMR for the first time."""
    t = facts.filings
    t = t.filter(t.kind == "activity", t.authority == "samr", t.state == "submitted", t["first"])
    return _counted(t, by)


def vehicle_times(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Count updates of vehicles that proved to run the new version."""
    return _counted(facts.updates, by)


def ota_recalls(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Count recalls whose remedy comes over the air, wholly or in part."""
    return _counted(_over_the_air(facts), by)


def ota_recall_vehicles(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Sum the vehicles of these recalls."""
    return _summed(_over_the_air(facts), "vehicles", by)


def recalls(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Count recalls."""
    return _counted(_plans(facts), by)


def recall_vehicles(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Sum the vehicles of recalls."""
    return _summed(_plans(facts), "vehicles", by)


def recall_completion(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Return the share of vehicles whose defect is removed."""
    plans, done = _plans(facts), facts.remedied
    done = done.group_by("manufacturer", "number").aggregate(done=done.n.sum())
    both = plans.left_join(done, ["manufacturer", "number"])
    both = both.select(
        *("year", *by, "vehicles"), done=ibis.least(both.done.fill_null(0), both.vehicles)
    )
    return _share(both, "done", "vehicles", by)


def defect_to_remedy(facts: Facts, by: By, numbers: Mapping[str, int]) -> Any:
    """Return the median of days until so many per cent of a recall's vehicles are remedied."""
    plans, done = _plans(facts), facts.remedied
    done = plans.select("leaf", "manufacturer", "number").inner_join(
        done.select("manufacturer", "number", "day", "n"), ["manufacturer", "number"]
    )
    days = done.group_by("leaf", "day").aggregate(n=done.n.sum())
    window = ibis.window(group_by="leaf", order_by="day", preceding=None, following=0)
    days = days.mutate(so_far=days.n.sum().over(window))
    each = ("leaf", "year", *by)
    steps = plans.select(*each, "vehicles", "confirmed_on").inner_join(days, "leaf")
    reached = steps.filter(
        steps.vehicles > 0, steps.so_far * 100 >= steps.vehicles * numbers["percent"]
    )
    ends = reached.group_by(*each).aggregate(
        confirmed_on=reached.confirmed_on.min(), reached_on=reached.day.min()
    )
    return _median(ends.mutate(days=_days(ends.confirmed_on, ends.reached_on)), "days", by)


def decision_time(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Return the median of days from a submission to its decision."""
    t = facts.filings
    return _median(t.filter(t.waited_days.notnull()), "waited_days", by)


def l2_share(facts: Facts, by: By, numbers: Mapping[str, int]) -> Any:
    """Return the share of vehicles whose type has the level."""
    t = facts.fleet
    t = t.mutate(equipped=ibis.ifelse(t.level >= numbers["level"], t.n, 0))
    return _share(t, "equipped", "n", by)


def l2_vehicles(facts: Facts, by: By, numbers: Mapping[str, int]) -> Any:
    """Sum the vehicles whose type has the level."""
    t = facts.fleet
    return _summed(t.filter(t.level >= numbers["level"]), "n", by)


def incidents(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Count incidents that stand."""
    return _counted(_incidents(facts), by)


def incident_rate(facts: Facts, by: By, numbers: Mapping[str, int]) -> Any:
    """Return incidents ascribed to a function for each so many vehicle days with it."""
    happened = _incidents(facts)
    happened = happened.filter(happened.function != "")
    counted = happened.group_by("year", *by).aggregate(n=happened.count())
    days = _vehicle_days(facts, by)
    exposed = days.group_by("year", *by).aggregate(days=days.days.sum())
    exposed = exposed.filter(exposed.days >= _SHORTEST)
    both = exposed.left_join(counted, ["year", *by])
    n = both.n.fill_null(0)
    return both.select(
        *("year", *by),
        value=n.cast("float64") * numbers["per"] / both.days.cast("float64"),
        base=n.cast("int64"),
    )


def consent_share(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Return the share of answers that are yes."""
    return _share(facts.consents, "given", "answered", by)


def standards_progress(facts: Facts, by: By, _numbers: Mapping[str, int]) -> Any:
    """Return the share of standards, planned or further, that are published or in force."""
    t = facts.standards
    t = t.filter(t.state.notin(["superseded", "withdrawn"]))
    t = t.mutate(
        year=ibis.literal(facts.until.year, type="int32"),
        there=ibis.ifelse(t.state.isin(["published", "in-force"]), t.n, 0),
    )
    return _share(t, "there", "n", by)


MEASURES: Final[Mapping[str, Measure]] = {
    one.__name__: one
    for one in (
        *(ota_filings, vehicle_times, ota_recalls, ota_recall_vehicles, recalls, recall_vehicles),
        *(recall_completion, defect_to_remedy, decision_time, l2_share, l2_vehicles),
        *(incidents, incident_rate, consent_share, standards_progress),
    )
}


def _counted(t: Any, by: By) -> Any:
    found = t.group_by("year", *by).aggregate(base=t.count())
    return found.select(*("year", *by), value=found.base.cast("float64"), base=found.base)


def _summed(t: Any, column: str, by: By) -> Any:
    found = t.group_by("year", *by).aggregate(base=t[column].sum().cast("int64"))
    return found.select(*("year", *by), value=found.base.cast("float64"), base=found.base)


def _share(t: Any, part: str, whole: str, by: By) -> Any:
    found = t.group_by("year", *by).aggregate(
        part=t[part].sum().cast("int64"), base=t[whole].sum().cast("int64")
    )
    found = found.filter(found.base > 0)
    value = found.part.cast("float64") * 100 / found.base.cast("float64")
    return found.select(*("year", *by), value=value, base=found.base)


def _median(t: Any, column: str, by: By) -> Any:
    return t.group_by("year", *by).aggregate(
        value=t[column].cast("float64").quantile(0.5), base=t.count()
    )


def _newest(t: Any, order: Any) -> Any:
    """Return the row of each number that is last in an order without ties.

    By a sum and a join: a window would sort millions of texts.
    """
    t = t.mutate(place=order)
    last = t.group_by("manufacturer", "number").aggregate(place=t.place.max())
    return t.semi_join(last.select("place"), "place")


def _plans(facts: Facts) -> Any:
    steps = facts.recalls
    t = _newest(steps, steps.version * _LEAVES + steps.leaf)
    return t.filter(t.state != "withdrawn")


def _over_the_air(facts: Facts) -> Any:
    t = _plans(facts)
    return t.filter(t.remedy.isin(["ota", "both"]))


def _incidents(facts: Facts) -> Any:
    t = _newest(facts.incidents, facts.incidents.leaf)
    return t.filter(t.state.notin(["set-aside", "merged"]))


def _vehicle_days(facts: Facts, by: By) -> Any:
    """Return the days that vehicles with functions were registered, year by year."""
    fleet, functions = facts.fleet, facts.functions
    functions = functions.group_by("manufacturer", "type", "function").aggregate(
        there=functions.n.sum()
    )
    functions = functions.filter(functions.there > 0).drop("there")
    held = fleet.select("manufacturer", "type", "day", "n").inner_join(
        functions, ["manufacturer", "type"]
    )
    held = held.group_by("day", *by).aggregate(n=held.n.sum())  # few rows, before years are many
    years = list(range(facts.first_year, facts.until.year + 1)) or [facts.until.year]
    held = held.mutate(year=ibis.literal(years, type="array<int32>").unnest())
    last = ibis.literal(facts.until)
    starts, ends = ibis.date(held.year, 1, 1), ibis.date(held.year + 1, 1, 1)
    days = _days(ibis.greatest(held.day, starts), ibis.least(ends, last))
    return held.mutate(days=ibis.greatest(days, 0) * held.n)


def _days(first: Any, last: Any) -> Any:
    return last.delta(first, unit="day").cast("int64")
