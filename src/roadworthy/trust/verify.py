"""Verifies a proof bundle offline, with nothing but the bundle and the keys one trusts.

Without keys of the verifier's own, the keys in the bundle are used. That shows that the bundle
agrees with itself and is undamaged; it cannot show who made it, and the report says so.
"""

from __future__ import annotations

from pathlib import Path

from roadworthy.trust import bundle_reading, verify_answers, verify_images
from roadworthy.trust.bundle import Anchors, AnchorsLine, AnchorsMalformed
from roadworthy.trust.bundle_reading import Bundle
from roadworthy.trust.report import Findings, Report, Text
from roadworthy.trust.verify_log import verify_log


def verify(bundle: bytes | Path, anchors: Anchors | None = None) -> Report:
    """Check everything in a bundle and name each line at fault; any bytes give a report."""
    content = bundle.read_bytes() if isinstance(bundle, Path) else bundle
    findings = Findings()
    lines = bundle_reading.read(content, findings)
    trusted = _anchors(lines, anchors, findings)
    if trusted is not None:
        _verify(lines, trusted, findings)
    return Report(tuple(findings.checks), tuple(findings.problems), anchors is None)


def _anchors(lines: Bundle, given: Anchors | None, findings: Findings) -> Anchors | None:
    with findings.check(Text("The keys to verify with are known")) as now:
        if given is not None:
            now.saw(Text("keys given by the verifier"))
            return given
        now.saw(Text("keys taken from the bundle itself"))
        found = lines.of(AnchorsLine)
        if len(found) != 1:
            now.problem("anchors", Text("The bundle holds no keys and none are given."))
            return None
        try:
            value = {name: getattr(found[0], name) for name in AnchorsLine.__struct_fields__}
            return Anchors.from_dict(value)
        except AnchorsMalformed as error:
            now.refused("anchors", error)
            return None


def _verify(lines: Bundle, anchors: Anchors, findings: Findings) -> None:
    entries = verify_log(lines, anchors, findings)
    dossiers = verify_answers.verify_documents(lines, entries, findings)
    chain = verify_images.verify_chain(lines, anchors, findings)
    vouched = verify_images.verify_images(lines, chain, findings) if chain else []
    verify_answers.verify_shipped(lines, vouched, dossiers, findings)
    verify_answers.verify_answers(lines, anchors, chain, vouched, dossiers, entries, findings)
