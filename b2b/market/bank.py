"""The bank of the simulated market: writes the statements of an account as camt.053.001.08."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from b2b.core.money import exponent

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money in (positive) or out (negative) on one day, as the payer described it."""

    booking_date: date
    amount: Decimal
    text: str = ""
    payer_name: str = ""
    payer_account: str = ""
    end_to_end_id: str = "NOTPROVIDED"
    bank_reference: str = ""


def statement(
    movements: Sequence[Movement],
    *,
    account: str,
    currency: str,
    opening: Decimal,
    statement_id: str,
    created_at: datetime,
    as_of: date | None = None,
) -> bytes:
    """Return one statement over `movements`; the closing balance is the opening one and all of them."""
    root = etree.Element("Document", nsmap={None: NAMESPACE})
    message = _add(root, "BkToCstmrStmt")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", statement_id)
    _add(header, "CreDtTm", created_at.isoformat())
    body = _add(message, "Stmt")
    _add(body, "Id", statement_id)
    _add(body, "CreDtTm", created_at.isoformat())
    _add(_add(_add(_add(body, "Acct"), "Id"), "Othr"), "Id", account)
    closing = opening + sum((movement.amount for movement in movements), Decimal(0))
    day = as_of or max((movement.booking_date for movement in movements), default=created_at.date())
    first = min((movement.booking_date for movement in movements), default=day)
    for code, amount, on in (("OPBD", opening, first), ("CLBD", closing, day)):
        balance = _add(body, "Bal")
        _add(_add(_add(balance, "Tp"), "CdOrPrtry"), "Cd", code)
        _amount(balance, amount, currency)
        _add(_add(balance, "Dt"), "Dt", on.isoformat())
    for movement in movements:
        _entry(body, movement, currency)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _entry(body: Any, movement: Movement, currency: str) -> None:
    entry = _add(body, "Ntry")
    _amount(entry, movement.amount, currency)
    _add(_add(entry, "Sts"), "Cd", "BOOK")
    for name in ("BookgDt", "ValDt"):
        _add(_add(entry, name), "Dt", movement.booking_date.isoformat())
    if movement.bank_reference:
        _add(entry, "AcctSvcrRef", movement.bank_reference)
    domain = _add(_add(entry, "BkTxCd"), "Domn")
    _add(domain, "Cd", "PMNT")
    family = _add(domain, "Fmly")
    _add(family, "Cd", "RCDT" if movement.amount >= 0 else "ICDT")
    _add(family, "SubFmlyCd", "OTHR")
    detail = _add(_add(entry, "NtryDtls"), "TxDtls")
    _add(_add(detail, "Refs"), "EndToEndId", movement.end_to_end_id)
    if movement.payer_name or movement.payer_account:
        other = "Dbtr" if movement.amount >= 0 else "Cdtr"
        parties = _add(detail, "RltdPties")
        if movement.payer_name:
            _add(_add(_add(parties, other), "Pty"), "Nm", movement.payer_name)
        if movement.payer_account:
            _add(_add(_add(_add(parties, f"{other}Acct"), "Id"), "Othr"), "Id", movement.payer_account)
    if movement.text:
        _add(_add(detail, "RmtInf"), "Ustrd", movement.text)


def _amount(parent: Any, amount: Decimal, currency: str) -> None:
    written = _add(parent, "Amt", f"{abs(amount):.{exponent(currency)}f}")
    written.set("Ccy", currency)
    _add(parent, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, name)
    child.text = text
    return child
