"""The vehicle gateway as an ASGI application."""

from __future__ import annotations

from roadworthy.config import env, gateway_settings, leash
from roadworthy.gateway.app import create

leash.follow_main_process()

app = create(gateway_settings.of(env.load()))
