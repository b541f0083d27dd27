"""The techniques of supply-chain finance as data: what is financed, for whom, and who pays it back.

Names as in the Global Supply Chain Finance Forum's Standard Definitions for Techniques of Supply Chain Finance (2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from b2b.core.actor import DEALER, FACTORY

BILL: Final = "BILL"
INVOICE: Final = "INVOICE"
ORDER: Final = "ORDER"
PURCHASE_ORDER: Final = "PURCHASE_ORDER"
STOCK: Final = "STOCK"
VOUCHER: Final = "VOUCHER"
ASSETS: Final = (BILL, INVOICE, ORDER, PURCHASE_ORDER, STOCK, VOUCHER)


@dataclass(frozen=True, slots=True)
class Technique:
    """What a programme of this kind does.

    `is_purchase`: the receivable is sold, its obligor pays the funder; otherwise it is a loan, paid back by whoever
    took it. `is_upfront`: interest until maturity is kept back when the money is paid out.
    """

    name: str
    assets: frozenset[str]
    borrowers: frozenset[str]
    is_purchase: bool
    is_upfront: bool


def _of(name: str, asset: str, borrower: str, *, purchase: bool, upfront: bool) -> Technique:
    return Technique(name, frozenset({asset}), frozenset({borrower}), purchase, upfront)


TECHNIQUES: Final[dict[str, Technique]] = {
    "RECEIVABLES_DISCOUNTING": _of("Receivables discounting", BILL, FACTORY, purchase=True, upfront=True),
    "FACTORING": _of("Factoring", BILL, FACTORY, purchase=True, upfront=False),
    "PAYABLES_FINANCE": _of("Payables finance", BILL, FACTORY, purchase=True, upfront=True),
    "LOAN_RECEIVABLES": _of("Loan against receivables", BILL, FACTORY, purchase=False, upfront=False),
    "DISTRIBUTOR_FINANCE": Technique(
        "Distributor finance", frozenset({INVOICE, ORDER}), frozenset({DEALER}), False, False
    ),
    "LOAN_INVENTORY": _of("Loan against inventory", STOCK, DEALER, purchase=False, upfront=False),
    "PRE_SHIPMENT": _of("Pre-shipment finance", PURCHASE_ORDER, FACTORY, purchase=False, upfront=False),
    "DYNAMIC_DISCOUNTING": _of("Dynamic discounting", BILL, FACTORY, purchase=True, upfront=True),
    "VOUCHER_FINANCE": _of("Transferable voucher", VOUCHER, FACTORY, purchase=True, upfront=True),
}
