"""The commonest exchange by far, on a path of its own: a known vehicle polls, nothing is open.

It gives the same answer as ``polls.poll``, byte for byte, or none at all: whatever is not plain
(another token, a condition, an open action, a second poll in a while) goes the general way. A test
compares the two over all kinds of requests. It is long because calls are what it saves.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from zlib import crc32

from roadworthy.gateway import exchange, links, polls, records
from roadworthy.gateway.exchange import Response, Scope
from roadworthy.gateway.host import Host
from roadworthy.gateway.model import JITTERS, Tenant

SCHEME = b"TargetToken "
BASE = ["controller", "v1"]
MOST_HOSTS = 1000  # beyond, somebody invents names
DIGEST = 64  # hexadecimal digits of SHA-256
QUIET = DIGEST + len(records.NO_ACTION)


def answer(host: Host, scope: Scope) -> Response | None:  # noqa: C901, PLR0911, PLR0912 - see above
    """Answer a plain poll of a vehicle that has no open action."""
    path: list[str] = scope["path"].split("/")
    if len(path) != 5 or path[2:4] != BASE or scope["method"] != "GET":
        return None
    authorization = accept = asked = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"accept":
            accept = value
        elif name == b"host":
            asked = value
        elif name == b"if-none-match":
            return None
    _, tenant, _, _, controller_id = path
    key = f"{tenant}{records.SEPARATOR}{controller_id}".encode()
    if authorization[:12] != SCHEME or len(key) > records.LONGEST_KEY:
        return None
    record = host.model.look(key)[1]
    if record is None or record[DIGEST:QUIET] != records.NO_ACTION:
        return None
    digest = sha256(authorization[12:]).hexdigest().encode()
    if not compare_digest(digest, record[:DIGEST]) or not host.seen.add(tenant, controller_id):
        return None
    shared, spread = host.model.common.tenants.get(tenant), crc32(key) % JITTERS
    if shared is None:
        return None
    media = exchange.media_type(accept)
    if record.endswith(records.IDLE) and (spread, media) in shared.idle:
        return shared.idle[spread, media]
    base = shared.bases.get((scope["scheme"], asked)) or _base(host, shared, scope, asked)
    if not base:
        return None
    _, _, _, _, installed, _, wants, _ = record.decode().split("|")
    wishes = polls.quiet_links(base + links.escape(path[4]), installed, wants)
    response = exchange.composed(media, polls.content(shared.sleeps[spread], wishes))
    if not wishes:
        shared.idle[spread, media] = response
    return response


def _base(host: Host, shared: Tenant, scope: Scope, asked: bytes) -> str:
    """Return where this tenant's vehicles are, and remember it; empty if that takes more care."""
    origin = host.links.known_origin(scope["scheme"], asked)
    if origin is None:
        return ""
    if len(shared.bases) > MOST_HOSTS:
        shared.bases.clear()
    tenant = scope["path"].split("/")[1]
    base = shared.bases[scope["scheme"], asked] = links.below(origin, tenant)
    return base
