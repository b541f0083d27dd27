"""Lists of a dealer's article codes from CSV, TSV, XLSX or JSON: numbered rows under the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orders.policies.buyers_item import COLUMNS
from orders.policies.raw_row import RawRow
from orders.services import upload
from orders.services.upload import delimited, json_rows, table, workbook
from orders.services.upload.limits import refuse
from orders.services.upload.listing import below_heading

# What a column may be called, besides what the same column of an order is called.
_MEANING: Final = {name: field for name, field in table.MEANING.items() if field in COLUMNS}


def read(content: bytes, *, filename: str = "", kind: str = "") -> list[RawRow]:
    """Return the rows of a list of codes; a table has a heading that names the code and the SKU or GTIN.

    :raises UnreadableUpload: when it is not such a file.
    """
    kind = kind or upload.format_of(filename, content)
    if kind in ("json", "ndjson"):
        rows = (json_rows.read if kind == "json" else json_rows.read_lines)(content)
        for row in rows:
            if unknown := sorted(row.values.keys() - set(COLUMNS)):
                refuse("unknown_column", f"row {row.number} has a member {unknown[0]} that means nothing here",
                       f"Use {', '.join(COLUMNS)}.", row=row.number, field=unknown[0])  # fmt: skip
        return rows
    lines = (workbook if kind == "xlsx" else delimited).cells(content)
    return below_heading(lines, _heading, remedy="Add your codes.")


def _heading(number: int, cells: Sequence[str]) -> list[str]:
    texts = [" ".join(cell.lstrip("\ufeff").split()).lower() for cell in cells]
    names = [_MEANING.get(text, "") for text in texts]
    for text, name in zip(texts, names, strict=True):
        if text and not name and text not in table.IGNORED:
            refuse("unknown_column", f"the heading has a column {text[:40]} that means nothing here",
                   f"Remove it or call it one of {', '.join(COLUMNS)}.", row=number, field=text[:40])  # fmt: skip
        if name and names.count(name) > 1:
            refuse("repeated_column", f"the heading names the column {name} more than once",
                   "Keep one of them.", row=number, field=name)  # fmt: skip
    if "buyers_code" not in names or not {"sku", "gtin"} & set(names):
        refuse("missing_column", "the heading needs a column buyers_code, and a column sku or gtin",
               "Add what is missing.", row=number)  # fmt: skip
    return names
