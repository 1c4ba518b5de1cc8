"""Countries and regions by their ISO 3166-1 codes, from django-countries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from django.utils.translation import override
from django_countries import countries

from roadworthy.domains.processing import errors

CHINA = "CN"


def checked(code: str) -> str:
    """Return a code as it is kept.

    Raises:
        NoSuchCountry: ISO 3166-1 has no such code.
    """
    wanted = code.strip().upper()
    if wanted not in _codes():
        raise errors.NoSuchCountry(country=code.strip() or "–")
    return wanted


def all_checked(codes: Iterable[str]) -> list[str]:
    """Return codes as they are kept, each once, in order.

    Raises:
        NoSuchCountry: one of them does not exist.
    """
    return sorted({checked(code) for code in codes if code.strip()})


def is_abroad(code: str) -> bool:
    """Say whether data that go there are exported: Hong Kong, Macao and Taiwan count, too.

    Their codes are their own (HK, MO, TW): rules on exports count what leaves the mainland.
    """
    return bool(code) and code != CHINA


@cache
def named(code: str) -> dict[str, str]:
    """Return a country's name in both languages; an unknown code names itself."""
    found = {}
    for language in ("zh-hans", "en"):
        with override(language):
            found[language] = str(countries.name(code)) or code
    return found


def choices() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every code with its names, China first."""
    yield CHINA, named(CHINA)
    for code in sorted(_codes() - {CHINA}):
        yield code, named(code)


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _name in countries)
