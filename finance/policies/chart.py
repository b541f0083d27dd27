"""The chart of accounts: what each code means and on which side it grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAIN: Final = "MAIN"
CREDIT: Final = "CREDIT"

BANK: Final = "1000"
RECEIVABLES: Final = "1100"
INVENTORY: Final = "1300"
GOODS_RECEIVED: Final = "2100"
FREIGHT_ACCRUED: Final = "2150"
OUTPUT_TAX: Final = "2200"
SUSPENSE: Final = "1900"
ADVANCES: Final = "2300"
REVENUE: Final = "4000"
RECOVERED: Final = "4100"
FREIGHT: Final = "5100"
EXPOSURE: Final = "8000"
EXPOSURE_CONTRA: Final = "8009"


@dataclass(frozen=True, slots=True)
class Kind:
    """How accounts of one code are opened."""

    book: str
    name: str
    type: str
    side: str
    is_limited: bool = False


CHART: Final[dict[str, Kind]] = {
    BANK: Kind(MAIN, "Bank", "ASSET", "DEBIT"),
    RECEIVABLES: Kind(MAIN, "Trade receivables", "ASSET", "DEBIT"),
    INVENTORY: Kind(MAIN, "Goods for resale", "ASSET", "DEBIT"),
    GOODS_RECEIVED: Kind(MAIN, "Goods received, not invoiced", "LIABILITY", "CREDIT"),
    FREIGHT_ACCRUED: Kind(MAIN, "Freight accrued", "LIABILITY", "CREDIT"),
    OUTPUT_TAX: Kind(MAIN, "Output tax", "LIABILITY", "CREDIT"),
    SUSPENSE: Kind(MAIN, "Bank items to be cleared", "ASSET", "DEBIT"),
    ADVANCES: Kind(MAIN, "Advances from dealers", "LIABILITY", "CREDIT"),
    REVENUE: Kind(MAIN, "Revenue", "INCOME", "CREDIT"),
    RECOVERED: Kind(MAIN, "Recovered from factories", "INCOME", "CREDIT"),
    FREIGHT: Kind(MAIN, "Freight", "EXPENSE", "DEBIT"),
    EXPOSURE: Kind(CREDIT, "Credit exposure", "MEMO", "DEBIT", is_limited=True),
    EXPOSURE_CONTRA: Kind(CREDIT, "Credit given", "MEMO", "CREDIT"),
}
