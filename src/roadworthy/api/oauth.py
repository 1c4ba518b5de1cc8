"""The token endpoint: OAuth 2.0 client credentials (RFC 6749, 4.4), nothing else of OAuth.

Its answers and its errors have the form that the RFC prescribes, not that of the other
endpoints: any OAuth client library understands them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Form, Router, Schema
from ninja.throttling import SimpleRateThrottle
from pydantic import Field

from roadworthy.api.errors import Refused
from roadworthy.domains.organisations import clients

GRANT = "client_credentials"
MOST_BYTES = 10_000


class ByAddress(SimpleRateThrottle):
    """Whoever guesses secrets does so slowly, in each web process."""

    scope = "token"

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """Return the address that asks; behind a proxy it is what the proxy adds last."""
        address = str(request.META.get("REMOTE_ADDR", ""))
        if settings.ROADWORTHY.behind_proxy:
            forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
            address = forwarded.rpartition(",")[2].strip() or address
        return f"token-{hashlib.sha256(address.encode()).hexdigest()}"


router = Router(tags=["oauth"], throttle=[ByAddress("60/m")])


class Token(Schema):
    """RFC 6749, 5.1."""

    access_token: str = Field(examples=["rwt_Yk0…"])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(examples=[900], description="Seconds.")
    scope: str = Field(examples=["filings:read releases:read"])


class TokenError(Schema):
    """RFC 6749, 5.2."""

    error: str = Field(examples=["invalid_client"])
    error_description: str


def small(request: HttpRequest) -> bool:
    """Refuse a body that no token request has, before it is read; ask for nothing else."""
    length = request.headers.get("content-length") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise Refused(413, "too-large", f"The body may have {MOST_BYTES:,} bytes.")
    return True


@router.post(
    "/token", response={200: Token, 400: TokenError, 401: TokenError}, auth=small, by_alias=True
)
def token(
    request: HttpRequest,
    grant_type: Form[str] = "",
    scope: Form[str] = "",
    client_id: Form[str] = "",
    client_secret: Form[str] = "",
) -> HttpResponse:
    """Give an access token for a client's id and secret, in the body or as HTTP Basic."""
    basic = _basic(request)
    who, secret = basic or (client_id, client_secret)
    if basic and client_secret:
        return _error("invalid_request", "Give the secret in one place only.")
    if grant_type != GRANT:
        return _error("unsupported_grant_type", f"Only grant_type={GRANT} is known here.")
    try:
        granted = clients.grant(
            client_id=who, secret=secret, scopes=scope.split(), at=datetime.now(UTC)
        )
    except clients.NotAdmitted as error:
        return _error("invalid_client", error.message, status=401)
    except clients.ScopeDoesNotFit as error:
        return _error("invalid_scope", str(error))
    return _plain(
        {
            "access_token": granted.token,
            "token_type": "Bearer",
            "expires_in": granted.seconds,
            "scope": " ".join(granted.scopes),
        }
    )


def _basic(request: HttpRequest) -> tuple[str, str] | None:
    scheme, _space, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return unquote_plus(name), unquote_plus(secret)  # RFC 6749, 2.3.1: form-encoded before Basic


def _error(error: str, description: str, *, status: int = 400) -> HttpResponse:
    response = _plain({"error": error, "error_description": description}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Basic"
    return response


def _plain(body: dict[str, object], status: int = 200) -> HttpResponse:
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    return response
