"""The matrix as a table for a file: every cell with its reason, its rule and its evidence."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.domains.compliance.exporting import Table
from roadworthy.domains.compliance.queries import Matrix
from roadworthy.portals.manufacturer import matrix_page
from roadworthy.portals.shared.formats import localised


def table(found: Matrix) -> Table:
    """Return a matrix in the reader's language, a line for each requirement."""
    heads = (
        *(
            _("Type"),
            _("As of"),
            _("Standard"),
            pgettext("standards", "Clause"),
            _("Requirement"),
            _("State"),
        ),
        *(_("Binds from"), _("Why"), _("Missing fact"), _("Rule"), _("Evidence grade")),
        *(_("Evidence"), _("Valid until"), _("ECUs"), _("Functions"), _("Source")),
    )
    return Table(heads, tuple(_line(found, matrix_page.row(one)) for one in found.cells))


def _line(found: Matrix, row: dict[str, Any]) -> tuple[str, ...]:
    cell, clause = row["cell"], row["clause"]
    valid = [one["line"] for one in (*row["proofs"], *row["covered"]) if one["counts"]]
    ends = [one.valid_until.isoformat() for one in valid if one.valid_until]
    return (
        found.type.code,
        found.as_of.isoformat(),
        clause.standard.number,
        clause.number,
        row["title"],
        str(row["chip"].text),
        cell.since.isoformat() if cell.since else "",
        row["why"],
        matrix_page.formats_list(row["missing"]),
        matrix_page.formats_list([one.rule_id for one in cell.findings]),
        row["grade"],
        matrix_page.formats_list([one.title for one in valid]),
        max(ends, default=""),
        row["units"],
        row["functions"],
        localised(clause.source),
    )
