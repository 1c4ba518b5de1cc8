"""A host for one audience cannot even route to the others' pages."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, get_resolver

AUDIENCES = ("manufacturer", "authority", "institution", "owner", "public")


def _views(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.callback.__module__, str(pattern.pattern)
        else:
            yield from _views(pattern.url_patterns)


def _portals(urlconf: str) -> set[str]:
    return {
        audience
        for module, _ in _views(get_resolver(urlconf).url_patterns)
        for audience in AUDIENCES
        if module.startswith(f"roadworthy.portals.{audience}")
    }


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_host_routes_to_its_own_pages_only(audience):
    assert _portals(f"roadworthy.config.urls_{audience}") == {audience}


def test_one_machine_routes_to_all_of_them():
    assert _portals("roadworthy.config.urls") == set(AUDIENCES)


@pytest.mark.parametrize("urlconf", ["urls", *(f"urls_{audience}" for audience in AUDIENCES)])
def test_every_host_says_whether_it_is_well(urlconf):
    routes = [
        route for _, route in _views(get_resolver(f"roadworthy.config.{urlconf}").url_patterns)
    ]
    assert "health" in routes
