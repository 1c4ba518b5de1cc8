"""What the manufacturer's people do until a release is out: levels, release, filing, signature."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from roadworthy.cli.demo import cases
from roadworthy.cli.federation import images, versions
from roadworthy.cli.federation.seat import Seat, now
from roadworthy.domains.exchange import delays
from roadworthy.domains.filings import ceremony as key_ceremony
from roadworthy.domains.filings import classifying, gate, queries, services
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software_queries
from roadworthy.domains.software import reporting, reports
from roadworthy.domains.software import services as software
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.trust import client, repository_files

TITLES = {
    "service": {"zh-hans": "车道提示文字与图标更新", "en": "Clearer lane messages and symbols"},
    "recall": {"zh-hans": "车道识别缺陷消除", "en": "The lane is no longer lost in low sun"},
}
WORDS = {
    "zh-hans": {"purpose": "前视摄像头更新", "content": "前视摄像头单元"},
    "en": {"purpose": "Update of the forward camera", "content": "Forward camera unit"},
}
PLANNED_AHEAD = timedelta(days=60)  # more than any deadline before an activity
DEFECT = {
    "removes_defect": True,
    "known_defect_for_same_fault": True,
    "affects_regulated_performance": True,
    "declared_kind": "recall",
}


def ceremony(seat: Seat) -> int:
    """Write into the metadata whose keys must sign; those of the authorities came as cards."""
    roles = key_ceremony.appoint(
        manufacturer_id=seat.organisation_id,
        platform=seat.platform,
        offline_passphrase=seat.offline_passphrase,
        at=now(),
    )
    return len(roles)


def file_level(seat: Seat, kind: str) -> list[str]:
    """Prepare and submit the filings of level 1 or 2 to both authorities; return the numbers."""
    details: Mapping[str, Any] = cases.CAPABILITY
    if kind == Kind.TYPE:
        codes = list(vehicles.types(seat.organisation_id).values_list("code", flat=True))
        details = dict(cases.TYPE) | {
            "types": codes,
            "version_sets": {versions.ECU: versions.VERSIONS[0]},
            "evidence": f"{len(codes)} types",
        }
    return _submitted(seat, _prepared(seat, Kind(kind), details))


def register(seat: Seat, number: str, sort: str, version: str) -> dict[str, Any]:
    """Register a release of a new version with its image; the institution will test the image."""
    engineer = seat.actor(Role.RELEASE_ENGINEER)
    types = vehicles.types(seat.organisation_id)
    with_ecu = [
        one.pk for one in types if vehicles.hardware_ids(types.filter(pk=one.pk), versions.ECU)
    ]
    release = software.register_release(
        manufacturer_id=seat.organisation_id,
        number=number,
        title=TITLES[sort],
        description=WORDS,
        type_ids=with_ecu,
        planned_on=legal_day(now() + PLANNED_AHEAD),
        actor=engineer,
        at=now(),
    )
    packed = images.pack(seat, version, vehicles.hardware_ids(types, versions.ECU)[0])
    change = software.add_change(
        release_id=release.pk,
        ecu_name=versions.ECU,
        from_version=versions.before(version),
        to_version=version,
        filename=packed.name,
        chunks=[packed.read_bytes()],
        images=seat.platform.images,
        actor=engineer,
        at=now(),
    )
    return {"image": change.image.filename, "sha256": change.image.sha256}


def received_reports(seat: Seat) -> list[str]:
    """Return the numbers of the reports that institutions handed over."""
    return list(reports.usable(seat.organisation_id).values_list("number", flat=True))


def freeze(seat: Seat, number: str, sort: str, report: str) -> dict[str, Any]:
    """Rest the release on the institution's report, answer, freeze, ask the rulebook."""
    engineer = seat.actor(Role.RELEASE_ENGINEER)
    release = software_queries.release(seat.organisation_id, number)
    reporting.attach(
        report_id=reports.usable(seat.organisation_id).get(number=report).pk,
        release_id=release.pk,
        store=seat.platform.documents,
        images=seat.platform.images,
        actor=engineer,
        at=now(),
    )
    software.add_evidence(
        release_id=release.pk,
        kind="safety-assessment",
        title="Safety assessment",
        filename=f"assessment-{number}.txt",
        chunks=[b"No open risk. Demonstration.\n"],
        images=seat.platform.images,
        actor=engineer,
        at=now(),
    )
    answers = dict(cases.INTERFACE.answers) | (DEFECT if sort == "recall" else {})
    software.answer(release_id=release.pk, answers=answers, actor=engineer, at=now())
    software.freeze(release_id=release.pk, actor=engineer, at=now())
    classifying.classify(release_id=release.pk, actor=engineer, at=now())
    evaluation = queries.latest_evaluation(release)
    return {"labels": evaluation.result["labels"] if evaluation else []}


def sign_and_file(seat: Seat, number: str) -> list[str]:
    """Prepare the activity, sign the metadata that names its digest, submit to both authorities."""
    release = software_queries.release(seat.organisation_id, number)
    details = dict(cases.ACTIVITY) | {"vehicle_count": len(seat.vehicles)}
    filings = _prepared(seat, Kind.ACTIVITY, details, release_id=release.pk)
    gate.sign(
        release_id=release.pk,
        passphrase=seat.passphrase(Role.RELEASE_ENGINEER),
        platform=seat.platform,
        actor=seat.actor(Role.RELEASE_ENGINEER),
        at=now(),
    )
    return _submitted(seat, filings)


def submit(seat: Seat, number: str) -> str:
    """Submit one filing; return its state."""
    filing = queries.of_manufacturer(seat.organisation_id).get(number=number)
    return _submitted(seat, [filing])[0]


def filings(seat: Seat) -> dict[str, dict[str, Any]]:
    """Return the manufacturer's filings by number: state, digest, whether a receipt is there."""
    return {
        one.number: {
            "state": str(one.state),
            "kind": str(one.dossier.kind),
            "authority": str(one.authority.kind),
            "sha256": one.dossier.sha256,
            "reason": one.reason,
            "has_receipt": bool(one.receipt),
        }
        for one in queries.of_manufacturer(seat.organisation_id)
    }


def standing(seat: Seat, number: str) -> dict[str, Any]:
    """Return where a release stands: its state, and whose signature is missing."""
    release = software_queries.release(seat.organisation_id, number)
    candidate = queries.candidate_of(release)
    return {
        "state": str(release.state),
        "labels": release.labels,
        "missing": list(gate.missing(candidate)) if candidate else [],
    }


def waits(seat: Seat, number: str) -> list[dict[str, Any]]:
    """Return what the release's page says that it waits for at other deployments."""
    release = software_queries.release(seat.organisation_id, number)
    return [
        {"why": str(one.why), "deployment": one.deployment, "messages": one.messages}
        for one in delays.of_release(release)
    ]


def stolen(seat: Seat, number: str) -> dict[str, str]:
    """Publish the under-signed metadata beside the true repository; ask python-tuf's client."""
    release = software_queries.release(seat.organisation_id, number)
    candidate = queries.candidate_of(release)
    if candidate is None:
        return {"refused": "", "detail": "there is no candidate"}
    folder = seat.work / "as-if-published-anyway"
    shutil.rmtree(folder, ignore_errors=True)
    repository_files.under_signed_copy(
        DatabaseMetadata(),
        seat.platform.contents,
        folder,
        role=candidate.role,
        candidate=bytes(candidate.payload),
        signatures=gate.collected(candidate),
        online=seat.platform.online,
        at=now(),
    )
    try:
        _fetch(seat, number, folder)
    except client.TargetRefused as refusal:
        return {
            "refused": str(refusal.data["exception"]),
            "detail": str(refusal.data["detail"]),
        }
    return {"refused": "", "detail": "the client took it"}


def fetched(seat: Seat, number: str) -> dict[str, Any]:
    """Fetch the image through the gateway with python-tuf's client, as a vehicle would."""
    got = _fetch(seat, number, f"{seat.gateway_url}/repo")
    return {"length": got.length, "sha256": got.hashes["sha256"]}


def _fetch(seat: Seat, number: str, repository: str | Path) -> client.FetchedTarget:
    release = software_queries.release(seat.organisation_id, number)
    change = software_queries.changes_of(release.pk).get()
    candidate = queries.candidate_of(release)
    manufacturer, _, labels = (candidate.role if candidate else "").partition(".")
    home = seat.work / "tuf-client"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    return client.fetch_verified(
        repository,
        f"{manufacturer}/{labels}/{change.image.filename}",
        root=DatabaseMetadata().get("root", 1),
        client_home=home,
    )


def _prepared(
    seat: Seat, kind: Kind, details: Mapping[str, Any], release_id: int | None = None
) -> list[Any]:
    made = services.prepare(
        kind=kind,
        manufacturer_id=seat.organisation_id,
        release_id=release_id,
        details=details,
        actor=seat.actor(Role.HOMOLOGATION),
        at=now(),
    )
    return list(made)


def _submitted(seat: Seat, filings: list[Any]) -> list[str]:
    for filing in filings:
        services.submit(filing_id=filing.pk, actor=seat.actor(Role.HOMOLOGATION), at=now())
    return [filing.number for filing in filings]
