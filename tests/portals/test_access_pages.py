"""Market access by pages alone: written, filed, accepted on a condition, suspended, read by all."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.test import Client
from django.utils import translation

from roadworthy import stores
from roadworthy.domains.access import queries
from roadworthy.domains.access.content import Section
from roadworthy.domains.filings import applying, completing
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reporting
from tests import approving
from tests.portals.town import Town

pytestmark = pytest.mark.django_db
REPORT = b"report of the institution"
NO_WORDS = {"term-0-text_zh": "", "term-0-text_en": ""}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def client_of(town: Town, role: Role) -> Client:
    client = town.client(role)
    client.cookies["django_language"] = "en"
    return client


def posted(section: Section, values) -> dict[str, str]:
    """Return what a browser sends for a section."""
    if section == Section.PARAMETERS:
        return {f"p-{name}": value for name, value in values.items()}
    if section not in {Section.FUNCTIONS, Section.ECUS}:
        return dict(values)
    return {
        f"{section}-{number}-{name}": value
        for number, row in enumerate(values["rows"])
        for name, value in row.items()
    }


def save(client, application, section, values, revision=None):
    sent = posted(section, values) | ({"revision": str(revision)} if revision else {})
    application.refresh_from_db()
    sent = {"revision": str(application.revision), **sent}
    answer = client.post(f"/m/applications/{application.pk}/write/{section}/", sent)
    application.refresh_from_db()
    return answer


def test_a_type_goes_from_the_first_page_to_the_public_one(town: Town) -> None:
    maker, reviewer = client_of(town, Role.HOMOLOGATION), client_of(town, Role.MIIT_REVIEWER)
    refused = maker.post("/m/applications/begin/", {"code": "ALPHA"})
    assert refused.status_code == 422
    assert "ALPHA" in refused.content.decode()
    begun = maker.post("/m/applications/begin/", {"code": "EPSILON"})
    application = queries.applications(town.world.cast.manufacturer_id)[0]
    assert begun["Location"] == f"/m/applications/{application.pk}/"
    for section, values in approving.WORKING.items():
        code = {"code": "EPSILON"} if section == Section.TYPE else {}
        assert save(maker, application, section, values | code).status_code == 302
    attach(town, maker, application)
    preview = maker.get(f"/m/applications/{application.pk}/preview/").content.decode()
    assert "sha256:" in preview
    filed = maker.post(f"/m/applications/{application.pk}/preview/")
    filing = Filing.objects.get(dossier__content__details__application_id=application.pk)
    assert filed["Location"] == f"/m/filings/{filing.pk}/"
    assert filing.dossier.sha256 in preview
    mine = maker.get(f"/m/filings/{filing.pk}/").content.decode()
    report = hashlib.sha256(REPORT).hexdigest()
    assert f'href="/m/filings/{filing.pk}/files/{report}/"' in mine
    assert b"".join(maker.get(f"/m/filings/{filing.pk}/files/{report}/")) == REPORT
    maker.post(f"/m/filings/{filing.pk}/do/submit/")
    seen = reviewer.get(f"/a/filings/{filing.pk}/").content.decode()
    assert "<h1>Market access: Beta</h1>" in seen
    assert "4750 mm" in seen
    accept(town, reviewer, filing)
    number = filing.number
    assert "In force" in maker.get(f"/m/approvals/{number}/").content.decode()
    suspend = f"/a/approvals/{number}/do/suspend/"
    assert reviewer.post(suspend, {"reason": ""}).status_code == 422
    assert reviewer.post(suspend, {"reason": "Field findings"}).status_code == 302
    public = reviewer.get(f"/p/starway/approvals/{number}/").content.decode()
    assert "Suspended" in public
    assert "Field findings" in public
    assert "Report every quarter" in public
    assert "camera-a:1" not in public


def attach(town: Town, maker, application) -> None:
    address = f"/m/applications/{application.pk}/document/"

    def send(kind: str, content: bytes, **more) -> int:
        file = io.BytesIO(content)
        file.name = f"{kind}.txt"
        digest = hashlib.sha256(content).hexdigest()  # as the browser computes it
        about = {"kind": kind, "title": kind, "standard": "GB 44496", "file_sha256": digest}
        sent = about | {"file": file, **more}
        return maker.post(address, sent).status_code

    assert send("test-report", REPORT) == 422
    envelope = io.BytesIO(approving.statement(town.world, REPORT).encode())
    envelope.name = "report.dsse"
    assert send("test-report", REPORT, envelope=envelope) == 302
    assert send("technical-specification", b"how it works") == 302


def accept(town: Town, reviewer, filing) -> None:
    sent = {
        "decision": "accept",
        "reason": "",
        "term-0-text_zh": "每季度报告",
        "term-0-text_en": "Report every quarter",
        "term-0-owner": "compliance-officer",
        "term-0-due_on": "2030-01-31",
        "term-0-is_public": "on",
    }
    wrong = reviewer.post(f"/a/filings/{filing.pk}/decide/", sent | {"term-0-due_on": "soon"})
    assert wrong.status_code == 422
    assert '<details class="data" id="terms" open>' in wrong.content.decode()
    assert '<a href="#term-0-due_on">' in wrong.content.decode()
    without = reviewer.post(f"/a/filings/{filing.pk}/decide/", sent | NO_WORDS)
    assert '<a href="#term-0-text_zh">' in without.content.decode()
    asked = reviewer.post(f"/a/filings/{filing.pk}/decide/", sent)
    assert 'name="term-0-text_zh"' in asked.content.decode()
    passphrase = town.world.passphrase(Role.MIIT_REVIEWER)
    done = reviewer.post(
        f"/a/filings/{filing.pk}/decide/", sent | {"confirmed": "yes", "passphrase": passphrase}
    )
    assert done.status_code == 302, done.content.decode()


def test_a_stale_save_shows_both_versions_and_keeps_what_was_typed(town: Town) -> None:
    client = client_of(town, Role.HOMOLOGATION)
    application = town.application
    values = approving.WORKING[Section.OTA] | {"systems": "First"}
    application.refresh_from_db()
    start = application.revision
    save(client, application, Section.OTA, values)
    again = save(client, application, Section.OTA, values | {"systems": "Second"}, revision=start)
    assert again.status_code == 409
    page = again.content.decode()
    assert "First" in page
    assert "Second" in page
    assert application.content["ota"]["systems"] == "First"
    kept = save(client, application, Section.OTA, values | {"systems": "Second"})
    assert kept.status_code == 302


def test_what_is_typed_is_answered_without_being_saved(town: Town) -> None:
    client = client_of(town, Role.HOMOLOGATION)
    application = town.application
    wrong = approving.WORKING[Section.PARAMETERS] | {"length": "4.75 m"}
    answer = client.post(
        f"/m/applications/{application.pk}/check/parameters/",
        posted(Section.PARAMETERS, wrong),
    )
    assert "1 thing to do" in answer.content.decode()
    assert "is in m. Write it in mm." in answer.content.decode()
    application.refresh_from_db()
    assert application.content["parameters"]["length"] == "4750 mm"


def test_a_wrong_value_is_saved_and_named_beside_its_field(town: Town) -> None:
    client = client_of(town, Role.HOMOLOGATION)
    application = town.application
    wrong = approving.WORKING[Section.PARAMETERS] | {"length": "4.75 m"}
    saved = save(client, application, Section.PARAMETERS, wrong)
    assert saved["Location"].endswith("/write/parameters/#to-mend")
    page = client.get(f"/m/applications/{application.pk}/write/parameters/")
    text = page.content.decode()
    assert 'value="4.75 m"' in text
    assert '<a href="#w-p-length">' in text
    assert "is in m. Write it in mm." in text
    assert client.post(f"/m/applications/{application.pk}/preview/").status_code == 422


def test_a_change_is_begun_at_the_approval_and_compared(town: Town) -> None:
    client = client_of(town, Role.HOMOLOGATION)
    approval = town.approval
    begun = client.post(f"/m/approvals/{approval.number}/change/product-change/", {"release": ""})
    application = queries.applications(approval.manufacturer_id)[0]
    assert begun["Location"] == f"/m/applications/{application.pk}/"
    faster = approving.WORKING[Section.PARAMETERS] | {"top_speed": "205"}
    save(client, application, Section.PARAMETERS, faster)
    client.post(f"/m/applications/{application.pk}/reason/", {"reason": "New gearing"})
    page = client.get(f"/m/applications/{application.pk}/").content.decode()
    assert "<del>" in page
    assert "205 km/h" in page


def test_an_application_is_closed_only_after_asking(town: Town) -> None:
    client = client_of(town, Role.HOMOLOGATION)
    client.post("/m/applications/begin/", {"code": "KAPPA"})
    application = queries.applications(town.world.cast.manufacturer_id)[0]
    address = f"/m/applications/{application.pk}/give-up/"
    assert "Close the application for KAPPA?" in client.get(address).content.decode()
    application.refresh_from_db()
    assert application.closed_at is None
    assert client.post(address)["Location"] == "/m/approvals/"
    application.refresh_from_db()
    assert application.closed_at is not None


def test_an_incomplete_application_is_confirmed_by_the_filer_and_conditioned_by_the_reviewer(
    town: Town,
) -> None:
    maker, reviewer = client_of(town, Role.HOMOLOGATION), client_of(town, Role.MIIT_REVIEWER)
    named = approving.WORKING[Section.TYPE] | {"code": "NU"}
    application = approving.write(town.world, approving.begun(town.world, "NU"), type=named)
    preview = f"/m/applications/{application.pk}/preview/"
    page = maker.get(preview).content.decode()
    assert "The law asks for" in page
    assert "Attach the test reports" in page
    unconfirmed = maker.post(preview, {"reason": "They follow"})
    assert unconfirmed.status_code == 422
    assert "They follow" in unconfirmed.content.decode()
    assert "Confirm it, or add what is missing first." in unconfirmed.content.decode()
    maker.post(preview, {"incomplete": "on", "reason": "They follow by July"})
    filing = Filing.objects.get(dossier__content__details__application_id=application.pk)
    maker.post(f"/m/filings/{filing.pk}/do/submit/")
    seen = reviewer.get(f"/a/filings/{filing.pk}/").content.decode()
    assert "They follow by July" in seen
    assert "Attach the technical specification" in seen
    passphrase = town.world.passphrase(Role.MIIT_REVIEWER)
    sent = {"decision": "accept", "confirmed": "yes", "passphrase": passphrase}
    decide = f"/a/filings/{filing.pk}/decide/"
    refused = reviewer.post(decide, sent)
    assert refused.status_code == 422
    assert "make each missing item a condition" in refused.content.decode()
    for number, gap in enumerate(completing.gaps(filing)):
        sent |= {
            f"term-{number}-text_en": f"Follows: {gap.key}",
            f"term-{number}-owner": "homologation",
            f"term-{number}-stands_for": gap.key,
        }
    assert reviewer.post(decide, sent).status_code == 302
    page = maker.get(f"/m/approvals/{filing.number}/").content.decode()
    assert "Follows: N45-01.technical_specification_attached" in page


def test_a_revoked_report_is_shown_as_such_wherever_it_was_relied_on(town: Town) -> None:
    maker, reviewer = client_of(town, Role.HOMOLOGATION), client_of(town, Role.MIIT_REVIEWER)
    named = approving.WORKING[Section.TYPE] | {"code": "XI"}
    application = approving.write(town.world, approving.begun(town.world, "XI"), type=named)
    release, report = town.world.draft(image=b"theta"), town.world.report(about=b"theta")
    content = stores.documents().path(report.sha256).read_bytes()
    approving.attach(town.world, application, report=content, envelope=report.envelope)
    reporting.attach(
        report_id=report.pk,
        release_id=release.pk,
        store=town.world.platform.documents,
        images=town.world.platform.images,
        actor=town.world.actor(Role.RELEASE_ENGINEER),
        at=town.world.tick(),
    )
    (filing,) = applying.file(
        manufacturer_id=town.world.cast.manufacturer_id,
        application_id=application.pk,
        actor=town.world.actor(Role.HOMOLOGATION),
        at=town.world.tick(),
        incomplete_because="The specification follows",
    )
    town.world.submit(filing)
    reporting.revoke(
        report_id=report.pk,
        reason="The sample was another one",
        actor=town.world.actor(Role.TEST_ENGINEER),
        at=town.world.tick(),
    )
    for client, page in (
        (maker, f"/m/releases/{release.number}/"),
        (maker, f"/m/applications/{application.pk}/"),
        (maker, f"/m/filings/{filing.pk}/"),
        (reviewer, f"/a/filings/{filing.pk}/"),
    ):
        text = client.get(page).content.decode()
        assert "Revoked by the institution" in text, page
        assert "The sample was another one" in text, page
    for client, side in ((maker, "m"), (reviewer, "a")):
        given = client.get(f"/{side}/filings/{filing.pk}/files/{report.sha256}/")
        assert b"".join(given.streaming_content) == content


def test_a_reviewer_adds_as_many_conditions_as_are_needed_without_losing_any(town: Town) -> None:
    maker, reviewer = client_of(town, Role.HOMOLOGATION), client_of(town, Role.MIIT_REVIEWER)
    officer = client_of(town, Role.COMPLIANCE_OFFICER)
    filing = approving.file(town.world, approving.whole(town.world, "IOTA"))
    decide = f"/a/filings/{filing.pk}/decide/"
    sent = {"decision": "accept", "reason": "A remark", "term-0-text_en": ""}
    for number in range(5):
        page = reviewer.post(decide, sent | {"more": "1"})
        assert page.status_code == 200
        text = page.content.decode()
        assert f'name="term-{number + 1}-text_en"' in text
        assert "A remark" in text
        assert f"Condition of number {number - 1}" in text or number == 0
        sent[f"term-{number + 1}-text_en"] = ""  # a browser sends what is empty as well
        sent[f"term-{number}-text_en"] = f"Condition of number {number}"
        sent[f"term-{number}-owner"] = "compliance-officer"
    passphrase = town.world.passphrase(Role.MIIT_REVIEWER)
    assert "Condition of number 4" in reviewer.post(decide, sent).content.decode()
    confirmed = sent | {"confirmed": "yes", "passphrase": passphrase}
    assert reviewer.post(decide, confirmed).status_code == 302
    page = f"/m/approvals/{filing.number}/"
    assert "It is fulfilled" in officer.get(page).content.decode()
    assert "It is fulfilled" not in maker.get(page).content.decode()
    shown = io.BytesIO(b"this is no PDF")
    shown.name = "plan.pdf"
    fulfil = f"{page}conditions/C-5/"
    refused = officer.post(fulfil, {"evidence": "See the plan", "document": shown})
    assert refused.status_code == 422
    assert "See the plan" in refused.content.decode()
    shown = io.BytesIO(b"The plan.")
    shown.name = "plan.txt"
    assert officer.post(fulfil, {"evidence": "See", "document": shown}).status_code == 302
    given = reviewer.get(f"/a/approvals/{filing.number}/conditions/C-5/file/")
    assert b"".join(given.streaming_content) == b"The plan."
    stranger = town.client(Role.MIIT_REVIEWER, stranger=True)
    assert stranger.get(f"/a/approvals/{filing.number}/conditions/C-5/file/").status_code == 404


def test_a_release_that_touches_two_approvals_needs_a_change_of_each(town: Town) -> None:
    maker, world = client_of(town, Role.HOMOLOGATION), town.world
    other = approving.approved(world, code="KAPPA")
    types = [town.approval.type_id, other.type_id]
    release = world.frozen(ecu=approving.ECU, changes_main_parameters=True, type_ids=types)
    begin = f"/m/releases/{release.number}/file/product-change/"
    page = maker.get(begin).content.decode()
    numbers = sorted((town.approval.number, other.number))
    for number in numbers:
        assert f"/m/approvals/{number}/change/product-change/?release={release.number}" in page
    first = approving.change(world, other, release=release.number, parameters={"top_speed": "200"})
    approving.file(world, first)
    assert f"change/product-change/?release={release.number}" in maker.get(begin).content.decode()
    page = maker.get(f"/m/releases/{release.number}/").content.decode()
    assert f"Product change of {other.number}" in page
    assert f"prepare: Product change of {town.approval.number}." in page


def test_a_type_of_before_the_platform_is_taken_over_and_says_so_everywhere(town: Town) -> None:
    maker = client_of(town, Role.HOMOLOGATION)
    page = f"/m/types/{town.world.type_id}/take-over/"
    assert page in maker.get(f"/m/types/{town.world.type_id}/").content.decode()
    refused = maker.post(page, {"source": "Batch 390"})
    assert refused.status_code == 422
    assert 'value="Batch 390"' in refused.content.decode()
    taken = maker.post(page, {"source": "Batch 390", "grade": "C"})
    assert taken["Location"] == "/m/approvals/DEMO-ALPHA/"
    for address in ("/m/approvals/DEMO-ALPHA/", "/p/starway/approvals/DEMO-ALPHA/"):
        text = maker.get(address).content.decode()
        assert "nobody has checked this here" in text
        assert "Batch 390" in text
        assert "The type has no such function." not in text
    begun = maker.post("/m/approvals/DEMO-ALPHA/change/product-change/", {"release": ""})
    application = queries.applications(town.world.cast.manufacturer_id)[0]
    assert begun["Location"] == f"/m/applications/{application.pk}/"
    assert maker.get(begun["Location"]).status_code == 200


def test_what_became_an_approval_is_changed_and_not_amended_and_the_page_says_so(
    town: Town,
) -> None:
    maker = client_of(town, Role.HOMOLOGATION)
    filing = Filing.objects.get(number=town.approval.number)
    page = maker.get(f"/m/filings/{filing.pk}/").content.decode()
    assert "what is approved changes by a product change" in page
    assert f"/m/approvals/{town.approval.number}/" in page
    assert f"/m/filings/{filing.pk}/amend/" not in page
    refused = maker.post(f"/m/filings/{filing.pk}/amend/")
    assert refused.status_code in {302, 409}
    assert Filing.objects.filter(supersedes=filing).count() == 0
