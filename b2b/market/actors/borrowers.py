"""Factories and dealers that want money early: on bills, vouchers, orders to make, invoices and goods of their own."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor, acting_as, system
from b2b.directory.models import Organization
from b2b.market.stage import Stage
from finance.models import (
    CreditHold,
    Financing,
    FinancingRequest,
    Invoice,
    InvoiceLine,
    Programme,
    SupplierInvoice,
    VoucherRoot,
)
from finance.policies.technique import BILL, INVOICE, ORDER, PURCHASE_ORDER, STOCK, TECHNIQUES, VOUCHER
from finance.selectors import open_purchase
from finance.services import financing, financing_request, voucher, voucher_pledge
from warehousing.models import Warehouse
from warehousing.services import found_goods
from warehousing.services.found_goods import Finding

ON_BILLS: Final = tuple(sorted(kind for kind, known in TECHNIQUES.items() if BILL in known.assets))
SELLS_A_BILL: Final = 0.8  # chance, each day
FINANCES_AN_INVOICE: Final = 0.25
FINANCES_AN_ORDER: Final = 0.1
FINANCES_A_PURCHASE: Final = 0.05
STORES_EVERY_DAYS: Final = 3  # a dealer brings goods of its own to the warehouse and borrows on them
STORED_UNITS: Final = 120
VOUCHER_DAYS: Final = 5


def borrow(stage: Stage) -> None:
    """Ask the programmes for money on what is there, and take what is offered."""
    with stage.at(17.2) as now:
        for factory in stage.world.factories:
            _sell_bills(stage, factory, now)
            _finance_purchases(stage, factory, now)
        for dealer in stage.world.dealers:
            _finance_sales(stage, dealer, now)
        if stage.day % STORES_EVERY_DAYS == STORES_EVERY_DAYS - 1:
            turn = stage.day // STORES_EVERY_DAYS % len(stage.world.dealers)
            _borrow_on_goods(stage, stage.world.dealers[turn], now)


def _sell_bills(stage: Stage, factory: Organization, now: datetime) -> None:
    """Sell each bill once, by the technique used least so far; one of them is that the platform pays by a voucher."""
    with stage.acting(factory) as by:
        approved = SupplierInvoice.objects.visible_to(by).filter(status="APPROVED", open_amount__gt=0)
        bills = list(approved.order_by("issue_date", "number"))
        asked = _asked(by)
    used = _used()
    for bill in bills:
        if str(bill.pk) in asked or stage.chance_of(bill.supplier_number).random() >= SELLS_A_BILL:
            continue
        chosen = min((*ON_BILLS, VOUCHER), key=lambda kind: used[kind])
        if chosen == VOUCHER:
            _pay_by_voucher(stage, bill, factory, now)
            used[VOUCHER] += 1
        else:
            used[chosen] += _take(stage, chosen, BILL, bill.pk, factory, now)


def _used() -> Counter[str]:
    """Count how often each way of turning a bill into money was taken."""
    with acting_as(system("market")):
        of_bills = Financing.objects.filter(request__asset_kind=BILL)
        used = Counter(of_bills.values_list("programme__kind", flat=True))
        used[VOUCHER] = VoucherRoot.objects.count()
    return used


def _asked(by: Actor) -> set[str]:
    """Return the papers a party has asked on and does not wait to draw on: nobody asks twice."""
    requests = FinancingRequest.objects.visible_to(by).exclude(status="OFFERED")
    return set(requests.values_list("asset_key", flat=True))


def _pay_by_voucher(stage: Stage, bill: SupplierInvoice, factory: Organization, now: datetime) -> None:
    """Let the factory sell a third of its voucher, hand a third on and pledge a third."""
    with stage.acting(stage.world.operator) as by:
        due = stage.today + timedelta(days=VOUCHER_DAYS)
        whole = voucher.issue(bill.pk, due_date=due, by=by, at=now)
    stage.counts["vouchers issued"] += 1
    third = whole.amount // 3
    if not third:
        return
    others = [one for one in stage.world.factories if one.pk != factory.pk]
    with stage.acting(factory) as by:
        sold, given, kept = voucher.split(whole.pk, [third, third, whole.amount - 2 * third], by=by, at=now)
        voucher.transfer(given.pk, to_id=others[0].pk, with_recourse=True, by=by, at=now)
        voucher_pledge.pledge(kept.pk, to_id=stage.world.funders[0].pk, by=by, at=now)
    _take(stage, "VOUCHER_FINANCE", VOUCHER, sold.pk, factory, now)


def _finance_purchases(stage: Stage, factory: Organization, now: datetime) -> None:
    with stage.acting(factory) as by:
        asked = _asked(by)
        waiting = [one for one in open_purchase.newest(by, 5) if str(one.key) not in asked]
    for one in waiting:
        if stage.chance_of(one.number).random() < FINANCES_A_PURCHASE:
            _take(stage, "PRE_SHIPMENT", PURCHASE_ORDER, one.key, factory, now)


def _finance_sales(stage: Stage, dealer: Organization, now: datetime) -> None:
    with stage.acting(dealer) as by:
        asked = _asked(by)
        invoices = list(
            Invoice.objects.visible_to(by)
            .filter(issue_date=stage.today, open_amount__gt=0)
            .values_list("number", "pk")
        )
        orders = list(
            CreditHold.objects.visible_to(by)
            .filter(status="HELD", created_at__gte=stage.moment(0))
            .values_list("pk", flat=True)
        )
    for number, key in invoices:
        if str(key) not in asked and stage.chance_of(number).random() < FINANCES_AN_INVOICE:
            _take(stage, "DISTRIBUTOR_FINANCE", INVOICE, key, dealer, now)
    for place, key in enumerate(sorted(orders)):
        chance = stage.chance_of(f"{dealer.code} finances order {place}")
        if str(key) not in asked and chance.random() < FINANCES_AN_ORDER:
            _take(stage, "DISTRIBUTOR_FINANCE", ORDER, key, dealer, now)


def _borrow_on_goods(stage: Stage, dealer: Organization, now: datetime) -> None:
    """Bring goods the dealer was invoiced for back to the warehouse, as its own, and borrow on them."""
    with stage.acting(dealer) as by:
        bought = InvoiceLine.objects.visible_to(by).order_by("-pk").select_related("product").first()
        busy = Financing.objects.visible_to(by).filter(drawn_date=stage.today, request__asset_kind=STOCK)
        if bought is None or busy.exists():
            return
    with stage.acting(stage.world.operator) as by:
        house = Warehouse.objects.get(site=stage.world.warehouse)
        finding = Finding(
            warehouse=house.code,
            quantity=STORED_UNITS,
            product_id=bought.product_id,
            description="brought in",
        )
        made = found_goods.record(finding, by=by, at=now)
        found_goods.take_in(made.pk, owner=dealer, by=by, at=now)
    key = f"{stage.world.warehouse.code}:{bought.product.sku}:{STORED_UNITS}"
    _take(stage, "LOAN_INVENTORY", STOCK, key, dealer, now)


def _take(
    stage: Stage, kind: str, asset_kind: str, key: UUID | str, borrower: Organization, now: datetime
) -> bool:
    """Take what the programme of a kind offers for a paper; tell whether it offered."""
    with acting_as(system("market")):
        of = Programme.objects.get(kind=kind, status="OPEN")
    with stage.acting(borrower) as by:
        offered = FinancingRequest.objects.visible_to(by).filter(asset_key=str(key), status="OFFERED").first()
        asked = offered or financing_request.ask(
            of.pk, asset_kind=asset_kind, asset_key=str(key), borrower_id=borrower.pk, by=by, at=now
        )
        if asked.status != "OFFERED":
            stage.counts["financings refused"] += 1
            return False
        financing.draw(asked.pk, by=by, at=now)
        stage.counts[f"financed: {TECHNIQUES[kind].name.lower()}"] += 1
        return True
