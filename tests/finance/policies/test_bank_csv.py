"""A bank's CSV export is read by its layout, in either order, and every fault names its row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.policies import bank_csv
from finance.policies.bank_csv import BadMapping, Layout
from finance.policies.bank_statement import BadStatement

GERMAN = Layout(
    {
        "booking_date": "Buchung",
        "amount": "Betrag",
        "balance": "Saldo",
        "remittance_text": "Zweck 1 + Zweck 2",
        "counterparty_identifier": "IBAN",
    },
    delimiter=";",
    encoding="cp1252",
    date_format="%d.%m.%Y",
    decimal_mark=",",
    skipped_rows=1,
)
HEAD = "Export vom 4.3.\nBuchung;Betrag;Saldo;Zweck 1;Zweck 2;IBAN\n"
NEW = "03.03.2026;-5,00;1.095,00;Gebühr;;\n"
OLD = "02.03.2026;1.000,00;1.100,00;INV-MID-;000042;DE02\n"


def read(text: str, layout: Layout = GERMAN, currency: str = "EUR"):
    *lines, head = bank_csv.read(text.encode(layout.encoding), layout, account="A-1", currency=currency)
    return lines, head


@pytest.mark.parametrize("rows", [NEW + OLD, OLD + NEW])
def test_the_balances_are_found_whichever_row_is_first(rows):
    lines, head = read(HEAD + rows)
    assert (head.opening, head.closing, head.problem()) == (100, 1095, "")
    assert sorted(line.amount for line in lines) == [-5, 1000]


def test_columns_may_be_joined_and_umlauts_are_kept():
    lines, _ = read(HEAD + OLD + NEW)
    assert [line.remittance_text for line in lines] == ["INV-MID- 000042", "Gebühr"]
    assert lines[0].counterparty_identifier == "DE02"


def test_a_lost_row_shows_in_the_balances():
    assert "miss the closing balance" in read(HEAD + OLD + NEW.replace("1.095", "1.090"))[1].problem()


def test_money_in_and_out_may_be_apart_and_other_currencies_are_left_out():
    layout = Layout(
        {"booking_date": "D", "money_in": "In", "money_out": "Out", "currency": "C"}, date_format="%Y%m%d"
    )
    lines, head = read('D,In,Out,C\n20260302,"1,000.50",,EUR\n20260302,,7,USD\n20260303,,(2.5),EUR\n', layout)
    assert [line.amount for line in lines] == [Decimal("1000.50"), Decimal("-2.5")]
    assert (head.opening, head.problem()) == (None, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD.replace("Saldo", "Stand") + OLD, "line 2: the file has no column Saldo"),
        (HEAD + OLD.replace("02.03.2026", "2026-03-02"), "line 3: '2026-03-02' is no date"),
        (HEAD + OLD.replace("1.000,00", "eins"), "line 3: 'eins' is no amount"),
        (HEAD + OLD + "02.03.2026;1\n", "line 4: 2 cells"),
        (HEAD + OLD.replace("1.000,00", "1,005"), "line 3: '1,005' is no amount"),
        (HEAD + OLD.replace("INV-MID-", "INV\0MID"), "line 3: a cell holds the character NUL"),
        (HEAD, "no line in EUR"),
    ],
)
def test_a_fault_names_its_row(text, message):
    with pytest.raises(BadStatement, match=message):
        read(text)


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (Layout({"amount": "A"}), "booking date"),
        (Layout({"booking_date": "D"}), "amount"),
        (Layout({"booking_date": "D", "money_in": "A"}), "amount"),
        (Layout({"booking_date": "D", "amount": "A", "colour": "C"}), "colour"),
        (Layout({"booking_date": "D", "amount": "A"}, delimiter=";;"), "one character"),
        (Layout({"booking_date": "D", "amount": "A"}, encoding="morse"), "morse"),
        (Layout({"booking_date": "D", "amount": "A"}, encoding="hex"), "hex"),
    ],
)
def test_a_layout_that_fits_no_file_is_refused(layout, message):
    with pytest.raises(BadMapping, match=message):
        layout.check()


def test_another_encoding_than_agreed_and_endless_decimals_are_no_surprise():
    layout = Layout({"booking_date": "D", "amount": "A"}, encoding="utf-16")
    with pytest.raises(BadStatement, match="utf-16"):
        list(bank_csv.read(b"D,A\n2026-03-02,1\n", layout, account="A-1", currency="EUR"))
    [line], _ = read("D,A\n2026-03-02,0E-999999\n", Layout({"booking_date": "D", "amount": "A"}))
    assert str(line.amount) == "0.00"
