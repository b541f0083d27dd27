"""Tables that a spreadsheet opens as what they are: no cell of them is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape

# What a spreadsheet calculates when it opens a file (OWASP, "CSV Injection"); a plain number is none.
FORMULA: Final = re.compile(r"[=+\-@\t\r](?!\d+(\.\d+)?$)")
MARK: Final = "'"
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The least a workbook consists of (ECMA-376 part 1, 12.3).
_PARTS: Final = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def guard(cell: Any) -> Any:
    """Mark a text that a spreadsheet would calculate."""
    return MARK + cell if isinstance(cell, str) and FORMULA.match(cell) else cell


def unguard(cell: Any) -> Any:
    """Take the mark off a text that `guard` marked."""
    marked = isinstance(cell, str) and cell.startswith(MARK) and FORMULA.match(cell[1:])
    return cell[1:] if marked else cell


def csv_file(rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows as CSV in UTF-8 with a byte order mark, as spreadsheets expect; None is an empty cell."""
    target = io.StringIO()
    csv.writer(target).writerows([guard(_plain(cell)) for cell in row] for row in rows)
    return ("\ufeff" + target.getvalue()).encode()


def xlsx_file(rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows as a workbook of one sheet: numbers as numbers, everything else as text, None as an empty cell."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in _PARTS.items():
            archive.writestr(name, part)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for text in _sheet(rows):
                sheet.write(text.encode())
    return target.getvalue()


def _sheet(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'
    for number, row in enumerate(rows, start=1):
        yield f'<row r="{number}">{"".join(map(_cell, row))}</row>'
    yield "</sheetData></worksheet>"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"<c><v>{value:f}</v></c>" if isinstance(value, Decimal) else f"<c><v>{value}</v></c>"
    text = escape(_NO_XML.sub("", str(guard(_plain(value)))))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else value
