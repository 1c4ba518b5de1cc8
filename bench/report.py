"""A result as JSON for programs and as Markdown for people."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def write(name: str, result: dict[str, Any], text: str) -> None:
    """Keep a result."""
    RESULTS.mkdir(exist_ok=True)
    measured_on = datetime.now(UTC).date().isoformat()
    content = json.dumps({"measured_on": measured_on, **result}, indent=2)
    (RESULTS / f"{name}.json").write_text(content + "\n")
    on = "\n".join(f"- {key}: {value}" for key, value in result["machine"].items())
    head = f"# {name}\n\nMeasured on {measured_on} by `bench/{name}.py`.\n"
    whole = f"{head}\n{text}\n\n## Machine\n\n{on}\n"
    (RESULTS / f"{name}.md").write_text(whole)
    print(text)
