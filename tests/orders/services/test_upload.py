"""What uploads are read, and what is refused before anything unpacks it."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from orders.services import upload
from orders.services.upload import archive, limits
from orders.services.upload.limits import UnreadableUpload


def saved(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def changed(content, name, body, *, level=zipfile.ZIP_DEFLATED):
    """Return the workbook with one part replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", level) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, body)
    return target.getvalue()


BOOK = saved(("SKU", "Quantity"), ("A", 3), (None, None), ("B", 4.0))
SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_keeps_its_row_numbers():
    rows = upload.read(BOOK, filename="any.bin")
    assert [(row.number, row.get("sku"), row.get("quantity")) for row in rows] == [
        (2, "A", "3"),
        (4, "B", "4"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (saved(("sku", "quantity"), ("A", "=1+1")), "formulas"),
        (changed(BOOK, "xl/vbaProject.bin", b"x"), "macros"),
        (changed(BOOK, "xl/externalLinks/externalLink1.xml", b"<x/>"), "links to other files"),
        (changed(BOOK, "xl/media/bomb.bin", b"\0" * 40_000_000), "unpacks to far more"),
        (BOOK[: len(BOOK) // 2], "damaged"),
        (
            changed(BOOK, SHEET, b"<worksheet><sheetData><row r='9'><c r='ZZZ1048576'/></row></sheetData>"),
            "beyond",
        ),
        (b"PK\x05\x06" + b"\0" * 18, "no .xlsx"),
        (b"", "empty"),
        (b"\0\1\2", "not a text file"),
        (b"sku,colour\nA,red\n", "heading"),
        (b"sku,quantity\n", "no row"),
        (b"[1, 2]", "no object"),
        (b"[[", "not JSON"),
        (b'{"sku": {"a": 1}}', "nested"),
        (b"sku,quantity\n" + b"A" * 300 + b",1\n", "200 characters"),
    ],
)
def test_what_is_refused(content, said):
    with pytest.raises(UnreadableUpload, match=said):
        upload.read(content)


def test_a_directory_that_lies_about_sizes_is_refused():
    content = bytearray(changed(BOOK, "xl/media/bomb.bin", b"\0" * 3_000_000))
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/media/bomb.bin"))
    content[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    with pytest.raises(UnreadableUpload):
        upload.read(bytes(content))


def test_old_and_macro_formats_are_named():
    with pytest.raises(UnreadableUpload, match="xlsm"):
        upload.read(b"\xd0\xcf\x11\xe0", filename="order.xlsm")


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 2)
    with pytest.raises(UnreadableUpload, match="more than 2 rows"):
        upload.read(b"sku,quantity\n" + b"A,1\n" * 3)


def test_a_pasted_table_needs_no_heading_and_chinese_headings_work():
    assert upload.read(b"A\t5\tCT\n")[0].values == {"sku": "A", "quantity": "5", "unit": "CT"}
    row = upload.read("货号;数量\n甲;5\n".encode("gb18030"))[0]
    assert (row.get("sku"), row.get("quantity")) == ("甲", "5")


@given(st.binary(max_size=400))
def test_garbage_is_refused_or_read_but_never_breaks(content):
    try:
        rows = upload.read(content)
    except UnreadableUpload:
        return
    assert rows


def test_entries_are_counted(monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 2)
    with pytest.raises(UnreadableUpload, match="too many"):
        upload.read(BOOK)
