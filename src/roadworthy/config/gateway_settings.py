"""What the gateway is told, out of the environment; the gateway itself reads none."""

from __future__ import annotations

from roadworthy.config.env import Environment
from roadworthy.config.failures import DatabaseRefused
from roadworthy.gateway.settings import Settings


def of(environment: Environment) -> Settings:
    """Translate.

    Raises:
        DatabaseRefused: no database is known.
    """
    if environment.database_url is None:
        raise DatabaseRefused("The gateway needs ROADWORTHY_DATABASE_URL, or `roadworthy gateway`.")
    return Settings(
        home=environment.home,
        database_url=environment.database_url.reveal(),
        host=environment.gateway_host,
        port=environment.gateway_port,
        workers=environment.gateway_workers,
        public_url=environment.gateway_url,
        behind_proxy=environment.behind_proxy,
        stale_seconds=environment.gateway_stale_seconds,
        log_level=environment.log_level,
    )
