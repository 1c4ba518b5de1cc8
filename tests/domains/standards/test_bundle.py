"""The bundled catalogue holds what the sources name, each with source, grade and place."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from roadworthy.domains.standards import bundle, life, queries
from roadworthy.domains.standards.entries import checked
from roadworthy.domains.standards.models import Placement, Standard, Supersession
from roadworthy.domains.standards.states import Grade
from roadworthy.law.rulebook import rulebook
from tests.domains.standards.conftest import NOW

SHARED = Path(__file__).resolve().parents[4] / "shared"
COUNTS = """
1.1 3, 1.2 0, 1.3 6, 2.1 5, 2.2 2, 2.3 0, 2.4 2, 3.1 2, 3.2 2, 4.1 3, 4.2 0, 4.3 0, 4.4 4, 4.5 0,
5.1 2, 5.2 0, 5.3 3, 6.1 0, 6.2 0, 6.3 1
"""
PER_SUB_AREA = {code: int(count) for code, count in map(str.split, COUNTS.split(","))}
# Named beside the standards: numbers that are no entry of their own, each with its reason.
EXPLAINED = {
    "GB 2793.1-2008": "a typing error of the source for GB 22793.1-2008",
    "GB 4430.1-2009": "a typing error of the source for GB 24430.1-2009",
    "GB 22793.1": "GB 22793.1-2008, named without its year",
    "GB 24430.1": "GB 24430.1-2009, named without its year",
}


def entries():
    return list(bundle.bundled())


def test_every_entry_is_right_by_itself_and_says_where_it_is_from():
    for one in entries():
        assert checked(one)
        for told in (one, *one.places, *one.supersedes, *one.adopts, *one.clauses):
            assert told.source in bundle.sources(), one.number
            assert told.grade in set(Grade), one.number
        for told in one.evidence.values():
            assert told["source"] in bundle.sources(), one.number


def test_the_areas_are_those_of_the_rulebook():
    """The guide's tree stands in the law pack as a parameter: the two say the same."""
    tree = rulebook().law.parameters["standards_tree"]
    [value] = [one.value for one in tree.values]
    for version in bundle._read("frameworks")[0]["versions"]:
        areas = version["areas"]
        found = {
            below[0]: head[0]
            for head, under in zip(areas[::2], areas[1::2], strict=True)
            for below in under
        }
        assert found == dict(value)
        assert (len(areas) // 2, len(found)) == (6, 20)


def test_the_second_framework_has_its_seven_categories():
    [told] = [one for one in bundle._read("frameworks") if one["key"] == "5g-security"]
    areas = told["versions"][0]["areas"]
    assert len(areas) // 2 == 7
    assert sum(map(len, areas[1::2])) == 20


def test_counts_per_sub_area():
    counted = Counter(
        place.path.removeprefix("iov-security/2022/")
        for one in entries()
        for place in one.places
        if place.path.startswith("iov-security/2022/")
    )
    assert {code: counted[code] for code in PER_SUB_AREA} == PER_SUB_AREA
    assert set(counted) <= set(PER_SUB_AREA)


_SOURCE = re.compile(
    r"(?<![\w/])(?P<head>GB/T|GB|YD/T|QB|T/[A-Z]+) ?(?P<numbers>\d[\d./–-]*)(?P<year>-\d{4})?"
)


def named(text: str) -> set[str]:
    """The numbers of standards in a text, by an expression that shares nothing with the product."""
    found = set()
    for head, numbers, _ in _SOURCE.findall(text):
        year = re.search(r"-(\d{4})$", numbers.rstrip(".,-"))
        body = numbers.rstrip(".,-/–")
        if year:
            body = body[: -len(year[0])]
        span = re.fullmatch(r"(\d{4})–(\d{4})", body)
        if span:
            parts = [str(one) for one in range(int(span[1]), int(span[2]) + 1)]
        else:
            first, *more = body.split("/")
            stem = first.split(".")[0]
            parts = [
                first,
                *(f"{stem}{one}" if one.startswith(".") else one for one in more if one),
            ]
        found |= {f"{head} {one}{year[0] if year else ''}" for one in parts if len(one) > 1}
    return found


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared beside the checkout")
def test_everything_that_the_sources_name_is_in_the_catalogue():
    law = (SHARED / "reference/law.md").read_text(encoding="utf-8")
    seed = next((SHARED / "seeds").glob("004_*")).read_text(encoding="utf-8")
    four = law[law.index("\n## 4. ") : law.index("\n## 5. ")]
    six = law[law.index("\n## 6. ") : law.index("\n## 7. ")]
    body = seed[
        seed.index("\nTakeaways\n") : seed.index("\nAnnex-SESEC Recent Activities\n\nSESEC")
    ]
    sections = re.split(r"\n(?=\d{1,2}\. [A-Z])", body)
    wanted = {"2", "9", "10", "14", "18", "20"}
    chosen = [one for one in sections if one.split(".")[0] in wanted]
    told = named("\n".join([four, six, *chosen])) | {
        f"UN R{one}" for one in re.findall(r"\bR(155|156)\b", four)
    }
    assert len(told) > 60
    held = {one.number for one in entries()}
    undated = {one.split("-")[0] for one in held}
    missing = {
        one for one in told if one not in held and one not in undated and one not in EXPLAINED
    }
    assert missing == set()


def test_what_is_left_out_says_why():
    for one in bundle.left_out():
        assert one["because"]["zh-hans"]
        assert one["because"]["en"]
        assert one["source"] in bundle.sources()


@pytest.mark.django_db
class TestLoaded:
    @pytest.fixture(autouse=True)
    def _loaded(self, catalogue):
        self.kept = catalogue

    def test_it_loads_whole_and_a_second_time_not_at_all(self):
        assert len(self.kept.added) == len(entries()) == Standard.objects.count()
        assert bundle.load.__wrapped__(at=NOW) is None

    def test_a_typing_error_of_the_source_is_repaired_and_its_words_are_kept(self):
        links = Supersession.objects.filter(successor__number="DRAFT furniture-children-safety")
        told = {one.predecessor.number: one.raw for one in links.select_related("predecessor")}
        assert told["GB 22793.1-2008"] == "GB 2793.1-2008"
        assert told["GB 24430.1-2009"] == "GB 4430.1-2009"
        assert not Standard.objects.filter(number="GB 2793.1-2008").exists()

    def test_the_same_number_of_another_force_is_another_standard(self):
        day = date(2027, 7, 1)
        assert queries.standing("GB/T 44721-2024", day).stands == "superseded"
        assert queries.standing("GB/T 44721-2024", day).successors == ("GB 44721-2026",)
        assert queries.standing("GB 44721-2026", day).stands == "in-force"
        assert queries.successors("GB/T 44721-2024", day) == ("GB 44721-2026",)
        before = day - timedelta(days=1)
        assert queries.standing("GB/T 44721-2024", before).stands == "in-force"
        assert queries.standing("GB 44721-2026", before).stands == "published"
        assert queries.successors("GB/T 44721-2024", before) == ("GB/T 44721-2024",)

    def test_the_database_says_of_every_entry_what_the_dates_say(self):
        for day in (date(2020, 1, 1), date(2021, 5, 6), date(2021, 7, 5), date(2026, 6, 1)):
            self._agree(day)
        for day in (date(2024, 8, 23), date(2027, 7, 1), date(2030, 1, 1), NOW.date()):
            self._agree(day)

    def _agree(self, day):
        listed = queries.standards(None, as_of=day)
        told = queries.standing_of(listed, day)
        assert {one.number: one.stands for one in listed} == {
            one.number: str(one.stands) for one in told.values()
        }

    def test_it_is_searched_in_chinese_english_pinyin_and_by_number(self):
        for text in (
            "44496",
            "软件升级通用",
            "software update of vehicles",
            "ruanjianshengji",
            "qcrjsj",
        ):
            assert "GB 44496-2024" in [one.number for one in queries.search(text)], text
        assert [one.number for one in queries.search("GB 44721")] == ["GB 44721-2026"]
        assert {one.number for one in queries.search("44721")} == {
            "GB 44721-2026",
            "GB/T 44721-2024",
        }

    def test_a_place_that_is_our_own_mapping_says_so(self):
        assert not Placement.objects.filter(is_ours=False).exists()


def test_life_and_state_agree_on_the_day_for_which_the_source_speaks():
    for one in entries():
        stands = life.standing(
            life.Dates(
                one.state,
                one.stated_on,
                one.planned_on,
                one.comment_from,
                one.comment_until,
                one.approved_on,
                one.published_on,
                one.in_force_on,
                one.withdrawn_on,
            ),
            (),
            one.stated_on,
        )
        assert stands.stands == one.state, one.number
