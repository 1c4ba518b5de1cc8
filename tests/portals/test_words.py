"""Every state, role, kind and label has its word, and the errors' data are put into words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from roadworthy.domains.campaigns import states as campaigns
from roadworthy.domains.conformity import states as conformity
from roadworthy.domains.filings import states as filings
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import states as software
from roadworthy.kernel.transitions import WrongRole, WrongState
from roadworthy.law.labels import Label
from roadworthy.portals.shared import errors, findings, words


@pytest.mark.parametrize(
    ("named", "table"),
    [
        (software.State, words.RELEASE),
        (filings.State, words.FILING),
        (campaigns.State, words.CAMPAIGN),
        (campaigns.ActionState, words.ACTION),
        (conformity.State, words.FINDING),
        (conformity.Kind, findings.KINDS),
        (conformity.Reason, findings.REASONS),
        (Role, words.ROLES),
        (Kind, words.KINDS),
        (Kind, words.SEALS),
        (filings.Kind, words.FILING_KINDS),
        (KeyPurpose, words.PURPOSES),
        (Label, words.LABELS),
    ],
)
def test_nothing_is_without_its_word(named: Any, table: Any) -> None:
    assert set(table) == set(named)


@pytest.mark.parametrize(
    "act", [*software.Action, *filings.Action, *campaigns.Act, *conformity.Act], ids=str
)
def test_every_action_of_a_state_table_can_be_said(act: Any) -> None:
    assert words.ACTS[act]


def test_an_undetermined_label_is_dashed_and_carries_a_question_mark() -> None:
    label = words.label(Label.DEFECT_REMEDY, maybe=True)
    assert (label.maybe, label.seal, label.key) == (True, "?", "defect")


def test_an_error_names_its_states_and_actions_in_the_readers_language() -> None:
    error = WrongState(state="submitted", action="submit")
    with translation.override("zh-hans"):
        assert errors.sentence(error) == "不能提交：目前为“审查中”。"
    with translation.override("en"):
        assert errors.sentence(error) == "Cannot submit: this is Under review."


def test_an_error_lists_roles_by_their_names() -> None:
    with translation.override("en"):
        said = errors.sentence(WrongRole(roles="homologation, release-engineer", action="sign"))
    assert said == "Only Homologation officer, Release engineer may sign this."
