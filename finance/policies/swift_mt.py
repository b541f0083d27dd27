"""Read SWIFT MT940 and MT942 customer statements, one statement after the other."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, BinaryIO, Final

import mt940
from mt940.models import Transaction, Transactions
from mt940.options import Options
from mt940.tags import StatementASNB

from finance.policies.bank_statement import BankLine, Content, Kind, Statement, amount, bad

# One unreadable statement must not be held in memory whole.
LARGEST_STATEMENT: Final = 32 * 2**20
MARK: Final = re.compile(r"^(?:\{[^\n]*)?:20:", re.MULTILINE)
NOTHING: Final = frozenset({"", "NONREF", "NOTPROVIDED", "KREF+", "EREF+"})
CURRENCY_BEHIND: Final = re.compile(r"^(.{5,}?)[ /]?([A-Z]{3})$")
OPTIONS: Final = Options(
    applicant_iban=True,
    reversal_sign=True,
    merge_keeps_values=True,
    case_insensitive_marks=True,
    strip_bom=True,
    floor_limit_blank_mark=True,
)
# Behind the closing balances :86: says something of the account; the reader would give it to the last line.
OF_ACCOUNT: Final = re.compile(
    r"^(:6(?:2[FM]|4|5):[^\r\n]*\r?\n):86:.*?(?=^:\d\d[A-Z]?:|^-|\Z)", re.MULTILINE | re.DOTALL
)
# Money that comes back: business transaction codes of the German banks, or the reason that they give behind ?34.
RETURNS: Final = frozenset({"108", "109", "159"})
RETURN_REASON: Final = re.compile(r"9\d\d")
# What :86: says in code words (SWIFT's, and Dutch banks'): /EREF/, /IBAN/ ...
CODED: Final = re.compile(r"/([A-Z]{3,4})/(.*?)(?=/[A-Z]{3,4}/|\Z)", re.DOTALL)
# What the other bank ordered and kept, in the second line of :61: (subfield 9).
ORDERED: Final = re.compile(r"/OCMT/([A-Z]{3})(\d+(?:,\d*)?)")
KEPT: Final = re.compile(r"/CHGS/([A-Z]{3})(\d+(?:,\d*)?)")
TEXTS: Final = ("transaction_details", "purpose", "additional_purpose", "extra_details")


def read(source: bytes | BinaryIO) -> Iterator[BankLine | Statement]:
    """Yield the lines of each statement, then the statement; MT942 gives reports, which carry no balances.

    :raises BadStatement: when something needed is missing or the text cannot be read.
    """
    found = False
    for number, block in enumerate(_blocks(source), 1):
        if "\0" in block:
            raise bad(f"statement {number} holds the character NUL")
        for parsed in _parse(block, number):
            head = _statement(parsed, number)
            for one in parsed.transactions:
                if one.data.get("amount") is None:
                    continue
                line = _line(one, number)
                if line.currency != head.currency:
                    raise bad(
                        f"statement {number} has lines in {line.currency} and balances in {head.currency}"
                    )
                head.content.add(line)
                yield line
            yield head
            found = True
    if not found:
        raise bad("the file holds no statement")


def _blocks(source: bytes | BinaryIO) -> Iterator[str]:
    """Cut the text before each :20:, reading no more than one statement at a time."""
    file = BytesIO(source) if isinstance(source, bytes) else source
    start = file.read(2**16)
    encoding = _encoding(start)
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    text, piece = "", start
    while piece or text:
        text += decoder.decode(piece, final=not piece)
        *whole, text = _cut(text)
        yield from whole
        if len(text) > LARGEST_STATEMENT:
            raise bad("one statement is larger than 32 MB")
        if not piece:
            yield from [text] if MARK.search(text) else []
            return
        piece = file.read(2**16)


def _cut(text: str) -> list[str]:
    starts = [0, *(mark.start() for mark in MARK.finditer(text) if mark.start())]
    parts = [text[begin:end] for begin, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [part for part in parts[:-1] if MARK.search(part)] + parts[-1:]


def _encoding(start: bytes) -> str:
    """Tell UTF-8 from the code page of older banks; the start of the file decides."""
    try:
        start[:-4].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _parse(block: str, number: int) -> list[Transactions]:
    attempts: Iterable[dict[Any, Any] | None] = (None, {StatementASNB.id: StatementASNB()})
    last = ""
    for tags in attempts:
        try:
            # A handle, never the text itself: the library would open a file of that name.
            return mt940.parse_statements(StringIO(OF_ACCOUNT.sub(r"\1", block)), tags=tags, options=OPTIONS)
        except (ValueError, RuntimeError, ArithmeticError, KeyError, AttributeError, TypeError) as error:
            last = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    raise bad(f"statement {number} cannot be read: {last}")


def _statement(parsed: Transactions, number: int) -> Statement:
    told = parsed.data
    opening = told.get("final_opening_balance") or told.get("intermediate_opening_balance")
    closing = told.get("final_closing_balance") or told.get("intermediate_closing_balance")
    account = "".join(str(told.get("account_identification") or "").split())
    dates = [one.date for one in (closing, opening) if one is not None and one.date is not None]
    dates += [one.data["date"] for one in parsed.transactions if one.data.get("date")]
    dates += [told["date"].date()] if told.get("date") else []
    currency = _currency(parsed, (opening, closing))
    if len({one.amount.currency for one in (opening, closing) if one is not None}) > 1:
        raise bad(f"statement {number} has balances in several currencies")
    if not account or not dates or not currency:
        lacks = "account" if not account else "date" if not dates else "currency"
        raise bad(f"statement {number} names no {lacks}")
    sequence = "/".join(str(told[name]) for name in ("statement_number", "sequence_number") if told.get(name))
    return Statement(
        kind=Kind.STATEMENT if opening is not None or closing is not None else Kind.REPORT,
        format="MT940" if opening is not None or closing is not None else "MT942",
        statement_id=" ".join(filter(None, (str(told.get("transaction_reference") or ""), sequence))),
        message_id=str(told.get("transaction_reference") or ""),
        account=account,
        known_as=aliases(account),
        currency=currency,
        opening=_signed(opening),
        closing=_signed(closing),
        as_of=_plain(dates[0]),
        content=Content(),
    )


def aliases(account: str) -> tuple[str, ...]:
    """Return the ways an account of field 25 may be named: without a currency behind it, without the bank before."""
    behind = CURRENCY_BEHIND.match(account)
    short = [account, *([behind[1]] if behind else [])]
    return tuple(dict.fromkeys([*short, *(one.rpartition("/")[2] for one in short)]))


def _currency(parsed: Transactions, balances: tuple[Any, ...]) -> str:
    told = [one.amount.currency for one in balances if one is not None]
    told += [one.data["currency"] for one in parsed.transactions if one.data.get("currency")]
    for name in ("c_floor_limit", "d_floor_limit", "sum_credit_entries", "sum_debit_entries"):
        told += [parsed.data[name].currency] if parsed.data.get(name) is not None else []
    return str(next(filter(None, told), ""))


def _signed(balance: Any) -> Decimal | None:
    if balance is None:
        return None
    value = amount(str(abs(balance.amount.amount)), balance.amount.currency)
    return -value if balance.amount.amount < 0 else value


def _line(one: Transaction, number: int) -> BankLine:
    told: dict[str, Any] = one.data
    money = told["amount"]
    if told.get("date") is None:
        raise bad(f"statement {number} has a line without a date")
    value = amount(str(abs(money.amount)), money.currency)
    text = _all(told, *TEXTS) or _first(told, "posting_text")
    coded = {code: " ".join(said.strip(" /").split()) for code, said in CODED.findall(text)}
    further = str(told.get("extra_details") or "")
    ordered, kept = ORDERED.search(further), KEPT.search(further)
    return BankLine(
        booking_date=_plain(told.get("entry_date") or told["date"]),
        value_date=_plain(told["date"]),
        currency=money.currency,
        amount=-value if money.amount < 0 else value,
        end_to_end_id=(_first(told, "end_to_end_reference", "customer_reference") or _said(coded, "EREF"))[
            :70
        ],
        bank_reference=_first(told, "bank_reference")[:70],
        remittance_text=text,
        counterparty_name=(_all(told, "applicant_name", "recipient_name") or _said(coded, "NAME"))[:200],
        counterparty_identifier=(
            _first(told, "gvc_applicant_iban", "applicant_iban") or _said(coded, "IBAN")
        )[:40],
        transaction_code=_first(told, "transaction_code", "id")[:35],
        is_return=str(told.get("status") or "").upper().startswith("R")
        or str(told.get("transaction_code")) in RETURNS
        or RETURN_REASON.fullmatch(str(told.get("return_debit_notes") or "")) is not None
        or "RTRN" in coded,
        instructed_amount=amount(ordered[2].replace(",", "."), ordered[1]) if ordered else None,
        instructed_currency=ordered[1] if ordered else "",
        charges_amount=amount(kept[2].replace(",", "."), kept[1]) if kept else None,
    )


def _said(coded: dict[str, str], code: str) -> str:
    said = coded.get(code, "")
    return "" if said in NOTHING else said


def _plain(told: Any) -> date:
    """Return a date of the standard library instead of the reader's own kind."""
    return date(told.year, told.month, told.day)


def _first(told: dict[str, Any], *names: str) -> str:
    texts = (" ".join(str(told.get(name) or "").split()) for name in names)
    return next((text for text in texts if text not in NOTHING), "")


def _all(told: dict[str, Any], *names: str) -> str:
    return " ".join(filter(None, (_first(told, name) for name in names)))
