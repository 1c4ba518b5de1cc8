"""What can be done to a defect: open, analyse, conclude, and decide by a second person.

The other verbs stand beside: ``stopping`` (orders to stop), ``planning`` (the plan), ``noticing``
(SAMR's side), ``lessons``.
"""

from __future__ import annotations

from roadworthy.domains.recalls.opening import open_defect

__all__ = ["open_defect"]
