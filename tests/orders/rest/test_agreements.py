"""Blanket orders, quotations and approvals through the API, as the parties use them."""

from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.directory.models import Membership
from tests.factories import agreements as agreed
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=25)


@pytest.fixture
def market():
    return made.trade(products=2, dealers=2)


@pytest.fixture
def desk(api_as, market):
    return api_as(market.warehouse.organization)


def blanket_body(market, **values):
    return {
        "party": market.dealers[0].code,
        "valid_from": "2026-11-01",
        "valid_to": "2026-12-31",
        "tolerance_bp": 1000,
        "ship_to": market.shops[0].code,
        "lines": [{"sku": market.products[0].sku, "quantity": 100, "unit_price": "7"}],
        **values,
    }


def test_a_blanket_order_is_agreed_called_off_and_stated(api_as, market, desk):
    answer = desk.post("/api/v1/blanket-orders/", blanket_body(market))
    assert answer.status_code == 201, answer.content
    address = f"/api/v1/blanket-orders/{answer.json()['id']}/"
    dealer = api_as(market.dealers[0])
    released = dealer.post(
        f"{address}releases/", {"lines": [{"line_number": 1, "quantity": 30}], "external_reference": "R1"}
    )
    assert released.status_code == 201, released.content
    assert (released.json()["order_status"], released.json()["lines"][0]["quantity"]) == ("CONFIRMED", 30)
    order = dealer.get(f"/api/v1/orders/{released.json()['order_id']}/").json()
    assert order["total_net"] == "210.000"
    [line] = dealer.get(address).json()["lines"]
    assert (line["released"], line["left"], line["owed"]) == (30, 80, 70)
    refused = dealer.post(f"{address}releases/", {"lines": [{"line_number": 1, "quantity": 81}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "beyond_blanket")
    assert refused.json()["errors"][0]["remedy"] == "Call off at most 80 base units."
    twice = {"lines": [{"line_number": 1, "quantity": 1}] * 2}
    assert dealer.post(f"{address}releases/", twice).status_code == 422
    etag = desk.get(address)["ETag"]
    cancelled = desk.post(f"{address}cancel/", {"reason": "discontinued"}, headers={"If-Match": etag})
    assert cancelled.json()["status"] == "CANCELLED"
    steps = [step["verb"] for step in dealer.get(f"{address}history/").json()["results"]]
    assert steps == ["draft", "agree", "cancel"]


def test_a_factory_reads_its_blanket_order_and_nothing_of_a_dealers(api_as, market, desk):
    mine = desk.post("/api/v1/blanket-orders/", blanket_body(market, party=market.maker.code, ship_to=""))
    assert mine.status_code == 201, mine.content
    desk.post("/api/v1/blanket-orders/", blanket_body(market))
    maker = api_as(market.maker)
    found = maker.get("/api/v1/blanket-orders/").json()["results"]
    assert [one["number"] for one in found] == [mine.json()["number"]]
    assert found[0]["dealer"] is None
    assert maker.post(f"/api/v1/blanket-orders/{mine.json()['id']}/releases/", {}).status_code == 403


def ask_body(market, factories, **values):
    return {
        "title": "Spring",
        "deadline_at": LATER.isoformat(),
        "factories": [maker.code for maker in factories],
        "lines": [{"sku": market.products[0].sku, "quantity": 100}],
        **values,
    }


def quote_body(request, price, **values):
    breaks = [{"min_quantity": 1, "unit_price": price}]
    line = {"line_number": 1, "breaks": breaks, "lead_time_days": 5, **values}
    return {"request_id": request["id"], "valid_until": "2026-12-31", "lines": [line]}


def test_a_request_is_quoted_compared_and_awarded(api_as, market, desk):
    other = directory.factory_organization()
    request = desk.post("/api/v1/quotation-requests/", ask_body(market, [market.maker, other])).json()
    address = f"/api/v1/quotation-requests/{request['id']}/"
    first, second = api_as(market.maker), api_as(other)
    assert first.get(address).json()["lines"][0]["quantity"] == 100
    quoted = first.post("/api/v1/quotations/", quote_body(request, "9"))
    assert quoted.status_code == 201, quoted.content
    assert desk.get("/api/v1/quotations/").json()["results"] == []
    assert desk.get(f"{address}comparison/").json()["scenarios"][0]["missing"] == [1]
    assert second.get(f"/api/v1/quotations/{quoted.json()['id']}/").status_code == 404
    assert desk.post(f"{address}unseal/").json()["code"] == "still_sealed"
    better = second.post("/api/v1/quotations/", quote_body(request, "8")).json()
    compared = desk.get(f"{address}comparison/").json()
    assert [one["factory"] for one in compared["lines"][0]["offers"]] == [other.code, market.maker.code]
    assert [one["factory"] for one in compared["scenarios"]] == [None, None, market.maker.code, other.code]
    line = {"quotation_id": better["id"], "line_number": 1, "quantity": 100}
    awarded = desk.post(f"{address}award/", {"becomes": "blanket", "lines": [line]})
    assert awarded.json()["status"] == "AWARDED", awarded.content
    lost = first.get("/api/v1/quotations/").json()["results"][0]
    assert (lost["status"], lost["lines"][0]["awarded_quantity"]) == ("LOST", 0)
    won = second.get("/api/v1/quotations/").json()["results"][0]
    assert won["blanket_order_id"] == second.get("/api/v1/blanket-orders/").json()["results"][0]["id"]


def test_nobody_quotes_after_the_deadline(api_as, market, desk):
    request = desk.post("/api/v1/quotation-requests/", ask_body(market, [market.maker])).json()
    with clock.travel(LATER):
        late = api_as(market.maker).post("/api/v1/quotations/", quote_body(request, "9"))
        assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")
        assert desk.post(f"/api/v1/quotation-requests/{request['id']}/unseal/").json()["status"] == "UNSEALED"


def test_a_dealer_asks_the_platform_and_accepts(api_as, market, desk):
    dealer = api_as(market.dealers[0])
    request = dealer.post(
        "/api/v1/quotation-requests/", ask_body(market, [], ship_to=market.shops[0].code)
    ).json()
    passed_on = desk.post(
        "/api/v1/quotation-requests/", ask_body(market, [market.maker], source=request["id"])
    )
    assert passed_on.json()["dealer"] is None
    quoted = desk.post("/api/v1/quotations/", quote_body(request, "6")).json()
    address = f"/api/v1/quotations/{quoted['id']}/"
    assert api_as(market.dealers[1]).post(f"{address}accept/", {}).status_code == 404
    taken = dealer.post(f"{address}accept/", {"lines": [{"line_number": 1, "quantity": 40}]}).json()
    order = dealer.get(f"/api/v1/orders/{taken['order_id']}/").json()
    assert (taken["status"], order["total_net"]) == ("AWARDED", "240.000")


def test_an_order_waits_is_changed_and_approved(api_as, market):
    dealer = market.dealers[0]
    head = api_as(dealer)
    rule = head.post("/api/v1/approval-rules/", {"name": "Big", "amount_from": "100", "role": "ADMIN"})
    assert rule.status_code == 201, rule.content
    buyer = api_as(dealer, role=Membership.Role.BUYER)
    assert (
        buyer.post("/api/v1/approval-rules/", {"name": "x", "amount_from": "1", "role": "BUYER"}).status_code
        == 403
    )
    body = {"ship_to": market.shops[0].code, "lines": [{"sku": market.products[0].sku, "quantity": 20}]}
    order = buyer.post("/api/v1/orders/", body).json()
    assert order["status"] == "AWAITING_APPROVAL"
    address = f"/api/v1/orders/{order['id']}/approvals/"
    refused = buyer.post(address, {"decision": "approve"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_approval")
    pending = head.get("/api/v1/approvals/?status=PENDING").json()["results"]
    assert [(one["order_id"], one["amount"]) for one in pending] == [(order["id"], "200.000")]
    lines = [{"line_number": 1, "quantity": 15}]
    approved = head.post(address, {"decision": "approve", "lines": lines}).json()
    assert (approved["status"], approved["total_net"]) == ("CONFIRMED", "150.000")
    assert head.get(address).json()["results"][0]["changes"] == {"1": [20, 15]}


def test_a_declined_order_names_its_reason_and_a_rule_can_be_retired(api_as, market):
    dealer = market.dealers[0]
    rule = agreed.approval_rule(dealer)
    head, buyer = api_as(dealer), api_as(dealer, role=Membership.Role.BUYER)
    body = {"ship_to": market.shops[0].code, "lines": [{"sku": market.products[0].sku, "quantity": 1}]}
    order = buyer.post("/api/v1/orders/", body).json()
    address = f"/api/v1/orders/{order['id']}/approvals/"
    assert head.post(address, {"decision": "decline"}).json()["code"] == "reason_missing"
    declined = head.post(address, {"decision": "decline", "reason": "no budget"}).json()
    assert declined["status"] == "REJECTED"
    assert head.post(f"/api/v1/approval-rules/{rule.pk}/retire/").json()["is_active"] is False
    assert buyer.post("/api/v1/orders/", body).json()["status"] == "CONFIRMED"


def test_a_person_names_its_own_substitute(api_as, market):
    dealer = market.dealers[0]
    head = api_as(dealer, username="head")
    directory.person(dealer, role=Membership.Role.BUYER, username="deputy")
    days = {"from_date": "2026-11-20", "to_date": "2026-11-30"}
    named = head.post("/api/v1/approval-substitutes/", {"approver": "head", "substitute": "deputy", **days})
    assert named.status_code == 201, named.content
    wrong = head.post("/api/v1/approval-substitutes/", {"approver": "head", "substitute": "nobody", **days})
    assert wrong.json()["errors"][0]["code"] == "unknown_person"
