"""Read ISO 20022 camt.052, camt.053 and camt.054 of any version, one entry after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO, Final

from b2b.core.xml import iterate_untrusted_xml
from finance.policies import camt_entry
from finance.policies.bank_statement import BankLine, Content, Kind, Statement, bad
from finance.policies.camt_entry import Leaves, day, leaves, signed

DOCUMENT: Final = re.compile(r"\{(?:urn:[^{}]*:)?(camt\.05[234]\.001\.\d\d)\}Document")
CONTAINERS: Final = {"Stmt": Kind.STATEMENT, "Rpt": Kind.REPORT, "Ntfctn": Kind.NOTIFICATION}
TAGS: Final = tuple(f"{{*}}{name}" for name in ("Document", "GrpHdr", "Ntry", *CONTAINERS))
OPENING: Final = ("OPBD", "PRCD", "ITBD")
CLOSING: Final = ("CLBD", "ITBD")
MAX_BYTES: Final = 2 * 2**30  # read in pieces, so that only patience limits it


@dataclass(slots=True)
class _Reading:
    """Where the reader stands."""

    format: str = ""
    trim: int = 0
    message_id: str = ""
    container: str = ""
    content: Content = field(default_factory=Content)


def read(source: bytes | BinaryIO, *, max_bytes: int = MAX_BYTES) -> Iterator[BankLine | Statement]:
    """Yield the lines of each statement, then the statement; nothing of the file is kept.

    Pending and informational entries are left out: balances count booked ones only.

    :raises BadStatement: when something needed is missing, naming the line of the file.
    :raises MalformedXml: :raises UnsafeXml: see b2b.core.xml.
    """
    at, found = _Reading(), False
    for event, element in iterate_untrusted_xml(source, tags=TAGS, max_bytes=max_bytes):
        name = str(element.tag).rpartition("}")[2]
        if event == "start":
            _enter(at, element, name)
        elif not at.format:
            continue
        elif name == "GrpHdr":
            at.message_id = leaves(element, at.trim).get("MsgId", "")
        elif name == "Ntry" and at.container:
            for line in camt_entry.read(element, at.trim):
                at.content.add(line)
                yield line
            _forget(element)
        elif name == at.container:
            yield _statement(element, at)
            found, at.container, at.content = True, "", Content()
            element.clear()
    if not at.format:
        raise bad("the file is no camt.052, camt.053 or camt.054 document")
    if not found:
        raise bad("the file holds no statement")


def _enter(at: _Reading, element: Any, name: str) -> None:
    if name == "Document":
        known = DOCUMENT.fullmatch(str(element.tag))
        if known is None:
            raise bad(f"{element.tag} is no camt.052, camt.053 or camt.054 document", element.sourceline)
        at.format, at.trim = known[1], len(str(element.tag)) - len(name)
    elif at.format and name in CONTAINERS and not at.container:
        at.container = name


def _forget(element: Any) -> None:
    """Free an entry that was read, and the shell of the one before it."""
    element.clear()
    before = element.getprevious()
    if before is not None and before.tag == element.tag:
        element.getparent().remove(before)


def _statement(element: Any, at: _Reading) -> Statement:
    head = Leaves(element.sourceline)
    balances: list[Leaves] = []
    for child in element:
        if child.tag[at.trim :] == "Bal":
            balances.append(leaves(child, at.trim))
        else:
            camt_entry.gather(child, at.trim, "", head, [])
    account = _account(head)
    opening, closing = _balance(balances, OPENING, min, 0), _balance(balances, CLOSING, max, -1)
    if opening is closing:  # a single interim balance is neither
        opening = closing = None
    ends = [signed(one) if one else None for one in (opening, closing)]
    told = {currency for _, currency in filter(None, ends)} | at.content.currencies
    currency = min(
        told, default=head.get("Acct/Ccy") or next((one.get("Amt@Ccy", "") for one in balances), "")
    )
    if len(told) > 1:
        raise bad("balances and entries of one statement must be in one currency", element.sourceline)
    if not currency:
        raise bad("nothing says in which currency the account is kept", element.sourceline)
    return Statement(
        kind=CONTAINERS[at.container],
        format=at.format,
        statement_id=head.get("Id", ""),
        message_id=at.message_id,
        account=account,
        currency=currency,
        opening=ends[0][0] if ends[0] else None,
        closing=ends[1][0] if ends[1] else None,
        as_of=day(closing or opening or head, "Dt", "FrToDt/ToDtTm", "CreDtTm"),
        content=at.content,
    )


def _account(head: Leaves) -> str:
    paths = ("Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id", "Acct/Id/BBAN")
    account = next((head[path] for path in paths if head.get(path)), "").replace(" ", "")
    if not account:
        raise bad("the statement names no account", head.row)
    return account


def _balance(
    balances: list[Leaves], codes: tuple[str, ...], end: Callable[..., Any], which: int
) -> Leaves | None:
    """Return the first opening or the last closing balance: some banks tell one of each for every day in between."""
    for code in codes:
        named = [one for one in balances if code in (one.get("Tp/CdOrPrtry/Cd"), one.get("Tp/Cd"))]
        if named and code == "ITBD":
            return named[which]
        if named:
            days = [day(one, "Dt") if _is_dated(one) else date.min for one in named]
            return named[days.index(end(days))]
    return None


def _is_dated(balance: Leaves) -> bool:
    return bool(balance.first("Dt/Dt", "Dt/DtTm", "Dt"))
