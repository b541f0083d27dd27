"""Price lists and agreements over the API, by operator, factory and dealer."""

import pytest

from b2b.core.actor import acting_as, system
from orders.models import PriceAgreement
from tests.factories import orders as made
from tests.factories import terms as agreed

pytestmark = pytest.mark.django_db
LISTS = "/api/v1/price-lists/"
AGREEMENTS = "/api/v1/price-agreements/"


@pytest.fixture
def market():
    market = made.trade(dealers=2)
    with acting_as(system("test")):
        for number, dealer in enumerate(market.dealers):
            dealer.pseudonym = f"Party {number} of {dealer.code}"
            dealer.save()
    return market


def send(client, market, *lines, mode="submit", heading="sku,buyer,group,min_quantity,unit_price,valid_from"):
    body = "\n".join([heading, *(line.replace("SKU", market.products[0].sku) for line in lines)])
    return client.generic(
        "POST", f"{LISTS}?mode={mode}&reason=spring", body.encode(), content_type="text/csv"
    )


def listed(client):
    return client.get(AGREEMENTS).json()["results"]


def test_the_operator_puts_a_list_in_force(api_as, market):
    operator = api_as(market.warehouse.organization)
    heading = "seller,sku,buyer,unit_price"
    line = f"{market.maker.code},SKU,{market.dealers[0].code},7.5"
    checked = send(operator, market, line, heading=heading, mode="preview").json()
    assert (checked["agreements"], checked["problems"], checked["placed"]) == (1, [], None)
    placed = send(operator, market, line, heading=heading).json()
    assert placed["placed"] == {"created": 1, "replaced": 0, "unchanged": 0, "ended": 0}
    own, other = api_as(market.dealers[0]), api_as(market.dealers[1])
    assert [one["breaks"][0]["unit_price"] for one in listed(own)] == ["7.500000", "10.000000"]
    assert [one["breaks"][0]["unit_price"] for one in listed(other)] == ["10.000000"]
    quoted = own.post("/api/v1/catalog/prices/", {"lines": [{"sku": market.products[0].sku, "quantity": 2}]})
    assert quoted.json()["quotes"][0]["net_amount"] == "15.000"


def test_a_factory_proposes_and_the_operator_decides(api_as, market):
    maker, operator = api_as(market.maker), api_as(market.warehouse.organization)
    line = f"SKU,{market.dealers[0].pseudonym},,1,7,2026-01-01"
    answer = send(maker, market, line).json()
    assert (answer["placed"], answer["proposal"]["status"]) == (None, "PROPOSED")
    address = f"/api/v1/price-proposals/{answer['proposal']['id']}/"
    assert len(listed(api_as(market.dealers[0]))) == 1
    assert maker.post(f"{address}approve/", {}).status_code == 403
    detail = operator.get(address)
    assert detail.json()["rows"][0][1]["unit_price"] == "7"
    done = operator.post(f"{address}approve/", {"reason": "agreed"})
    assert done.json()["created"] == 1
    shown = listed(maker)[0]
    assert (shown["buyer"], shown["breaks"]) == (
        market.dealers[0].pseudonym, [{"min_quantity": 1, "unit_price": "7.000000"}],
    )  # fmt: skip
    assert market.dealers[0].code not in maker.get(
        f"{AGREEMENTS}?sku={shown['sku']}"
    ).content.decode().replace(shown["buyer"], "")
    again = operator.post(f"{address}reject/", {})
    assert again.json()["code"] == "illegal_transition"
    history = maker.get(f"{AGREEMENTS}{shown['id']}/changes/").json()["results"]
    assert [one["verb"] for one in history] == ["create"]


def test_a_proposal_is_taken_back(api_as, market):
    maker = api_as(market.maker)
    made_of = send(maker, market, "SKU,,,1,7,2027-01-01").json()["proposal"]
    address = f"/api/v1/price-proposals/{made_of['id']}/"
    gone = maker.post(f"{address}withdraw/", {})
    assert gone.json()["status"] == "WITHDRAWN"
    assert maker.get("/api/v1/price-proposals/?status=PROPOSED").json()["results"] == []


def test_faults_are_told_by_row_and_nothing_is_written(api_as, market):
    maker = api_as(market.maker)
    lines = ("SKU,,,1,7,2027-01-01", "nothing,,,1,7,", f"SKU,{market.dealers[0].code},,1,x,")
    checked = send(maker, market, *lines, mode="preview").json()
    assert [(one["row"], one["field"]) for one in checked["problems"]] == [
        (3, "sku"), (4, "buyer"), (4, "unit_price"),
    ]  # fmt: skip
    refused = send(maker, market, *lines)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_agreements")
    assert [one["row"] for one in refused.json()["errors"]] == [3, 4, 4]
    with acting_as(system("test")):
        assert PriceAgreement.objects.count() == 1


def test_a_factory_writes_for_no_other(api_as, market):
    other = made.trade(dealers=0).maker
    line = f"{other.code},SKU,7"
    refused = send(api_as(market.maker), market, line, heading="seller,sku,unit_price")
    assert refused.json()["errors"][0]["code"] == "unknown_seller"


def test_members_read_the_agreements_of_their_group(api_as, market):
    group = agreed.buyer_group(market.dealers[0], code="CHAIN")
    made.agreement(market.maker, market.products[0], ((1, "9"),), buyer_group=group)
    assert [one["buyer_group"] for one in listed(api_as(market.dealers[0]))] == ["CHAIN", None]
    assert [one["buyer_group"] for one in listed(api_as(market.dealers[1]))] == [None]
    day = api_as(market.dealers[0]).get(f"{AGREEMENTS}?day=2025-01-01")
    assert day.json()["results"] == []
