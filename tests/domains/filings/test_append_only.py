"""What was approved, filed, answered and agreed stays: the database refuses, whoever asks."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from tests import approving
from tests.world import World

REFUSED = (
    "UPDATE access_approvalversion SET reason = 'another'",
    "DELETE FROM access_approvalversion",
    "UPDATE filings_dossier SET sha256 = repeat('0', 64)",
    "UPDATE filings_dossier SET content = '{}'",
    "DELETE FROM filings_dossier",
    "UPDATE filings_filing SET receipt = ''",
    "UPDATE filings_filing SET receipt = receipt || ' '",
    "UPDATE filings_filing SET number = 'MA-1'",
    "DELETE FROM filings_filing",
)


def test_raw_sql_cannot_rewrite_what_was_approved_filed_and_answered(world: World) -> None:
    approving.approved(world)
    for text in REFUSED:
        with (
            pytest.raises(IntegrityError, match=r"only ever added|handed in"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(text)


@pytest.mark.django_db
def test_every_history_has_its_trigger() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table FROM information_schema.triggers "
            "WHERE trigger_name IN ('append_only', 'receipt_stays')"
        )
        guarded = {row[0] for row in cursor.fetchall()}
    assert guarded >= {
        "access_approvalversion",
        "access_parameterschema",
        "campaigns_consent",
        "campaigns_actionevent",
        "filings_dossier",
        "filings_filing",
        "ledger_entry",
        "notices_notice",
        "software_evaluation",
    }
