"""How an ECU of a type is named where a file, a vehicle or a person must name it.

* The label is the ECU's name when the type has one of that name: "fwdCamera".
* Otherwise name and diagnostic address: "engine@700" beside "engine@7e0".
* The full form is understood everywhere, and so is a name without address if it is the only one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from roadworthy.domains.vehicles.inventory import place
from roadworthy.domains.vehicles.models import Ecu


@dataclass(frozen=True)
class Slots:
    """The ECUs of one type, by label and by every other name that means exactly one of them."""

    by_label: Mapping[str, Ecu]
    by_name: Mapping[str, Ecu]

    def get(self, name: str) -> Ecu | None:
        """Return the ECU that ``name`` means, if it means one."""
        return self.by_name.get(name)

    def label_of(self, ecu_id: int) -> str:
        """Return the label of an ECU of this type."""
        return next(label for label, ecu in self.by_label.items() if ecu.pk == ecu_id)


def slots(ecus: Iterable[Ecu]) -> Slots:
    """Name the ECUs of one type."""
    ordered = sorted(ecus, key=lambda ecu: (ecu.name, ecu.address, ecu.sub_address or 0))
    count = Counter(ecu.name for ecu in ordered)
    full = {f"{ecu.name}@{place(ecu.address, ecu.sub_address)}": ecu for ecu in ordered}
    by_label = {ecu.name if count[ecu.name] == 1 else name: ecu for name, ecu in full.items()}
    return Slots(by_label, {**full, **by_label})


def slots_by_type(ecus: Iterable[Ecu]) -> dict[int, Slots]:
    """Name the ECUs of several types."""
    of_type: dict[int, list[Ecu]] = {}
    for ecu in ecus:
        of_type.setdefault(ecu.type_id, []).append(ecu)
    return {type_id: slots(some) for type_id, some in of_type.items()}
