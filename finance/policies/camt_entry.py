"""Read one entry of a camt message: a line, or a line for each payment of a batch."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from finance.policies.bank_statement import BankLine, amount, bad

CURRENCY: Final = re.compile(r"[A-Z]{3}")
REPEATED: Final = frozenset({"Ustrd"})
# One payment may name several invoices; what comes after the first stands beside it.
DOCUMENT, REFERENCE = "RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/CdtrRefInf/Ref"
FURTHER: Final = frozenset({DOCUMENT, REFERENCE})
NAMES: Final = ("{}/Nm", "{}/Pty/Nm", "Ultmt{}/Nm", "Ultmt{}/Pty/Nm", "{}/Agt/FinInstnId/Nm")
ACCOUNTS: Final = ("{}Acct/Id/IBAN", "{}Acct/Id/Othr/Id", "{}Acct/Id/PrtryAcct/Id", "{}Acct/Id/BBAN")
CHARGES: Final = ("Chrgs/TtlChrgsAndTaxAmt", "Chrgs/Rcrd/Amt", "Chrgs/Amt")


class Leaves(dict[str, str]):
    """The texts below an element by their path of local names; an amount's currency is at `path@Ccy`."""

    def __init__(self, row: int | None) -> None:
        super().__init__()
        self.row = row

    def first(self, *paths: str) -> str:
        """Return the first of the texts that there is."""
        return next((self[path] for path in paths if self.get(path)), "")


def leaves(element: Any, trim: int) -> Leaves:
    """Return all texts below an element; `trim` is the length of the namespace before each name."""
    found = Leaves(element.sourceline)
    for child in element:
        gather(child, trim, "", found, [])
    return found


def gather(element: Any, trim: int, above: str, found: Leaves, details: list[Any]) -> None:
    """Add the texts of an element and below; payments of a batch are put aside as they are."""
    name = element.tag[trim:]
    if name == "TxDtls":
        details.append(element)
        return
    path = f"{above}{name}"
    if len(element):
        for child in element:
            gather(child, trim, f"{path}/", found, details)
        return
    text = " ".join((element.text or "").split())
    if path not in found:
        found[path] = text
        currency = element.get("Ccy")
        if currency is not None:
            found[f"{path}@Ccy"] = currency
    elif name in REPEATED:
        found[path] += f" {text}"
    elif path in FURTHER:
        found[f"{path}+"] = " ".join(filter(None, [found.get(f"{path}+", ""), text]))


def read(element: Any, trim: int) -> list[BankLine]:
    """Return the lines of an entry; none when it is not booked.

    A batch booked as one entry gives a line for each payment when these come to its amount.

    :raises BadStatement: when amount or date are missing or impossible.
    """
    entry, batch = Leaves(element.sourceline), list[Any]()
    for child in element:
        gather(child, trim, "", entry, batch)
    if entry.first("Sts/Cd", "Sts") not in ("BOOK", ""):  # some banks say it of what is not booked only
        return []
    total, currency = signed(entry)
    if not entry.first("BookgDt/Dt", "BookgDt/DtTm"):
        entry["BookgDt"] = entry.first("ValDt/Dt", "ValDt/DtTm") or _message_date(element, trim)
    common: dict[str, Any] = {
        "booking_date": day(entry, "BookgDt"),
        "value_date": day(entry, "ValDt", "BookgDt"),
        "currency": currency,
        "bank_reference": entry.get("AcctSvcrRef", "")[:70],
        "transaction_code": entry.first("BkTxCd/Domn/Fmly/SubFmlyCd", "BkTxCd/Prtry/Cd")[:35],
    }
    is_reversal = entry.get("RvslInd", "").lower() in ("true", "1")
    details = [leaves(one, trim) for one in batch]
    parts = [_part(one, currency, negative=total < 0) for one in details]
    if len(details) > 1 and all(parts) and sum(filter(None, parts)) == total:
        return [
            BankLine(
                amount=part or Decimal(0), **_told(one, negative=total < 0, returned=is_reversal), **common
            )
            for one, part in zip(details, parts, strict=True)
        ]
    told = _told(details[0], negative=total < 0, returned=is_reversal) if len(details) == 1 else {}
    told.setdefault("is_return", is_reversal)
    if not told.get("remittance_text"):
        texts = [one.get("RmtInf/Ustrd", "") for one in details] + [entry.get("AddtlNtryInf", "")]
        told["remittance_text"] = " ".join(filter(None, texts))
    if "charges_amount" not in told or told["charges_amount"] is None:
        told["charges_amount"] = _given(entry, CHARGES, currency)
    return [BankLine(amount=total, **told, **common)]


def _message_date(element: Any, trim: int) -> str:
    """Return when the statement around an entry without a date was made."""
    made = element.getparent().find(f"{element.tag[:trim]}CreDtTm")
    return "" if made is None else (made.text or "").strip()


def _told(detail: Leaves, *, negative: bool, returned: bool) -> dict[str, Any]:
    """Return what one payment says about itself: references, text, who is at the other end, what was ordered."""
    other = "Cdtr" if negative else "Dbtr"
    returned = returned or any(path.startswith("RtrInf/") for path in detail)
    if returned:  # the money turns back, so the parties keep the places of the payment that it undoes
        other = "Dbtr" if negative else "Cdtr"
    instructed = next((path for path in ("AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt") if path in detail), "")
    currency = detail.get(f"{instructed}@Ccy", "")
    return {
        "end_to_end_id": detail.first("Refs/EndToEndId", "Refs/UETR")[:70],
        "structured_reference": detail.first(REFERENCE, "Refs/AcctSvcrRef")[:70],
        "remittance_text": _text(detail),
        "counterparty_name": detail.first(*(f"RltdPties/{path.format(other)}" for path in NAMES))[:200],
        "counterparty_identifier": detail.first(*(f"RltdPties/{path.format(other)}" for path in ACCOUNTS))[
            :40
        ],
        "is_return": returned,
        "instructed_amount": amount(detail[instructed], currency, detail.row)
        if CURRENCY.fullmatch(currency)
        else None,
        "instructed_currency": currency if CURRENCY.fullmatch(currency) else "",
        "charges_amount": _given(detail, CHARGES),
    }


def _text(detail: Leaves) -> str:
    """Return what the payer wrote, and the documents and references that it names in structured form."""
    named = (DOCUMENT, f"{DOCUMENT}+", f"{REFERENCE}+")
    said = (detail.first("RmtInf/Ustrd", "AddtlTxInf"), *(detail.get(path, "") for path in named))
    return " ".join(filter(None, said))


def _given(found: Leaves, paths: tuple[str, ...], currency: str = "") -> Decimal | None:
    for path in paths:
        if found.get(path):
            return amount(found[path], found.get(f"{path}@Ccy", currency), found.row)
    return None


def _part(detail: Leaves, currency: str, *, negative: bool) -> Decimal | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        if detail.get(f"{path}@Ccy") == currency:
            value = amount(detail[path], currency, detail.row)
            side = detail.get("CdtDbtInd")
            return -value if side == "DBIT" or (not side and negative) else value
    return None


def signed(found: Leaves) -> tuple[Decimal, str]:
    """Return the signed amount of an entry or a balance, and its currency.

    :raises BadStatement: when there is no amount, side or currency.
    """
    side, currency = found.get("CdtDbtInd"), found.get("Amt@Ccy", "")
    if "Amt" not in found or side not in ("CRDT", "DBIT"):
        raise bad("an amount with CRDT or DBIT is needed", found.row)
    if not CURRENCY.fullmatch(currency):
        raise bad(f"{currency or 'nothing'} is no currency code", found.row)
    value = amount(found["Amt"], currency, found.row)
    return (-value if side == "DBIT" else value), currency


def day(found: Leaves, *paths: str) -> date:
    """Return the first date there is at or below the paths.

    :raises BadStatement: when there is none, or it is none.
    """
    raw = next(
        filter(None, (found.first(f"{path}/Dt", f"{path}/DtTm", f"{path}/Dt/DtTm", path) for path in paths)),
        "",
    )
    try:
        return datetime.fromisoformat(raw).date() if "T" in raw else date.fromisoformat(raw[:10])
    except ValueError:
        raise bad(f"{paths[0]} holds no date: {raw!r}", found.row) from None
