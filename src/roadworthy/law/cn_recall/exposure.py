"""Which article a conduct falls under; each has one parameter with the range of its fine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_CONDUCTS: Final[Mapping[str, tuple[str, ...]]] = {
    "exposure_reg_22": (
        "records_not_kept",
        "information_not_filed",
        "plan_not_filed",
        "reports_not_submitted",
    ),
    "exposure_reg_23": ("not_cooperating", "plan_not_followed", "sellers_not_informed"),
    "exposure_reg_24": ("not_stopped", "defect_concealed", "order_refused"),
    "exposure_imp_35": (
        "information_not_updated",
        "result_not_submitted",
        "recall_records_not_kept",
        "not_published",
    ),
    "exposure_imp_36": ("parts_maker",),
}
ARTICLE: Final[Mapping[str, str]] = {
    conduct: article for article, conducts in _CONDUCTS.items() for conduct in conducts
}
