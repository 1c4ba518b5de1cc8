"""Run the fault tests between four deployments again and again; stop at the first that fails.

    python scripts/ten_times.py [TIMES] [pytest's own arguments]

Each run has another seed, which it prints: ``ROADWORTHY_TEST_SEED=...`` repeats one exactly as far
as the faults go; which byte a fault meets depends on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

FIRST_SEED = 20261122


def main(arguments: list[str]) -> int:
    """Return 0 if every run passed."""
    times = int(arguments[0]) if arguments and arguments[0].isdigit() else 10
    rest = arguments[1:] if arguments and arguments[0].isdigit() else arguments
    for number in range(1, times + 1):
        seed, began = FIRST_SEED + number, time.monotonic()
        print(f"run {number} of {times}, seed {seed}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "tests/federation/test_faults.py", *rest],
            env={**os.environ, "ROADWORTHY_TEST_SEED": str(seed)},  # noqa: TID251
            check=False,
        )
        took = time.monotonic() - began
        if done.returncode:
            print(f"run {number}, seed {seed}: failed after {took:.0f} s")
            return done.returncode
        print(f"run {number}: passed in {took:.0f} s", flush=True)
    print(f"{times} times in a row")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
