"""Each camt message of each version is read entry by entry, batches by payment, and in flat memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import RawIOBase

import psutil
import pytest

from b2b.core.errors import Invalid
from b2b.market.bank import Movement
from b2b.market.bank import statement as written
from finance.policies import camt
from finance.policies.bank_statement import BadStatement, Kind, Statement

DAY = date(2026, 3, 2)
GOOD = written(
    [Movement(DAY, Decimal("5.00"), "for INV-MID-1", "Dealer Ltd", "CN-1111", bank_reference="B1")],
    account="CN-6222-0001",
    currency="CNY",
    opening=Decimal(0),
    statement_id="S-1",
    created_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
)
DETAIL = b"<NtryDtls>"


def read(source: bytes):
    *lines, head = camt.read(source)
    assert isinstance(head, Statement)
    return lines, head


def other_message(source: bytes, name: str, container: bytes) -> bytes:
    return (
        source.replace(b"camt.053", name.encode())
        .replace(b"<Stmt>", b"<" + container + b">")
        .replace(b"</Stmt>", b"</" + container + b">")
    )


def entry(inner: str, amount: str = "5.00", side: str = "CRDT") -> bytes:
    """Return the good file with one entry of `inner` instead of its own."""
    start, end = GOOD.index(b"<Ntry>"), GOOD.index(b"</Ntry>") + 7
    made = f'<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>BOOK</Sts>{inner}</Ntry>'
    return GOOD[:start] + made.encode() + GOOD[end:]


@pytest.mark.parametrize("version", ["01", "02", "03", "04", "06", "08", "13"])
def test_every_version_reads_the_same(version):
    lines, head = read(GOOD.replace(b"053.001.08", f"053.001.{version}".encode()))
    assert (lines, head.digest()) == (read(GOOD)[0], read(GOOD)[1].digest())
    assert (lines[0].remittance_text, lines[0].counterparty_identifier) == ("for INV-MID-1", "CN-1111")


@pytest.mark.parametrize(
    ("name", "container", "kind"),
    [("camt.052", b"Rpt", Kind.REPORT), ("camt.054", b"Ntfctn", Kind.NOTIFICATION)],
)
def test_reports_and_notifications_need_no_balances_and_tell_the_same_line(name, container, kind):
    source = other_message(GOOD, name, container)
    source = source[: source.index(b"<Bal>")] + source[source.rindex(b"</Bal>") + 6 :]
    [line], head = read(source)
    assert (head.kind, head.opening, head.problem(), head.currency) == (kind, None, "", "CNY")
    assert line.fingerprint() == read(GOOD)[0][0].fingerprint()


def test_a_document_inside_an_envelope_is_read():
    body = GOOD[GOOD.index(b"<Document") :]
    assert read(b"<Envelope><Header/>" + body + b"</Envelope>")[0] == read(GOOD)[0]


@pytest.mark.parametrize(("code", "problem"), [(b"OPBD", "opening"), (b"CLBD", "closing")])
def test_a_statement_without_a_balance_proves_nothing(code, problem):
    assert problem in read(GOOD.replace(code, b"OPAV"))[1].problem()


def test_a_page_of_a_statement_goes_from_one_interim_balance_to_the_next():
    head = read(GOOD.replace(b"OPBD", b"ITBD").replace(b"CLBD", b"ITBD"))[1]
    assert (head.opening, head.closing, head.problem()) == (0, 5, "")


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_what_is_not_booked_is_left_out(status):
    lines, head = read(GOOD.replace(b"<Cd>BOOK</Cd>", f"<Cd>{status}</Cd>".encode()))
    assert (lines, head.content.lines) == ([], 0)


PART = '<TxDtls><Refs><EndToEndId>E{0}</EndToEndId></Refs><Amt Ccy="CNY">{0}</Amt></TxDtls>'


def test_a_batch_is_a_line_for_each_payment_when_they_come_to_its_amount():
    lines, _ = read(
        entry(f"<BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls>{PART.format(2)}{PART.format(3)}</NtryDtls>")
    )
    assert [(line.amount, line.end_to_end_id) for line in lines] == [(2, "E2"), (3, "E3")]
    lines, _ = read(
        entry(f"<BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls>{PART.format(2)}{PART.format(4)}</NtryDtls>")
    )
    assert [line.amount for line in lines] == [5]


def test_fees_exchange_and_returns_are_told():
    detail = (
        "<TxDtls><AmtDtls><InstdAmt><Amt Ccy='EUR'>0.70</Amt></InstdAmt></AmtDtls>"
        "<Chrgs><TtlChrgsAndTaxAmt Ccy='CNY'>0.10</TtlChrgsAndTaxAmt></Chrgs>"
        "<RltdPties><Dbtr><Nm>Us</Nm></Dbtr><Cdtr><Nm>Them</Nm></Cdtr></RltdPties>"
        "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>"
    )
    [line], _ = read(entry(f"<ValDt><Dt>2026-03-03</Dt></ValDt><NtryDtls>{detail}</NtryDtls>"))
    assert (line.instructed_amount, line.instructed_currency) == (Decimal("0.70"), "EUR")
    assert (line.charges_amount, line.is_return, line.counterparty_name) == (Decimal("0.10"), True, "Them")
    assert line.booking_date == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (GOOD.replace(b"camt.053.001.08", b"pain.001.001.09"), "no camt.052"),
        (GOOD.replace(b"<Stmt>", b"<Other>").replace(b"</Stmt>", b"</Other>"), "no statement"),
        (GOOD.replace(b"<Id>CN-6222-0001</Id>", b""), "no account"),
        (entry("", amount="1e400"), "no amount"),
        (entry("", side="BOTH"), "CRDT or DBIT"),
        (entry("<BookgDt><Dt>soon</Dt></BookgDt>"), "line 42: .*no date"),
        (GOOD.replace(b'Ccy="CNY">5', b'Ccy="EUR">5', 1), "one currency"),
    ],
)
def test_what_cannot_be_read_is_refused_naming_the_line(source, message):
    with pytest.raises(BadStatement, match=message):
        read(source)


class Endless(RawIOBase):
    """A statement of many entries that is made while it is read."""

    def __init__(self, entries: int) -> None:
        start, end = GOOD.index(b"<Ntry>"), GOOD.index(b"</Ntry>") + 7
        self._parts = iter([GOOD[:start], *([GOOD[start:end]] * entries), GOOD[end:]])
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (part := next(self._parts, b"")):
            self._rest += part
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def test_memory_stays_flat_whatever_the_size():
    process, peak = psutil.Process(), 0
    before = process.memory_info().rss
    for number, _ in enumerate(camt.read(Endless(20_000))):
        if number % 2_000 == 0:
            peak = max(peak, process.memory_info().rss)
    assert peak - before < 32 * 2**20


def test_a_file_cut_short_is_refused():
    with pytest.raises(Invalid, match="line"):
        read(GOOD[: len(GOOD) // 2])
