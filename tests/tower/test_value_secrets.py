"""Nobody infers from the value view what a rival ordered: before and after the rival trades, all reads are the same."""

from __future__ import annotations

from typing import Any

import pytest

from b2b.contracts.orders import OrderConfirmed
from b2b.contracts.value import SavingsSettled, SettledLine
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.tower import handlers
from b2b.tower.rest.views import GROUPINGS
from b2b.tower.selectors import supply_value
from b2b.tower.selectors.documents import FIGURES
from tests.factories import directory
from tests.tower.test_tower import order_event
from tests.tower.test_value_days import stated

pytestmark = pytest.mark.django_db

SPAN = "since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z"


def reads(client: Any, *, supply: bool = False) -> dict[str, Any]:
    """Everything an organisation reads of the value view."""
    cuts = supply_value.GROUPINGS if supply else GROUPINGS
    kind = "supply" if supply else "by"
    addresses = [f"/api/v1/value/{kind}/{cut}/?{SPAN}" for cut in cuts]
    if not supply:
        addresses.append(f"/api/v1/value/?{SPAN}")
        addresses += [f"/api/v1/value/documents/?{SPAN}&figure={figure}" for figure in FIGURES]
    found = {}
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.content)
        found[address] = answer.json()
    return found


def trades(dealer_id: int, quantity: int) -> None:
    """A dealer orders and saves."""
    told = order_event(OrderConfirmed, version=1, quantity=quantity, price="2.00")
    lines = tuple(type(line)(**{**_members(line), "line_id": dealer_id * 100}) for line in told.lines)
    event = type(told)(**{**_members(told), "dealer_id": dealer_id, "order_id": uuid7(), "lines": lines})
    with acting_as(system("test")):
        handlers.note_confirmed_order(event)
        handlers.note_saving(stated(dealer_id=dealer_id, statement_id=uuid7()))


def _members(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def test_a_dealers_reads_do_not_move_with_a_rival(api_as: Any) -> None:
    mine, rival = directory.organization("dealer"), directory.organization("dealer")
    client = api_as(mine)
    trades(mine.pk, 10)
    before = reads(client)
    for quantity in (1, 1_000):
        trades(rival.pk, quantity)
    assert reads(client) == before


def test_a_factory_reads_its_share_and_no_dealers_part(api_as: Any) -> None:
    factory, other = directory.organization("factory"), directory.organization("factory")
    dealers = [directory.organization("dealer") for _ in range(2)]

    def settles(*shares: tuple[int, int]) -> None:
        """Split the same factory's share over dealers in another way."""
        lines = tuple(
            SettledLine(
                dealer_id=dealers[index].pk, factory_id=factory.pk, product_id=5, quantity=quantity,
                baseline=quantity * 10, pooled=quantity * 9, dealer_share=quantity - share, platform_share=0,
                factory_share=share,
            )
            for index, (quantity, share) in enumerate(shares)
        )  # fmt: skip
        with acting_as(system("test")):
            handlers.note_settled_saving(
                SavingsSettled(
                    occurred_at=clock.now().replace(year=2026, month=3, day=5), cycle_id=uuid7(), number="CY-1",
                    currency="CNY", lines=lines,
                )
            )  # fmt: skip

    client, stranger = api_as(factory), api_as(other)
    empty = reads(stranger, supply=True)
    settles((10, 1), (30, 3))
    one = reads(client, supply=True)
    total = one[f"/api/v1/value/supply/product/?{SPAN}"]["total"]
    assert total["saving_share"] == "4.000"
    assert "dealer" not in str(one)
    assert reads(stranger, supply=True) == empty
    assert client.get(f"/api/v1/value/?{SPAN}").status_code == 403


def test_faults_in_the_query_are_named(api_as: Any) -> None:
    client = api_as(directory.organization("dealer"))
    for address in (
        "/api/v1/value/", f"/api/v1/value/documents/?{SPAN}&figure=nothing",
        "/api/v1/value/by/period/?since=x&until=y",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code in (400, 422), address
        assert answer.json()["errors"]
    assert client.get(f"/api/v1/value/by/colour/?{SPAN}").status_code == 404
