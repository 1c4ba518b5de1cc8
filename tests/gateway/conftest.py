"""Gateway hosts for the tests here."""

from tests.gateway.hosting import (  # noqa: F401 - fixtures
    fleet,
    gateway_host,
    gateway_settings,
    own_settings,
)
