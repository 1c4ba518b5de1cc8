"""The four cases of the law, from the application for the type to signed metadata."""

from __future__ import annotations

import pytest

from tests.portals.cases.story import Story

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_routine_change(story: Story) -> None:
    story.type_approved()
    story.foundation()
    story.release_written("R-1", b"an image", {})
    first = story.prepared("R-1", "Update activity", story.activity())
    story.signed("R-1")
