"""From lines of cells to rows: what the heading means, and what no cell may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from orders.policies.raw_row import FIELDS, RawRow
from orders.services.upload import limits
from orders.services.upload.limits import MAX_CELL_CHARACTERS, MAX_OPTIONS_CHARACTERS, refuse

_NAMES: Final = {
    "sku": ("sku", "product", "product code", "item", "item code", "article", "货号", "商品编码", "编码"),
    "buyers_code": (
        "buyers_code",
        "buyers code",
        "your code",
        "our code",
        "own code",
        "my code",
        "customer code",
        "customer article",
        "自编码",
        "客户编码",
    ),
    "gtin": ("gtin", "ean", "barcode", "bar code", "upc", "条码", "条形码"),
    "quantity": ("quantity", "qty", "amount", "order quantity", "数量", "订购数量"),
    "unit": ("unit", "uom", "unit code", "单位"),
    "ship_to": ("ship_to", "ship to", "site", "ship to site", "收货地", "收货地点"),
    "need_by_date": (
        "need_by_date",
        "need by",
        "need by date",
        "needed by",
        "date",
        "delivery date",
        "需求日期",
    ),
    "max_unit_price": ("max_unit_price", "max unit price", "max price", "ceiling", "最高单价"),
    "flex_up": ("flex_up", "flex up", "可增数量"),
    "flex_down": ("flex_down", "flex down", "可减数量"),
    "options": ("options", "选项"),
    "all_or_nothing": ("all_or_nothing", "all or nothing", "complete only", "整单"),
    "currency": ("currency", "币种"),
}
MEANING: Final = {name: field for field, names in _NAMES.items() for name in names}
# What the result of a bulk order adds to each row, so that its file may be mended and sent in again as it is.
RESULT_COLUMNS: Final = (
    "row", "result", "name", "base quantity", "unit price", "net", "tax", "available", "expected",
    "next price from", "next price", "to next price", "same as row", "problem", "column", "remedy",
)  # fmt: skip
# Columns that tell people something and the platform nothing; any other unknown column may hold what somebody meant.
IGNORED: Final = frozenset(RESULT_COLUMNS) | {
    "product name", "description", "remark", "remarks", "note", "notes", "comment", "comments", "no", "no.", "#",
    "price", "品名", "商品名称", "名称", "备注", "序号", "单价", "金额",
}  # fmt: skip
# A pasted table without a heading is read in this order.
POSITIONS: Final = ("sku", "quantity", "unit", "ship_to", "need_by_date")


_row: Final = partial(tuple.__new__, RawRow)


def to_rows(table: Iterable[tuple[int, Sequence[str]]]) -> list[RawRow]:
    """Turn numbered lines of cells into rows; the first line may be a heading, empty lines are passed over.

    :raises UnreadableUpload: for too many rows, too long a cell, or a heading that is not understood.
    """
    columns: Sequence[str] | None = None
    rows: list[RawRow] = []
    is_plain, most = False, limits.MAX_ROWS
    for number, cells in table:
        told = "".join(cells)
        if not told or told.isspace():
            continue
        if columns is None:
            columns = _heading(number, cells)
            is_plain = all(columns)
            if columns is not POSITIONS:
                continue
        if len(told) > MAX_CELL_CHARACTERS:
            _check_cells(number, columns, cells)
        if len(rows) == most:
            limits.too_many_rows()
        if is_plain and "" not in cells:
            values = dict(zip(columns, cells))  # noqa: B905
        else:
            values = {name: cell for name, cell in zip(columns, cells) if cell and name}  # noqa: B905
        rows.append(_row((number, values)))
    if not rows:
        where = " below the heading" if columns else " to order"
        refuse("no_rows", f"there is no row{where}", "Add a row with a product and a quantity.")
    return rows


def _check_cells(number: int, columns: Sequence[str], cells: Sequence[str]) -> None:
    for index, cell in enumerate(cells):
        name = columns[index] if index < len(columns) else ""
        most = MAX_OPTIONS_CHARACTERS if name == "options" else MAX_CELL_CHARACTERS
        if len(cell) > most:
            refuse("cell_too_long", f"row {number} has a cell of more than {most} characters",
                   "Look for a quotation mark that is not closed.", row=number, field=name)  # fmt: skip


def _heading(number: int, cells: Sequence[str]) -> Sequence[str]:
    texts = [" ".join(cell.lstrip("\ufeff").split()).lower() for cell in cells]
    columns = [MEANING.get(text, "") for text in texts]
    if not any(columns):
        return POSITIONS
    for text, column in zip(texts, columns, strict=True):
        if text and not column and text not in IGNORED:
            refuse("unknown_column", f"the heading has a column {text[:40]} that nobody knows",
                   f"Remove it or call it one of {', '.join(FIELDS)}.", row=number, field=text[:40])  # fmt: skip
        if column and columns.count(column) > 1:
            refuse("repeated_column", f"the heading names the column {column} more than once",
                   "Keep one of them.", row=number, field=column)  # fmt: skip
    if "quantity" not in columns or not {"sku", "gtin", "buyers_code"} & set(columns):
        refuse("missing_column", "the heading needs a column sku, gtin or buyers_code, and a column quantity",
               "Add what is missing; a merged heading hides the columns it covers.", row=number)  # fmt: skip
    return columns
