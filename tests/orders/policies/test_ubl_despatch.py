"""UBL despatch advices: own files as programs write them, the published sample, and files that are wrong on purpose."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.errors import DomainError, Invalid
from b2b.core.xml import MalformedXml, UnsafeXml
from orders.policies.ubl_despatch import Unit, UnreadableAdvice, is_sscc, read
from tests.support import ubl

# Our own files are always tried, the one OASIS published where somebody has it.
OWN = Path(__file__).parent / "despatch"
SAMPLES = Path(os.environ.get("SAMPLES_DIR", Path(__file__).parents[4] / "shared" / "samples"))
PALLET, CARTON, OTHER = ubl.sscc(1), ubl.sscc(2), ubl.sscc(3)


def codes(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(UnreadableAdvice) as refused:
        read(content)
    assert all(problem.row and problem.remedy for problem in refused.value.problems)
    return [(problem.code, problem.field) for problem in refused.value.problems]


def test_lines_lots_and_dates_are_read() -> None:
    found = read(
        ubl.advice(ubl.line(1, 48, order_line=3, gtin="09521234000017", lot="L1", expiry="2027-01-31"))
    )
    assert (found.number, found.order_number, found.expected_at.date()) == ("D-1", "PO-1", date(2026, 3, 3))
    [line] = found.lines
    assert (line.quantity, line.unit_code, line.order_line_id) == (48, "EA", "3")
    assert (line.gtin, line.lot_number, line.expiry_date) == ("09521234000017", "L1", date(2027, 1, 31))
    assert line.row > 1


def test_units_are_nested_however_they_are_written() -> None:
    by_header = ubl.advice(ubl.line(1, 5), units=ubl.unit(PALLET, ubl.package(CARTON), lines=[1], kind="PX"))
    found = read(by_header)
    assert set(found.units) == {Unit(PALLET, "", "PALLET"), Unit(CARTON, PALLET)}
    assert found.lines[0].sscc == PALLET
    by_line = ubl.advice(ubl.line(1, 5, units=ubl.unit(PALLET, ubl.package(CARTON))))
    assert read(by_line).lines[0].sscc == CARTON
    assert {unit.sscc: unit.parent_sscc for unit in read(by_line).units} == {PALLET: "", CARTON: PALLET}


def test_every_fault_is_told_with_its_line() -> None:
    wrong = PALLET[:-1] + str((int(PALLET[-1]) + 1) % 10)
    content = ubl.advice(
        ubl.line(1, "2.5"),
        ubl.line(2, "-3"),
        ubl.line(3, 1, expiry="31.12.2026"),
        ubl.line(4, 1, units=ubl.unit(wrong)),
        ubl.line(5, 1, lot="L" * 41),
    )
    assert codes(content) == [
        ("bad_quantity", "DeliveredQuantity"),
        ("bad_quantity", "DeliveredQuantity"),
        ("no_date", "ItemInstance/LotIdentification/ExpiryDate"),
        ("wrong_check_digit", "ID"),
        ("lot_too_long", "ItemInstance/LotIdentification/LotNumberID"),
    ]


def test_what_the_whole_document_lacks() -> None:
    assert codes(ubl.advice(number="", order="", issued="")) == [
        ("no_number", "ID"),
        ("no_date", "IssueDate"),
        ("line_count", "DespatchLine"),
        ("no_order", "OrderReference/ID"),
    ]
    assert codes(ubl.advice(ubl.line(1, 1, order="PO-1"), ubl.line(2, 1, order="PO-2"))) == [
        ("several_orders", "OrderReference/ID")
    ]
    two = ubl.unit(PALLET, ubl.package(CARTON)) + ubl.unit(OTHER, ubl.package(CARTON))
    assert codes(ubl.advice(ubl.line(1, 1), units=two)) == [("two_places", "ID")]
    assert codes(b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>") == [
        ("not_a_despatch_advice", "")
    ]


def test_hostile_files_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    outside = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    for content in (bomb, outside, b"<a>" * 100 + b"</a>" * 100, b" " * (16 * 2**20 + 1)):
        with pytest.raises(UnsafeXml):
            read(content)
    for content in (b"", b"<DespatchAdvice", b"\x00\x01"):
        with pytest.raises((MalformedXml, UnreadableAdvice)):
            read(content)


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_a_damaged_file_is_refused_or_read_and_never_crashes(noise: bytes, at: int) -> None:
    whole = ubl.advice(ubl.line(1, 5, units=ubl.unit(PALLET, ubl.package(CARTON))))
    try:
        read(whole[:at] + noise + whole[at + len(noise) :])
    except DomainError as error:
        assert isinstance(error, Invalid)  # noqa: PT017 - what else it may raise is the point


@given(st.integers(0, 10**17 - 1), st.integers(0, 9))
def test_one_check_digit_is_right(serial: int, digit: int) -> None:
    code = f"{serial:017d}{digit}"
    assert is_sscc(code) == (code == ubl.sscc(serial, prefix=""))


def test_what_programs_write_is_read():
    """Prefixes of its own and time zones; a mark of byte order, Windows line ends and nested units; UTF-16."""
    found = {path.stem: read(path.read_bytes()) for path in sorted(OWN.glob("*.xml"))}
    assert list(found) == ["gs1-units-bom-crlf", "one-line-utf16", "peppol-own-prefixes"]
    told = {
        name: (one.number, one.order_number, one.expected_at.date().isoformat(), len(one.units))
        for name, one in found.items()
    }
    assert told == {
        "gs1-units-bom-crlf": ("80001234", "PO-FAC-1", "2026-03-06", 3),
        "one-line-utf16": ("送-17", "PO-FAC-1", "2026-03-02", 0),
        "peppol-own-prefixes": ("LF-2026/000417", "PO-FAC-1", "2026-03-05", 1),
    }
    filters, washers = found["peppol-own-prefixes"].lines
    assert (filters.quantity, filters.unit_code, filters.gtin, filters.lot_number, filters.expiry_date) == (
        48, "EA", "09521234000017", "CH-0417", date(2027, 9, 30)
    )  # fmt: skip
    assert (filters.sscc, washers.sscc) == (found["peppol-own-prefixes"].units[0].sscc, "")
    assert (washers.quantity, washers.unit_code, washers.buyers_sku) == (6, "XCT", "SKU-2")
    outer, middle, inner = found["gs1-units-bom-crlf"].units
    assert (outer.kind, middle.parent_sscc, inner.parent_sscc) == ("PALLET", outer.sscc, middle.sscc)
    [palletful] = found["gs1-units-bom-crlf"].lines
    assert (palletful.sscc, palletful.expiry_date, palletful.row) == (outer.sscc, date(2028, 1, 31), 15)
    [wax] = found["one-line-utf16"].lines
    assert (wax.lot_number, wax.buyers_sku) == ("批-9", "SKU-1")


def test_published_samples_are_read():
    for path in SAMPLES.glob("ubl/despatchadvice/UBL-DespatchAdvice-2.0-Example.xml"):
        found = read(path.read_bytes())
        assert (found.number, found.order_number) == ("565899", "AEG012345")
        assert found.expected_at.date() == date(2005, 6, 21)
        [line] = found.lines
        assert (line.quantity, line.unit_code, line.order_line_id) == (90, "KGM", "1")
        assert (line.lot_number, line.expiry_date) == ("546378239", date(2010, 1, 1))
