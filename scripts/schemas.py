"""Write the JSON Schema of every kind of message that deployments exchange.

    python scripts/schemas.py

A test fails while the files differ from the code. A version that was sent stays readable: what does
not fit the recorded examples in tests/domains/exchange/messages needs a new version.
"""

import sys

from roadworthy.cli import session

session.set_up_django()

from roadworthy.domains.exchange import shapes  # noqa: E402


def main() -> int:
    """Write what differs; remove what no kind has."""
    shapes.FOLDER.mkdir(exist_ok=True)
    wanted = shapes.everything()
    for path in shapes.FOLDER.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (shapes.FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
