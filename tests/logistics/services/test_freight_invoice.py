"""Carriers' invoices: held against the trips, accepted, disputed, decided, owed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.freight import FreightInvoiceAccepted, FreightInvoiceDisputed, FreightInvoiceRejected
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.machine import IllegalTransition
from logistics import states
from logistics.models import FreightInvoice, FreightTolerance, Trip
from logistics.services import freight_invoice
from logistics.services.freight_invoice import Bill, InvoiceKnown
from tests.factories import logistics as make
from tests.logistics.support import events

AT = make.MORNING


@pytest.fixture
def driven(world):
    """A trip that was driven to its end."""
    return make.haul(world.dealer, world.carrier, until="DELIVERED").trip


def bill(trip, amount=None, **values):
    asked = trip.cost if amount is None else Decimal(amount)
    return Bill(
        **{
            "carrier_id": trip.carrier_id,
            "number": "INV-1",
            "issue_date": AT.date(),
            "currency": trip.currency,
            "lines": [(trip.number, asked)],
            **values,
        }
    )


def send(who, sent):
    with acting_as(who):
        return freight_invoice.receive(sent, by=who, at=AT)


def finding(made):
    with acting_as(make.PLATFORM):
        return [line.finding for line in made.lines.order_by("pk")]


def test_what_agrees_is_owed_at_once(world, driven):
    made = send(world.as_carrier, bill(driven, tax_amount=Decimal("3.21")))
    assert made.status == states.ACCEPTED
    (told,) = events(FreightInvoiceAccepted)
    assert (told.net_amount, told.tax_amount, told.expected_amount) == (
        driven.cost,
        Decimal("3.21"),
        driven.cost,
    )


def test_within_the_tolerance_it_is_paid_as_it_was_sent(world, driven, platform):
    FreightTolerance.objects.create(carrier=None, percent=5, amount=0)
    FreightTolerance.objects.create(carrier=world.carrier, percent=0, amount=Decimal("0.50"))
    assert send(world.as_carrier, bill(driven, driven.cost + Decimal("0.50"))).status == states.ACCEPTED
    (told,) = events(FreightInvoiceAccepted)
    assert told.net_amount - told.expected_amount == Decimal("0.50")


@pytest.mark.parametrize(("difference", "said"), [("0.51", "TOO_MUCH"), ("-0.51", "TOO_LITTLE")])
def test_beyond_it_somebody_has_to_decide(world, driven, platform, difference, said):
    FreightTolerance.objects.create(carrier=world.carrier, amount=Decimal("0.50"))
    made = send(world.as_carrier, bill(driven, driven.cost + Decimal(difference)))
    assert (made.status, finding(made)) == (states.DISPUTED, [said])
    (told,) = events(FreightInvoiceDisputed)
    assert told.difference == Decimal(difference)
    with acting_as(world.as_carrier) as who, pytest.raises(Forbidden):
        freight_invoice.accept(made.pk, by=who, at=AT, reason="please")
    assert (
        freight_invoice.accept(made.pk, by=platform, at=AT, reason="waiting time").status == states.ACCEPTED
    )
    with pytest.raises(IllegalTransition):
        freight_invoice.reject(made.pk, by=platform, at=AT, reason="late")


def test_what_was_not_driven_or_is_unknown_is_never_owed(world, platform):
    under_way = make.haul(world.dealer, world.carrier).trip
    lines = [(under_way.number, under_way.cost), ("TR-nobody-1", Decimal(5))]
    made = send(world.as_carrier, bill(under_way, lines=lines))
    assert finding(made) == ["NOT_DRIVEN", "UNKNOWN_TRIP"]
    with pytest.raises(Invalid) as refused:
        freight_invoice.accept(made.pk, by=platform, at=AT, reason="whatever")
    assert {problem.code for problem in refused.value.problems} == {"not_driven", "unknown_trip"}
    assert freight_invoice.reject(made.pk, by=platform, at=AT, reason="too early").status == states.REJECTED
    assert len(events(FreightInvoiceRejected)) == 1


def test_a_trip_is_billed_once_unless_the_invoice_was_rejected(world, driven, platform):
    first = send(world.as_carrier, bill(driven, driven.cost * 2))
    second = send(world.as_carrier, bill(driven, number="INV-2"))
    assert finding(second) == ["BILLED_BEFORE"]
    for made in (first, second):
        freight_invoice.reject(made.pk, by=platform, at=AT, reason="wrong")
    assert send(world.as_carrier, bill(driven, number="INV-3")).status == states.ACCEPTED


def test_another_currency_is_seen(world, driven):
    assert finding(send(world.as_carrier, bill(driven, currency="EUR"))) == ["OTHER_CURRENCY"]


def test_a_rival_bills_nothing_of_mine(world, driven):
    with pytest.raises(Forbidden):
        send(world.as_other_carrier, bill(driven))
    made = send(world.as_other_carrier, bill(driven, carrier_id=world.other_carrier.pk))
    assert finding(made) == ["UNKNOWN_TRIP"]
    with acting_as(world.as_carrier):
        assert not FreightInvoice.objects.exists()


def test_sent_again_it_is_the_same_and_with_other_content_it_is_refused(world, driven):
    made = send(world.as_carrier, bill(driven))
    assert send(world.as_carrier, bill(driven)).pk == made.pk
    with pytest.raises(InvoiceKnown):
        send(world.as_carrier, bill(driven, driven.cost + 1))
    assert len(events(FreightInvoiceAccepted)) == 1


def test_nonsense_is_refused_with_its_place(world, driven):
    good = bill(driven)
    for changed, place in (
        ({"number": " "}, "/number"),
        ({"issue_date": AT.date() + timedelta(days=2)}, "/issue_date"),
        ({"tax_amount": Decimal(-1)}, "/tax_amount"),
        ({"lines": []}, "/lines"),
        ({"lines": [*good.lines, *good.lines]}, "/lines/1/trip"),
        ({"lines": [(driven.number, Decimal(-1))]}, "/lines/0/amount"),
        ({"lines": [(driven.number, Decimal("1.001"))]}, "/lines/0/amount"),
    ):
        with pytest.raises(Invalid) as refused:
            send(world.as_carrier, replace(good, **changed))
        assert place in {problem.pointer for problem in refused.value.problems}


def test_as_many_statements_for_one_trip_as_for_many(world, platform):
    trips = [make.haul(world.dealer, world.carrier, until="DELIVERED").trip for _ in range(4)]

    def statements(chosen, number):
        lines = [(trip.number, trip.cost) for trip in chosen]
        with CaptureQueriesContext(connection) as queries:
            send(world.as_carrier, bill(chosen[0], lines=lines, number=number))
        return len(queries)

    assert statements(trips[:1], "A") == statements(trips[1:], "B")
    assert Trip.objects.count() == 4
