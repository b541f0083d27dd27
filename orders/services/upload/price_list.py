"""Price lists from CSV, TSV or XLSX: numbered rows under the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence

from orders.policies.agreement_row import COLUMNS, NEEDED
from orders.policies.raw_row import RawRow
from orders.services import upload
from orders.services.upload import delimited, workbook
from orders.services.upload.limits import refuse
from orders.services.upload.listing import below_heading


def read(content: bytes, *, filename: str = "", kind: str = "") -> list[RawRow]:
    """Return the rows of a price list; every column must be one that is known.

    :raises UnreadableUpload: when it is not such a file, or its heading is not that of a price list.
    """
    kind = kind or upload.format_of(filename, content)
    if kind not in ("csv", "tsv", "xlsx"):
        refuse("unknown_format", "a price list is CSV, TSV or XLSX", "Save it as .csv or .xlsx.")
    lines = (workbook if kind == "xlsx" else delimited).cells(content)
    return below_heading(lines, _heading, remedy="Add your prices.")


def _heading(_number: int, cells: Sequence[str]) -> list[str]:
    names = ["_".join(cell.lstrip("\ufeff").lower().split()) for cell in cells]
    unknown = [
        cell.strip()[:40] for cell, name in zip(cells, names, strict=True) if name and name not in COLUMNS
    ]
    if unknown:
        refuse(
            "unknown_column",
            f"{', '.join(unknown)} is no column of a price list",
            f"Use {', '.join(COLUMNS)}.",
        )
    if any(name not in names for name in NEEDED):
        refuse(
            "missing_column",
            f"the heading needs the columns {', '.join(NEEDED)}",
            f"Use {', '.join(COLUMNS)}.",
        )
    repeated = {name for name in names if name and names.count(name) > 1}
    if repeated:
        refuse(
            "repeated_column",
            f"the column {', '.join(sorted(repeated))} is there twice",
            "Leave one of the two.",
        )
    return names
