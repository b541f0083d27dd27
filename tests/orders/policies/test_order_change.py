"""What is given up goes somewhere, to the unit, and nothing that left is given up."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orders.policies.order_change import Bought, Held, Pegged, TooLate, absorb, plan, spread

units = st.integers(0, 200)


def held(**values):
    return Held(
        **{
            "line_id": 1, "line_number": 1, "product_id": 1, "sku": "A", "base_unit": "PCE", "category": "",
            "tax_rate": Decimal(0), "factory_id": 1, "cycle_id": None, "quantity": 100, "entered_unit": "PCE",
            "pack_units": 1, "unit_price": Decimal(1), "net_amount": Decimal(1), "tax_amount": Decimal(0),
            "requested": 100, "cancelled": 0, "covered": 0, "pooled": 0, "received": 0, "shipped": 0, "pending": 0,
            "ship_to_site_id": 1, "site_code": "S", "need_by_date": date(2026, 12, 1), "is_bound": False,
            "is_closing": False, **values,
        }
    )  # fmt: skip


@given(st.integers(1, 200), st.integers(0, 100), units)
def test_a_free_line_asks_for_what_it_shall_be(requested, cancelled, wanted):
    assume(cancelled < requested)
    line = held(requested=requested, cancelled=cancelled)
    move = plan(line, wanted)
    assert line.owed + move.requested - move.cancelled == wanted
    assert (move.given_up, move.extra, move.covered) == (0, 0, 0)


@given(st.data())
def test_a_bound_line_gives_up_only_what_has_not_left(data):
    covered, pooled, unpooled = (data.draw(units) for _ in range(3))
    received = data.draw(st.integers(0, pooled))
    shipped = data.draw(st.integers(0, covered + received))
    owed = covered + pooled + unpooled
    line = held(
        requested=owed, covered=covered, pooled=pooled, received=received, shipped=shipped, is_bound=True
    )
    wanted = data.draw(st.integers(0, 600))
    if wanted < shipped:
        with pytest.raises(TooLate):
            plan(line, wanted)
        return
    move = plan(line, wanted)
    assert line.owed - move.cancelled - move.given_up + move.extra == wanted
    assert covered + move.covered >= 0
    assert move.given_up <= pooled
    # What is left in house and to come still makes up for what left.
    gone = max(0, move.given_up - (pooled - received))
    assert covered + move.covered + received - gone >= shipped


@given(units, units, units, st.integers(1, 50), st.integers(1, 24), units, st.sampled_from(["ask", "stock"]))
def test_absorbed_units_sum_and_the_factory_is_left_a_quantity_it_sells(
    given_up, promised, despatched, minimum, multiple, waiting, rule
):
    assume(given_up <= promised and despatched <= promised)
    bought = Bought(promised, despatched, minimum, multiple)
    found = absorb(given_up, bought, waiting=waiting, rule=rule)
    assert found.passed_on + found.kept_in_stock + found.asked_of_factory == given_up
    assert min(found.passed_on, found.kept_in_stock, found.asked_of_factory) >= 0
    if found.asked_of_factory:
        left = promised - found.asked_of_factory
        assert rule == "ask"
        assert left >= despatched
        assert left == 0 or (left % multiple == 0 and left >= minimum)


def test_thirty_of_ninety_six_by_twenty_four_return_twenty_four():
    found = absorb(30, Bought(96, 0, 48, 24), waiting=0, rule="ask")
    assert (found.passed_on, found.kept_in_stock, found.asked_of_factory) == (0, 6, 24)


@given(st.lists(st.tuples(units, units), max_size=5), units)
def test_what_is_to_come_is_given_up_before_what_came(pegs, given_up):
    held_pegs = [Pegged(index, max(pair), min(pair)) for index, pair in enumerate(pegs)]
    if given_up > sum(peg.held for peg in held_pegs):
        with pytest.raises(TooLate):
            spread(given_up, held_pegs)
        return
    taken = spread(given_up, held_pegs)
    assert sum(total for total, _ in taken) == given_up
    assert all(
        total <= peg.held and came <= peg.received
        for (total, came), peg in zip(taken, held_pegs, strict=True)
    )
    if any(came for _, came in taken):
        assert all(
            total - came == peg.held - peg.received
            for (total, came), peg in zip(taken, held_pegs, strict=True)
        )
