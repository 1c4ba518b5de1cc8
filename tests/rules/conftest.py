"""Two packs made here, so small that every word of what was read can be compared."""

import importlib
import sys

import pytest

from roadworthy.rules import packs
from tests.rules.small_packs import FILES, OTHER


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write both packs with some files changed (None: left out) and load them."""
    monkeypatch.syspath_prepend(tmp_path)

    def load(one=(), two=()):
        for name in [each for each in sys.modules if each.split(".")[0] == "small"]:
            del sys.modules[name]
        for pack, files in (("one", FILES | dict(one)), ("two", OTHER | dict(two))):
            for path, words in files.items():
                file = tmp_path / "small" / pack / path
                file.parent.mkdir(parents=True, exist_ok=True)
                if words is not None:
                    file.write_text(words, encoding="utf-8")
        (tmp_path / "small/__init__.py").write_text("")
        importlib.invalidate_caches()
        return packs.load(["small.one", "small.two"])

    yield load
    for name in [each for each in sys.modules if each.split(".")[0] == "small"]:
        del sys.modules[name]
