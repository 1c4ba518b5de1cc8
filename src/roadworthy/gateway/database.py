"""How a gateway host reaches PostgreSQL, and how long it waits before it calls it gone."""

from __future__ import annotations

from psycopg import conninfo

from roadworthy.gateway.settings import Settings

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0  # seconds between attempts
CONNECT_SECONDS = 3


def address(settings: Settings, *, name: str) -> str:
    """Return what to connect to. A server that fell silent is noticed within seconds."""
    return conninfo.make_conninfo(
        settings.database_url,
        application_name=f"roadworthy {name}",
        connect_timeout=CONNECT_SECONDS,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,  # ms
    )


def longer(pause: float) -> float:
    """Return how long to wait before the attempt after the next."""
    return min(2 * pause, LONGEST_PAUSE)
