"""The catalogue over HTTP: everybody reads it, MIIT keeps it, a manufacturer adds its own."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Role
from roadworthy.domains.standards.models import Analysis, Change, Standard
from tests.domains.campaigns.conftest import light, people  # noqa: F401 - fixtures
from tests.domains.standards.conftest import catalogue  # noqa: F401 - fixture
from tests.portals import town as towns

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["zh-hans", "en"])
def browser(request):
    client = Client()
    client.cookies["django_language"] = request.param
    return client


def signed_in(world, role):
    if role not in world.cast.actors:
        kind = KIND_OF_ROLE[role]
        world.cast.actors.update(people(kind, str(kind), None)[1])
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role).user_id))
    return client


def pk(number):
    return Standard.objects.get(number=number).pk


@pytest.mark.usefixtures("catalogue")
class TestEverybody:
    def test_the_list_is_searched_by_number_title_and_pinyin(self, browser):
        for asked in ("44496", "软件升级", "ruanjianshengji", "software update"):
            page = browser.get(reverse("p:standards"), {"search": asked}).content.decode()
            assert "GB 44496-2024" in page, asked
            assert "GB/T 37376-2019" not in page

    def test_a_framework_is_a_tree_that_narrows_the_list(self, browser):
        address = reverse("p:standards")
        page = browser.get(address, {"framework": "iov-security/2022"}).content.decode()
        assert page.count("area=") >= 26
        page = browser.get(address, {"framework": "iov-security/2022", "area": "5.3"})
        assert "GB 44496-2024" in page.content.decode()
        assert "GB/T 41871-2022" not in page.content.decode()

    def test_a_page_shows_facts_with_sources_and_what_the_rulebook_says(self, browser):
        page = browser.get(reverse("p:standard", args=[pk("GB 44496-2024")])).content.decode()
        for told in ("SYS-01", "SYS-06", "5.2.7", "UN R156", "2024-08-23"):
            assert told in page, told

    def test_what_replaces_what_is_shown_from_both_ends(self, browser):
        page = browser.get(reverse("p:standard", args=[pk("GB/T 44721-2024")])).content.decode()
        assert "GB 44721-2026" in page
        page = browser.get(reverse("p:standard", args=[pk("DRAFT furniture-children-safety")]))
        assert "GB 2793.1-2008" in page.content.decode()
        assert "GB 22793.1-2008" in page.content.decode()

    def test_two_versions_stand_side_by_side(self, browser):
        page = browser.get(reverse("p:standards-compare", args=["iov-security"])).content.decode()
        for told in ("Use of passwords", "Inspection station facilities security", "SYS-07"):
            assert told in page
        assert browser.get(reverse("p:standards-compare", args=["none"])).status_code == 404

    def test_the_targets_follow_the_rule_of_counting(self, browser):
        address = reverse("p:standards-targets")
        for more in ({}, {"set": 1}, {"set": 1, "older": 1, "series": 1, "association": 1}):
            page = browser.get(address, more).content.decode()
            assert "SYS-02" in page
            assert "SYS-03" in page

    def test_nonsense_is_answered(self, browser):
        assert browser.get(reverse("p:standard", args=[999_999_999])).status_code == 404
        asked = {"framework": "no/such", "area": "9.9", "sort": "-nothing", "page": "x"}
        assert browser.get(reverse("p:standards"), asked).status_code == 200
        assert browser.get(reverse("p:standards"), {"search": "\0"}).status_code == 200


FILLED = {
    "number": "gb/t 99001—2026",
    "kind": "",
    "state": "published",
    "title_zh": "试验标准",
    "title_en": "A standard for a test",
    "places": ["adjacent/1/1.1"],
    "published_on": "2026-11-01",
    "in_force_on": "2027-05-01",
    "source": "openstd",
    "grade": "B",
}


class TestKeeping:
    @pytest.fixture(autouse=True)
    def _frameworks(self, catalogue, light):  # noqa: F811
        self.world = light

    def browser(self, role, world=None):
        return signed_in(world or self.world, role)

    def test_miit_enters_moves_and_everybody_reads(self):
        miit = self.browser(Role.MIIT_REVIEWER)
        answer = miit.post(reverse("a:standard-enter"), FILLED)
        assert answer.status_code == 302
        made = Standard.objects.get(number="GB/T 99001-2026")
        assert made.raw == "gb/t 99001—2026"
        assert made.manufacturer is None
        assert (
            "GB/T 99001-2026"
            in Client().get(answer["Location"].replace("/a/", "/p/")).content.decode()
        )
        gone = miit.post(
            reverse("a:standard-act", args=[made.pk, "withdraw"]), {"on": "2027-06-01"}
        )
        assert gone.status_code == 302
        made.refresh_from_db()
        assert made.state == "withdrawn"
        assert Change.objects.filter(standard=made).count() == 2

    def test_a_wrong_form_names_the_field_and_keeps_what_was_typed(self):
        miit = self.browser(Role.MIIT_REVIEWER)
        for wrong, field in (
            ({"number": "44721"}, "number"),
            ({"number": "GB 44496-2024"}, "number"),
            ({"places": []}, "places"),
            ({"supersedes": "GB 1-1999"}, "supersedes"),
            (
                {"in_force_on": "2024-01-01", "published_on": "", "supersedes": "GB/T 44721-2024"},
                "in_force_on",
            ),
        ):
            answer = miit.post(reverse("a:standard-enter"), {**FILLED, **wrong})
            assert answer.status_code == 422, wrong
            assert f'id="id_{field}_error"' in answer.content.decode(), wrong
            assert "试验标准" in answer.content.decode()
        assert not Standard.objects.filter(number__contains="99001").exists()

    def test_a_manufacturers_entry_is_its_own(self):
        mine = self.browser(Role.COMPLIANCE_OFFICER)
        answer = mine.post(reverse("m:standard-enter"), {**FILLED, "number": "Q/ABC 001-2026"})
        made = Standard.objects.get(number="Q/ABC 001-2026")
        assert made.manufacturer_id == self.world.cast.manufacturer_id
        assert mine.get(answer["Location"]).status_code == 200
        assert Client().get(reverse("p:standard", args=[made.pk])).status_code == 404
        miit = self.browser(Role.MIIT_REVIEWER)
        assert miit.get(reverse("a:standard", args=[made.pk])).status_code == 404

    def test_a_manufacturer_changes_nothing_that_is_everybodys(self):
        mine = self.browser(Role.COMPLIANCE_OFFICER)
        public = pk("GB 44496-2024")
        assert mine.get(reverse("m:standard", args=[public])).status_code == 200
        assert mine.get(reverse("m:standard-edit", args=[public])).status_code == 404
        assert mine.post(reverse("m:standard-act", args=[public, "withdraw"])).status_code == 404


LIST = """标准号,标准名称,发布日期,实施日期
Q/ABC 201-2026,甲,2026-01-05,2026-03-01
101,没有代号,,
Q/ABC 202-2026,日期倒置,2026-05-05,2026-03-01
"""


class TestFiles:
    @pytest.fixture(autouse=True)
    def _stores(self, catalogue, light, tmp_path):  # noqa: F811
        before = towns.settle(tmp_path / "home")
        self.mine = signed_in(light, Role.HOMOLOGATION)
        yield
        settings.ROADWORTHY = before

    def given(self, content=LIST, name="list.csv"):
        file = SimpleUploadedFile(name, content.encode())
        return self.mine.post(reverse("m:standards-import"), {"file": file})

    def test_a_list_is_mapped_taken_in_and_each_bad_row_is_named(self):
        answer = self.given()
        assert answer.status_code == 302
        mapping = self.mine.get(answer["Location"])
        assert "没有代号" in mapping.content.decode(), "the first rows are in sight"
        form = mapping.context["form"]
        sent = {name: form[name].value() or "" for name in form.fields}
        assert sent["c_number"] == "标准号", "the column is known by its name"
        nobody = self.mine.post(answer["Location"], sent)
        assert nobody.status_code == 422, "a source is asked for"
        sent |= {"source": "企业标准目录", "place": "adjacent/1/1.1"}
        no_number = self.mine.post(answer["Location"], sent | {"c_number": ""})
        assert no_number.status_code == 422
        assert "企业标准目录" in no_number.content.decode(), "what was typed stays"
        done = self.mine.post(answer["Location"], sent)
        report = self.mine.get(done["Location"]).content.decode()
        assert Standard.objects.filter(number="Q/ABC 201-2026").exists()
        assert not Standard.objects.filter(number="Q/ABC 202-2026").exists()
        for told in ("list.csv", "101", ">3<", ">4<"):
            assert told in report, told
        assert "list.csv" in self.mine.get(reverse("m:standards-import")).content.decode()

    def test_what_is_no_list_is_refused_at_the_field(self):
        for content, name in (("", "list.csv"), (LIST, "list.pdf"), ("{}", "list.json")):
            answer = self.given(content, name)
            assert answer.status_code == 422, name
            assert 'id="id_file_error"' in answer.content.decode(), name

    def test_an_analysis_is_kept_then_handed_in_and_stays(self):
        page = reverse("m:standard-analysis", args=[pk("GB 39732-2020")])
        form = self.mine.get(page).context["form"]
        sent = {name: form[name].value() or "" for name in form.fields}
        wrong = self.mine.post(page, sent | {"compliance_rate": "950"})
        assert wrong.status_code == 422, "a share is at most the whole"
        sent |= {"compliance_rate": "95", "scope_fits": "yes", "scope_fits_words": "仍然适用"}
        assert self.mine.post(page, sent).status_code == 302
        assert "仍然适用" in self.mine.get(page).content.decode()
        assert self.mine.post(page, sent | {"hand_in": "1"}).status_code == 302
        assert Analysis.objects.get().is_handed_in
        assert self.mine.post(page, sent | {"compliance_rate": "10"}).status_code != 302
        young = reverse("m:standard-analysis", args=[pk("GB 44496-2024")])
        assert b"hand_in" not in self.mine.get(young).content, "not long enough in force"


def test_the_authority_of_recalls_reads_and_does_not_keep(catalogue, light):  # noqa: F811
    samr = signed_in(light, Role.SAMR_REVIEWER)
    assert samr.get(reverse("a:standards")).status_code == 200
    assert samr.get(reverse("a:standard-enter")).status_code == 403
