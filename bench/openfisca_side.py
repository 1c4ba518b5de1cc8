"""A program of its own: as many formulas as the rulebook has rules, asked of OpenFisca-core.

    python bench/openfisca_side.py FORMULAS FACTS_A_FORMULA

Run by ``bench/law.py`` in an environment that has OpenFisca-core and nothing of ours (it is AGPL;
the two only talk through pipes). Each line read from stdin is a number of cases; each line written
is the milliseconds for each of them: one person, every fact given, every formula calculated, anew
for each case as for each dossier here. A formula reads facts and one dated parameter and chooses
one of three outcomes, which is what a rule of ours does at least.
"""

from __future__ import annotations

import json
import sys
import time

from openfisca_core import periods
from openfisca_core.entities import build_entity
from openfisca_core.parameters import Parameter, ParameterNode
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

DAY = "2026-08-18"
HOUSEHOLD = build_entity(key="dossier", plural="dossiers", label="a dossier", is_person=True)
FACTS = 120


def fact(number: int) -> type[Variable]:
    return type(
        f"fact_{number}",
        (Variable,),
        {"value_type": int, "entity": HOUSEHOLD, "definition_period": periods.DAY},
    )


def rule(number: int, width: int) -> type[Variable]:
    names = [f"fact_{(number * width + at) % FACTS}" for at in range(width)]

    def formula(person, period, parameters):
        limit = parameters(period).limit
        applies = person(names[0], period) > 0
        rest = sum(person(name, period) for name in names[1:])
        return applies * (1 + (rest <= limit))

    return type(
        f"rule_{number}",
        (Variable,),
        {
            "value_type": int,
            "entity": HOUSEHOLD,
            "definition_period": periods.DAY,
            "formula": formula,
        },
    )


def system(formulas: int, width: int) -> TaxBenefitSystem:
    law = TaxBenefitSystem([HOUSEHOLD])
    for number in range(FACTS):
        law.add_variable(fact(number))
    for number in range(formulas):
        law.add_variable(rule(number, width))
    node = ParameterNode("", data={})
    node.add_child("limit", Parameter("limit", {"values": {"2016-01-01": {"value": 5}}}))
    law.parameters = node
    return law


def main() -> None:
    formulas, width = map(int, sys.argv[1:])
    law = system(formulas, width)
    names = [f"rule_{number}" for number in range(formulas)]
    given = {f"fact_{number}": {DAY: number % 3} for number in range(FACTS)}
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            began = time.perf_counter()
            asked = SimulationBuilder().build_from_entities(law, {"dossiers": {"one": given}})
            for name in names:
                asked.calculate(name, DAY)
            times.append((time.perf_counter() - began) * 1000)
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
