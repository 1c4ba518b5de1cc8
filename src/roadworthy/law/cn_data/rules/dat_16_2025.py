"""An export stays within what was assessed, now under the State Council's regulation."""

from __future__ import annotations

from roadworthy.law.cn_data.rules.dat_16 import check

__all__ = ["check"]
