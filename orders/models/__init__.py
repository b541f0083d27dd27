"""Demand, the pool, and what the factory answers."""

from orders.models.allocation import (
    AllocationResult,
    AllocationRun,
    FairnessBalance,
    FairnessEntry,
    PriorityTier,
)
from orders.models.approval import ApprovalRule, ApprovalStep, ApprovalSubstitute
from orders.models.blanket import BlanketOrder, BlanketOrderLine, BlanketRelease, BlanketReleaseLine
from orders.models.buffer import AdjustmentFactor, Buffer, BufferProfile, BufferSnapshot, PlanRun
from orders.models.buyers_item import BuyersItem
from orders.models.change import (
    CancellationRequest,
    OrderChange,
    OrderChangeLine,
    PurchaseOrderChange,
    PurchaseOrderChangeLine,
)
from orders.models.claim import Claim, ClaimLine, ClaimShare
from orders.models.consumption import ForecastConsumption
from orders.models.cost import CostBasis, CostKind, CostShare, CostVoucher
from orders.models.cycle import Leftover, OrderCycle
from orders.models.demand import DemandBucket, DemandEvent, StockOut
from orders.models.despatch import DespatchAdvice, DespatchAdviceLine
from orders.models.forecast import ForecastLine, ForecastRun
from orders.models.handling_term import HandlingTerm
from orders.models.order import BUCKETS, Order, OrderLine
from orders.models.order_rule import OrderRule
from orders.models.peg import Peg
from orders.models.price_proposal import PriceProposal
from orders.models.pricing import PriceAgreement, PriceBreak
from orders.models.progress import PoolProgress
from orders.models.promise import SupplyPromise
from orders.models.purchase import PurchaseOrder, PurchaseOrderLine, ResponseCode, ScheduleLine
from orders.models.quantity import QuantityEvent, SupplyEvent
from orders.models.quotation import (
    Quotation,
    QuotationBreak,
    QuotationInvitation,
    QuotationLine,
    QuotationRequest,
    QuotationRequestLine,
)
from orders.models.rehearsal import Rehearsal
from orders.models.response import OrderResponse, OrderResponseLine, PriceAnswer
from orders.models.returns import ReturnAuthorisation, ReturnLine
from orders.models.savings import SavingsStatement, SavingsStatementLine, SettledSaving
from orders.models.signal import (
    PlanException,
    ProductionSignal,
    ProductionSignalLine,
    SignalCallOff,
    SignalPeg,
    SignalReason,
    SignalTerms,
)
from orders.models.standing_rules import StandingRules
from orders.models.substitution import Substitution
from orders.models.supply_source import SourceBreak, SupplySource
from orders.models.terms_change import TermsChange

__all__ = [
    "BUCKETS",
    "AdjustmentFactor",
    "AllocationResult",
    "AllocationRun",
    "ApprovalRule",
    "ApprovalStep",
    "ApprovalSubstitute",
    "BlanketOrder",
    "BlanketOrderLine",
    "BlanketRelease",
    "BlanketReleaseLine",
    "Buffer",
    "BufferProfile",
    "BufferSnapshot",
    "BuyersItem",
    "CancellationRequest",
    "Claim",
    "ClaimLine",
    "ClaimShare",
    "CostBasis",
    "CostKind",
    "CostShare",
    "CostVoucher",
    "DemandBucket",
    "DemandEvent",
    "DespatchAdvice",
    "DespatchAdviceLine",
    "FairnessBalance",
    "FairnessEntry",
    "ForecastConsumption",
    "ForecastLine",
    "ForecastRun",
    "HandlingTerm",
    "Leftover",
    "Order",
    "OrderChange",
    "OrderChangeLine",
    "OrderCycle",
    "OrderLine",
    "OrderResponse",
    "OrderResponseLine",
    "OrderRule",
    "Peg",
    "PlanException",
    "PlanRun",
    "PoolProgress",
    "PriceAgreement",
    "PriceAnswer",
    "PriceBreak",
    "PriceProposal",
    "PriorityTier",
    "ProductionSignal",
    "ProductionSignalLine",
    "PurchaseOrder",
    "PurchaseOrderChange",
    "PurchaseOrderChangeLine",
    "PurchaseOrderLine",
    "QuantityEvent",
    "Quotation",
    "QuotationBreak",
    "QuotationInvitation",
    "QuotationLine",
    "QuotationRequest",
    "QuotationRequestLine",
    "Rehearsal",
    "ResponseCode",
    "ReturnAuthorisation",
    "ReturnLine",
    "SavingsStatement",
    "SavingsStatementLine",
    "ScheduleLine",
    "SettledSaving",
    "SignalCallOff",
    "SignalPeg",
    "SignalReason",
    "SignalTerms",
    "SourceBreak",
    "StandingRules",
    "StockOut",
    "Substitution",
    "SupplyEvent",
    "SupplyPromise",
    "SupplySource",
    "TermsChange",
]
