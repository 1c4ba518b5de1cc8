"""A standalone Spark cluster of several processes: a master and two workers, for the session."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

WORKERS = 2
_HOST = "127.0.0.1"
_SETTINGS = {
    "spark.executor.memory": "512m",
    "spark.driver.memory": "512m",
    "spark.driver.host": _HOST,
    "spark.driver.bindAddress": _HOST,
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",  # it cuts small questions into more jobs
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.cores.max": str(WORKERS),
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


@contextmanager
def standing(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the address of a master whose workers have all said that they are there."""
    with ExitStack() as stack:
        told = stack.enter_context(
            _process(
                folder / "master",
                ["master.Master", "--host", _HOST, "--port", "0", "--webui-port", "0"],
                r"Starting Spark master at (spark://\S+)",
            )
        )
        for number in range(WORKERS):
            place = folder / f"worker-{number}"
            stack.enter_context(
                _process(
                    place,
                    [
                        *("worker.Worker", told, "--host", _HOST, "--webui-port", "0"),
                        *("--cores", "1", "--memory", "1g", "--work-dir", str(place)),
                    ],
                    r"(Successfully registered) with master",
                )
            )
        yield told, {**_SETTINGS, "spark.local.dir": str(folder)}


@contextmanager
def _process(folder: Path, command: Sequence[str], ready: str) -> Iterator[str]:
    """Start one of the cluster's programs; give what it says when it is ready."""
    import pyspark

    home = Path(pyspark.__file__).parent
    folder.mkdir()
    kind, *arguments = command
    process = subprocess.Popen(
        [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": _HOST},
    )
    assert process.stderr is not None
    with process.stderr:
        try:
            told = _said(process, ready)
            rest = threading.Thread(target=deque, args=(process.stderr, 0))  # or its pipe fills
            rest.start()
            yield told
        finally:
            process.terminate()
            process.wait()
        rest.join()


def _said(process: subprocess.Popen[str], ready: str) -> str:
    lines = []
    for line in process.stderr or ():
        lines.append(line)
        if found := re.search(ready, line):
            return found[1]
    raise AssertionError("".join(lines))


def hang_up(gateway: Any) -> None:
    """Close what PySpark leaves open when a session is stopped: its sockets and its Java."""
    from pyspark import SparkContext

    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None
