"""Is this gateway of use? For load balancers and for people."""

from __future__ import annotations

import msgspec

from roadworthy.gateway.exchange import JSON, Request, Response
from roadworthy.gateway.host import Host


async def health(host: Host, _request: Request) -> Response:
    """Say how old the read model is and whether reports can be stored; 503 if it is stale."""
    age, vehicles = host.model.age()
    is_fresh, _ = host.model.look(b"-")
    content = msgspec.json.encode(
        {
            "fresh": is_fresh,
            "age_seconds": None if age is None else round(age, 3),
            "vehicles": vehicles,
            "database": host.writer.is_connected,
        }
    )
    return Response(200 if is_fresh else 503, [("content-type", JSON)], content)
