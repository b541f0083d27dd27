"""Programmes, bills and invoices that money may be had on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from b2b.core import clock
from b2b.core.actor import Actor, acting_as
from b2b.directory.models import Organization
from finance.models import Financing, FinancingRequest, Programme, SupplierInvoice
from finance.services import financing, financing_request, programme, repayment
from finance.services.programme import Draft
from tests.factories.directory import actor, factory_organization, funder
from tests.factories.finance import NOON, PLATFORM, operator
from tests.finance.payables.bills import Purchase

TERMS: dict[str, Any] = {
    "name": "Paid early", "currency": "CNY", "limit": 100_000_000, "party_limit": 50_000_000,
    "advance_rate": Decimal(1), "day_count": "ACT/360", "max_days": 180,
    "grade_rates": {"A": Decimal("0.06"), "B": Decimal("0.09"), "C": Decimal("0.12"), "D": Decimal("0.18")},
    "penalty_rate": Decimal("0.06"),
}  # fmt: skip


def open_programme(
    kind: str = "PAYABLES_FINANCE", of: Organization | None = None, **changes: Any
) -> Programme:
    """Open a programme of a funder."""
    operator()
    bank = of or funder()
    made = programme.draft(
        Draft(kind=kind, **{**TERMS, **changes}), funder_id=bank.pk, by=actor(bank), at=NOON
    )
    return programme.open_programme(made.pk, by=second(bank), at=NOON)


def second(of: Organization) -> Actor:
    """Return somebody else of a party."""
    return replace(actor(of), name="Second Person")


def bill(maker: Organization | None = None, price: str = "1000") -> SupplierInvoice:
    """Receive a bill of one piece that order and receipt agree with: it is approved."""
    purchase = Purchase(maker or factory_organization(), (1, price))
    purchase.receive(1)
    made = purchase.invoice((1, price))
    assert made.status == "APPROVED", made.verdict
    return made


def ask(of: Programme, asset: Any, kind: str = "BILL", at: datetime = NOON, **more: Any) -> FinancingRequest:
    """Let the owner of an asset ask for money on it."""
    owner = getattr(asset, "factory", None) or asset.dealer
    return ask_for(of, owner, kind, asset.pk, at, **more)


def ask_for(
    of: Programme, owner: Organization, kind: str, key: object, at: datetime = NOON, **more: Any
) -> FinancingRequest:
    """Let a party ask for money on an asset of its own."""
    asked = {"asset_kind": kind, "asset_key": str(key), "borrower_id": owner.pk, **more}
    with clock.travel(at):  # an offer lapses by the database's clock
        return financing_request.ask(of.pk, **asked, by=actor(owner), at=at)


def draw(request: FinancingRequest, at: datetime = NOON) -> Financing:
    """Let the borrower take its offer."""
    with clock.travel(at):
        return financing.draw(request.pk, by=actor(request.borrower), at=at)


def repay(
    one: Financing, amount: int, day: int, *, entered: int | None = None, reference: str = ""
) -> Financing:
    """Let the funder enter what came on a day after the drawing, on that day or a later one."""
    at = NOON + timedelta(days=day if entered is None else entered)
    return repayment.repay(
        one.pk, amount=amount, value_date=(NOON + timedelta(days=day)).date(),
        reference=reference or f"{day}:{amount}", by=actor(one.funder), at=at,
    )  # fmt: skip


def reread(one: Any) -> Any:
    """Return a row as it now is."""
    with acting_as(PLATFORM):
        return type(one).objects.get(pk=one.pk)
