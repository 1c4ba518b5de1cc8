"""Attach, confirm, refuse, withdraw; state what an approval does not say; what is left to do."""

from __future__ import annotations

from datetime import date

import pytest

from roadworthy.domains.compliance import errors, gaps, overview, queries, services
from roadworthy.domains.compliance.models import Gap
from roadworthy.domains.compliance.services import Proof
from roadworthy.domains.compliance.states import CellState, EvidenceKind, EvidenceState
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reporting
from roadworthy.domains.vehicles.errors import NotYourTask
from roadworthy.kernel.transitions import WrongRole, WrongState
from roadworthy.rules.facts import WrongFact
from tests import complying

pytestmark = pytest.mark.django_db(transaction=True)

NOW = date(2026, 11, 22)


@pytest.fixture
def type_id(world):
    complying.seed(world)
    return complying.approved_type(world)


def state_of(world, type_id, key, day=NOW):
    return queries.matrix(world.cast.manufacturer_id, type_id, day).cell(key).state


def test_a_signed_report_counts_at_once_and_closes_the_gap(world, type_id):
    key = "gb39732-4.1.2"
    gaps.settle_all(at=world.tick())
    assert Gap.objects.filter(type=type_id, requirement__key=key).exists()
    row = complying.attach_report(world, type_id, key, complying.report(world, "GB 39732-2020"))
    assert (row.state, row.valid_from) == (EvidenceState.CONFIRMED, date(2025, 6, 2))
    assert state_of(world, type_id, key) == CellState.MET
    assert not Gap.objects.filter(type=type_id, requirement__key=key).exists()
    events = Entry.objects.filter(subject=f"evidence/{row.pk}").values_list("event", flat=True)
    assert list(events) == ["evidence:attached", "evidence:state:changed"]


def test_a_document_counts_when_somebody_else_has_confirmed_it(world, type_id):
    row = complying.attach_document(world, type_id, "gbt40429", valid_from=date(2025, 6, 3))
    assert state_of(world, type_id, "gbt40429") == CellState.MISSING
    with pytest.raises(WrongRole):
        services.confirm(evidence_id=row.pk, actor=world.actor(Role.HOMOLOGATION), at=world.tick())
    officer = world.actor(Role.COMPLIANCE_OFFICER)
    services.confirm(evidence_id=row.pk, actor=officer, at=world.tick())
    assert state_of(world, type_id, "gbt40429") == CellState.MET
    with pytest.raises(WrongState):
        services.refuse(evidence_id=row.pk, reason="No.", actor=officer, at=world.tick())


def test_what_is_withdrawn_shows_nothing_from_that_day_on(world, type_id):
    row = complying.attach_document(world, type_id, "gbt40429", valid_from=date(2025, 6, 3))
    officer = world.actor(Role.COMPLIANCE_OFFICER)
    services.confirm(evidence_id=row.pk, actor=officer, at=world.tick())
    with pytest.raises(errors.ReasonMissing):
        services.withdraw(evidence_id=row.pk, reason=" ", actor=officer, at=world.tick())
    world.tick(days=30)
    services.withdraw(evidence_id=row.pk, reason="Wrong type", actor=officer, at=world.tick())
    assert state_of(world, type_id, "gbt40429", date(2025, 6, 10)) == CellState.MET
    assert state_of(world, type_id, "gbt40429") == CellState.MISSING
    assert Gap.objects.filter(type=type_id, requirement__key="gbt40429").exists()


def test_a_report_that_cannot_show_it_is_refused(world, type_id):
    other = complying.report(world, "GB 44495-2024")
    with pytest.raises(errors.OtherStandard, match="GB 44495-2024"):
        complying.attach_report(world, type_id, "gb39732-4.1.1", other)
    failed = complying.report(world, "GB 39732-2020", result=reporting.Result.FAILED)
    with pytest.raises(errors.ReportFailed):
        complying.attach_report(world, type_id, "gb39732-4.1.1", failed)
    foreign = complying.report(world, "GB 39732-2020", code="GAMMA")
    with pytest.raises(errors.OtherType, match="GAMMA"):
        complying.attach_report(world, type_id, "gb39732-4.1.1", foreign)
    right = complying.report(world, "GB 39732")
    with pytest.raises(errors.EndsBeforeItBegins):
        complying.attach_report(world, type_id, "gb39732-4.1.1", right, until=date(2025, 1, 1))
    complying.attach_report(world, type_id, "gb39732-4.1.1", right)
    with pytest.raises(errors.StandsAlready):
        complying.attach_report(world, type_id, "gb39732-4.1.1", right)
    with pytest.raises(errors.NotThatKind):
        complying.attach_document(world, type_id, "gb39732-4.1.1")


def test_a_revoked_report_shows_nothing_any_more(world, type_id):
    found = complying.report(world, "GB 39732-2020")
    complying.attach_report(world, type_id, "gb39732-4.1.1", found)
    reporting.revoke(
        report_id=found.pk,
        reason="Wrong bench",
        actor=world.actor(Role.TEST_ENGINEER),
        at=world.tick(),
    )
    assert state_of(world, type_id, "gb39732-4.1.1") == CellState.EXPIRED


def test_others_attach_nothing(world, type_id):
    proof = Proof(EvidenceKind.DOCUMENT, document_sha256="0" * 64)
    with pytest.raises(NotYourTask):
        services.attach(
            type_id=type_id,
            requirement_key="gbt40429",
            proof=proof,
            actor=world.actor(Role.RELEASE_ENGINEER),
            at=world.tick(),
        )


def test_a_missing_fact_is_stated_with_its_source_and_the_cell_can_be_told(world):
    complying.seed(world)
    entered = world.type_id
    told = {"type_id": entered, "actor": world.actor(Role.HOMOLOGATION), "at": world.tick()}
    with pytest.raises(errors.SourceMissing):
        services.state(fact="vehicle_category", value="M1", source="", **told)
    with pytest.raises(WrongFact):
        services.state(fact="vehicle_category", value="Z9", source="Announcement", **told)
    with pytest.raises(errors.NotToBeStated):
        services.state(fact="automation_level", value=3, source="Announcement", **told)
    services.state(fact="vehicle_category", value="M1", source="Announcement 391", **told)
    assert state_of(world, entered, "gb44495") == CellState.NOT_YET
    assert state_of(world, entered, "gb44495", date(2028, 1, 1)) == CellState.MISSING


def test_the_overview_counts_what_is_missing_and_what_comes(world, type_id):
    world.now = world.now.replace(year=2026, month=11, day=20)
    assert gaps.settle_all(at=world.tick()) > 0
    assert gaps.settle_all(at=world.tick()) == 0
    one = overview.types(world.cast.manufacturer_id).get(pk=type_id)
    assert one.missing == 3  # GB/T 40429, and two clauses of GB 39732
    assert one.ahead == 1
    assert one.next_on == date(2028, 1, 1)
