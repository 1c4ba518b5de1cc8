"""Every step that a state table allows rests on a provision the rulebook has words for."""

import importlib
from pathlib import Path

import pytest

import roadworthy.domains
from roadworthy.kernel.transitions import Machine
from roadworthy.law.rulebook import rulebook

DOMAINS = Path(roadworthy.domains.__file__).parent
TABLES = {
    path.parent.name: importlib.import_module(f"roadworthy.domains.{path.parent.name}.states")
    for path in DOMAINS.glob("*/states.py")
}
BASES = sorted(
    {
        (domain, transition.basis)
        for domain, module in TABLES.items()
        for machine in vars(module).values()
        if isinstance(machine, Machine)
        for transition in machine.transitions
    },
    key=str,
)


@pytest.mark.parametrize(("domain", "citation"), BASES, ids=[f"{d}: {c}" for d, c in BASES])
def test_a_step_cites_a_provision_that_can_be_looked_up(domain, citation):
    cited = rulebook().cited(citation)
    assert cited.instrument.key == citation.instrument
    assert cited.provision.words.en


def test_there_are_steps_to_look_at():
    assert len(BASES) > 5
