"""Secrets that nobody chose are made once, and only their owner can read them."""

from __future__ import annotations

import os
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path

from roadworthy.config.env import Environment, Secret

PRIVATE_FOLDER = 0o700


def keep(folder: Path, name: str) -> Secret:
    """Return the secret ``name`` kept in ``folder``, made on the first call.

    Two processes that ask at once get the same one: whoever links the file first decides.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=folder, prefix=f".{name}.")  # readable by us alone
        draft = Path(made)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first; its secret is the one
        finally:
            draft.unlink()
    return Secret(path.read_text().strip())


def with_secrets(environment: Environment) -> Environment:
    """Fill in the secrets that were not given from outside."""
    folder = environment.secrets
    return replace(
        environment,
        secret_key=environment.secret_key or keep(folder, "session-key"),
        online_key_passphrase=(
            environment.online_key_passphrase or keep(folder, "online-key-passphrase")
        ),
    )
