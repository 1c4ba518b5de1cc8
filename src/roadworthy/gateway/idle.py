"""The commonest exchange by far, on a path of its own: a known vehicle polls with its own token.

It gives the same answer as ``polls.poll``, byte for byte, or none at all: whatever is not plain
(another token, a condition, a vehicle that asks too often) goes the general way. A test compares
the two over all kinds of requests. It is long because calls are what it saves.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from zlib import crc32

from roadworthy.gateway import exchange, links, polls, records
from roadworthy.gateway.exchange import Response, Scope
from roadworthy.gateway.host import Host
from roadworthy.gateway.model import JITTERS, Tenant
from roadworthy.gateway.standing import Caller, standing_of

SCHEME = "TargetToken "
MOST_HOSTS = 1000  # beyond, somebody invents names
DIGEST = 64  # hexadecimal digits of SHA-256
QUIET = DIGEST + len(records.NO_ACTION)


def answer(host: Host, scope: Scope) -> Response | None:  # noqa: C901, PLR0911 - see above
    """Answer a plain poll."""
    tenant, is_ours, controller_id = scope.path[1:].partition("/controller/v1/")
    if not is_ours or "/" in controller_id or "/" in tenant or scope.method != "GET":
        return None
    header = scope.headers.get
    authorization = header("authorization")
    if not authorization or authorization[:12] != SCHEME or header("if-none-match"):
        return None
    key = f"{tenant}{records.SEPARATOR}{controller_id}".encode()
    if len(key) > records.LONGEST_KEY:
        return None
    is_fresh, record = host.model.look(key)
    shared = host.model.common.tenants.get(tenant)
    if record is None or shared is None:
        return None
    digest = sha256(authorization[12:].encode()).hexdigest().encode()
    if not compare_digest(digest, record[:DIGEST]):
        return None
    if not host.seen.add(tenant, controller_id) and not host.vehicles.take(key):
        return None
    media = exchange.media_type(header("accept") or "")
    sleep = shared.sleeps[crc32(key) % JITTERS]
    if record.endswith(records.IDLE) and (sleep, media) in shared.idle:
        return shared.idle[sleep, media]
    asked = header("host") or scope.authority or ""
    base = shared.bases.get((scope.scheme, asked)) or _base(host, shared, scope, asked)
    if not base:
        return None
    base += links.escape(controller_id)
    if record[DIGEST:QUIET] != records.NO_ACTION:
        standing = standing_of(host, Caller(key, is_fresh, record))
        return exchange.composed(media, polls.body(base, sleep, standing))
    _, _, _, _, installed, _, wants, _ = record.decode().split("|")
    response = exchange.composed(
        media, polls.content(sleep, polls.quiet_links(base, installed, wants))
    )
    if not installed and not wants:
        shared.idle[sleep, media] = response
    return response


def _base(host: Host, shared: Tenant, scope: Scope, asked: str) -> str:
    """Return where this tenant's vehicles are, and remember it; empty if that takes more care."""
    origin = host.links.known_origin(scope.scheme, asked)
    if origin is None:
        return ""
    if len(shared.bases) > MOST_HOSTS:
        shared.bases.clear()
    base = shared.bases[scope.scheme, asked] = links.below(origin, scope.path.split("/")[1])
    return base
