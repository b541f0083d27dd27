"""How much an upload may hold, and what its columns may be called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from b2b.core.errors import Invalid
from orders.policies.order_row import RawRow

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ROWS: Final = 100_000
MAX_CELL_CHARACTERS: Final = 200

_NAMES: Final = {
    "sku": ("sku", "product", "product code", "item", "item code", "article", "货号", "商品编码"),
    "gtin": ("gtin", "ean", "barcode", "upc", "条码"),
    "quantity": ("quantity", "qty", "amount", "order quantity", "数量"),
    "unit": ("unit", "uom", "unit code", "单位"),
    "ship_to": ("ship_to", "ship to", "site", "ship to site", "收货地"),
    "need_by_date": ("need_by_date", "need by", "need by date", "date", "delivery date", "需求日期"),
}
FIELDS: Final = {name: field for field, names in _NAMES.items() for name in names}
# A pasted table without a heading is read in this order.
POSITIONS: Final = ("sku", "quantity", "unit", "ship_to", "need_by_date")


class UnreadableUpload(Invalid):
    """The upload cannot be read; nothing was taken from it."""

    code = "unreadable_upload"


def check_size(content: bytes) -> None:
    """Refuse an empty or oversized upload.

    :raises UnreadableUpload: when it is.
    """
    if not content.strip():
        raise UnreadableUpload("the upload is empty")
    if len(content) > MAX_BYTES:
        raise UnreadableUpload(
            f"the upload is larger than {MAX_BYTES // 1024 // 1024} MB; split it", limit=MAX_BYTES
        )


def field_of(heading: str) -> str:
    """Return the field a column heading means, empty when it means none."""
    return FIELDS.get(" ".join(heading.lstrip("\ufeff").split()).lower(), "")


def to_rows(table: Iterable[tuple[int, Sequence[str]]]) -> list[RawRow]:
    """Turn numbered lines of cells into rows; the first line may be a heading, empty lines are passed over.

    :raises UnreadableUpload: for too many rows, too long a cell, or a heading without product and quantity.
    """
    columns: Sequence[str] | None = None
    rows: list[RawRow] = []
    for number, cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _heading(cells)
            if columns is not POSITIONS:
                continue
        if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
            raise UnreadableUpload(
                f"row {number} has a cell of more than {MAX_CELL_CHARACTERS} characters", row=number
            )
        if len(rows) == MAX_ROWS:
            raise UnreadableUpload(f"there are more than {MAX_ROWS} rows; split the upload", limit=MAX_ROWS)
        values = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
        rows.append(RawRow(number, values))
    if not rows:
        raise UnreadableUpload("there is no row to order")
    return rows


def _heading(cells: Sequence[str]) -> Sequence[str]:
    columns = [field_of(cell) for cell in cells]
    if not any(columns):
        return POSITIONS
    if "quantity" not in columns or not {"sku", "gtin"} & set(columns):
        raise UnreadableUpload("the heading needs a column sku or gtin, and a column quantity")
    return columns
