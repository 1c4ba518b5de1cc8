"""Where the embedded PostgreSQL puts finished pieces of its write-ahead log, and takes them back.

* A file in the data folder names the place; without it nothing is kept. So the place can change
  while the server runs, and a new deployment archives nowhere.
* A piece is packed, made durable under another name, then renamed: there is no half of one. What is
  there already is left alone: PostgreSQL hands a piece in again after a crash.
* Only ``sh``, ``gzip`` and ``mv`` run, as the server's user: it need not reach our Python.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Final

from roadworthy.config import postgres_place
from roadworthy.config.failures import DatabaseRefused

PLACE: Final = "roadworthy.archive"  # in the data folder, where the server stands
SUFFIX: Final = ".gz"
AT_MOST_SECONDS: Final = 60  # a piece is finished after so long, if anything happened
COMMAND: Final = (
    f'test ! -s {PLACE} || {{ d="$(cat {PLACE})"; test -f "$d/%f{SUFFIX}" || '
    f'{{ gzip -c "%p" > "$d/.%f.part" && sync "$d/.%f.part" && '
    f'mv "$d/.%f.part" "$d/%f{SUFFIX}"; }}; }}'
)


def begin(data: Path, place: Path) -> None:
    """Let the server of ``data`` keep its pieces in ``place`` from now on.

    Raises:
        DatabaseRefused: the user that the server runs as does not reach it.
    """
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    user = postgres_place.stand_in()
    if user is not None:
        os.chown(place, user.uid, user.gid)
        if not user.reaches(place / "x"):
            raise DatabaseRefused(
                f"Root started the database, which runs as another user, and that user cannot look "
                f"into {place}: choose a folder outside /root, or chmod a+x the folders above it."
            )
    draft = data / f"{PLACE}.draft"
    draft.write_text(str(place))
    draft.chmod(0o644)
    draft.replace(data / PLACE)


def fetching(place: Path) -> str:
    """Return the restore_command that takes pieces out of ``place``."""
    piece = f"{shlex.quote(str(place))}/%f{SUFFIX}"
    return f'test -f {piece} && gzip -dc {piece} > "%p"'
