"""What can be asked about yearly reports. The manufacturer comes first; it sees its own."""

from __future__ import annotations

from django.db.models import QuerySet

from roadworthy.domains.processing import errors
from roadworthy.domains.processing.duty_models import AnnualReport


def reports(manufacturer_id: int) -> QuerySet[AnnualReport]:
    """Return all versions of all reports, newest first."""
    found = AnnualReport.objects.filter(manufacturer_id=manufacturer_id)
    return found.select_related("made_by").order_by("-year", "-number")


def report(manufacturer_id: int, report_id: int) -> AnnualReport:
    """Return one version of a report.

    Raises:
        NoSuchReport: there is none, or it is another manufacturer's.
    """
    found = reports(manufacturer_id).filter(pk=report_id).first()
    if found is None:
        raise errors.NoSuchReport
    return found
