"""Where goods are, for whom, and what is to be done with them."""

from warehousing.models.count import CountAttempt, CountLine, CycleCount
from warehousing.models.demand import Demand, DemandOrder, Reservation, SupplyShare
from warehousing.models.epcis import EpcisCapture, EpcisEvent, EpcisMention
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.location import Location
from warehousing.models.lot import Lot, Serial
from warehousing.models.package import Package, PackageLine
from warehousing.models.period import StockCorrection, StockPeriod, StockPeriodChange
from warehousing.models.promise import Promise, PromiseBand, PromiseBook
from warehousing.models.putaway import PickFace, PutawayRule, PutawayTask
from warehousing.models.recall import Recall, RecallFinding, RecallNotice
from warehousing.models.receipt import Receipt, ReceiptLine
from warehousing.models.receiving import Evidence, FoundGoods, Inspection, ReceiptScan, ReceivingRule
from warehousing.models.returns import ReturnReceipt, ReturnReceiptLine
from warehousing.models.rules import RotationRule, ShelfLifeTerm, SourcingCost
from warehousing.models.sscc import SsccSeries
from warehousing.models.stock import MovementKind, Quant, StockLedgerEntry, StockStatus
from warehousing.models.warehouse import Warehouse
from warehousing.models.wave import Pick, PickList, PickMethod, PickTask, Wave

__all__ = [
    "CountAttempt",
    "CountLine",
    "CycleCount",
    "Demand",
    "DemandOrder",
    "EpcisCapture",
    "EpcisEvent",
    "EpcisMention",
    "Evidence",
    "FoundGoods",
    "HandlingUnit",
    "Inspection",
    "Location",
    "Lot",
    "MovementKind",
    "Package",
    "PackageLine",
    "Pick",
    "PickFace",
    "PickList",
    "PickMethod",
    "PickTask",
    "Promise",
    "PromiseBand",
    "PromiseBook",
    "PutawayRule",
    "PutawayTask",
    "Quant",
    "Recall",
    "RecallFinding",
    "RecallNotice",
    "Receipt",
    "ReceiptLine",
    "ReceiptScan",
    "ReceivingRule",
    "Reservation",
    "ReturnReceipt",
    "ReturnReceiptLine",
    "RotationRule",
    "Serial",
    "ShelfLifeTerm",
    "SourcingCost",
    "SsccSeries",
    "StockCorrection",
    "StockLedgerEntry",
    "StockPeriod",
    "StockPeriodChange",
    "StockStatus",
    "SupplyShare",
    "Warehouse",
    "Wave",
]
