"""A day through the pages alone: a dealer's list becomes a delivered, invoiced and paid order, button by button."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from b2b.admin import urls  # noqa: F401 - loads every page
from b2b.admin.sites import PartySite, dealer_site, operator_site
from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.db.selectors import visible
from b2b.directory.models import User
from b2b.directory.selectors.acting import actor_of
from b2b.market.bank import Movement, statement
from b2b.outbox.dispatch import drain
from finance.models import Invoice
from logistics.models import Shipment, Trip
from orders.models import Claim, CostVoucher, Order, PurchaseOrder, ReturnAuthorisation
from tests.support.trade_day import IBAN, TEST, Market, open_market
from warehousing.models import Receipt, ReturnReceipt, Warehouse, Wave

ROWS = "sku,quantity,unit\nBOLT-8,48,\nSCREW-4,2,CT\n"


class Desk:
    """Somebody signed in at one of the sites."""

    def __init__(self, username: str, site: str) -> None:
        self.site = site
        self.client = Client()
        self.client.force_login(User.objects.get(username=username))

    def press(self, model: str, key: object, button: str, **data: object) -> str:
        """Press a button of a document, answer what it asks, and return the page that follows."""
        address = reverse(f"{self.site}:{model}_button", args=[key, button])
        answer = self.client.post(address, {"sent": "1", **data}, follow=True)
        drain()
        page = answer.content.decode()
        assert answer.status_code == 200
        assert answer.redirect_chain, f"{button} was refused: {re.findall(r'ms-error.*', page)}"
        refused = [str(message) for message in answer.context["messages"] if message.level_tag == "error"]
        assert not refused, f"{button}: {refused}"
        return page

    def page(self, name: str, *args: object) -> str:
        """Return the text of a page."""
        answer = self.client.get(reverse(f"{self.site}:{name}", args=args))
        assert answer.status_code == 200
        return answer.content.decode()


def order_list(desk: Desk, rows: str = ROWS) -> str:
    """Upload a list, take the sealed draft out of the preview, order it; return the page of the order."""
    address = reverse("dealer:bulk_order")
    upload = SimpleUploadedFile("order.csv", rows.encode(), "text/csv")
    preview = desk.client.post(
        address, {"file": upload, "site": "", "text": "", **_site(desk)}
    ).content.decode()
    draft = re.search(r'name="draft" value="([^"]+)"', preview)
    assert draft, preview
    answer = desk.client.post(address, {"draft": draft[1], "do": "atomic"}, follow=True)
    drain()
    assert answer.redirect_chain
    return answer.content.decode()


def _site(desk: Desk) -> dict[str, str]:
    options = re.findall(r'<option value="([^"]+)"', desk.page("bulk_order"))
    return {"site": options[0]}


def only(model: type, **lookup: object) -> object:
    with acting_as(TEST):
        return visible(TEST, model).get(**lookup)


@pytest.fixture
def market(db: None) -> Market:
    return open_market()


def live(market: Market) -> tuple[Desk, Desk]:
    """Work a list from upload to payment; return the dealer's and the operator's desk."""
    dealer, operator = Desk("dealer", "dealer"), Desk("operator", "operator")
    plan = {"dealer": market.dealer.pk, "parts": "30:100", "reason": "as ever"}
    assert operator.client.post(reverse("operator:set_payment_plan"), plan).status_code == 302
    assert "is confirmed: 2 lines" in order_list(dealer)
    order_list(Desk("rival", "dealer"), "BOLT-8,24\n")
    operator.press("orders_ordercycle", market.cycle.pk, "close")
    purchase = only(PurchaseOrder)
    operator.press("orders_purchaseorder", purchase.pk, "answer", line_1=60, line_2=48, note="by telephone")
    market.advise(at=clock.now(), lot_number="L-1")
    operator.press("warehousing_receipt", only(Receipt).pk, "receive_as_advised")
    operator.press("warehousing_warehouse", only(Warehouse).pk, "release_wave")
    wave = only(Wave)
    operator.press("warehousing_wave", wave.pk, "picked_in_full")
    operator.press("warehousing_wave", wave.pk, "pack")
    assert "Lotus shop" in operator.page("plan_trips")
    planned = operator.client.post(reverse("operator:plan_trips"), {"warehouse": market.house.pk, "day": ""})
    assert planned.status_code == 302
    for trip in _all(Trip):
        operator.press("logistics_trip", trip.pk, "depart")
    for shipment in _all(Shipment):
        operator.press("logistics_shipment", shipment.pk, "confirm_delivery", signer_name="Li Na")
    _pay(operator, market)
    _give_back(dealer, operator, market)
    return dealer, operator


def _give_back(dealer: Desk, operator: Desk, market: Market) -> None:
    """Two pieces come back damaged and are claimed from the factory; freight is shared over what was received."""
    order, purchase = only(Order, dealer=market.dealer), only(PurchaseOrder)
    page = dealer.press(
        "orders_order", order.pk, "give_back", line_1=2, line_2=0, reason="DAMAGED", note="bent"
    )
    asked = only(ReturnAuthorisation)
    assert asked.number in page
    operator.press("orders_returnauthorisation", asked.pk, "authorise", line_1=2)
    back = only(ReturnReceipt)
    operator.press("warehousing_returnreceipt", back.pk, "receive_counted", line_1=2)
    operator.press("warehousing_returnreceipt", back.pk, "dispose", restock_1=1, scrap_1=0, send_back_1=1)
    operator.press("orders_purchaseorder", purchase.pk, "raise_claim", compensation_percent=5)
    claim = only(Claim)
    operator.press("orders_claim", claim.pk, "answer", line_1=2)
    operator.press("orders_claim", claim.pk, "settle")
    operator.press(
        "orders_purchaseorder", purchase.pk, "add_cost", kind="FREIGHT", basis="QUANTITY", amount="6.85"
    )
    operator.press("orders_costvoucher", only(CostVoucher).pk, "share")


def _all(model: type) -> list:
    with acting_as(TEST):
        return list(visible(TEST, model))


def _pay(operator: Desk, market: Market) -> None:
    paid = [
        Movement(clock.today(), invoice.gross_amount, f"Invoice {invoice.number}", "Lotus Hardware")
        for invoice in _all(Invoice)
        if invoice.dealer_id == market.dealer.pk
    ]
    content = statement(
        paid, account=IBAN, currency="CNY", opening=Decimal(0), statement_id="S-1", created_at=clock.now()
    )
    file = SimpleUploadedFile("statement.xml", content, "application/xml")
    taken = operator.client.post(reverse("operator:import_statement"), {"file": file}, follow=True)
    assert "1 new lines are imported" in taken.content.decode(), taken.content.decode()
    matched = operator.client.post(reverse("operator:match_payments"), follow=True).content.decode()
    assert "1 matched" in matched
    drain()


def test_a_list_becomes_a_delivered_invoiced_and_paid_order(market: Market) -> None:
    dealer, operator = live(market)

    order = only(Order, dealer=market.dealer)
    page = dealer.page("orders_order_change", order.pk)
    assert "Invoiced" in page
    assert "Delivered and signed for" in page
    invoice = only(Invoice, dealer=market.dealer)
    assert invoice.number in page
    assert invoice.status == "PAID"
    shipment = only(Shipment, dealer=market.dealer)
    assert shipment.number in page
    assert "Li Na" in dealer.page("logistics_shipment_change", shipment.pk)
    assert "Saved by pooling" in dealer.page("index")
    assert "every line is matched" in operator.page("index")


def test_every_document_of_a_day_opens_for_its_people_and_nobody_else(market: Market) -> None:
    dealer, operator = live(market)
    rival = Desk("rival", "dealer")

    opened = 0
    for site, desk in ((dealer_site, dealer), (operator_site, operator)):
        for address, row in _documents(site, desk):
            answer = desk.client.get(address)
            assert answer.status_code == 200, address
            opened += 1
            if site is dealer_site and getattr(row, "dealer_id", None) == market.dealer.pk:
                assert rival.client.get(address).status_code == 404, address
    assert opened >= 40


def _documents(site: PartySite, desk: Desk) -> list[tuple[str, object]]:
    actor = actor_of(User.objects.get(pk=desk.client.session["_auth_user_id"]))
    found = []
    for model in site._registry:
        name = f"{site.name}:{model._meta.app_label}_{model._meta.model_name}_change"
        with acting_as(actor):
            found += [(reverse(name, args=[row.pk]), row) for row in visible(actor, model)[:2]]
    return found


def test_a_list_page_costs_the_same_for_one_row_and_for_many(market: Market) -> None:
    dealer = Desk("dealer", "dealer")
    order_list(dealer)
    address = reverse("dealer:orders_order_changelist")
    dealer.client.get(address)

    with CaptureQueriesContext(connection) as one:
        dealer.client.get(address)
    for _ in range(3):
        order_list(dealer)
    with CaptureQueriesContext(connection) as many:
        dealer.client.get(address)

    assert len(many) == len(one)


def test_a_dealer_cannot_press_a_button_of_a_rivals_order(market: Market) -> None:
    order_list(Desk("dealer", "dealer"))
    order = only(Order)
    rival = Desk("rival", "dealer")

    address = reverse("dealer:orders_order_button", args=[order.pk, "cancel"])
    assert rival.client.post(address, {"reason": "mine now"}).status_code == 404
    assert only(Order).status == "CONFIRMED"


def test_a_cancelled_order_gives_its_credit_back(market: Market) -> None:
    dealer = Desk("dealer", "dealer")
    order_list(dealer)
    order = only(Order)

    page = dealer.press("orders_order", order.pk, "cancel", reason="ordered by mistake")

    assert "is cancelled" in page
    assert "ordered by mistake" in page
    assert "100,000.00" in dealer.page("index")
