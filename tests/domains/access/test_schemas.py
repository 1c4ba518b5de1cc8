"""The schema of parameters, and content that is read by it."""

from __future__ import annotations

from datetime import date

import pytest

from roadworthy.domains.access import content, preparing, schemas, working
from roadworthy.domains.access import parameters as schema_files
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from tests import approving
from tests.world import World

DAY = date(2025, 6, 3)


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
        working.reopened(made.content), made.content["evidence"], schemas.on(DAY)
    )
    assert again.faults == ()
    assert again.content == made.content
