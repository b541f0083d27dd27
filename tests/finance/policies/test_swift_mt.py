"""MT940 statements and MT942 reports are read one by one; what a bank writes around them does not matter."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finance.policies import swift_mt
from finance.policies.bank_statement import BadStatement, Kind, Statement

ONE = """:20:REF1
:25:10020030/1234567
:28C:5/1
:60F:C260301EUR100,00
:61:2603020303CR50,00NTRFE2E-77//BANK9
:86:166?00GUTSCHRIFT?20SVWZ+INV-MID-000042?32DEALER LTD?31DE02100100109307118603
:61:2603030303DR20,00NCHGNONREF//BANK10
:86:fee of March
:62F:C260303EUR130,00
-
"""
REPORT = """:20:REF2
:25:GJB0291077111
:28C:1/1
:34F:EURD0,00
:13D:2603031730+0000
:61:2603030303D0,42NMSCNONREF//X1
:86:charge
:90D:1EUR0,42
"""


def read(text: str):
    return list(swift_mt.read(text.encode()))


def test_a_statement_is_its_lines_and_then_its_balances():
    paid, fee, head = read(ONE)
    assert isinstance(head, Statement)
    assert (head.opening, head.closing, head.currency, head.problem()) == (100, 130, "EUR", "")
    assert (head.account, head.known_as) == ("10020030/1234567", ("10020030/1234567", "1234567"))
    assert (paid.amount, paid.value_date, paid.booking_date) == (50, date(2026, 3, 2), date(2026, 3, 3))
    assert (paid.end_to_end_id, paid.bank_reference) == ("E2E-77", "BANK9")
    assert "INV-MID-000042" in paid.remittance_text
    assert (fee.amount, fee.end_to_end_id, fee.remittance_text) == (-20, "", "fee of March")


def test_statements_of_one_file_are_kept_apart():
    second = ONE.replace("REF1", "REF2").replace("1234567", "7654321")
    heads = [
        one for one in read(ONE + "\r\n{1:F01BANKDEFF}{2:I940}{4:\n" + second) if isinstance(one, Statement)
    ]
    assert [one.account[-7:] for one in heads] == ["1234567", "7654321"]
    assert all(one.problem() == "" for one in heads)


def test_an_mt942_is_a_report_without_balances():
    line, head = read(REPORT)
    assert (head.kind, head.format, head.opening, line.amount) == (
        Kind.REPORT,
        "MT942",
        None,
        Decimal("-0.42"),
    )


def test_a_reversed_credit_takes_money_away_and_is_a_return():
    _, back, _ = read(ONE.replace("0303DR20,00", "0303RC20,00"))
    assert (back.amount, back.is_return) == (-20, True)


@pytest.mark.parametrize(
    ("account", "names"),
    [
        ("1291.99.348EUR", ("1291.99.348EUR", "1291.99.348")),
        ("TRIODOSBANK/0390123456", ("TRIODOSBANK/0390123456", "0390123456")),
        ("DE02100100109307118603", ("DE02100100109307118603",)),
    ],
)
def test_an_account_is_known_without_bank_and_currency(account, names):
    assert swift_mt.aliases(account) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":61:2603020303CR50,00NTRFE2E", "no statement"),
        (ONE.replace(":25:10020030/1234567\n", ""), "no account"),
        (ONE.replace("2603020303CR50,00", "2613990303CR50,00"), "statement 1"),
        (ONE.replace("fee of", "fee\0of"), "statement 1 holds the character NUL"),
        ("/etc/passwd", "no statement"),
    ],
)
def test_what_cannot_be_read_is_refused(text, message):
    with pytest.raises(BadStatement, match=message):
        read(text)


def test_a_path_is_never_opened(tmp_path):
    (tmp_path / "secret.sta").write_text(ONE)
    with pytest.raises(BadStatement):
        read(str(tmp_path / "secret.sta"))


def test_an_old_code_page_is_read():
    lines = list(swift_mt.read(ONE.replace("fee of March", "Gebühr für März").encode("cp1252")))
    assert lines[1].remittance_text == "Gebühr für März"
