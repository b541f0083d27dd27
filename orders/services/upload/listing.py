"""Lists whose heading names every column: numbered rows under those names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from b2b.core.spreadsheet import unguard
from orders.policies.raw_row import RawRow
from orders.services.upload import limits
from orders.services.upload.limits import MAX_CELL_CHARACTERS, refuse, too_many_rows


def below_heading(
    lines: Iterable[tuple[int, Sequence[str]]],
    heading: Callable[[int, Sequence[str]], list[str]],
    *,
    remedy: str,
) -> list[RawRow]:
    """Turn numbered lines of cells into rows; `heading` names the columns of the first, empty lines are passed over.

    The mark that an export puts before a text which a spreadsheet would calculate goes.

    :raises UnreadableUpload: for too many rows, too long a cell, no row at all (with the `remedy`), and by `heading`.
    """
    columns: list[str] = []
    rows: list[RawRow] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = heading(number, cells)
            continue
        if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
            refuse("cell_too_long", f"row {number} has a cell of more than {MAX_CELL_CHARACTERS} characters",
                   "Look for a quotation mark that is not closed, or shorten it.", row=number)  # fmt: skip
        if len(rows) == limits.MAX_ROWS:
            too_many_rows()
        values = {name: unguard(cell) for name, cell in zip(columns, cells, strict=False) if name}
        rows.append(RawRow(number, values))
    if not rows:
        refuse("no_rows", "there is no row below the heading", remedy)
    return rows
