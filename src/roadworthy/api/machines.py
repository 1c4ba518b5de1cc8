"""Which system asks, and whether it may: OAuth 2.0 bearer tokens with scopes (RFC 6750).

* An operation names one scope; a token without it is refused before anything is read.
* A host serves one audience: a token of another kind of organisation is refused there.
* The size of a request is looked at before its body is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.security.base import AuthBase
from ninja.throttling import SimpleRateThrottle

from roadworthy.api.errors import Refused
from roadworthy.domains.organisations import clients
from roadworthy.domains.organisations.clients import Machine
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.organisations.scopes import MEANING, Scope

TOKEN_URL = "/api/v1/oauth/token"  # noqa: S105 - an address
RATE = "600/m"
MOST_JSON, MOST_UPLOAD = 1_000_000, 4_000_000_000
MANUFACTURER = frozenset({Kind.MANUFACTURER})
AUTHORITY = frozenset({Kind.MIIT, Kind.SAMR})
INSTITUTION = frozenset({Kind.INSTITUTION})


class MachineRequest(HttpRequest):
    """A request whose token was good."""

    auth: Machine


class OAuth2(AuthBase):
    """Lets a system in that has the scope; the class's name is that of the scheme in OpenAPI."""

    openapi_type = "oauth2"
    openapi_flows: Mapping[str, Any] = {
        "clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": dict(MEANING)}
    }

    def __init__(self, scope: Scope, kinds: frozenset[Kind], most_bytes: int) -> None:
        super().__init__()
        self.scope, self.kinds, self.most_bytes = scope, kinds, most_bytes

    def __call__(self, request: HttpRequest) -> Machine:
        """Return the system behind the request.

        Raises:
            Refused: no token, one that is not good, one without the scope, or too many bytes.
        """
        machine = self._machine(request)
        if self.scope not in machine.scopes or machine.kind not in self.kinds:
            told = f'Bearer error="insufficient_scope", scope="{self.scope}"'
            raise Refused(
                403,
                "insufficient-scope",
                _("The token lacks the scope {scope}.").format(scope=self.scope),
                headers={"WWW-Authenticate": told},
                data={"scope": str(self.scope)},
            )
        length = request.headers.get("content-length") or "0"
        if not length.isdecimal() or int(length) > self.most_bytes:
            title = _("The body may have {n} bytes.").format(n=f"{self.most_bytes:,}")
            raise Refused(413, "too-large", title)
        return machine

    def _machine(self, request: HttpRequest) -> Machine:
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            title = _("An access token is needed: Authorization: Bearer …")
            raise Refused(401, "no-token", title, headers={"WWW-Authenticate": "Bearer"})
        try:
            return clients.machine(token.strip(), at=datetime.now(UTC))
        except clients.TokenNotGood as error:
            told = 'Bearer error="invalid_token"'
            raise Refused(
                401, error.code, _(error.message), headers={"WWW-Authenticate": told}
            ) from None


class ByClient(SimpleRateThrottle):
    """So many requests a minute for each system, in each web process."""

    scope = "client"

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """Return under which name the requests are counted."""
        return f"client-{cast(MachineRequest, request).auth.client_id}"


def allow(
    scope: Scope, kinds: frozenset[Kind] = MANUFACTURER, *, most_bytes: int = MOST_JSON
) -> dict[str, Any]:
    """Return what an operation is declared with: who may, and how OpenAPI tells it."""
    return {
        "auth": OAuth2(scope, kinds, most_bytes),
        "throttle": [ByClient(RATE)],
        "openapi_extra": {"x-scope": str(scope)},
    }


class SystemsAPI(NinjaAPI):
    """An API for other systems; its OpenAPI names the scope that each operation takes."""

    def get_openapi_schema(self, **more: Any) -> Any:
        """Return the schema with the scopes, which the framework leaves out."""
        schema = super().get_openapi_schema(**more)
        for methods in schema["paths"].values():
            for told in methods.values():
                if "x-scope" in told:
                    told["security"] = [{"OAuth2": [told["x-scope"]]}]
                else:
                    told.pop("security", None)
        return schema
