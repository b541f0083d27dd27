"""The routes of finance in the tenancy matrix."""

from __future__ import annotations

from typing import Any

from b2b.core.actor import DEALER, OPERATOR
from tests.finance import rest_world
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


LINES: dict[str, Line] = {
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
}
