"""An invoice or a credit note as it leaves the house: everything its reader needs, and nothing that may change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from finance.policies.en16931 import Bill, BilledLine
from finance.policies.tax import Totals

INVOICE: Final = "380"  # UN/ECE 1001
CREDIT_NOTE: Final = "381"
DEBIT_NOTE: Final = "383"
TITLES: Final = {INVOICE: "Invoice", CREDIT_NOTE: "Credit note", DEBIT_NOTE: "Debit note"}


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer by its legal name and numbers; `country` is ISO 3166-1 alpha-2."""

    code: str
    name: str
    country: str
    vat_number: str = ""
    uscc: str = ""
    gln: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of the amount and the day it is due."""

    due_date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TradeDocument:
    """The whole document; `corrects` is the number of the invoice a credit or debit note is about, `delivery` of the
    shipment. `note` is what its reader has to know (BT-22).

    `pay_to` are bank accounts of the seller. Instalments sum to what is payable.
    """

    type_code: str
    number: str
    issue_date: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[BilledLine, ...]
    totals: Totals
    instalments: tuple[Instalment, ...] = ()
    due_date: date | None = None
    delivered_date: date | None = None
    delivery: str = ""
    corrects: str = ""
    note: str = ""
    pay_to: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name of the document in English."""
        return TITLES[self.type_code]

    def as_bill(self) -> Bill:
        """Return it as its reader sees it, to be held against the rules of EN 16931."""
        return Bill(
            number=self.number,
            issue_date=self.issue_date,
            due_date=self.due_date,
            currency=self.currency,
            lines=self.lines,
            totals=self.totals,
            type_code=self.type_code,
        )
