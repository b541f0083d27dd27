"""Read bank statements in ISO 20022 camt.053, versions 2 to 8, one entry after the other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from b2b.core.errors import Invalid, Problem
from b2b.core.money import exponent
from b2b.core.xml import iterate_untrusted_xml

NAMESPACE: Final = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.0[2-8]\}Document")
OPENING: Final = ("OPBD", "PRCD")
CLOSING: Final = "CLBD"


class BadStatement(Invalid):
    """The file is no bank statement we can read in full, so nothing of it was taken."""

    code = "bad_statement"


@dataclass(frozen=True, slots=True)
class BankLine:
    """One booked movement, signed; money in is positive."""

    booking_date: date
    value_date: date
    currency: str
    amount: Decimal
    end_to_end_id: str = ""
    bank_reference: str = ""
    structured_reference: str = ""
    remittance_text: str = ""
    counterparty_name: str = ""
    counterparty_identifier: str = ""

    def fingerprint(self) -> str:
        """Return the SHA-256 of everything the bank says about the movement."""
        parts = (
            self.booking_date.isoformat(),
            self.value_date.isoformat(),
            self.currency,
            f"{self.amount:.5f}",
            self.end_to_end_id,
            self.bank_reference,
            self.structured_reference,
            self.remittance_text,
            self.counterparty_name,
            self.counterparty_identifier,
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(slots=True)
class Statement:
    """One statement of one account in one currency."""

    statement_id: str
    message_id: str
    account: str
    currency: str
    opening: Decimal
    closing: Decimal
    as_of: date
    lines: list[BankLine] = field(default_factory=list)

    @property
    def first_date(self) -> date:
        """The first booking date, or the balance's when nothing moved."""
        return min((line.booking_date for line in self.lines), default=self.as_of)

    @property
    def last_date(self) -> date:
        """The last booking date, or the balance's when nothing moved."""
        return max((line.booking_date for line in self.lines), default=self.as_of)

    def digest(self) -> str:
        """Return the SHA-256 of the statement's content, the same however the file around it is written."""
        head = (self.statement_id, self.account, self.currency, f"{self.opening:.5f}", f"{self.closing:.5f}")
        return hashlib.sha256(
            "\x1f".join((*head, *(one.fingerprint() for one in self.lines))).encode()
        ).hexdigest()


def local(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text(element: Any, path: str) -> str:
    """Return the text at a path of local names, empty when there is none; white space is folded."""
    for name in path.split("/"):
        element = next((child for child in element if local(child) == name), None)
        if element is None:
            return ""
    return " ".join("".join(element.itertext()).split())


def every(element: Any, path: str) -> Iterator[Any]:
    """Yield all elements at a path of local names."""
    head, _, rest = path.partition("/")
    for child in element:
        if local(child) == head:
            if rest:
                yield from every(child, rest)
            else:
                yield child


def read(source: bytes) -> list[Statement]:
    """Return every statement of a file; each has been checked to lead from its opening to its closing balance.

    Pending and informational entries are left out: a statement's balances count booked ones only.

    :raises BadStatement: when something needed is missing or does not add up, naming the line of the file.
    :raises MalformedXml: :raises UnsafeXml: see b2b.core.xml.
    """
    statements: list[Statement] = []
    lines: list[BankLine] = []
    message_id, inside = "", False
    for event, element in iterate_untrusted_xml(source):
        name = local(element)
        if event == "start":
            if element.getparent() is None and not NAMESPACE.fullmatch(str(element.tag)):
                raise BadStatement(f"{element.tag} is not a camt.053 document of version 2 to 8")
            inside = inside or name == "Stmt"
        elif name == "GrpHdr":
            message_id = text(element, "MsgId")
        elif name == "Ntry" and inside:
            lines += _entry(element)
            element.clear()
        elif name == "Stmt":
            statements.append(_statement(element, message_id, lines))
            lines, inside = [], False
            element.clear()
    if not statements:
        raise BadStatement("the file holds no statement")
    return statements


def _statement(element: Any, message_id: str, lines: list[BankLine]) -> Statement:
    balances = {text(one, "Tp/CdOrPrtry/Cd"): one for one in reversed(list(every(element, "Bal")))}
    opening = next((balances[code] for code in OPENING if code in balances), None)
    closing = balances.get(CLOSING)
    if opening is None or closing is None:
        raise _bad(element, "an opening (OPBD or PRCD) and a closing (CLBD) balance are needed")
    account = text(element, "Acct/Id/IBAN") or text(element, "Acct/Id/Othr/Id")
    if not account:
        raise _bad(element, "the statement names no account")
    begin, end = _amount(opening), _amount(closing)
    found = Statement(
        statement_id=text(element, "Id"),
        message_id=message_id,
        account=account.replace(" ", ""),
        currency=begin[1],
        opening=begin[0],
        closing=end[0],
        as_of=_date(closing, "Dt"),
        lines=lines,
    )
    if {end[1], *(line.currency for line in lines)} != {begin[1]}:
        raise _bad(element, "balances and entries of one statement must be in one currency")
    off = found.opening + sum((line.amount for line in lines), Decimal(0)) - found.closing
    if off:
        raise _bad(element, f"opening balance and entries miss the closing balance by {off} {found.currency}")
    return found


def _entry(element: Any) -> list[BankLine]:
    status = text(element, "Sts/Cd") or text(element, "Sts")
    if status != "BOOK":
        return []
    amount, currency = _amount(element)
    booked = _date(element, "BookgDt")
    common = {
        "booking_date": booked,
        "value_date": _date(element, "ValDt", default=booked),
        "currency": currency,
        "bank_reference": text(element, "AcctSvcrRef")[:70],
    }
    details = list(every(element, "NtryDtls/TxDtls"))
    amounts = [_detail_amount(one, currency, negative=amount < 0) for one in details]
    if (
        len(details) > 1
        and sum((one for one in amounts if one is not None), Decimal(0)) == amount
        and all(amounts)
    ):
        # A batch booked as one entry: each payment in it is a line of its own.
        return [
            BankLine(amount=part, **_told(one, negative=amount < 0), **common)  # type: ignore[arg-type]
            for one, part in zip(details, amounts, strict=True)
        ]
    told = _told(details[0], negative=amount < 0) if len(details) == 1 else {}
    if not told.get("remittance_text"):
        texts = [text(one, "RmtInf/Ustrd") for one in details] + [text(element, "AddtlNtryInf")]
        told["remittance_text"] = " ".join(filter(None, texts))
    return [BankLine(amount=amount, **told, **common)]  # type: ignore[arg-type]


def _told(detail: Any, *, negative: bool) -> dict[str, str]:
    """Read what one payment says about itself: references, text, and who is at the other end."""
    other = "Cdtr" if negative else "Dbtr"
    name = text(detail, f"RltdPties/{other}/Nm") or text(detail, f"RltdPties/{other}/Pty/Nm")
    account = f"RltdPties/{other}Acct/Id"
    free = [" ".join("".join(one.itertext()).split()) for one in every(detail, "RmtInf/Ustrd")]
    told = {
        "end_to_end_id": text(detail, "Refs/EndToEndId")[:70],
        "structured_reference": text(detail, "RmtInf/Strd/CdtrRefInf/Ref")[:70],
        "remittance_text": " ".join(free) or text(detail, "AddtlTxInf"),
        "counterparty_name": name[:200],
        "counterparty_identifier": (text(detail, f"{account}/IBAN") or text(detail, f"{account}/Othr/Id"))[
            :40
        ],
    }
    reference = text(detail, "Refs/AcctSvcrRef")[:70]
    return {**told, "structured_reference": told["structured_reference"] or reference}


def _detail_amount(detail: Any, currency: str, *, negative: bool) -> Decimal | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        for one in every(detail, path):
            if one.get("Ccy") == currency:
                value = _decimal(one, currency)
                own = text(detail, "CdtDbtInd")
                return -value if own == "DBIT" or (not own and negative) else value
    return None


def _amount(element: Any) -> tuple[Decimal, str]:
    found = next(every(element, "Amt"), None)
    side = text(element, "CdtDbtInd")
    if found is None or side not in ("CRDT", "DBIT"):
        raise _bad(element, "an amount with CRDT or DBIT is needed")
    currency = found.get("Ccy") or ""
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise _bad(found, f"{currency or 'nothing'} is no currency code")
    value = _decimal(found, currency)
    return (-value if side == "DBIT" else value), currency


def _decimal(element: Any, currency: str) -> Decimal:
    raw = "".join(element.itertext()).strip()
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise _bad(element, f"{raw!r} is no amount") from None
    if not value.is_finite() or value < 0 or value.adjusted() > 14:
        raise _bad(element, f"{raw!r} is no amount")
    if value != round(value, exponent(currency)):
        raise _bad(element, f"{raw} is finer than {currency} can be")
    return value


def _date(element: Any, path: str, *, default: date | None = None) -> date:
    raw = text(element, f"{path}/Dt") or text(element, f"{path}/DtTm")
    if not raw and default is not None:
        return default
    try:
        return datetime.fromisoformat(raw).date() if "T" in raw else date.fromisoformat(raw[:10])
    except ValueError:
        raise _bad(element, f"{path} holds no date: {raw!r}") from None


def _bad(element: Any, message: str) -> BadStatement:
    row = getattr(element, "sourceline", None)
    where = f"line {row}: " if row else ""
    return BadStatement(f"{where}{message}", problems=[Problem("bad_statement", message, row=row)])
