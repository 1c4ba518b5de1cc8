"""No file of code has more than 400 lines, except those listed here with a reason."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
SUFFIXES = {".py", ".js", ".css", ".html"}
FOLDERS = ("src", "tests", "scripts", "bench")
NOT_OURS = ("htmx",)  # carried libraries
REASONS: dict[str, str] = {
    "tests/portals/test_permissions.py": "a table with one line for each address",
    "src/roadworthy/portals/shared/static/roadworthy/roadworthy.css": "one request for all styles",
}


def main() -> int:
    """Name the files that are too long, and the reasons that are no longer needed."""
    wrong = []
    for path in sorted(one for folder in FOLDERS for one in (ROOT / folder).rglob("*")):
        if path.suffix not in SUFFIXES or any(name in path.name for name in NOT_OURS):
            continue
        name = path.relative_to(ROOT).as_posix()
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > LONGEST and name not in REASONS:
            wrong.append(f"{name}: {length} lines; split it, or say in {__file__} why not")
        if length <= LONGEST and name in REASONS:
            wrong.append(f"{name}: short enough now; take its reason out of {__file__}")
    print("\n".join(wrong) or "no file is too long")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
