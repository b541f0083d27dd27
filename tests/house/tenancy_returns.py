"""The routes of what comes after delivery in the tenancy matrix: returns, claims, shared costs, credits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from b2b.contracts.returns import ClaimSettled
from b2b.contracts.warehousing import ReturnedLine
from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.directory.models import Organization
from finance.models import CreditNote
from finance.services import credit_note, supplier_credit
from orders.services import claim, claim_answer, cost_voucher
from tests.factories import orders as ordering
from tests.factories import warehousing
from tests.factories.orders import NOW
from tests.factories.returns import Delivered, delivered
from tests.finance import rest_world
from tests.house.tenancy_line import Case, Line, World
from tests.support.order_ports import answered
from warehousing.services import returns as return_receipts

PLATFORM = system("test")
DESK = frozenset({"owner", "rival"})


def _delivered(world: World) -> Delivered:
    with answered(), clock.travel(NOW):
        return delivered([60], market=ordering.trade(maker=world[FACTORY], buyers=[world[DEALER]]))


def _return(world: World) -> Case:
    with clock.travel(NOW):
        made = _delivered(world).asked(2)
    return Case({"return_id": made.pk}, marker=made.number)


def _returns(world: World) -> Case:
    return Case(marker=_return(world).marker)


def _raised(world: World) -> Any:
    with acting_as(PLATFORM), clock.travel(NOW):
        goods = _delivered(world)
        goods.returned(3)
        return claim.raise_for(goods.placed, by=PLATFORM, at=NOW)


def _claim(world: World) -> Case:
    made = _raised(world)
    return Case({"claim_id": made.pk}, marker=made.number)


def _claims(world: World) -> Case:
    return Case(marker=_claim(world).marker)


def _claim_shares(world: World) -> Case:
    made = _raised(world)
    with acting_as(PLATFORM):
        claim_answer.answer(made, by=PLATFORM, at=NOW)
    return Case(marker='"quantity":3')


def _voucher(world: World) -> Case:
    goods = _delivered(world)
    with acting_as(PLATFORM):
        made = cost_voucher.plan(
            kind="FREIGHT",
            basis="QUANTITY",
            amount=Money.of(77, "CNY"),
            purchase_order=goods.placed,
            by=PLATFORM,
            at=NOW,
        )
        cost_voucher.share(made, by=PLATFORM, at=NOW)
    return Case({"voucher_id": made.pk}, marker=made.number)


def _vouchers(world: World) -> Case:
    return Case(marker=_voucher(world).marker)


def _return_receipt(world: World) -> Case:
    """Goods of the dealer that were refused at the door."""
    with acting_as(PLATFORM):
        house = warehousing.World.build(
            operator=world[OPERATOR], dealer=world[DEALER], factory=world[FACTORY]
        )
        made = return_receipts.expect_refused(house.gone(short=2), by=PLATFORM, at=warehousing.AT)
        assert made is not None
    return Case({"receipt_id": made.pk}, marker=made.number)


def _return_receipts(world: World) -> Case:
    return Case(marker=_return_receipt(world).marker)


def _credit_note(world: World) -> Case:
    made = _credited(world[DEALER])
    return Case({"credit_note_id": made.pk}, marker=made.number)


def _credit_notes(world: World) -> Case:
    return Case(marker=_credit_note(world).marker)


def _credited(dealer: Organization) -> CreditNote:
    invoice = rest_world.issue_invoice(dealer)
    with acting_as(PLATFORM):
        line = invoice.lines.get()
        back = ReturnedLine(
            return_line_id=1,
            order_line_id=line.order_line_id,
            product_id=line.product_id,
            shipment_id=invoice.shipment_id,
            quantity=1,
        )
        [made] = credit_note.credit_return(
            return_receipt_id=uuid7(), return_id=uuid7(), lines=[back], by=PLATFORM, at=NOW
        )
    return made


def _supplier_credits(world: World) -> Case:
    settled = ClaimSettled(
        occurred_at=NOW,
        claim_id=uuid7(),
        number="CL-OWN-1",
        purchase_order_id=uuid7(),
        factory_id=world[FACTORY].pk,
        currency="CNY",
        amount=Decimal("12.00"),
        lines=(),
        passed_on=(),
    )
    with acting_as(PLATFORM):
        supplier_credit.issue(settled, by=PLATFORM, at=NOW)
    return Case(marker="CL-OWN-1")


_REASON = {"reason": "test"}
_LINES = [{"line_number": 1, "quantity": 1, "reason": "DAMAGED"}]
_FACTORIES: dict[str, Any] = {"owner": FACTORY}
_OF_OPERATOR: dict[str, Any] = {"owner": OPERATOR}
_COST = {
    "kind": "FEE",
    "basis": "VALUE",
    "amount": "1.00",
    "shipment_id": "01890000-0000-7000-8000-000000000000",
}


def _wanted(world: World) -> Any:
    """An order that the owner may return goods of; the same for everybody who tries."""
    if not hasattr(world, "order_id"):
        world.order_id = str(_delivered(world).orders[0].pk)  # type: ignore[attr-defined]
    return {"order_id": world.order_id, "lines": _LINES}


def _desk(make: Any, **more: Any) -> Line:
    """A command of operators alone."""
    return Line(make, owner=OPERATOR, sees=frozenset(), changes=DESK, **more)


LINES: dict[str, Line] = {
    "returns/": Line(_returns, changes=frozenset({"owner", OPERATOR}), body=_wanted),
    "returns/<uuid:return_id>/": Line(_return),
    "returns/<uuid:return_id>/approve/": _desk(_return),
    "returns/<uuid:return_id>/refuse/": _desk(_return, body=lambda world: _REASON),
    "returns/<uuid:return_id>/withdraw/": Line(
        _return,
        sees=frozenset(),
        changes=frozenset({"owner", OPERATOR}),
        body=lambda world: _REASON,
    ),
    "claims/": Line(_claims, changes=frozenset({OPERATOR}), **_FACTORIES),
    "claims/<uuid:claim_id>/": Line(_claim, **_FACTORIES),
    "claims/<uuid:claim_id>/answers/": Line(
        _claim, sees=frozenset(), changes=frozenset({"owner", OPERATOR}), **_FACTORIES
    ),
    "claims/<uuid:claim_id>/settle/": _desk(_claim),
    "claims/<uuid:claim_id>/withdraw/": _desk(_claim, body=lambda world: _REASON),
    "claim-shares/": Line(_claim_shares),
    "cost-vouchers/": Line(_vouchers, sees=DESK, changes=DESK, body=lambda world: _COST, **_OF_OPERATOR),
    "cost-vouchers/<uuid:voucher_id>/": Line(_voucher, sees=DESK, **_OF_OPERATOR),
    **{
        f"cost-vouchers/<uuid:voucher_id>/{verb}/": Line(
            _voucher, sees=frozenset(), changes=DESK, body=lambda world: _REASON, **_OF_OPERATOR
        )
        for verb in ("share", "revise", "close", "cancel")
    },
    "cost-shares/": Line(_vouchers),
    "return-receipts/": Line(_return_receipts),
    "return-receipts/<uuid:receipt_id>/": Line(_return_receipt),
    "return-receipts/<uuid:receipt_id>/receive/": _desk(_return_receipt),
    "return-receipts/<uuid:receipt_id>/dispose/": _desk(
        _return_receipt, body=lambda world: {"lines": [{"line_number": 1, "scrap": 1}]}
    ),
    "credit-notes/": Line(_credit_notes),
    "credit-notes/<uuid:credit_note_id>/": Line(_credit_note),
    "credit-notes/<uuid:credit_note_id>/document.pdf": Line(lambda world: Case(_credit_note(world).values)),
    "credit-notes/<uuid:credit_note_id>/document.xml": Line(_credit_note),
    "supplier-credits/": Line(_supplier_credits, owner=FACTORY),
}
