"""The legal labels of a software update. They combine: each is tested for itself.

``ROUTINE`` is what remains when none of the others applies; it never stands beside one.
"""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    DEFECT_REMEDY = "defect_remedy"
    ADS_FUNCTION = "ads_function"
    MAIN_PARAM_CHANGE = "main_param_change"
    REGULATED_PERFORMANCE = "regulated_performance"
    ROUTINE = "routine"
