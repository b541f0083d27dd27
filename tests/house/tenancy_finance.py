"""The routes of finance in the tenancy matrix."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from finance.models import PaymentOrder
from finance.policies.bank_csv import Layout
from finance.policies.exchange import Rate
from finance.policies.instalment import Part
from finance.services import (
    bank_account,
    discount_terms,
    exchange_rate,
    match_tolerance,
    payee_account,
    payment_plan,
    payment_run,
    scoring,
    stock_method,
)
from tests.factories.finance import NOON, PLATFORM, our_bank_account
from tests.finance import rest_world
from tests.finance.payables.bills import Purchase
from tests.house import tenancy_debit, tenancy_financing, tenancy_valuation, tenancy_voucher
from tests.house.tenancy_line import Case, Line, World

BOTH = frozenset({"owner", "rival"})
DESK: dict[str, Any] = {"owner": OPERATOR, "sees": BOTH}
LIMIT = {"dealer": "none", "currency": "CNY", "amount": "1"}


def _invoice(world: World) -> Case:
    made = rest_world.issue_invoice(world[DEALER])
    return Case({"invoice_id": made.pk}, marker=made.number)


def _invoices(world: World) -> Case:
    return Case(marker=_invoice(world).marker)


def _payments(world: World) -> Case:
    number = _invoice(world).marker
    rest_world.pay(("113", number))
    return Case(marker=number)


def _limits(world: World) -> Case:
    rest_world.give_credit(world[DEALER], 4321)
    return Case(marker="4321.000")


def _entries(world: World) -> Case:
    _invoice(world)
    return Case(marker="Trade receivables")


def _trial(world: World) -> Case:
    return Case(marker=_entries(world).marker, query="?effective_date=2100-01-01")


def _balance(world: World) -> Case:
    """Ask what the first dealer owes; its name stands in the question, so that nothing marks the answer."""
    made = rest_world.issue_invoice(world[DEALER])
    asked = f"?account=1100&unit={made.currency}&party={world[DEALER].code}&effective_date=2100-01-01"
    return Case(query=asked)


def _statements(world: World) -> Case:
    rest_world.pay(("1", "odd"))
    return Case(marker=rest_world.ACCOUNT)


def _runs(world: World) -> Case:
    rest_world.pay(("1", "odd"))
    return Case(marker="bank")


def _case(world: World) -> Case:
    made = rest_world.open_case()
    return Case({"case_id": made.pk}, marker=made.number)


def _cases(world: World) -> Case:
    return Case(marker=_case(world).marker)


def _bill(world: World) -> Case:
    made = Purchase(world[FACTORY], (3, "2")).invoice((3, "2"))
    return Case({"supplier_invoice_id": made.pk}, marker=made.number)


def _payee(world: World, **values: Any) -> Case:
    by = system("Anna")
    with acting_as(by):
        made = payee_account.propose(
            factory_id=world[FACTORY].pk,
            currency="CNY",
            holder="The Holder",
            identifier="6222-7",
            by=by,
            at=NOON,
        )
    return Case({"account_id": made.pk}, marker=made.holder)


def _run(world: World) -> Case:
    payee, by = _payee(world), system("Ben")
    with acting_as(by):
        payee_account.confirm(payee.values["account_id"], by=by, at=NOON)
    purchase = Purchase(world[FACTORY], (3, "2"))
    purchase.receive(3)
    purchase.invoice((3, "2"))
    account = our_bank_account(rest_world.ACCOUNT)
    day = NOON.date() + timedelta(days=40)
    with acting_as(by):
        made = payment_run.propose(account.pk, due_until=day, execution_date=day, by=by, at=NOON)
    return Case({"run_id": made.pk}, marker=made.number)


def _payment_order(world: World) -> Case:
    run = _run(world).values["run_id"]
    with acting_as(PLATFORM):
        payment_run.approve(run, by=PLATFORM, at=NOON)
        return Case(marker=PaymentOrder.objects.get(run=run).number)


RUN = {"bank_account": "none", "currency": "CNY", "due_until": "2026-03-02", "execution_date": "2026-03-02"}
PAYEE = {"factory": "none", "currency": "CNY", "holder": "x", "identifier": "1"}


def _tolerances(world: World) -> Case:
    with acting_as(PLATFORM):
        match_tolerance.set_tolerance(
            factory_id=None, price_percent=Decimal(7), price_amount=Decimal(0), total_amount=Decimal(0),
            reason="the matrix", by=PLATFORM, at=NOON,
        )  # fmt: skip
    return Case(marker="the matrix")


BILL = {
    "number": "1", "issue_date": "2026-03-02", "currency": "CNY", "net_amount": "1", "tax_amount": "0",
    "gross_amount": "1", "lines": [{"purchase_order": "none", "quantity": 1, "unit_price": "1"}],
}  # fmt: skip


def _plans(world: World) -> Case:
    with acting_as(PLATFORM):
        payment_plan.set_plan(
            dealer_id=world[DEALER].pk,
            parts=[Part(7, 10_000)],
            reason="the plan of one",
            by=PLATFORM,
            at=NOON,
        )
    return Case(marker="the plan of one")


def _stock(world: World) -> Case:
    purchase = Purchase(world[FACTORY], (3, "2"))
    purchase.receive(3)
    return Case(marker=purchase.site.code)


LAYOUT = {"account": "none", "currency": "CNY", "columns": {"booking_date": "D", "amount": "A"}}


def _layouts(world: World) -> Case:
    account = our_bank_account(rest_world.ACCOUNT)
    with acting_as(PLATFORM):
        bank_account.keep_layout(account.pk, Layout({"booking_date": "D", "amount": "A"}), by=PLATFORM)
    return Case(marker=rest_world.ACCOUNT)


def _discounts(world: World) -> Case:
    with acting_as(PLATFORM):
        discount_terms.set_terms(
            dealer_id=world[DEALER].pk, rate=Decimal("0.0173"), days=5, by=PLATFORM, at=NOON
        )
    return Case(marker="0.01730")


RATES = {"source": "x", "rates": [{"date": "2026-03-02", "base": "EUR", "quote": "EUR", "rate": "1"}]}


def _exchange_rates(world: World) -> Case:
    with acting_as(PLATFORM):
        one = Rate(NOON.date(), "EUR", "CNY", Decimal("7.8"))
        exchange_rate.keep([one], source="the matrix", by=PLATFORM, at=NOON)
    return Case(marker="the matrix")


def _scores(world: World) -> Case:
    with acting_as(PLATFORM):
        scoring.assess(world[DEALER], by=PLATFORM, at=NOON)
    return Case(marker=world[DEALER].code)


def _received(world: World) -> Case:
    purchase = Purchase(world[FACTORY], (3, "2"))
    purchase.receive(3)
    return Case(marker=purchase.number)


def _methods(world: World) -> Case:
    with acting_as(PLATFORM):
        stock_method.declare(method="MOVING_AVERAGE", reason="the matrix", by=PLATFORM, at=NOON)
    return Case(marker="the matrix")


LINES: dict[str, Line] = {
    "statement-layouts/": Line(_layouts, changes=BOTH, body=lambda world: LAYOUT, **DESK),
    "discount-terms/": Line(
        _discounts, changes=BOTH, body=lambda world: {"dealer": "none", "rate": "0.1"}, **DESK
    ),
    "exchange-rates/": Line(_exchange_rates, changes=BOTH, body=lambda world: RATES, **DESK),
    "exchange-rates/files/": Line(lambda world: Case(), changes=BOTH, **DESK),
    "credit-scores/": Line(_scores, changes=frozenset({OPERATOR}), body=lambda world: {"party": "none"}),
    "gr-ir/": Line(_received, **DESK),
    "gr-ir/lines.csv": Line(_received, **DESK),
    **tenancy_debit.LINES,
    **tenancy_financing.LINES,
    **tenancy_valuation.LINES,
    **tenancy_voucher.LINES,
    "stock-values/": Line(_stock, **DESK),
    "stock-methods/": Line(
        _methods, changes=BOTH, body=lambda world: {"method": "FIFO", "reason": "x"}, **DESK
    ),
    "payee-accounts/": Line(
        lambda world: Case(marker=_payee(world).marker),
        owner=FACTORY,
        changes=frozenset({"owner", "rival", OPERATOR}),
        body=lambda world: PAYEE,
    ),
    "payee-accounts/<uuid:account_id>/confirm/": Line(_payee, changes=BOTH, **DESK),
    "payment-runs/": Line(
        lambda world: Case(marker=_run(world).marker), changes=BOTH, body=lambda world: RUN, **DESK
    ),
    "payment-runs/answers/": Line(lambda world: Case(), changes=BOTH, **DESK),
    "payment-runs/<uuid:run_id>/": Line(_run, **DESK),
    "payment-runs/<uuid:run_id>/approve/": Line(_run, changes=BOTH, **DESK),
    "payment-runs/<uuid:run_id>/file/": Line(_run, changes=BOTH, **DESK),
    "payment-orders/": Line(_payment_order, owner=FACTORY),
    "invoices/<uuid:invoice_id>/document.pdf": Line(lambda world: Case(_invoice(world).values)),
    "invoices/<uuid:invoice_id>/document.xml": Line(_invoice),
    "payment-plans/": Line(
        _plans,
        changes=frozenset({OPERATOR}),
        body=lambda world: {"dealer": "none", "parts": [], "reason": "x"},
    ),
    "supplier-invoices/": Line(
        lambda world: Case(marker=_bill(world).marker), owner=FACTORY, changes=BOTH, body=lambda world: BILL
    ),
    "supplier-invoices/ubl/": Line(lambda world: Case(), owner=FACTORY, sees=frozenset(), changes=BOTH),
    "supplier-invoices/<uuid:supplier_invoice_id>/": Line(_bill, owner=FACTORY),
    "supplier-invoices/<uuid:supplier_invoice_id>/release/": Line(
        _bill, changes=BOTH, body=lambda world: {"reason": "x"}, **DESK
    ),
    "supplier-invoices/<uuid:supplier_invoice_id>/reject/": Line(
        _bill, changes=BOTH, body=lambda world: {"reason": "x"}, **DESK
    ),
    "match-tolerances/": Line(_tolerances, changes=BOTH, body=lambda world: {"reason": "x"}, **DESK),
    "invoices/": Line(_invoices),
    "invoices/<uuid:invoice_id>/": Line(_invoice),
    "payments/": Line(_payments),
    "credit/": Line(lambda world: Case(), sees=BOTH),
    "credit-limits/": Line(_limits, changes=frozenset({OPERATOR}), body=lambda world: LIMIT),
    "bank-statements/": Line(_statements, changes=BOTH, **DESK),
    "reconciliation/runs/": Line(_runs, changes=BOTH, body=lambda world: {"what": ["none"]}, **DESK),
    "cases/": Line(_cases, **DESK),
    "cases/<uuid:case_id>/": Line(_case, **DESK),
    "cases/<uuid:case_id>/resolve/": Line(_case, changes=BOTH, **DESK),
    "journal-entries/": Line(_entries, **DESK),
    "ledger/trial-balance/": Line(_trial, **DESK),
    "ledger/balance/": Line(_balance, **DESK),
}
