"""Write src/roadworthy/config/schema.sql: what all migrations execute on an empty database.

    python scripts/schema.py

Run after a migration was added or changed; tests/config/test_schema.py says when that was
forgotten. Starts an embedded PostgreSQL in a folder for temporary files.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from roadworthy.cli import session
from roadworthy.config import postgres


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="roadworthy-schema-") as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101 - PostgreSQL may run as another user
        with postgres.serving(Path(folder, "postgres"), durable=False) as server:
            session.set_up_django()
            session.use(server.url)
            from django.db import connection

            from roadworthy.config import schema

            schema.FILE.write_text(schema.record(connection), encoding="utf-8")
            connection.close()
    print(f"wrote {schema.FILE}")


if __name__ == "__main__":
    main()
