"""Milliseconds for one dossier asked of the whole China pack, beside OpenFisca-core, in one run.

    PYTHONPATH=src python -m bench.law

The dossier states, for each rule, the facts of its first case that applies, so that most rules are
decided and not merely undetermined. OpenFisca-core calculates as many formulas for one case, each
reading as many facts as our rules read on average, in a process and an environment of its own.
Rounds alternate; each uses one core. What counts is the median over all dossiers of all rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import machine
from bench.report import write
from roadworthy.law import PACKS
from roadworthy.law.rulebook import Jurisdiction, Topic, rulebook
from roadworthy.rules import strict_yaml
from roadworthy.rules.answers import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENFISCA = "openfisca-core==46.0.1"
AS_OF = date(2026, 8, 18)
MOST_MILLISECONDS = 2.0
SIDE = Path(__file__).with_name("openfisca_side.py")


def main() -> None:
    options = _options()
    facts = dossier()
    asked = ask(facts)
    read = [len(finding.facts_read) for finding in asked.findings]
    width = max(1, round(statistics.mean(read)))
    ours: dict[str, list[float]] = {"decision": [], "evidence": []}
    theirs: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="rw-bench-") as folder,
        openfisca(Path(folder), len(asked.findings), width) as side,
    ):
        side(options.cases)  # warm
        for _ in range(options.rounds):
            ours["decision"] += timed(lambda: ask(facts).decision, options.cases)
            ours["evidence"] += timed(lambda: ask(facts).to_json(), options.cases)
            theirs += side(options.cases)
    result = _result(asked, facts, width, ours, theirs) | vars(options)
    write("law", result, _text(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--cases", type=int, default=100, help="dossiers in a round")
    return parser.parse_args()


def dossier() -> dict[str, Any]:
    """Return facts that most rules find something in."""
    facts: dict[str, Any] = {}
    for pack in PACKS:
        folder = resources.files(f"roadworthy.law.{pack}") / "cases"
        if not folder.is_dir():
            continue
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            cases = strict_yaml.load(file.read_text(encoding="utf-8"))
            first = next(case for case in cases if case["kind"] == "applies")
            together = first["facts"] | facts
            if not any(c.holds(together) for c in rulebook().law.contradictions):
                facts = together
    return facts


def ask(facts: dict[str, Any]) -> Any:
    return rulebook().evaluate(facts, as_of=AS_OF, about=Topic, jurisdiction=Jurisdiction.CN)


def timed(act: Any, times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


@contextmanager
def openfisca(folder: Path, formulas: int, width: int) -> Iterator[Any]:
    """Install OpenFisca-core for itself and start the program that asks it."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", OPENFISCA], check=True)
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(
        [python, SIDE, str(formulas), str(width)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
    ) as process:  # fmt: skip
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("no pipes")

        def side(cases: int) -> list[float]:
            print(cases, file=stdin, flush=True)
            taken: list[float] = json.loads(stdout.readline())
            return taken

        yield side
        stdin.close()


def _result(
    asked: Any,
    facts: dict[str, Any],
    width: int,
    ours: dict[str, list[float]],
    theirs: list[float],
) -> dict[str, Any]:
    middle = {name: statistics.median(taken) for name, taken in ours.items()}
    other = statistics.median(theirs)
    outcomes = {o.value: sum(f.outcome is o for f in asked.findings) for o in Outcome}
    return {
        "rules": len(asked.findings),
        "facts_stated": len(facts),
        "facts_a_rule": width,
        "outcomes": outcomes,
        "milliseconds": {name: round(taken, 3) for name, taken in middle.items()},
        "openfisca_milliseconds": round(other, 3),
        "openfisca": OPENFISCA,
        "ratio": round(other / middle["decision"], 2),
        "required_milliseconds": MOST_MILLISECONDS,
        "met": middle["decision"] < MOST_MILLISECONDS,
        "machine": machine.describe(),
    }


def _text(result: dict[str, Any]) -> str:
    ours = result["milliseconds"]
    return f"""
One dossier of {result["facts_stated"]} facts asked of {result["rules"]} rules \
({", ".join(f"{count} {name}" for name, count in result["outcomes"].items())}), median on one core.

| what | ms a dossier |
| --- | ---: |
| Roadworthy: labels, findings, obligations, decision | {ours["decision"]} |
| Roadworthy: the same, written out as evidence (all words, both languages) | {ours["evidence"]} |
| {result["openfisca"]}: as many formulas of {result["facts_a_rule"]} facts, one case | \
{result["openfisca_milliseconds"]} |

Required: under {result["required_milliseconds"]} ms: {"met" if result["met"] else "NOT met"}. \
OpenFisca-core takes {result["ratio"]} times as long; it is made for millions of cases at once, \
which is not what is asked here."""


if __name__ == "__main__":
    main()
