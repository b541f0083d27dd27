"""Files as banks really send them: read for what they say, or refused with a reason; never read for something else."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from b2b.core.xml import MalformedXml
from finance.policies import bank_file
from finance.policies.bank_statement import BadStatement, BankLine, Kind, Statement

URN = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
BOOKED = "<BookgDt><Dt>2026-03-02</Dt></BookgDt>"


def balance(code: str, amount: str, on: str = "2026-03-01", unit: str = "EUR", side: str = "CRDT") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{unit}">{amount}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def entry(
    amount: str = "10.00",
    inner: str = "",
    *,
    side: str = "CRDT",
    status: str = "<Sts>BOOK</Sts>",
    day: str = BOOKED,
):
    return f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}{day}{inner}</Ntry>'


def camt(body: str, *, version: str = "02", head: str = HEAD, more: str = "") -> str:
    return (
        f'{head}<Document xmlns="{URN}{version}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S1</Id>'
        f"<CreDtTm>2026-03-03T01:00:00+01:00</CreDtTm><Acct><Id><IBAN>DE02100100109307118603</IBAN></Id></Acct>{body}"
        f"</Stmt>{more}</BkToCstmrStmt></Document>"
    )


BALANCES = balance("OPBD", "100") + balance("CLBD", "110", "2026-03-02")
PLAIN = camt(BALANCES + entry())
MT = """:20:STARTUMS
:25:70090100/1234567890
:28C:00001/001
:60F:C260301EUR100,00
:61:2603020302C10,00N051NONREF//B1
:86:051?00UEBERWEISUNG?109310?20EREF+E2E-1?21SVWZ+Rechnung INV-?22MID-000042?31DE02100100109307118603?32Huber?34000
:62F:C260302EUR110,00
-
"""
SAID = MT[MT.index(":86:") : MT.index(":62F")]


def read(raw: str | bytes) -> tuple[list[BankLine], list[Statement]]:
    found = list(bank_file.read(raw.encode() if isinstance(raw, str) else raw))
    return [one for one in found if isinstance(one, BankLine)], [
        one for one in found if isinstance(one, Statement)
    ]


def only(raw: str | bytes) -> BankLine:
    """Read a file that proves itself and has one line."""
    [line], [head] = read(raw)
    assert head.problem() == ""
    return line


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + PLAIN.replace("><", ">\r\n  <").encode(),
        PLAIN.replace("UTF-8", "UTF-16").encode("utf-16"),
        PLAIN.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        re.sub(r"<(/?)([A-Z])", r"<\1n:\2", PLAIN).replace("xmlns=", "xmlns:n="),
        PLAIN.replace("<Stmt>", "<!-- page 1 --><Stmt><?bank x?>"),
        camt(BALANCES + entry(status="<Sts><Cd>BOOK</Cd></Sts>"), version="13"),
        camt(BALANCES + entry(status="")),  # what a statement holds is booked unless it says otherwise
        camt(BALANCES + entry(day="<BookgDt><DtTm>2026-03-02T23:30:00Z</DtTm></BookgDt>")),
        camt(BALANCES + entry(day="<BookgDt><Dt>2026-03-02+01:00</Dt></BookgDt>")),
        camt(BALANCES + entry(day="<ValDt><Dt>2026-03-02</Dt></ValDt>")),
        camt(balance("PRCD", "100") + balance("OPAV", "7") + balance("CLAV", "8") + balance("CLBD", "110") + entry()),
        camt(balance("OPBD", "5", side="DBIT") + balance("CLBD", "5") + entry(" 10.000 ")),
    ],
    ids=[
        "bom-and-crlf", "utf-16", "latin-1", "prefixed", "comments", "version-13", "no-status", "time", "zone",
        "value-date-only", "available-balances", "overdrawn",
    ],
)  # fmt: skip
def test_the_same_line_whatever_is_written_around_it(raw):
    line = only(raw)
    assert (line.amount, line.booking_date, line.currency) == (10, date(2026, 3, 2), "EUR")


@pytest.mark.parametrize("turn", [1, -1])
def test_balances_of_each_day_between_prove_the_whole(turn):
    told = [
        balance("OPBD", "100"), balance("CLBD", "110", "2026-03-02"),
        balance("OPBD", "110", "2026-03-03"), balance("CLBD", "130", "2026-03-03"),
    ][::turn]  # fmt: skip
    later = entry("20.00", day="<BookgDt><Dt>2026-03-03</Dt></BookgDt>")
    lines, [head] = read(camt("".join(told) + entry() + later))
    assert (head.opening, head.closing, head.problem(), len(lines)) == (100, 130, "", 2)


def test_statements_of_two_accounts_and_currencies_in_one_file_are_two():
    second = (
        "<Stmt><Id>S2</Id><CreDtTm>2026-03-03T01:00:00</CreDtTm><Acct><Id><Othr><Id>0815</Id></Othr></Id></Acct>"
        + balance("OPBD", "1", unit="USD") + balance("CLBD", "1", unit="USD") + "</Stmt>"
    )  # fmt: skip
    _, heads = read(camt(BALANCES + entry(), more=second))
    assert [(one.account[-4:], one.currency, one.problem()) for one in heads] == [
        ("8603", "EUR", ""),
        ("0815", "USD", ""),
    ]


def part(amount: str, unit: str, more: str = "") -> str:
    return f'<TxDtls>{more}<AmtDtls><TxAmt><Amt Ccy="{unit}">{amount}</Amt></TxAmt></AmtDtls></TxDtls>'


def test_a_batch_whose_details_are_in_another_currency_stays_one_line():
    dollars = part("6", "USD") + part("5", "USD")
    assert only(camt(BALANCES + entry(inner=f"<NtryDtls>{dollars}</NtryDtls>"))).amount == 10
    euros = f"<NtryDtls>{part('6', 'EUR')}</NtryDtls><NtryDtls>{part('4', 'EUR')}</NtryDtls>"
    lines, _ = read(camt(BALANCES + entry(inner=euros)))
    assert [one.amount for one in lines] == [6, 4]


def test_a_reversal_takes_back_what_its_entry_says():
    inner = (
        "<RvslInd>true</RvslInd><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Dealer</Nm></Dbtr><Cdtr><Nm>Us</Nm></Cdtr>"
        "</RltdPties><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"
    )
    line = only(camt(balance("OPBD", "100") + balance("CLBD", "90") + entry("10", inner, side="DBIT")))
    assert (line.amount, line.is_return, line.counterparty_name) == (-10, True, "Dealer")


def test_every_document_and_reference_that_a_payment_names_is_told():
    inner = "<NtryDtls><TxDtls><RmtInf><Ustrd>A &amp; B</Ustrd>" + "".join(
        f"<Strd><RfrdDocInf><Nb>INV-MID-00000{n}</Nb></RfrdDocInf><CdtrRefInf><Ref>RF{n}</Ref></CdtrRefInf></Strd>"
        for n in (1, 2, 3)
    ) + "</RmtInf></TxDtls></NtryDtls>"  # fmt: skip
    line = only(camt(BALANCES + entry(inner=inner)))
    assert line.structured_reference == "RF1"
    assert line.remittance_text == "A & B INV-MID-000001 INV-MID-000002 INV-MID-000003 RF2 RF3"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (PLAIN.replace(f' xmlns="{URN}02"', ""), "no camt.052"),
        ("<html><body>Please sign in</body></html>", "no camt.052"),
        (PLAIN[:-60], "line 1"),
        (camt(BALANCES + entry("-10.00")), "no amount"),
        (camt(BALANCES + entry("10,00")), "no amount"),
        (camt(BALANCES + entry("10.001")), "finer"),
        (camt(BALANCES + entry().replace("EUR", "USD")), "one currency"),
        (camt(BALANCES + entry(day="")).replace("2026-03-03T01:00:00+01:00", ""), "no date"),
        (MT.replace(":62F:C260302EUR", ":62F:C260302USD"), "several currencies"),
        (MT.replace(":61:2603020302", ":61:2613450302"), "cannot be read"),
        (MT.lower(), "names no"),
        (MT.replace(":20:STARTUMS\n", ""), "neither camt nor MT940"),
        (MT.encode("utf-16"), "neither camt nor MT940"),
    ],
)
def test_what_cannot_be_read_in_full_is_refused_with_a_reason(raw, reason):
    with pytest.raises((BadStatement, MalformedXml), match=reason):
        read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        MT.replace("\n", "\r\n"),
        "\ufeff" + MT,
        MT.replace("Huber", "Hüber").encode("latin-1"),
        "{1:F01GENODEF1XXXX}{2:I940X}{4:\r\n" + MT.replace("\n", "\r\n").replace("-\r\n", "-}"),
        MT + "\x1a",
        MT.replace(":60F:", ":60M:").replace(":62F:", ":62M:"),
        MT.replace(":28C:", ":28:").replace(":61:2603020302C", ":61:260302CR"),
        MT.replace("-\n", ":64:C260302EUR110,00\n:65:C260303EUR110,00\n:86:your branch moves\nsecond line\n-\n"),
        MT.replace(":62F", ":NS:22Huber\n:62F"),
        MT.replace(":25:70090100/1234567890", ":25P:DE02100100109307118603\nGENODEF1XXX"),
        MT.replace("?34000", "?34"),
    ],
    ids=[
        "crlf", "bom", "latin-1", "envelope", "control-z", "interim", "short", "account-text", "ns", "25P", "empty-34",
    ],
)  # fmt: skip
def test_a_structured_line_of_mt940_whatever_is_written_around_it(raw):
    line = only(raw)
    assert (line.amount, line.end_to_end_id, line.is_return) == (10, "E2E-1", False)
    assert line.remittance_text == "Rechnung INV-MID-000042"
    assert (line.counterparty_identifier, line.bank_reference) == ("DE02100100109307118603", "B1")


@pytest.mark.parametrize("change", [("?34000", "?34901"), (":86:051", ":86:109"), ("C10,00N", "RD10,00N")])
def test_money_that_comes_back_is_told_by_code_reason_or_mark(change):
    assert only(MT.replace(*change)).is_return


def test_an_unstructured_line_keeps_its_text_and_has_no_more():
    line = only(MT.replace(SAID, ":86:Payment of INV-MID-000042\nby Huber\n"))
    assert (line.remittance_text, line.counterparty_name) == ("Payment of INV-MID-000042 by Huber", "")
    assert only(MT.replace(SAID, "")).remittance_text == ""


def test_code_words_of_dutch_banks_are_read():
    said = ":86:/TRTP/SEPA/IBAN/NL00ABNA0123456789/BIC/ABNANL2A/NAME/DEALER BV\n/REMI/INV-MID-000042/EREF/E2E-9\n"
    line = only(MT.replace(SAID, said))
    assert (line.end_to_end_id, line.counterparty_name) == ("E2E-9", "DEALER BV")
    assert line.counterparty_identifier == "NL00ABNA0123456789"
    assert "INV-MID-000042" in line.remittance_text
    assert only(MT.replace(SAID, said.replace("E2E-9", "NOTPROVIDED"))).end_to_end_id == ""


def test_what_was_ordered_and_kept_stands_in_subfield_9():
    line = only(MT.replace("//B1\n", "//B1\n/OCMT/USD12,5/CHGS/EUR2,00/\n"))
    assert (line.instructed_amount, line.instructed_currency) == (Decimal("12.50"), "USD")
    assert line.charges_amount == 2


def test_two_statements_of_one_file_and_the_turn_of_the_year():
    second = (
        MT.replace("STARTUMS", "S2")
        .replace("260301EUR100", "260302EUR110")
        .replace("260302EUR110,00\n-", "260303EUR120,00\n-")
    )
    _, heads = read(MT + second)
    assert [one.problem() for one in heads] == ["", ""]
    turned = (
        MT.replace(":61:2603020302", ":61:2612310101")
        .replace("260301", "261231")
        .replace("260302EUR", "270101EUR")
    )
    line = only(turned)
    assert (line.value_date, line.booking_date) == (date(2026, 12, 31), date(2027, 1, 1))


def test_an_mt942_only_announces():
    report = (
        ":20:R\n:25:1\n:28C:1/1\n:34F:EUR0,00\n:13D:2603021730+0100\n"
        + MT[MT.index(":61:") : MT.index(":62F")]
        + "-\n"
    )
    [line], [head] = read(report)
    assert (line.amount, head.kind, head.closing) == (10, Kind.REPORT, None)
