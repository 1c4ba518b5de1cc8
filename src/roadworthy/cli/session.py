"""What a command stands on: settings, Django, a database that answers.

A command that needs the database gets the one that ``ROADWORTHY_DATABASE_URL`` names, or the
embedded one: that of ``roadworthy up`` if it runs, else started for as long as the command takes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import django
from django.apps import apps

from roadworthy.config import database, env, keeping
from roadworthy.config.env import Environment, Secret
from roadworthy.config.failures import CannotStart


def environment() -> Environment:
    """Read the settings, with the secrets that this home keeps."""
    return keeping.with_secrets(env.load())


def set_up_django() -> None:
    """Make models importable; connects to nothing."""
    if apps.ready:
        return
    env.publish(environment())
    django.setup()


def use(url: Secret) -> None:
    """Point Django's connections at ``url`` from now on."""
    from django.conf import settings  # noqa: PLC0415 - after set_up_django
    from django.db import connections  # noqa: PLC0415

    from roadworthy.config.settings import database_settings  # noqa: PLC0415

    connections.close_all()
    # No pool: one command is one user. Only web processes keep connections for others.
    settings.DATABASES["default"].update(database_settings(url, pool=0))


@contextlib.contextmanager
def django_database() -> Iterator[Environment]:
    """Run the block with Django on a database at the newest migration."""
    set_up_django()
    from django.db import connections  # noqa: PLC0415

    from roadworthy.config import migrating  # noqa: PLC0415

    asked = environment()
    with database.reachable(asked) as found:
        if found.database_url is None:
            raise CannotStart("There is no database.")
        use(found.database_url)
        try:
            if asked.database_url is None:
                migrating.migrate()
            else:
                migrating.require_newest()
            yield found
        finally:
            connections.close_all()


def with_database(invoke: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a command's body in ``django_database``."""

    @wraps(invoke)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with django_database():
            return invoke(*args, **kwargs)

    return wrapped
