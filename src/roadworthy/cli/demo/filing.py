"""Steps 4 to 7: releases, classification, filing to both authorities, signatures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.cli.demo import cases, evidence
from roadworthy.cli.demo.cases import Case
from roadworthy.cli.demo.stage import DemoFailed, Stage
from roadworthy.domains.filings import classifying, gate, queries, upkeep
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.sharing import services as sharing
from roadworthy.domains.sharing.errors import NoSuchMatter
from roadworthy.domains.sharing.policy import Matter
from roadworthy.domains.software import queries as software_queries
from roadworthy.domains.software import services as software
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.trust import client, repository_files

if TYPE_CHECKING:
    from roadworthy.domains.filings.models import Filing
    from roadworthy.domains.software.models import Release

REGISTERED, PREPARED, SUBMITTED, DECIDED = 10, 9, 8, 7  # working days before today
REVIEWER = {Party.MIIT: Role.MIIT_REVIEWER, Party.SAMR: Role.SAMR_REVIEWER}


def levels(stage: Stage) -> None:
    """File levels 1 and 2, on which every activity rests; SAMR returns the first attempt."""
    first = _prepare(stage, Kind.CAPABILITY, dict(cases.CAPABILITY), 20)
    for filing in first:
        _submit(stage, filing, 19)
    samr = next(filing for filing in first if filing.authority.kind == Party.SAMR)
    filings.send_back(
        filing_id=samr.pk,
        reason="The manual's chapter on emergency management is missing.",
        actor=stage.actor(Role.SAMR_REVIEWER),
        at=stage.days.before(18),
    )
    stage.narrator.refused(f"{samr.number}: SAMR returned it with a reason; it is submitted again")
    _submit(stage, samr, 17)
    for filing in first:
        _accept(stage, filing, 16)
    codes = list(
        vehicles.types(stage.cast.manufacturer_id)
        .filter(pk__in=stage.type_ids)
        .values_list("code", flat=True)
    )
    details = dict(cases.TYPE) | {
        "types": codes,
        "version_sets": {"fwdCamera": evidence.OLD_VERSION},
        "evidence": f"{len(codes)} types",
    }
    for filing in _prepare(stage, Kind.TYPE, details, 14):
        _submit(stage, filing, 13)
        _accept(stage, filing, 12)
    stage.narrator.good("Level 1 (capability) and level 2 (type and function) are accepted")
    stage.narrator.see("/m/filings/")


def register(stage: Stage, case: Case) -> Release:
    """Register a release with its image, an attested test report and all answers; freeze it."""
    engineer = stage.actor(Role.RELEASE_ENGINEER)
    types = vehicles.types(stage.cast.manufacturer_id).filter(pk__in=stage.type_ids)
    with_ecu = [each.pk for each in types if vehicles.hardware_ids(types, case.ecu)]
    release = software.register_release(
        manufacturer_id=stage.cast.manufacturer_id,
        number=case.number,
        title=case.title,
        description=case.description,
        type_ids=with_ecu,
        planned_on=stage.days.today,
        actor=engineer,
        at=stage.days.before(REGISTERED),
    )
    image = evidence.pack(stage, case.ecu, vehicles.hardware_ids(types, case.ecu)[0])
    software.add_change(
        release_id=release.pk,
        ecu_name=case.ecu,
        from_version=evidence.OLD_VERSION,
        to_version=evidence.NEW_VERSION,
        filename=image.name,
        chunks=[image.read_bytes()],
        images=stage.platform.images,
        actor=engineer,
        at=stage.days.before(REGISTERED),
    )
    evidence.attach(stage, release, image)
    software.answer(
        release_id=release.pk,
        answers=case.answers,
        actor=engineer,
        at=stage.days.before(REGISTERED),
    )
    software.freeze(release_id=release.pk, actor=engineer, at=stage.days.before(REGISTERED))
    classifying.classify(release_id=release.pk, actor=engineer, at=stage.days.before(REGISTERED))
    release.refresh_from_db()
    stage.releases[case.number] = release
    return release


def show(stage: Stage, release: Release) -> None:
    """Print what the rulebook says of a release, and why."""
    evaluation = queries.latest_evaluation(release)
    if evaluation is None:
        raise DemoFailed(f"{release.number} was not classified")
    result = evaluation.result
    say = stage.narrator.say
    labels = ", ".join(result["labels"] + [f"{x}?" for x in result["undetermined_labels"]])
    say(f"{release.number}  {release.title['en']}")
    say(
        f"  labels: {labels}; N45 category {result['n45_category']}, "
        f"OTA22 grade {result['ota22_grade']}; {evaluation.decision}"
    )
    for finding in result["findings"]:
        if finding["outcome"] in {"broken", "undetermined"}:
            say(
                f"  {finding['outcome']:<12} {finding['rule_id']} ({finding['grade']}) "
                f"{finding['why']['en']}"
            )
    stage.narrator.see(f"/m/releases/{release.number}/")


def activity(stage: Stage, release: Release) -> tuple[Filing, ...]:
    """Prepare the dossier, sign the metadata that names it, submit to both authorities."""
    drafts = _prepare_release(stage, Kind.ACTIVITY, release, _activity_details(stage))
    gate.sign(
        release_id=release.pk,
        passphrase=stage.passphrase(Role.RELEASE_ENGINEER),
        platform=stage.platform,
        actor=stage.actor(Role.RELEASE_ENGINEER),
        at=stage.days.before(PREPARED),
    )
    for filing in drafts:
        _submit(stage, filing, SUBMITTED)
    digests = {filing.dossier.sha256 for filing in drafts}
    if len(digests) != 1:
        raise DemoFailed("the authorities were sent different contents")
    stage.narrator.good(f"MIIT and SAMR have the same content, digest {digests.pop()}")
    return drafts


def accept(stage: Stage, drafts: tuple[Filing, ...], party: Party) -> None:
    """Let one authority accept: a signed receipt, and its signature on the metadata."""
    for filing in drafts:
        if filing.authority.kind == party:
            _accept(stage, filing, DECIDED)
            stage.narrator.good(f"{filing.number}: accepted and signed by {party.upper()}")


def product_change(stage: Stage, release: Release) -> None:
    """Apply for the product change permit; MIIT returns it, then refuses nothing and permits."""
    details: Mapping[str, Any] = {
        "parameters": {"maximum_speed": {"from": "180 km/h", "to": "190 km/h"}},
        "reason": "New gearing of the drive unit",
    }
    (filing,) = _prepare_release(stage, Kind.PRODUCT_CHANGE, release, details)
    _submit(stage, filing, SUBMITTED)
    filings.send_back(
        filing_id=filing.pk,
        reason="Braking distance at the new maximum speed is missing.",
        actor=stage.actor(Role.MIIT_REVIEWER),
        at=stage.days.before(DECIDED),
    )
    stage.narrator.refused(f"{filing.number}: MIIT returned the product change with a reason")


def refuse_disguised_recall(stage: Stage, release: Release) -> None:
    """A defect called a service activity: SAMR refuses it."""
    drafts = activity(stage, release)
    samr = next(filing for filing in drafts if filing.authority.kind == Party.SAMR)
    filings.refuse(
        filing_id=samr.pk,
        reason="A known defect is removed: file a recall plan (Order 626 Art. 12).",
        actor=stage.actor(Role.SAMR_REVIEWER),
        at=stage.days.before(DECIDED),
    )
    stage.narrator.refused(f"{samr.number}: SAMR refused; the defect needs a recall (RCL-24)")
    _look_across(stage, samr)


def _look_across(stage: Stage, filing: Filing) -> None:
    """MIIT reads why SAMR refused: for a purpose that is shared, and not for another."""
    asked: Mapping[str, Any] = {
        "matter": Matter.OTA_FILING,
        "matter_id": filing.pk,
        "actor": stage.actor(Role.MIIT_REVIEWER),
    }
    try:
        sharing.look(**asked, purpose="requirements", at=stage.days.before(DECIDED))
    except NoSuchMatter:
        stage.narrator.refused("MIIT asks for it to update requirements: not shared for that")
    else:
        raise DemoFailed("a matter was opened for a purpose for which nothing shares it")
    sharing.look(**asked, purpose="ota-supervision", at=stage.days.before(DECIDED))
    stage.narrator.good("MIIT reads SAMR's reasons for joint supervision; the look is kept")
    stage.narrator.see("/a/cases/looks/")


def show_refusal(stage: Stage, release: Release) -> None:
    """Publish the under-signed metadata beside the true repository: a stock client refuses it."""
    candidate = queries.candidate_of(release)
    if candidate is None:
        raise DemoFailed("there is no candidate")
    stage.narrator.say(f"still missing: {', '.join(gate.missing(candidate))}")
    stolen = stage.work / "as-if-published-anyway"
    shutil.rmtree(stolen, ignore_errors=True)
    repository_files.under_signed_copy(
        DatabaseMetadata(),
        stage.platform.contents,
        stolen,
        role=candidate.role,
        candidate=bytes(candidate.payload),
        signatures=gate.collected(candidate),
        online=stage.platform.online,
        at=datetime.now(UTC),
    )
    try:
        _fetch(stage, release, stolen, "stolen")
    except client.TargetRefused as refusal:
        if refusal.data["exception"] != "UnsignedMetadataError":
            raise
        stage.narrator.good(
            f"tuf.ngclient refuses it: {refusal.data['exception']} ({refusal.data['detail']})"
        )
        return
    raise DemoFailed("a stock TUF client accepted an image without the authority's signature")


def show_acceptance(stage: Stage, release: Release) -> None:
    """Fetch the image through the gateway with the same stock client: now it accepts."""
    # The steps so far carry earlier dates; vehicles want a timestamp of today.
    upkeep.turn(stage.platform, datetime.now(UTC))
    release.refresh_from_db()
    if release.state != "released":
        raise DemoFailed(f"{release.number} is {release.state}, not released")
    fetched = _fetch(stage, release, f"{stage.gateway_url}/repo", "vehicle")
    stage.narrator.good(
        f"tuf.ngclient accepts it from the gateway: {fetched.length:,} bytes, "
        f"sha256 {fetched.hashes['sha256']}"
    )
    stage.narrator.see(f"/m/releases/{release.number}/")


def _fetch(
    stage: Stage, release: Release, repository: str | Path, name: str
) -> client.FetchedTarget:
    candidate = queries.candidate_of(release)
    change = software_queries.changes_of(release.pk).get()
    role = candidate.role if candidate else ""
    manufacturer, _, labels = role.partition(".")
    home = stage.work / f"tuf-client-{name}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    return client.fetch_verified(
        repository,
        f"{manufacturer}/{labels}/{change.image.filename}",
        root=DatabaseMetadata().get("root", 1),
        client_home=home,
    )


def _activity_details(stage: Stage) -> dict[str, Any]:
    return dict(cases.ACTIVITY) | {"vehicle_count": len(stage.vehicles)}


def _prepare(stage: Stage, kind: Kind, details: Mapping[str, Any], days: int) -> tuple[Filing, ...]:
    return filings.prepare(
        kind=kind,
        manufacturer_id=stage.cast.manufacturer_id,
        details=details,
        actor=stage.actor(Role.HOMOLOGATION),
        at=stage.days.before(days),
    )


def _prepare_release(
    stage: Stage, kind: Kind, release: Release, details: Mapping[str, Any]
) -> tuple[Filing, ...]:
    return filings.prepare(
        kind=kind,
        manufacturer_id=stage.cast.manufacturer_id,
        release_id=release.pk,
        details=details,
        actor=stage.actor(Role.HOMOLOGATION),
        at=stage.days.before(PREPARED),
    )


def _submit(stage: Stage, filing: Filing, days: int) -> None:
    filings.submit(
        filing_id=filing.pk,
        actor=stage.actor(Role.HOMOLOGATION),
        at=stage.days.before(days),
    )


def _accept(stage: Stage, filing: Filing, days: int) -> None:
    filing.refresh_from_db()
    if filing.state == State.ACCEPTED:
        return
    role = REVIEWER[Party(filing.authority.kind)]
    filings.accept(
        filing_id=filing.pk,
        passphrase=stage.passphrase(role),
        platform=stage.platform,
        actor=stage.actor(role),
        at=stage.days.before(days),
    )
