"""Absolute addresses, as the vehicle can reach them."""

from __future__ import annotations

import re
from urllib.parse import quote

from roadworthy.gateway import refusals
from roadworthy.gateway.exchange import Request
from roadworthy.gateway.settings import Settings

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class Links:
    """Knows where this gateway is, from its settings or from what the vehicle asked."""

    def __init__(self, settings: Settings) -> None:
        self._public_url = settings.public_url.rstrip("/")
        self._behind_proxy = settings.behind_proxy
        self._origins: dict[tuple[str, str], str] = {}

    def base(self, request: Request) -> str:
        """Return the address of a vehicle's resources, without a slash at the end.

        Raises:
            WrongAddress: the ``Host`` is missing or is none.
        """
        return below(self._origin(request), request.tenant) + escape(request.controller_id)

    def known_origin(self, scheme: str, host: str) -> str | None:
        """Return where this is, if no proxy needs to be asked and the name was checked before."""
        if self._behind_proxy:
            return None
        return self._public_url or self._origins.get((scheme, host))

    def address(self, request: Request) -> str:
        """Return who is asking: the nearest proxy knows better than the connection."""
        if self._behind_proxy:
            return _last(request, "x-forwarded-for") or request.address
        return request.address

    def _origin(self, request: Request) -> str:
        if self._public_url:
            return self._public_url
        scheme, host = request.scope.scheme, request.asked
        if self._behind_proxy:
            scheme = _last(request, "x-forwarded-proto") or scheme
            host = _last(request, "x-forwarded-host") or host
        origin = self._origins.get((scheme, host))
        if origin is None:
            origin = _checked(scheme, host)
            if len(self._origins) > 1000:  # somebody invents names
                self._origins.clear()
            self._origins[scheme, host] = origin
        return origin


def _last(request: Request, name: str) -> str:
    """Return what the nearest proxy said; the rest of the list is hearsay."""
    return request.header(name).split(",")[-1].strip()


def _checked(scheme: str, host: str) -> str:
    if scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise refusals.WrongAddress
    return f"{scheme}://{host}"


def below(origin: str, tenant: str) -> str:
    """Return the address below which the resources of a tenant's vehicles are."""
    return f"{origin}/{escape(tenant)}/controller/v1/"


def escape(part: str) -> str:
    """Escape one part of a path."""
    return part if part.isalnum() and part.isascii() else quote(part, safe="")
