"""Rows that a person pastes into a form: one line each, columns by tab, semicolon or comma."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from b2b.core.errors import Invalid, Problem

_SEPARATORS = re.compile(r"\t|;|,\s*")


def rows_of(text: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return a dictionary per line that is not empty; what is missing at the end of a line is empty.

    :raises Invalid: naming the rows with more columns than there should be.
    """
    rows, problems = [], []
    for number, line in enumerate((one for one in text.splitlines() if one.strip()), start=1):
        cells = [cell.strip() for cell in _SEPARATORS.split(line.strip())]
        if len(cells) > len(columns):
            problems.append(Problem("too_many_columns", _("too many columns"), row=number))
        cells += [""] * (len(columns) - len(cells))
        rows.append(dict(zip(columns, cells, strict=False)))
    if problems or not rows:
        raise Invalid(_("Paste at least one row."), problems=problems)
    return rows


def whole(row: dict[str, str], name: str, number: int) -> int:
    """Return a cell as a whole number. :raises Invalid: naming the row when it is none."""
    if not (row[name].isascii() and row[name].isdigit()):
        raise Invalid(
            _("A row cannot be read."),
            problems=[Problem("invalid_quantity", _("no whole number"), row=number, field=name)],
        )
    return int(row[name])


def decimal(row: dict[str, str], name: str, number: int) -> Decimal:
    """Return a cell as a decimal number. :raises Invalid: naming the row when it is none."""
    try:
        found = Decimal(row[name])
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Invalid(
            _("A row cannot be read."),
            problems=[Problem("invalid_price", _("no price"), row=number, field=name)],
        )
    return found
