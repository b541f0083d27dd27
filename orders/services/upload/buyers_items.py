"""Lists of a dealer's article codes from CSV, TSV, XLSX or JSON: numbered rows under the names of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from orders.policies.buyers_item import COLUMNS
from orders.policies.raw_row import RawRow
from orders.services import upload
from orders.services.upload import delimited, json_rows, limits, table, workbook
from orders.services.upload.limits import MAX_CELL_CHARACTERS, refuse, too_many_rows
from orders.services.upload.price_list import MARK

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
    return _rows((workbook if kind == "xlsx" else delimited).cells(content))


def _rows(lines: Iterable[tuple[int, Sequence[str]]]) -> list[RawRow]:
    columns: list[str] = []
    rows: list[RawRow] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = _heading(number, cells)
            continue
        if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
            refuse("cell_too_long", f"row {number} has a cell of more than {MAX_CELL_CHARACTERS} characters",
                   "Look for a quotation mark that is not closed.", row=number)  # fmt: skip
        if len(rows) == limits.MAX_ROWS:
            too_many_rows()
        values = {name: cell.removeprefix(MARK) for name, cell in zip(columns, cells, strict=False) if name}
        rows.append(RawRow(number, values))
    if not rows:
        refuse("no_rows", "there is no row below the heading", "Add your codes.")
    return rows


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
