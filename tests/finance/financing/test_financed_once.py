"""What is financed already is offered on no more, under whatever paper, until the money is repaid."""

from __future__ import annotations

import pytest

from finance.models import FinancingRequest
from finance.services import possible, voucher
from tests.factories.directory import actor, dealer, factory_organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance import rest_world
from tests.finance.financing.world import ask, ask_for, bill, draw, open_programme, repay
from tests.finance.payables.bills import Purchase

pytestmark = pytest.mark.usefixtures("db")
TAKEN = "it is financed already"


def refused(request: FinancingRequest) -> list[str]:
    """Return why nothing is offered."""
    assert request.status == "REFUSED"
    return list(request.offer.reasons)


def test_a_bill_that_secures_a_loan_is_offered_on_again_once_the_loan_is_repaid() -> None:
    owed = bill()
    rival = open_programme("FACTORING")
    one = draw(ask(open_programme("LOAN_RECEIVABLES"), owed))
    assert refused(ask(rival, owed)) == [TAKEN]
    repay(one, 113_000, 0)
    assert ask(rival, owed).status == "OFFERED"


def test_be_paid_now_offers_nothing_for_a_bill_that_secures_a_loan() -> None:
    maker = factory_organization()
    open_programme("FACTORING")
    secured, free = bill(maker), bill(maker, "2000")
    draw(ask(open_programme("LOAN_RECEIVABLES"), secured))
    shown = {
        asset.number: (best is not None, TAKEN in asset.faults)
        for asset, best in possible.paid_now(actor(maker), at=NOON)
    }
    assert shown == {secured.supplier_number: (False, True), free.supplier_number: (True, False)}
    quotes = possible.quotes("BILL", str(secured.pk), by=actor(maker), at=NOON)
    assert len(quotes) == 2
    assert all(TAKEN in one.answer.reasons for one in quotes)


def test_an_invoice_secures_money_once() -> None:
    owed = rest_world.issue_invoice(dealer())
    draw(ask(open_programme("DISTRIBUTOR_FINANCE"), owed, kind="INVOICE"))
    assert refused(ask(open_programme("DISTRIBUTOR_FINANCE"), owed, kind="INVOICE")) == [TAKEN]


def test_a_purchase_order_secures_money_once() -> None:
    purchase = Purchase(factory_organization(), (1, "1000"))
    draw(ask_for(open_programme("PRE_SHIPMENT"), purchase.factory, "PURCHASE_ORDER", purchase.id))
    again = ask_for(open_programme("PRE_SHIPMENT"), purchase.factory, "PURCHASE_ORDER", purchase.id)
    assert refused(again) == [TAKEN]


def test_the_voucher_for_a_bill_that_secures_a_loan_is_not_sold() -> None:
    owed = bill()
    draw(ask(open_programme("LOAN_RECEIVABLES"), owed))
    piece = voucher.issue(owed.pk, by=PLATFORM, at=NOON)
    asked = ask_for(open_programme("VOUCHER_FINANCE"), owed.factory, "VOUCHER", piece.pk)
    assert refused(asked) == [f"bill {owed.supplier_number} for the same goods is financed"]


def test_a_purchase_order_whose_voucher_was_sold_is_not_financed_as_well() -> None:
    purchase = Purchase(factory_organization(), (2, "1000"))
    purchase.receive(1)
    part = purchase.invoice((1, "1000"))
    piece = voucher.issue(part.pk, by=PLATFORM, at=NOON)
    draw(ask_for(open_programme("VOUCHER_FINANCE"), part.factory, "VOUCHER", piece.pk))
    asked = ask_for(open_programme("PRE_SHIPMENT"), part.factory, "PURCHASE_ORDER", purchase.id)
    assert refused(asked) == [f"voucher {piece.number} for the same goods is financed"]
