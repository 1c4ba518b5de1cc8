"""From an application to an approval, its next version, and what its end means for a release."""

from __future__ import annotations

from datetime import date

import pytest

from roadworthy.domains.access import (
    applications,
    approvals,
    completeness,
    content,
    preparing,
    queries,
    schemas,
)
from roadworthy.domains.access import parameters as schema_files
from roadworthy.domains.access.attesting import (
    NotAttestedYet,
    UnknownInstitution,
    WrongStatement,
)
from roadworthy.domains.access.content import Section
from roadworthy.domains.access.errors import (
    ApplicationClosed,
    ApplicationOpen,
    ApprovalMovedOn,
    ConditionDone,
    EvidenceMissing,
    Incomplete,
    NoSuchApplication,
    NoSuchApproval,
    NothingChanges,
    NotInForce,
    ReasonMissing,
    Stale,
    TypeKnown,
)
from roadworthy.domains.access.granting import Term
from roadworthy.domains.access.states import Action, Matter, Standing
from roadworthy.domains.filings import assessment
from roadworthy.domains.filings import queries as filing_queries
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.errors import (
    AlreadyFiled,
    ChangeNotCompared,
    NoConditionsHere,
    OutOfOrder,
)
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.services import OtherDocument
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.trust import dsse
from tests import approving
from tests.world import DETAILS, World

DAY = date(2025, 6, 3)
TERM = Term({"zh-hans": "每季度报告", "en": "Report every quarter"}, Role.COMPLIANCE_OFFICER, DAY)


def test_an_accepted_application_is_an_approval_with_its_type_ecus_and_conditions(world: World):
    approval = approving.approved(world, TERM)
    assert approval.version == 1
    assert approval.number.startswith("MA-2025-")
    current = queries.current(approval.type_id)
    assert current is not None
    assert (current.standing, current.version) == (Standing.APPROVED, 1)
    assert current.content["parameters"]["length"]["value"] == "4750"
    assert approval.type.approval_number == approval.number
    assert approval.type.parameters["top_speed"] == "180 km/h"
    (ecu,) = vehicles.ecus_of(world.cast.manufacturer_id, approval.type_id)
    assert (ecu.hardware_id, ecu.known_versions) == ("camera-a:1", 1)
    (condition,) = queries.open_conditions(world.cast.manufacturer_id)
    assert (condition.key, condition.due_on) == ("C-1", DAY)
    entry = ledger.latest_about(f"approval/{approval.number}", 1)[0]
    assert entry.event == "approval:granted"
    closed = queries.applications(world.cast.manufacturer_id)[0]
    assert closed.closed_at is not None


def test_what_is_wrong_is_named_with_field_value_and_what_to_do(world: World):
    application = approving.begun(world)
    wrong = approving.WORKING[Section.PARAMETERS] | {
        "length": "4.75 m",
        "top_speed": "900",
        "seats": "many",
        "wings": "2",
        "width": "",
    }
    application = approving.write(world, application, parameters=wrong)
    made = preparing.composed(application, as_of=DAY)
    found = {fault.field: fault for fault in made.of(Section.PARAMETERS)}
    assert {name: fault.error.code for name, fault in found.items()} == {
        "wings": "unknown-parameter",
        "length": "wrong-unit",
        "width": "value-missing",
        "seats": "not-a-number",
        "top_speed": "out-of-range",
    }
    assert found["length"].value == "4.75 m"
    assert str(found["length"].error) == '"4.75 m" is in m. Write it in mm.'
    with pytest.raises(Incomplete) as refused:
        approving.file(world, application)
    assert refused.value.data["count"] == len(made.faults)


def test_an_empty_application_names_every_section_and_a_whole_one_has_no_fault(world: World):
    application = approving.begun(world)
    made = preparing.composed(application, as_of=DAY)
    assert {fault.section for fault in made.faults} == set(Section)
    whole = approving.whole(world, "GAMMA")
    assert preparing.composed(whole, as_of=DAY).faults == ()


def test_the_rulebook_says_what_is_missing_and_by_which_article(world: World):
    schema = schemas.on(DAY)
    application = approving.write(world, approving.begun(world))
    before = completeness.ask(preparing.composed(application, as_of=DAY), schema, as_of=DAY)
    assert {f.rule.id: str(f.outcome) for f in before.findings}["N45-01"] == "broken"
    approving.attach(world, application)
    approving.attach(
        world, application, kind="technical-specification", standard="", report=b"spec"
    )
    after = completeness.ask(preparing.composed(application, as_of=DAY), schema, as_of=DAY)
    assert {f.rule.id: str(f.outcome) for f in after.findings}["N45-01"] == "met"
    later = completeness.facts(
        preparing.composed(application, as_of=DAY), schema, as_of=date(2026, 3, 2)
    )
    assert later["gb44496_report"] is True
    assert later["has_combined_assistance"] is True


def test_two_people_may_write_different_sections_and_a_stale_save_is_refused(world: World):
    application = approving.begun(world)
    start = application.revision
    mine, theirs = {"code": "BETA", "name_zh": "乙"}, {"code": "BETA", "name_zh": "丙"}
    common = {"application_id": application.pk, "actor": world.actor(Role.HOMOLOGATION)}
    applications.save(
        **common, section=Section.TYPE, values=theirs, revision=start, at=world.tick()
    )
    applications.save(
        **common, section=Section.OTA, values={"capable": "no"}, revision=start, at=world.tick()
    )
    with pytest.raises(Stale) as refused:
        applications.save(
            **common, section=Section.TYPE, values=mine, revision=start, at=world.tick()
        )
    assert refused.value.data["yours"] == mine
    assert refused.value.data["theirs"] == theirs
    kept = queries.application(world.cast.manufacturer_id, application.pk)
    assert kept.content["type"] == theirs
    applications.save(
        **common,
        section=Section.TYPE,
        values=mine,
        revision=refused.value.data["revision"],
        at=world.tick(),
    )


def test_a_report_counts_only_with_the_statement_of_a_known_institution_about_it(world: World):
    application = approving.begun(world)
    with pytest.raises(NotAttestedYet):
        approving.attach(world, application, envelope="")
    with pytest.raises(OtherDocument):
        approving.attach(world, application, envelope=approving.statement(world, b"another"))
    said = approving.statement(world, b"report", predicate=dsse.PredicateType.FILING_RECEIPT)
    with pytest.raises(WrongStatement):
        approving.attach(world, application, envelope=said)
    key = world.platform.keystore.create("stranger")
    signer = world.platform.keystore.signer(key.keyid, "stranger")
    foreign = dsse.attest(
        dsse.Statement((dsse.Subject("report.pdf", "0" * 64),), dsse.PredicateType.TEST_REPORT, {}),
        signer,
    ).decode()
    with pytest.raises(UnknownInstitution):
        approving.attach(world, application, envelope=foreign)
    assert not queries.reports(application.pk)
    approving.attach(world, application)
    (report,) = queries.reports(application.pk)
    assert report.institution is not None
    applications.detach(
        application_id=application.pk,
        sha256=report.sha256,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    assert not queries.reports(application.pk)


def test_one_code_has_one_open_application_and_no_registered_type(world: World):
    with pytest.raises(TypeKnown):
        approving.begun(world, "ALPHA")
    first = approving.begun(world)
    with pytest.raises(ApplicationOpen):
        approving.begun(world)
    applications.give_up(
        application_id=first.pk, actor=world.actor(Role.HOMOLOGATION), at=world.tick()
    )
    with pytest.raises(ApplicationClosed):
        approving.write(world, first)
    approving.begun(world)


def test_another_manufacturer_finds_neither_application_nor_approval(world: World):
    approval = approving.approved(world)
    application = approving.begun(world, "DELTA")
    stranger = world.cast.manufacturer_id + 1000
    with pytest.raises(NoSuchApplication):
        queries.application(stranger, application.pk)
    with pytest.raises(NoSuchApproval):
        queries.approval(stranger, approval.number)
    assert queries.public_approval(approval.manufacturer.slug, approval.number) == approval


def test_the_same_application_is_filed_once_and_again_after_a_return(world: World):
    application = approving.whole(world)
    filing = approving.file(world, application)
    with pytest.raises(AlreadyFiled):
        approving.file(world, application)
    filings.send_back(
        filing_id=filing.pk,
        reason="The width is missing",
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
    again = approving.file(world, application)
    assert again.number != filing.number
    accepted = approving.accept(world, again)
    assert queries.approval(world.cast.manufacturer_id, accepted.number).version == 1


def test_a_product_change_compares_and_makes_the_next_version(world: World):
    approval = approving.approved(world)
    with pytest.raises(NothingChanges):
        approving.file(world, approving.change(world, approval))
    faster = approving.change(world, approval, parameters={"top_speed": "200"})
    filing = approving.file(world, faster)
    (row,) = filing.dossier.content["details"]["parameters"]
    assert (row["key"], row["old"], row["new"], row["unit"]) == ("top_speed", "180", "200", "km/h")
    approving.accept(world, filing, TERM)
    changed = queries.approval(world.cast.manufacturer_id, approval.number)
    assert changed.version == 2
    assert changed.type.parameters["top_speed"] == "200 km/h"
    assert [v.version for v in queries.versions(approval.pk)] == [2, 1]
    assert [c.version for c in queries.conditions(approval.pk)] == [2]


def test_a_change_that_starts_from_an_older_version_is_not_accepted(world: World):
    approval = approving.approved(world)
    first = approving.change(world, approval, parameters={"top_speed": "200"})
    second = approving.change(
        world,
        approval,
        matter=Matter.ACCESS_PERMIT,
        functions={"rows": [approving.FUNCTION | {"level": "3"}]},
    )
    approving.attach(world, second, kind="safety-case", standard="", report=b"case")
    late = approving.file(world, second)
    approving.accept(world, approving.file(world, first))
    with pytest.raises(ApprovalMovedOn):
        approving.accept(world, late)
    late.refresh_from_db()
    assert late.state == "submitted"


def test_a_permitted_function_enters_the_next_version(world: World):
    approval = approving.approved(world)
    application = approving.change(
        world,
        approval,
        matter=Matter.ACCESS_PERMIT,
        functions={"rows": [approving.FUNCTION | {"level": "3"}]},
    )
    approving.attach(world, application, kind="safety-case", standard="", report=b"case")
    approving.accept(world, approving.file(world, application))
    current = queries.current(approval.type_id)
    assert current is not None
    assert current.content["functions"][0]["level"] == 3
    assert current.content["type"]["automation_level"] == 3
    assert vehicles.vehicle_type(approval.manufacturer_id, approval.type_id).automation_level == 3


def test_a_suspended_approval_keeps_the_gate_shut_and_its_resumption_opens_it(world: World):
    approval = approving.approved(world)
    world.type_id = approval.type_id
    release = _signed_for(world, approval)
    miit, samr = world.drafts(Kind.ACTIVITY, release)
    world.accept(world.submit(samr))
    approving.move(world, approval, Action.SUSPEND)
    with pytest.raises(OutOfOrder):
        world.submit(miit)
    approving.move(world, approval, Action.RESUME, "Settled")
    world.submit(miit)
    approving.move(world, approval, Action.SUSPEND)
    world.accept(miit)
    release.refresh_from_db()
    assert release.state == "signed"
    evaluation = filing_queries.latest_evaluation(release)
    assert evaluation is not None
    outcomes = {row["rule_id"]: row["outcome"] for row in evaluation.result["findings"]}
    assert outcomes["OTA22-01"] == "broken"
    approving.move(world, approval, Action.RESUME, "Settled")
    release.refresh_from_db()
    assert release.state == "released"


def _signed_for(world: World, approval):
    """Sign a routine release of an approved type whose levels one and two are filed."""
    world.through(Kind.CAPABILITY)
    details = DETAILS[Kind.TYPE] | {"types": [approval.type.code]}
    made = filings.prepare(
        kind=Kind.TYPE,
        manufacturer_id=world.cast.manufacturer_id,
        details=details,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    for filing in made:
        world.accept(world.submit(filing))
    return world.signed(ecu=approving.ECU)


def test_a_release_of_an_approved_type_changes_parameters_from_the_approval_only(world: World):
    approval = approving.approved(world)
    world.type_id = approval.type_id
    release = world.frozen(ecu=approving.ECU, changes_main_parameters=True)
    with pytest.raises(ChangeNotCompared):
        world.prepare(Kind.PRODUCT_CHANGE, release)
    application = approving.change(
        world, approval, release=release.number, parameters={"top_speed": "200"}
    )
    assert application.content["ecus"]["rows"][0]["versions"].splitlines() == ["1.0.0", "1.1.0"]
    filing = approving.file(world, application)
    assert filing.dossier.release == release
    approving.accept(world, filing)
    current = queries.current(approval.type_id)
    assert current is not None
    assert current.content["ecus"][0]["versions"] == ["1.0.0", "1.1.0"]
    facts = assessment.facts(release, at=world.tick(), stated={})
    assert facts["product_change"] == "accepted"


def test_the_table_of_an_approval_and_its_reasons(world: World):
    approval = approving.approved(world)
    with pytest.raises(ReasonMissing):
        approving.move(world, approval, Action.SUSPEND, " ")
    approving.move(world, approval, Action.REVOKE)
    assert queries.standing([approval.type_id]) == {approval.type_id: Standing.REVOKED}
    with pytest.raises(NotInForce):
        approving.change(world, approval)


def test_a_condition_is_fulfilled_once_and_with_what_shows_it(world: World):
    approval = approving.approved(world, TERM)
    step = {
        "number": approval.number,
        "key": "C-1",
        "actor": world.actor(Role.COMPLIANCE_OFFICER),
    }
    with pytest.raises(EvidenceMissing):
        approvals.fulfil(**step, evidence="", at=world.tick())
    approvals.fulfil(**step, evidence="Report of June", at=world.tick())
    with pytest.raises(ConditionDone):
        approvals.fulfil(**step, evidence="Report of June", at=world.tick())
    assert not queries.open_conditions(world.cast.manufacturer_id)


def test_a_filing_that_makes_no_approval_takes_no_conditions(world: World):
    (miit, _samr) = world.prepare(Kind.CAPABILITY)
    world.submit(miit)
    with pytest.raises(NoConditionsHere):
        approving.accept(world, miit, TERM)


def test_an_entered_type_stands_as_entered(world: World):
    type_id = world.type_id
    assert queries.standing([type_id]) == {type_id: Standing.ENTERED}
    current = queries.current(type_id)
    assert current is not None
    assert (current.version, current.approval_number) == (0, "DEMO-ALPHA")


def test_a_loaded_schema_counts_from_its_day(world: World):
    text = """
key: official
title: {zh-hans: 官方, en: Official}
applies_from: 2025-06-01
verified: true
source: {instrument: N45, provision: 附件2}
grade: A
groups: {body: {zh-hans: 车身, en: Body}}
parameters:
- key: length
  group: body
  name: {zh-hans: 长, en: Length}
  type: number
  unit: cm
  main: true
  required: true
"""
    checked = schema_files.parse(text)
    schemas.load(content=checked, actor=witnessed(PLATFORM), at=world.tick())
    assert schemas.on(date(2025, 5, 31)).key == "roadworthy-2025"
    assert schemas.on(DAY).parameters["length"].unit == "cm"
    with pytest.raises(schema_files.BadSchema):
        schema_files.parse(text + "- {key: length}\n")


def test_what_is_typed_survives_being_reopened(world: World):
    application = approving.whole(world)
    made = preparing.composed(application, as_of=DAY)
    again = content.compose(
        content.reopened(made.content), made.content["evidence"], schemas.on(DAY)
    )
    assert again.faults == ()
    assert again.content == made.content
