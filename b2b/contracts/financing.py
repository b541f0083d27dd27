"""What finance tells of supply-chain finance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event


class FinancingDrawn(Event):
    """Money was paid out on an asset; amounts in its currency, `paid_out` is the amount less interest kept back.

    `asset_key` is the asset's key in the platform: the order, invoice, bill or voucher.
    """

    topic: ClassVar[str] = "finance.financing.drawn.v1"
    aggregate: ClassVar[str] = "financing_id"
    party_fields: ClassVar[tuple[str, ...]] = ("borrower_id", "funder_id")

    financing_id: UUID
    number: str
    programme_id: UUID
    borrower_id: int
    funder_id: int
    currency: str
    amount: Decimal
    paid_out: Decimal
    maturity: date
    asset_kind: str
    asset_number: str
    asset_key: str = ""


class FinancingRepaid(Event):
    """Nothing is owed on a financing any more; its asset is free."""

    topic: ClassVar[str] = "finance.financing.repaid.v1"
    aggregate: ClassVar[str] = "financing_id"
    party_fields: ClassVar[tuple[str, ...]] = ("borrower_id", "funder_id")

    financing_id: UUID
    number: str
    borrower_id: int
    funder_id: int
    asset_kind: str = ""
