"""The evaluations that a release rests on stand in the log, by the digest of their evidence."""

from __future__ import annotations

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.software.models import Evaluation
from roadworthy.kernel.canonical import canonical, sha256_hex
from roadworthy.law import evidence
from roadworthy.law.rulebook import rulebook
from tests.world import World

EVALUATED = "release:evaluated"


def test_each_assessment_of_a_release_reaches_the_log_as_evidence_of_its_bytes(
    world: World,
) -> None:
    world.witness()
    release = world.released()
    world.witness()
    story = [told for told in ledger.story_of_release(release.pk) if told.event == EVALUATED]
    logged = [told.data["evaluation_sha256"] for told in story]
    kept = list(Evaluation.objects.filter(release=release).order_by("id"))
    assert logged == [row.sha256 for row in kept]
    assert logged
    checkpoint = ledger.latest_checkpoint()
    assert checkpoint is not None
    assert all(told.index is not None and told.index < checkpoint.size for told in story)
    for row in kept:
        content = canonical(row.result)
        assert sha256_hex(content) == row.sha256
        again = evidence.rerun(rulebook(), evidence.read(content))
        assert again.is_same, again.to_json()
