import pytest
import yaml

from roadworthy.rules import strict_yaml


def test_a_date_given_twice_is_refused_with_its_line():
    with pytest.raises(yaml.MarkedYAMLError, match=r"repeated key(.|\n)*line 3"):
        strict_yaml.load("values:\n  2022-01-01: 10\n  2022-01-01: 5\n")


def test_words_that_yaml_guesses_about_stay_words():
    read = strict_yaml.load("{a: no, b: on, c: 12:30, d: 2025-06-01, e: 007, f: 1.10, g: 0x1f}")
    assert read == {
        "a": "no",
        "b": "on",
        "c": "12:30",
        "d": "2025-06-01",
        "e": "007",
        "f": "1.10",
        "g": "0x1f",
    }


def test_numbers_truth_and_nothing_are_known():
    read = strict_yaml.load("{a: 5, b: -3, c: 0, d: true, e: false, f: null, g: ~, h: }")
    assert read == {"a": 5, "b": -3, "c": 0, "d": True, "e": False, "f": None, "g": None, "h": None}


def test_python_objects_are_not_built():
    with pytest.raises(yaml.YAMLError):
        strict_yaml.load("!!python/object/apply:os.getcwd []")


def test_a_value_of_a_foreign_kind_is_refused_with_its_kind():
    with pytest.raises(ValueError, match="!x"):
        strict_yaml.scalar(strict_yaml.compose("!x 1"))
