"""Where goods are, for whom, and what is to be done with them."""

from warehousing.models.demand import Demand, DemandOrder, Reservation, SupplyShare
from warehousing.models.lot import Lot
from warehousing.models.package import Package, PackageLine
from warehousing.models.receipt import Receipt, ReceiptLine
from warehousing.models.returns import ReturnReceipt, ReturnReceiptLine
from warehousing.models.stock import Quant, StockLedgerEntry
from warehousing.models.warehouse import Location, Warehouse
from warehousing.models.wave import PickTask, Wave

__all__ = [
    "Demand",
    "DemandOrder",
    "Location",
    "Lot",
    "Package",
    "PackageLine",
    "PickTask",
    "Quant",
    "Receipt",
    "ReceiptLine",
    "Reservation",
    "ReturnReceipt",
    "ReturnReceiptLine",
    "StockLedgerEntry",
    "SupplyShare",
    "Warehouse",
    "Wave",
]
