"""A file of facts is read as its author sees it, or refused with every fault and its line."""

from dataclasses import replace
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.kernel.errors import Invalid
from roadworthy.law import facts_file
from roadworthy.law.facts_file import UnusableFacts
from roadworthy.law.rulebook import Topic, rulebook
from roadworthy.rules.contradictions import Contradictory
from roadworthy.rules.facts import UnknownFact, WrongFact

BOOK = rulebook()


def read(content):
    content = content.encode() if isinstance(content, str) else content
    return facts_file.read(content, file="facts.yaml", book=BOOK)


def refused(content):
    with pytest.raises(UnusableFacts) as wrong:
        read(content)
    assert isinstance(wrong.value, Invalid)
    return wrong.value.faults


def test_a_flat_mapping_is_facts():
    said = read("removes_defect: false\nplanned_release_on: 2025-06-16\nfunction_level: 2\n")
    assert said.facts == {
        "removes_defect": False, "planned_release_on": date(2025, 6, 16), "function_level": 2,
    }  # fmt: skip
    assert said.as_of is None
    assert said.about is None


@pytest.mark.parametrize(
    "content",
    [
        "as_of: 2025-06-09\nabout: [update, recall]\nfacts:\n  removes_defect: true\n",
        "as_of: 2025-06-09\nabout: [update, recall]\nremoves_defect: true\n",
        '{\n\t"as_of": "2025-06-09", "about": ["update", "recall"],\n\t"removes_defect":\ttrue}',
        "\ufeffas_of: 2025-06-09\r\nabout: [update, recall]\r\nremoves_defect: true\r\n",
    ],
)
def test_the_day_and_the_topics_may_stand_beside_them(content):
    said = read(content)
    assert said.facts == {"removes_defect": True}
    assert said.as_of == date(2025, 6, 9)
    assert said.about == (Topic.UPDATE, Topic.RECALL)


def test_null_is_not_stated_and_one_topic_needs_no_list():
    said = read("removes_defect: null\nabout: update\nas_of: ~\n")
    assert said == facts_file.FactsFile({}, None, (Topic.UPDATE,))


def test_all_faults_are_named_at_once_each_with_its_line():
    faults = refused(
        "removes_defekt: true\n"
        "removes_defect: yes\n"
        "function_level: 9\n"
        "planned_release_on: 2125-06-16\n"
        "declared_kind: repair\n"
        "removes_defect: true\n"
    )
    assert [(fault.line, fault.field) for fault in faults] == [
        (1, "removes_defekt"), (2, "removes_defect"), (3, "function_level"),
        (4, "planned_release_on"), (5, "declared_kind"), (6, "removes_defect"),
    ]  # fmt: skip
    said = [fault.at("facts.yaml") for fault in faults]
    assert said[0] == (
        "facts.yaml:1: The rulebook knows no fact removes_defekt. Did you mean removes_defect?"
    )
    assert said[1].endswith("cannot be yes: it must be true or false.")
    assert said[2].endswith("cannot be 9: it must be a whole number from 0 to 5.")
    assert "from 1990-01-01 to 2100-12-31" in said[3]
    assert said[4].endswith("it must be one of service, recall.")
    assert said[5].endswith("it was stated in line 2 already.")


def test_the_message_has_a_line_for_each_fault():
    with pytest.raises(UnusableFacts) as wrong:
        read("a: 1\nb: 2\n")
    lines = str(wrong.value).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["facts.yaml:1:", "facts.yaml:2:"]


def test_contradictory_facts_are_named_together():
    (fault,) = refused("function_level: 4\n\nfunction_kind: combined_assistance\n")
    assert isinstance(fault.wrong, Contradictory)
    assert fault.line == 3
    assert "function_level = 4" in str(fault.wrong)


@pytest.mark.parametrize(
    ("content", "wrong", "line"),
    [
        ("", facts_file.NoFacts, 1),
        ("# nothing\n", facts_file.NoFacts, 1),
        ("---\n", facts_file.NoFacts, 1),
        ("- removes_defect: true\n", facts_file.NotNamed, 1),
        ("removes_defect\n", facts_file.NotNamed, 1),
        ("facts:\n- removes_defect\n", facts_file.NotNamed, 2),
        ("facts:\n", facts_file.NotNamed, 1),
        ("[a, b]: true\n", facts_file.NotNamed, 1),
        ("{a: b}: true\n", facts_file.NotNamed, 1),
        ("a: [\n", facts_file.NotReadable, 2),
        ("a: 1\n b: 2\n", facts_file.NotReadable, 2),
        ("removes_defect: true\n---\nremoves_defect: false\n", facts_file.NotReadable, 2),
        ("a: 1\nb: \x07\n", facts_file.NotReadable, 2),
        (b"a: 1\nb: \xff\n", facts_file.NotReadable, 2),
        ("[" * 5000, facts_file.NotReadable, 1),
        ("facts: {}\nasof: 2025-06-09\n", facts_file.UnknownField, 2),
        ("as_of: 2525-06-09\n", WrongFact, 1),
        ("as_of: [2025-06-09]\n", WrongFact, 1),
        ("about: [update, sales]\n", WrongFact, 1),
        ("about: 7\n", WrongFact, 1),
        ("removes_defect:\n  deeply: nested\n", WrongFact, 2),
        ("notice_fields: [[impact]]\n", WrongFact, 1),
        ("removes_defect: !!python/name:os.system x\n", WrongFact, 1),
        ("function_level: 2.0\n", WrongFact, 1),
        (f"function_level: {'9' * 5000}\n", WrongFact, 1),
        ("<<: {removes_defect: true}\n", UnknownFact, 1),
    ],
)
def test_what_is_no_set_of_facts_is_refused_with_its_line(content, wrong, line):
    fault = refused(content)[0]
    assert isinstance(fault.wrong, wrong)
    assert fault.line == line
    assert len(str(fault.wrong)) < 400


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        (
            "as_of: 2525-06-09", "as_of",
            ("The fact as_of cannot be 2525-06-09: "
            "it must be a day (YYYY-MM-DD) from 1990-01-01 to 2100-12-31."),
        ),
        (
            "about: [update, sales]", "about",
            ("The fact about cannot be update, sales: it must be a list of update, access, recall, "
            "incident, data, standards, marketing."),
        ),
        (
            "declared_kind: x  y", "declared_kind",
            "The fact declared_kind cannot be x y: it must be one of service, recall.",
        ),
        (
            f"declared_kind: {'x' * 60}", "declared_kind",
            f"The fact declared_kind cannot be {'x' * 60}: it must be one of service, recall.",
        ),
        (
            f"declared_kind: {'x' * 61}", "declared_kind",
            f"The fact declared_kind cannot be {'x' * 60}…: it must be one of service, recall.",
        ),
        (
            'declared_kind: "\\ud83d"', "declared_kind",
            "The fact declared_kind cannot be ?: it must be one of service, recall.",
        ),
    ],
    ids=range(6),
)  # fmt: skip
def test_the_words_of_a_fault_say_what_stood_there(content, field, said):
    (fault,) = refused(content)
    assert fault.field == field
    assert str(fault.wrong) == said


def test_nothing_said_about_topics_is_nothing_said():
    assert read("about: null\n").about is None


def test_an_alias_that_would_grow_is_never_unfolded():
    rows = ["a: &a [x, x]"] + [f"b{n}: &b{n} [*a, *a]" for n in range(3)]
    assert len(refused("\n".join(rows))) == 4


@given(st.one_of(st.text(), st.binary()))
def test_nothing_that_can_be_written_breaks_the_reader(content):
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    faults = []
    try:
        read(content)
    except UnusableFacts as wrong:
        faults = wrong.faults
    assert all(fault.line >= 1 for fault in faults)


def test_facts_that_come_as_data_are_checked_in_the_same_way():
    facts_file.check(BOOK, {"removes_defect": True, "function_level": None})
    with pytest.raises(UnusableFacts) as wrong:
        facts_file.check(
            BOOK,
            {"a": 1, "removes_defect": 1, "function_level": 4, "function_kind": "assistance"},
        )
    assert [fault.field for fault in wrong.value.faults] == [
        "a", "removes_defect", "function_kind, function_level",
    ]  # fmt: skip
    unknown, form, contradictory = (str(fault.wrong) for fault in wrong.value.faults)
    assert unknown.startswith("The rulebook knows no fact a.")
    assert form == "The fact removes_defect cannot be 1: it must be true or false."
    assert contradictory.endswith("Driver assistance is level 0 or 1 (GB/T 40429).")
    assert str(wrong.value).splitlines() == [unknown, form, contradictory]
    assert not str(wrong.value).startswith(":")


@pytest.mark.parametrize(
    ("content", "column", "said"),
    [
        (b"\xff", 0, "This is neither YAML nor JSON: it is not UTF-8."),
        (b"x: [1, 2", 9,
         "This is neither YAML nor JSON: expected ',' or ']', but got '<stream end>'."),
        (b"k\x00v\n", 0,
         ("This is neither YAML nor JSON: "
         "unacceptable character #x0000: special characters are not allowed.")),
        (b"[" * 5000, 0, "This is neither YAML nor JSON: it is nested too deeply."),
        (b"", 0, "There are no facts in it. Write one a line, as in: removes_defect: false."),
        (b"- a", 1,
         "Here stands a list, where facts with their names belong (removes_defect: false)."),
        (b"? {a: b}\n: c", 3,
         "Here stands a mapping, where facts with their names belong (removes_defect: false)."),
        (b"facts: " + b"y" * 61, 8,
         f"Here stands “{'y' * 60}”, where facts with their names belong (removes_defect: false)."),
        (b"removes_defect: [[a]]", 17,
         "The fact removes_defect cannot be a list: it must be true or false."),
        (b"removes_defect: {a: b}", 17,
         "The fact removes_defect cannot be a mapping: it must be true or false."),
        (b"removes_defect: [a, b]", 17,
         "The fact removes_defect cannot be a, b: it must be true or false."),
        (b'removes_defect: "a\\n  b"', 17,
         "The fact removes_defect cannot be a b: it must be true or false."),
        (b'removes_defect: "a\\ud800"', 17,
         "The fact removes_defect cannot be a?: it must be true or false."),
        (b"removes_defect: " + b"y" * 60, 17,
         f"The fact removes_defect cannot be {'y' * 60}: it must be true or false."),
        (b"removes_defect: " + b"y" * 61, 17,
         f"The fact removes_defect cannot be {'y' * 60}…: it must be true or false."),
        (b"as_of: 2025-6-1\nfacts: {}", 8,
         ("The fact as_of cannot be 2025-6-1: "
         "it must be a day (YYYY-MM-DD) from 1990-01-01 to 2100-12-31.")),
        (b"about: nothing\nfacts: {}", 8,
         ("The fact about cannot be nothing: it must be a list of "
         "update, access, recall, incident, data, standards, marketing.")),
        (b"facts: {}\nas_off: 2025-06-01", 1,
         "Beside facts there can be as_of and about, but no as_off. Did you mean as_of?"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_and_why(content, column, said):
    (fault,) = refused(content)
    assert (fault.column, str(fault.wrong)) == (column, said)


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ("as_of: 2025-6-1\nabout: nothing\nremoves_defect: yes\nx: 1\n",
         ["as_of", "about", "removes_defect", "x"]),
        ("- a", [""]),
        ("[a]: b", [""]),
        ("\xff".encode("latin-1"), [""]),
        ("a: [", [""]),
        ("a\x00", [""]),
        ("[" * 5000, [""]),
        ("", [""]),
    ],
)  # fmt: skip
def test_a_refusal_names_its_field_if_it_is_about_one(content, fields):
    assert [fault.field for fault in refused(content)] == fields


def test_faults_of_one_line_come_as_they_stand_in_it():
    faults = refused("{function_level: 9, removes_defect: yes, x: 1, declared_kind: repair}")
    assert [fault.field for fault in faults] == [
        "function_level", "removes_defect", "x", "declared_kind",
    ]  # fmt: skip
    columns = [fault.column for fault in faults]
    assert columns == sorted(columns)


def test_the_refusal_keeps_the_name_of_the_file():
    with pytest.raises(UnusableFacts) as wrong:
        read(b"\xff")
    assert wrong.value.file == "facts.yaml"
    assert str(wrong.value).startswith("facts.yaml:1: ")
    nameless = UnusableFacts([facts_file.Fault("a", facts_file.NoFacts(), 3)])
    assert nameless.file == ""
    assert str(nameless).startswith("3: There are no facts")


def test_what_the_parser_only_calls_by_its_context_is_told_by_it():
    mark = yaml.Mark("x", 0, 4, 2, None, 0)
    by_context = yaml.MarkedYAMLError("while reading", mark)
    told = facts_file._unreadable(by_context, "")
    assert (told.line, told.column) == (5, 3)
    assert "while reading." in str(told.wrong)
    bare = facts_file._unreadable(yaml.MarkedYAMLError(), "")
    assert (bare.line, bare.column, str(bare.wrong)[-3:]) == (1, 1, " ?.")
    plain = facts_file._unreadable(yaml.YAMLError("first\nsecond"), "a\nb\n")
    assert (plain.line, plain.column, str(plain.wrong)) == (
        1, 0, "This is neither YAML nor JSON: first.",
    )  # fmt: skip


def test_a_byte_that_is_no_letter_is_found_in_its_line():
    (fault,) = refused(b"a: 1\nb: 2\nc: \xff\n")
    assert (fault.line, fault.column) == (3, 0)


def test_what_is_wrong_with_several_facts_is_named_after_all_of_them():
    (fault,) = refused("{function_kind: combined_assistance, function_level: 4}")
    assert fault.field == "function_kind, function_level"
    assert fault.column == 38
    (again,) = refused("removes_defect: true\nremoves_defect: true\n")
    assert str(again.wrong) == "removes_defect stands here again; it was stated in line 1 already."
    (field,) = refused("facts: {}\nas_off: 2025-06-01\n")
    assert field.field == "as_off"
    (far,) = refused("facts: {}\nzzz: 1\n")
    assert "no zzz. Did you mean " in str(far.wrong)


def test_topics_may_be_left_open():
    assert read("about: ~\nremoves_defect: true\n").about is None


def test_what_is_wrong_with_data_is_said_of_each():
    with pytest.raises(UnusableFacts) as wrong:
        facts_file.check(BOOK, {"a": 1, "function_level": 4, "function_kind": "assistance"})
    assert [type(fault.wrong) for fault in wrong.value.faults] == [UnknownFact, Contradictory]


def test_a_letter_that_yaml_does_not_know_is_found_in_its_line():
    for content, line in ((b"\x07", 1), (b"a: 1\n\x07", 2), (b"a: 1\n\n\x07", 3)):
        (fault,) = refused(content)
        assert fault.line == line
    (first,) = [facts_file._unreadable(yaml.YAMLError("x"), "\n\n")]
    assert first.line == 1
    position = yaml.reader.ReaderError("x", 3, 7, "utf-8", "no")
    assert facts_file._unreadable(position, "\na\nb").line == 3


def test_a_fault_says_its_place_as_far_as_there_is_one():
    fault = facts_file.Fault("a", facts_file.NoFacts())
    assert fault.at("") == str(fault.wrong)
    assert fault.at("f.yaml") == f"f.yaml: {fault.wrong}"
    assert replace(fault, line=3).at("f.yaml") == f"f.yaml:3: {fault.wrong}"


def test_a_first_line_that_is_empty_counts():
    (fault,) = refused(b"\n\xff")
    assert fault.line == 2


@pytest.mark.parametrize("content", ['\n {\n\t"removes_defect": true}', "{removes_defect:\ttrue }"])
def test_json_may_be_indented_with_tabs_wherever_it_begins(content):
    assert read(content).facts == {"removes_defect": True}


def test_a_list_indented_with_tabs_is_a_list():
    (fault,) = refused("[\n\t1\n]")
    assert str(fault.wrong).startswith("Here stands a list")


@pytest.mark.parametrize("content", [b"\xff", b"a: [", b"[" * 5000, b"", b"removes_defect: yes"])
def test_every_refusal_keeps_the_name_of_the_file(content):
    with pytest.raises(UnusableFacts) as wrong:
        read(content)
    assert wrong.value.file == "facts.yaml"
