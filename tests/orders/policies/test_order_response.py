"""Deliveries divide what was ordered without losing a unit; prices and codes say what they are."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies import response_code
from orders.policies.order_answer import Answer, Ordered, settle
from orders.policies.order_response import Asked, Delivery, DoesNotFit, divide, lots, price_state

DAY, LATER = date(2026, 12, 1), date(2026, 12, 8)


def line(quantity=100, despatched=0, version=0, asked=None):
    return Ordered(
        1, 1, 1, quantity, 0, despatched, Decimal(10), version, asked or (Asked(1, quantity, DAY),)
    )


def test_sixty_and_forty_are_two_parts_and_sixty_alone_is_one():
    two = divide([Asked(1, 100, DAY)], [Delivery(60, DAY), Delivery(40, LATER)])
    assert [(part.quantity, part.confirmed_quantity, part.promised_date) for part in two] == [
        (60, 60, DAY),
        (40, 40, LATER),
    ]
    [one] = divide([Asked(1, 100, DAY)], [Delivery(60)])
    assert (one.quantity, one.confirmed_quantity) == (100, 60)


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 28)), max_size=6),
)
def test_parts_sum_to_what_was_ordered_and_promises_to_what_was_promised(quantities, promised):
    asked = [Asked(number, quantity, DAY) for number, quantity in enumerate(quantities, start=1)]
    deliveries = [Delivery(quantity, date(2026, 12, day)) for quantity, day in promised]
    total = sum(quantity for quantity, _ in promised)
    if total > sum(quantities):
        with pytest.raises(DoesNotFit):
            divide(asked, deliveries)
        return
    parts = divide(asked, deliveries)
    for one in asked:
        assert sum(part.quantity for part in parts if part.origin == one) == one.quantity
    assert sum(part.confirmed_quantity for part in parts) == total
    assert all(part.confirmed_quantity <= part.quantity and part.quantity > 0 for part in parts)


@given(st.integers(0, 100), st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_lots_go_to_those_who_want_them(offered, wanted):
    given_lots = lots(offered, wanted)
    assert sum(given_lots) == min(offered, sum(wanted))
    assert all(one <= want for one, want in zip(given_lots, wanted, strict=True))


@pytest.mark.parametrize(
    ("offered", "state"),
    [
        (None, "AGREED"),
        ("10", "AGREED"),
        ("9", "WITHIN_TOLERANCE"),
        ("10.20", "WITHIN_TOLERANCE"),
        ("10.200001", "PROPOSED"),
    ],
)
def test_a_price_is_taken_up_to_the_tolerance(offered, state):
    price = offered and Decimal(offered)
    assert price_state(Decimal(10), price, tolerance_basis_points=200) == state


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(1), "ACCEPTED"),
        (Answer(1, 60), "QUANTITY_CHANGED"),
        (Answer(1, 0), "REJECTED"),
        (Answer(1, 100, LATER), "DATE_CHANGED"),
        (Answer(1, 100, LATER, code="IB"), "BACK_ORDERED"),
        (Answer(1, unit_price=Decimal(11)), "PRICE_CHANGED"),
        (Answer(1, schedules=(Delivery(60, DAY), Delivery(40, LATER))), "PARTIAL"),
        (Answer(1, code="ir"), "REJECTED"),
    ],
)
def test_an_answer_has_a_code(answer, code):
    [settled], problems = settle({1: line()}, [answer], rest="LEAVE")
    assert (settled.code, problems) == (code, [])


@pytest.mark.parametrize(
    "answer",
    [
        Answer(2, 1),
        Answer(1, 101),
        Answer(1, 10, code="IA"),
        Answer(1, 10, code="??"),
        Answer(1, 100, code="IB"),
        Answer(1, schedules=(Delivery(10, schedule_number=7),)),
        Answer(1, schedules=(Delivery(80), Delivery(21))),
    ],
)
def test_an_answer_that_does_not_fit_is_named(answer):
    settled, [problem] = settle({1: line()}, [answer], rest="LEAVE")
    assert (settled, problem.pointer) == ([], "/lines/0")
    assert problem.remedy


def test_schedules_are_answered_together():
    two = line(asked=(Asked(1, 60, DAY), Asked(2, 40, LATER)))
    half = Answer(1, schedules=(Delivery(60, schedule_number=1),))
    assert settle({1: two}, [half], rest="LEAVE")[1]
    both = Answer(1, schedules=(Delivery(50, schedule_number=1), Delivery(40, schedule_number=2)))
    [settled], _ = settle({1: two}, [both], rest="LEAVE")
    assert [(part.quantity, part.confirmed_quantity) for part in settled.parts] == [(60, 50), (40, 40)]


def test_the_rest_is_said_of_open_lines_only():
    lines = {1: line(), 2: Ordered(2, 2, 1, 5, 5, 0, Decimal(1), 1, (Asked(1, 5, DAY),))}
    assert settle(lines, [], rest="LEAVE") == ([], [])
    [settled], _ = settle(lines, [], rest="REJECT")
    assert (settled.line.line_number, settled.confirmed) == (1, 0)


def test_every_word_has_both_codes_and_a_document_has_one():
    assert {code.x12 for code in response_code.CODES.values()} == {
        "IA", "IQ", "IP", "DR", "BP", "IB", "IS", "IR"
    }  # fmt: skip
    assert response_code.word_of("BP") == "PARTIAL"
    assert response_code.of_document(["ACCEPTED"], is_complete=True) == "AP"
    assert response_code.of_document(["REJECTED"], is_complete=True) == "RE"
    assert response_code.of_document(["ACCEPTED"], is_complete=False) == "CA"
    assert response_code.of_document([], is_complete=False) == "AB"
