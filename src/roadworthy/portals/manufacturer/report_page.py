"""The yearly report as tables, in the reader's language: for the page and for the PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.portals.manufacturer.duty_forms import CONCLUSIONS
from roadworthy.portals.shared import data_words as words
from roadworthy.portals.shared.formats import localised

Section = tuple[str, Sequence[Sequence[str]]]


def sections(content: Mapping[str, Any]) -> list[Section]:
    """Return the items of Article 13, then those of Article 14 if there are any."""
    people = content["persons_in_charge"]
    found: list[Section] = [
        (
            _("Persons in charge"),
            [
                [_("Person responsible for data security"), people["responsible"] or "–"],
                [_("Contact for users' rights"), people["user_contact"] or "–"],
                [_("Province whose CAC gets the yearly report"), people["province"] or "–"],
            ],
        ),
        (_("Kinds, scale and need of the data"), _data(content["data"])),
        (_("Protection measures"), [[localised(content["protection"]) or "–"]]),
        (_("Place and period of storage"), _storage(content["storage"])),
        (_("Recipients in China"), _recipients(content["domestic_recipients"])),
        (_("Incidents and how they were handled"), _incidents(content["incidents"])),
        (_("Risk assessments"), _risks(content["risk_assessments"])),
        (
            _("Complaints"),
            [[_("Requests and complaints about data in the year"), str(content["complaints"])]],
        ),
    ]
    out = content.get("exports")
    if out:
        found += [
            (_("Recipients abroad"), _recipients(out["recipients"])),
            (_("Exported data, scale, purpose and need"), _exported(out["exported_data"])),
            (_("Storage abroad: place, period, scope, way"), _storage(out["storage_abroad"])),
            (_("Complaints about exports"), [[_("Counted"), str(out["complaints"])]]),
        ]
    return found


def missing(content: Mapping[str, Any]) -> list[str]:
    """Return what the register says nothing about, in words."""
    names = {
        "responsible": _("Person responsible for data security"),
        "user_contact": _("Contact for users' rights"),
        "province": _("Province whose CAC gets the yearly report"),
        "protection": _("Protection measures"),
        "data": _("Data items"),
        "examined": _("whether some items are important data"),
    }
    return [names[name] for name in content["missing"]]


def _data(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    head = [_("Data item"), _("Categories"), _("Persons")]
    return [head] + [
        [
            localised(one["name"]),
            _join(
                [words.IMPORTANT[c] for c in one["important"] or ()]
                + [words.SENSITIVE[s] for s in one["sensitive"]]
            ),
            "–" if one["persons"] is None else f"{one['persons']:,}",
        ]
        for one in rows
    ]


def _storage(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    head = [_("Flow"), _("Purpose"), _("Where it is stored"), _("Deleted after"), _("Country")]
    return [head] + [
        [
            f"{one['flow']} {one['item']}",
            str(words.PURPOSES[one["purpose"]]),
            str(words.STORED[one["place"]]),
            _("{n} days").format(n=one["days"]),
            words.country(one["country"]),
        ]
        for one in rows
    ]


def _recipients(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    head = [_("Recipient"), _("Country"), _("Contact")]
    return [head] + [
        [localised(one["name"]), words.country(one["country"]), one["contact"] or "–"]
        for one in rows
    ]


def _incidents(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    head = [
        _("Number"),
        _("What happened"),
        _("Found"),
        pgettext("breach", "Reported"),
        pgettext("breach", "Remedied"),
    ]
    return [head] + [
        [
            one["number"],
            one["title"],
            *(_moment(one[name]) for name in ("found_at", "reported_at", "remedied_at")),
        ]
        for one in rows
    ]


def _risks(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    head = [
        _("Number"),
        _("What was assessed"),
        _("Data flows"),
        _("Conclusion"),
        _("Assessed on"),
    ]
    return [head] + [
        [
            one["number"],
            localised(one["subject"]),
            _join(one.get("flows", ())),
            str(CONCLUSIONS[one["conclusion"]]),
            one["assessed_on"],
        ]
        for one in rows
    ]


def _exported(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    head = [_("Data item"), _("Persons"), _("Purpose"), _("Why less would not do"), _("Rests on")]
    return [head] + [
        [
            f"{localised(one['name'])} {one['flow']}",
            "–" if one["persons"] is None else f"{one['persons']:,}",
            localised(one["purpose"]),
            localised(one["necessity"]),
            _join([words.PATHS[one["path"]], one["path_number"], one["assessment"]]),
        ]
        for one in rows
    ]


def _moment(told: str | None) -> str:
    """Return a kept instant by the clock of Shanghai."""
    if not told:
        return "–"
    return f"{datetime.fromisoformat(told).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _join(texts: Iterable[Any]) -> str:
    return _(", ").join(str(one) for one in texts if str(one)) or "–"
