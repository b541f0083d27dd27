"""Read a bank's CSV export by the mapping kept for the account: which column means what, and how it is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO, Final

from b2b.core.errors import Invalid
from b2b.core.money import exponent
from finance.policies.bank_statement import BadStatement, BankLine, Content, Kind, Statement, amount, bad

TEXTS: Final = {
    "end_to_end_id": 70,
    "bank_reference": 70,
    "structured_reference": 70,
    "remittance_text": 2_000,
    "counterparty_name": 200,
    "counterparty_identifier": 40,
}
MONEY: Final = ("amount", "money_in", "money_out", "balance")
MEANINGS: Final = ("booking_date", "value_date", "currency", *MONEY, *TEXTS)
DECIMAL_MARKS: Final = (".", ",")
MAX_BYTES: Final = 512 * 2**20


class BadMapping(Invalid):
    """The mapping cannot make a statement out of any file."""

    code = "bad_mapping"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a bank writes its export: `columns` names the header of each meaning, several joined by +.

    Either `amount` is signed, or `money_in` and `money_out` are apart. With `balance` the file proves itself.
    """

    columns: Mapping[str, str]
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    date_format: str = "%Y-%m-%d"
    decimal_mark: str = "."
    skipped_rows: int = 0

    def check(self) -> None:
        """Refuse a layout that names no date or no amount.

        :raises BadMapping: with the reason.
        """
        unknown = sorted(set(self.columns) - set(MEANINGS))
        if unknown:
            raise BadMapping(f"{', '.join(unknown)} is no meaning of a column; known: {', '.join(MEANINGS)}")
        if "booking_date" not in self.columns:
            raise BadMapping("say which column holds the booking date")
        if "amount" not in self.columns and not {"money_in", "money_out"} <= set(self.columns):
            raise BadMapping("say which column holds the amount, or which two hold money in and money out")
        if len(self.delimiter) != 1 or self.decimal_mark not in DECIMAL_MARKS:
            raise BadMapping("the delimiter is one character, the decimal mark a point or a comma")
        try:
            "".encode(self.encoding)
        except (LookupError, UnicodeError):  # also codecs that are not for text
            raise BadMapping(f"{self.encoding} is no encoding") from None


@dataclass(slots=True)
class _Run:
    """The first and the last row, by which the balances and the order of the file are known."""

    balances: list[tuple[Decimal, Decimal]] = field(default_factory=list)

    def add(self, moved: Decimal, balance: Decimal) -> None:
        """Keep a row's amount and the balance after it."""
        del self.balances[1:]
        self.balances.append((moved, balance))

    def ends(self, total: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """Return opening and closing balance, whether the file begins with the oldest row or with the newest."""
        if not self.balances:
            return None, None
        (moved, balance), (last_moved, last_balance) = self.balances[0], self.balances[-1]
        forward = (balance - moved, last_balance)
        backward = (last_balance - last_moved, balance)
        return (
            backward if forward[0] + total != forward[1] and backward[0] + total == backward[1] else forward
        )


def read(
    source: bytes | BinaryIO, layout: Layout, *, account: str, currency: str
) -> Iterator[BankLine | Statement]:
    """Yield the lines of the file, then the one statement they make.

    :raises BadMapping: for a layout that fits no file. :raises BadStatement: naming the row at fault.
    """
    layout.check()
    file = BytesIO(source) if isinstance(source, bytes) else source
    content, run, last = Content(), _Run(), 0
    for row, cells in _rows(file, layout):
        last = row
        if cells.get("currency", currency) != currency:
            continue  # a line of another of our accounts
        line = _line(cells, layout, currency, row)
        content.add(line)
        if "balance" in layout.columns:
            run.add(line.amount, _number(cells, "balance", layout, currency, row))
        yield line
    if not content.lines:
        raise bad(f"the file holds no line in {currency}", last or 1)
    opening, closing = run.ends(content.total)
    head = Statement(
        kind=Kind.STATEMENT,
        format="CSV",
        statement_id="",
        message_id="",
        account=account,
        currency=currency,
        opening=opening,
        closing=closing,
        as_of=content.last_date or date.min,
        content=content,
        must_prove="balance" in layout.columns,
    )
    head.statement_id = f"{head.first_date} - {head.last_date}"
    yield head


def _rows(file: BinaryIO, layout: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    text = io.TextIOWrapper(file, encoding=layout.encoding, errors="strict", newline="")
    reader = csv.reader(text, delimiter=layout.delimiter)
    try:
        for _ in range(layout.skipped_rows):
            next(reader, None)
        header = [name.strip() for name in next(reader, [])]
        wanted = {
            meaning: [part.strip() for part in told.split("+")] for meaning, told in layout.columns.items()
        }
        missing = sorted({name for names in wanted.values() for name in names} - set(header))
        if missing:
            raise bad(f"the file has no column {', '.join(missing)}", reader.line_num)
        places = {meaning: [header.index(name) for name in names] for meaning, names in wanted.items()}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if any("\0" in cell for cell in cells):
                raise bad("a cell holds the character NUL", reader.line_num)
            if len(cells) < len(header):
                raise bad(f"{len(cells)} cells where the header has {len(header)}", reader.line_num)
            yield (
                reader.line_num,
                {m: " ".join(" ".join(cells[at] for at in ats).split()) for m, ats in places.items()},
            )
    except UnicodeError:
        raise bad(f"the file is not written in {layout.encoding}", reader.line_num + 1) from None
    except csv.Error as error:
        raise bad(str(error), reader.line_num) from None


def _line(cells: Mapping[str, str], layout: Layout, told: str, row: int) -> BankLine:
    if "amount" in layout.columns:
        moved = _number(cells, "amount", layout, told, row)
    else:
        moved = abs(_number(cells, "money_in", layout, told, row)) - abs(
            _number(cells, "money_out", layout, told, row)
        )
    booked = _date(cells["booking_date"], layout, row)
    value = cells.get("value_date")
    texts: dict[str, Any] = {name: cells.get(name, "")[:longest] for name, longest in TEXTS.items()}
    return BankLine(
        booking_date=booked,
        value_date=_date(value, layout, row) if value else booked,
        currency=told,
        amount=moved,
        **texts,
    )


def _number(cells: Mapping[str, str], name: str, layout: Layout, currency: str, row: int) -> Decimal:
    raw = cells.get(name, "")
    plain = raw.replace("\u2212", "-").replace("\u00a0", "").replace(" ", "").replace("'", "")
    grouping = "." if layout.decimal_mark == "," else ","
    plain = plain.replace(grouping, "").replace(layout.decimal_mark, ".")
    if not plain:
        return Decimal(0)
    is_negative = plain[0] == "-" or plain[-1] == "-" or (plain[0] == "(" and plain[-1] == ")")
    try:
        value = amount(plain.strip("+-()"), currency, row)
    except BadStatement:
        raise bad(f"{raw!r} is no amount in {currency} with {exponent(currency)} decimals", row) from None
    return -value if is_negative else value


def _date(raw: str, layout: Layout, row: int) -> date:
    try:
        return datetime.strptime(raw, layout.date_format).date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        raise bad(f"{raw!r} is no date written as {layout.date_format}", row) from None
