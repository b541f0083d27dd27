"""The chart of accounts: what each code means and on which side it grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAIN: Final = "MAIN"
CREDIT: Final = "CREDIT"

BANK: Final = "1000"
IN_TRANSIT: Final = "1050"
RECEIVABLES: Final = "1100"
INVENTORY: Final = "1300"
GOODS_IN_TRANSFER: Final = "1310"
INPUT_TAX: Final = "1500"
PAYABLES: Final = "2000"
FREIGHT_PAYABLE: Final = "2010"
GOODS_RECEIVED: Final = "2100"
FREIGHT_ACCRUED: Final = "2150"
COSTS_ACCRUED: Final = "2160"
SAVINGS_OWED: Final = "2170"
OUTPUT_TAX: Final = "2200"
SUSPENSE: Final = "1900"
TRADING: Final = "1950"
ADVANCES: Final = "2300"
REVENUE: Final = "4000"
RECOVERED: Final = "4100"
SAVINGS_KEPT: Final = "4200"
SAVINGS_GIVEN: Final = "4900"
COST_OF_SALES: Final = "5000"
FREIGHT: Final = "5100"
PRICE_VARIANCE: Final = "5200"
STOCK_DIFFERENCES: Final = "5300"
STOCK_LOSSES: Final = "5310"
SENT_BACK: Final = "5320"
DISCOUNTS: Final = "6100"
WRITE_OFFS: Final = "6110"
BANK_FEES: Final = "6200"
EXCHANGE: Final = "6300"
VALUED: Final = "1960"
VALUATION: Final = "6310"
EXPOSURE: Final = "8000"
EXPOSURE_CONTRA: Final = "8009"
ASSIGNED_PAYABLES: Final = "2050"
VOUCHERS_ISSUED: Final = "2060"


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
    IN_TRANSIT: Kind(MAIN, "Payments on their way", "ASSET", "DEBIT"),
    RECEIVABLES: Kind(MAIN, "Trade receivables", "ASSET", "DEBIT"),
    INVENTORY: Kind(MAIN, "Goods for resale", "ASSET", "DEBIT"),
    INPUT_TAX: Kind(MAIN, "Input tax", "ASSET", "DEBIT"),
    GOODS_IN_TRANSFER: Kind(MAIN, "Goods between two warehouses", "ASSET", "DEBIT"),
    PAYABLES: Kind(MAIN, "Trade payables", "LIABILITY", "CREDIT"),
    FREIGHT_PAYABLE: Kind(MAIN, "Freight payables", "LIABILITY", "CREDIT"),
    VOUCHERS_ISSUED: Kind(MAIN, "Vouchers issued", "LIABILITY", "CREDIT"),
    ASSIGNED_PAYABLES: Kind(MAIN, "Payables bought by funders", "LIABILITY", "CREDIT"),
    GOODS_RECEIVED: Kind(MAIN, "Goods received, not invoiced", "LIABILITY", "CREDIT"),
    FREIGHT_ACCRUED: Kind(MAIN, "Freight accrued", "LIABILITY", "CREDIT"),
    COSTS_ACCRUED: Kind(MAIN, "Purchase costs accrued", "LIABILITY", "CREDIT"),
    SAVINGS_OWED: Kind(MAIN, "Savings owed to factories", "LIABILITY", "CREDIT"),
    OUTPUT_TAX: Kind(MAIN, "Output tax", "LIABILITY", "CREDIT"),
    SUSPENSE: Kind(MAIN, "Bank items to be cleared", "ASSET", "DEBIT"),
    ADVANCES: Kind(MAIN, "Advances from dealers", "LIABILITY", "CREDIT"),
    REVENUE: Kind(MAIN, "Revenue", "INCOME", "CREDIT"),
    RECOVERED: Kind(MAIN, "Recovered from factories", "INCOME", "CREDIT"),
    SAVINGS_KEPT: Kind(MAIN, "Savings kept by the platform", "INCOME", "CREDIT"),
    SAVINGS_GIVEN: Kind(MAIN, "Savings given to dealers as lower prices", "INCOME", "DEBIT"),
    COST_OF_SALES: Kind(MAIN, "Cost of sales", "EXPENSE", "DEBIT"),
    FREIGHT: Kind(MAIN, "Freight", "EXPENSE", "DEBIT"),
    STOCK_DIFFERENCES: Kind(MAIN, "Stock differences", "EXPENSE", "DEBIT"),
    STOCK_LOSSES: Kind(MAIN, "Stock lost or destroyed", "EXPENSE", "DEBIT"),
    SENT_BACK: Kind(MAIN, "Goods sent back to factories", "EXPENSE", "DEBIT"),
    PRICE_VARIANCE: Kind(MAIN, "Purchase price variance", "EXPENSE", "DEBIT"),
    VALUED: Kind(MAIN, "Foreign currency at the day's rates", "ASSET", "DEBIT"),
    TRADING: Kind(MAIN, "Currencies bought and sold", "ASSET", "DEBIT"),
    DISCOUNTS: Kind(MAIN, "Discounts for early payment", "EXPENSE", "DEBIT"),
    WRITE_OFFS: Kind(MAIN, "Differences written off", "EXPENSE", "DEBIT"),
    BANK_FEES: Kind(MAIN, "Bank charges", "EXPENSE", "DEBIT"),
    EXCHANGE: Kind(MAIN, "Exchange differences", "EXPENSE", "DEBIT"),
    VALUATION: Kind(MAIN, "Exchange differences of valuation", "EXPENSE", "DEBIT"),
    EXPOSURE: Kind(CREDIT, "Credit exposure", "MEMO", "DEBIT", is_limited=True),
    EXPOSURE_CONTRA: Kind(CREDIT, "Credit given", "MEMO", "CREDIT"),
}

# What is to be had or paid in a fixed number of units of a currency, and so is worth what the day's rate says (IAS
# 21.16). Advances are for goods, not for money back, and stay at the rate of their day (IFRIC 22); stock is valued in
# the currency of the books. Our own bank accounts have codes that begin with BANK.
MONETARY: Final = (
    IN_TRANSIT,
    RECEIVABLES,
    INPUT_TAX,
    SUSPENSE,
    PAYABLES,
    ASSIGNED_PAYABLES,
    VOUCHERS_ISSUED,
    FREIGHT_ACCRUED,
    COSTS_ACCRUED,
    OUTPUT_TAX,
)
