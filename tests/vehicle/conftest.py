"""Gateway hosts for the vehicles here."""

from tests.gateway.hosting import (  # noqa: F401 - fixtures
    fleet,
    gateway_host,
    gateway_settings,
    own_settings,
)
