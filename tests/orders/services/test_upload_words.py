"""Each way a list cannot be read is told in its own words, with a place and a remedy; what is plain is read."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from orders.services import upload
from orders.services.upload import limits
from orders.services.upload.limits import UnreadableUpload


def book(*rows, merged="", **parts):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    if merged:
        made.active.merge_cells(merged)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def fault(content, filename=""):
    with pytest.raises(UnreadableUpload) as refused:
        upload.read(content, filename=filename)
    [problem] = refused.value.problems
    assert problem.message
    return problem


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
ROW = ("A", 3)


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"sku,quantity,colour\nA,1,red\n", "", "unknown_column"),
        (b"sku,quantity,qty\nA,1,1\n", "", "repeated_column"),
        (b"sku,unit\nA,EA\n", "", "missing_column"),
        (book(("sku", "quantity"), ROW, merged="A1:B1"), "", "merged_cells"),
        (book(("Order form", None), ("sku", "quantity"), ROW, merged="A1:B1"), "", "merged_cells"),
        (b"", "", "empty_file"),
        (b" \n\n ", "", "empty_file"),
        (b"sku,quantity\n", "", "no_rows"),
        (b"sku,quantity\n,\n , \n", "", "no_rows"),
        (book(("sku", "quantity"), ("A", "=1+1")), "", "formulas"),
        (OLE2, "", "old_format"),
        (OLE2, "order.xls", "old_format"),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), "order.xlsx", "encrypted"),
        (b"\x80\x81\xff\xff", "", "wrong_encoding"),
        (b'sku,quantity\n"A' + b"x" * 300 + b'",1\n', "", "cell_too_long"),
        (b'sku,quantity\n"A' + b"x" * 200_000 + b"\n", "", "broken_line"),
        (b'[{"sku": "A", "colour": "red"}]', "", "unknown_column"),
        (b'[{"sku": ["A"]}]', "", "nested_value"),
    ],
)
def test_each_has_its_own_code(content, filename, code):
    assert fault(content, filename).code == code


def test_the_place_is_told():
    assert fault(b"\nsku,quantity,colour\nA,1,red\n").row == 2
    merged = fault(book(("sku", "quantity"), ROW, merged="A1:B1"))
    assert (merged.field, merged.row) == ("A1:B1", 1)
    long = fault(b"sku,quantity\nA,1\n" + b"B" * 300 + b",1\n")
    assert (long.row, long.field) == (3, "sku")


def test_too_many_rows_are_refused_and_none_is_dropped(monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    assert fault(b"sku,quantity\n" + b"A,1\n" * 4).code == "too_many_rows"
    assert len(upload.read(b"sku,quantity\n" + b"A,1\n" * 3)) == 3


TABLE = "sku,quantity\n螺栓,5\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.encode("utf-16"),
        TABLE.encode("gb18030"),
        TABLE.encode("gbk"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        ("sep=;\n" + TABLE.replace(",", ";")).encode(),
        TABLE.replace("\n", "\r\n").encode() + b"\r\n,\r\n,\r\n",
        book(("sku", "quantity"), ("螺栓", 5), (None, None), ("", " ")),
        book(("sku", "quantity"), ("螺栓", 5.0)),
        '[{"sku": "螺栓", "quantity": 5}]'.encode(),
    ],
)
def test_what_is_plain_is_read(content):
    [row] = upload.read(content)
    assert (row.get("sku"), row.get("quantity")) == ("螺栓", "5")


def test_utf_16_without_a_mark_is_known_by_its_zeros():
    [row] = upload.read("sku,quantity\nA-1,5\n".encode("utf-16-le"))
    assert row.get("sku") == "A-1"


def test_columns_that_only_tell_people_something_are_passed_over():
    [row] = upload.read(b"#,sku,name,quantity,remark\n1,A,Bolt,5,please\n")
    assert row.values == {"sku": "A", "quantity": "5"}


def test_a_workbook_with_a_date_gives_the_day():
    [row] = upload.read(book(("sku", "quantity", "need by"), ("A", 5, date(2026, 12, 5))))
    assert row.get("need_by_date") == "2026-12-05"


def test_an_encrypted_part_is_named():
    content = bytearray(book(("sku", "quantity"), ROW))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        assert archive.infolist()
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert fault(bytes(content)).code == "encrypted"
