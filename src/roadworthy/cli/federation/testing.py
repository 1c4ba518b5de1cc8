"""What the test institution's engineer does in the institution's own deployment."""

from __future__ import annotations

import io
from typing import Any

from roadworthy.cli.federation.seat import Seat, now
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.organisations.services import NoSuchOrganisation
from roadworthy.domains.software import reporting
from roadworthy.kernel.calendar import legal_day


def report(
    seat: Seat, manufacturer: str, number: str, name: str, sha256: str, type_code: str
) -> dict[str, Any]:
    """Write, sign and hand over a report on one image, for a manufacturer elsewhere."""
    maker = organisations.by_slug(manufacturer)
    if maker is None:
        raise NoSuchOrganisation
    engineer = seat.actor(Role.TEST_ENGINEER)
    findings = reporting.Findings(
        number=number,
        title="Package integrity and rollback test",
        standard="GB 44496-2024",
        subjects=[reporting.Subject(name, sha256)],
        result=reporting.Result.PASSED,
        tested_on=legal_day(now()),
        type_code=type_code,
    )
    made = reporting.enter(
        institution_id=seat.organisation_id,
        manufacturer_id=maker.pk,
        findings=findings,
        filename=f"{number}.txt",
        content=io.BytesIO(f"{name}\nsha256 {sha256}\npassed\n".encode()),
        store=seat.platform.documents,
        actor=engineer,
        at=now(),
    )
    reporting.sign(
        report_id=made.pk,
        passphrase=seat.passphrase(Role.TEST_ENGINEER),
        keystore=seat.platform.keystore,
        actor=engineer,
        at=now(),
    )
    done = reporting.hand_over(report_id=made.pk, actor=engineer, at=now())
    return {"number": done.number, "sha256": done.sha256, "state": str(done.state)}
