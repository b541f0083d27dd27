"""Factories quote sealed, the platform compares and awards by line; a dealer accepts into an order."""

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts.agreements import QuotationAwarded, QuotationReceived, QuotationRequested
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden
from b2b.core.machine import IllegalTransition
from b2b.db.bulk import fetch_value
from orders.models import BlanketOrder, Quotation, QuotationLine, QuotationRequest, SupplySource
from orders.policies.pricing import Break
from orders.selectors import quotation as selectors
from orders.selectors import terms
from orders.services import quotation, quotation_acceptance, quotation_award, quotation_request
from orders.services.quotation_award import Award
from orders.services.quotation_request import Requested
from tests.factories import agreements as agreed
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(products=2, dealers=2)


@pytest.fixture
def makers(market):
    return [market.maker, directory.factory_organization(), directory.factory_organization()]


def unseal(request):
    with clock.travel(LATER):
        return quotation_request.unseal(request, by=system("test"), at=LATER)


def award(request, *awards, **values):
    with clock.travel(LATER):
        return quotation_award.award(request, awards, by=system("test"), at=LATER, **values)


def test_every_invited_factory_is_asked_and_learns_of_nobody_else(market, makers):
    request = agreed.ask(market, makers)
    assert {one.party_id for one in told(QuotationRequested)} == {maker.pk for maker in makers}
    stranger = directory.factory_organization()
    for maker, known in ((makers[1], 1), (stranger, 0)):
        who = directory.actor(maker)
        with acting_as(who):
            assert selectors.requests(who).filter(pk=request.pk).count() == known
            assert fetch_value("SELECT count(*) FROM orders_quotationrequest") == known
            assert fetch_value("SELECT count(*) FROM orders_quotationinvitation") == known


def test_quotations_are_sealed_from_rivals_and_the_operator_even_in_sql(market, makers):
    request = agreed.ask(market, makers)
    agreed.offer(request, makers[0])
    tables = ("orders_quotation", "orders_quotationline", "orders_quotationbreak")
    for who, seen in (
        (market.operator_actor, 0),
        (directory.actor(makers[1]), 0),
        (directory.actor(makers[0]), 1),
    ):
        with acting_as(who):
            assert [fetch_value(f"SELECT count(*) FROM {table}") for table in tables] == [seen] * 3
            assert selectors.visible(who).count() == seen
    unseal(request)
    with acting_as(market.operator_actor):
        assert selectors.visible(market.operator_actor).count() == 1
        assert fetch_value("SELECT count(*) FROM orders_quotationbreak") == 1
    with acting_as(directory.actor(makers[1])):
        assert fetch_value("SELECT count(*) FROM orders_quotation") == 0


def test_they_are_unsealed_by_the_last_answer_or_the_deadline(market, makers):
    request = agreed.ask(market, makers[:2])
    with pytest.raises(quotation_request.StillSealed):
        quotation_request.unseal(request, by=system("test"), at=NOW)
    agreed.offer(request, makers[0])
    with acting_as(directory.actor(makers[1])) as who:
        quotation_request.decline(request, by=who, at=NOW)
    request.refresh_from_db()
    assert request.status == "UNSEALED"
    other = agreed.ask(market, makers[:2])
    assert quotation_request.unseal_due(by=system("test"), at=NOW) == 0
    with clock.travel(LATER):
        assert quotation_request.unseal_due(by=system("test"), at=LATER) == 1
        with pytest.raises(quotation.DeadlinePassed):
            agreed.offer(other, makers[0], at=LATER)


def test_the_deadline_is_the_database_clocks(market, makers):
    request = agreed.ask(market, makers)
    with clock.travel(request.deadline_at - timedelta(milliseconds=1)):
        agreed.offer(request, makers[0])
    with clock.travel(request.deadline_at), pytest.raises(quotation.DeadlinePassed):
        agreed.offer(request, makers[1])


def test_a_better_quotation_takes_the_place_of_the_earlier_one(market, makers):
    request = agreed.ask(market, makers)
    first = agreed.offer(request, makers[0], ["9"])
    second = agreed.offer(request, makers[0], ["8"])
    assert (second.pk, second.version) == (first.pk, 2)
    assert [step.unit_price for line in QuotationLine.objects.all() for step in line.breaks.all()] == [8]
    assert len(told(QuotationReceived)) == 2
    assert "unit_price" not in told(QuotationReceived)[0].to_json()


def test_only_invited_factories_quote(market, makers):
    request = agreed.ask(market, makers[:1])
    with pytest.raises(Forbidden):
        agreed.offer(request, makers[1])
    with pytest.raises(Forbidden), acting_as(market.operator_actor) as who:
        quotation.submit(request, lines=[], valid_until=NOW.date(), by=who, at=NOW)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"line_number": 9}, "unknown_line"),
        ({"sku": "nothing"}, "unknown_product"),
        ({"breaks": ()}, "invalid_breaks"),
        ({"breaks": (Break(5, Decimal(1)), Break(1, Decimal(2)))}, "invalid_breaks"),
        ({"breaks": (Break(1, Decimal(0)),)}, "invalid_price"),
        ({"moq": 0}, "invalid_terms"),
    ],
)
def test_faulty_offers_are_named_by_row(market, makers, line, code):
    request = agreed.ask(market, makers)
    values = {"line_number": 1, "breaks": (Break(1, Decimal(9)),), "lead_time_days": 3, **line}
    with pytest.raises(quotation.InvalidQuotation) as refused, acting_as(directory.actor(makers[0])) as who:
        quotation.submit(request, lines=[quotation.Offered(**values)], valid_until=NOW.date(), by=who, at=NOW)
    assert [(one.code, one.row) for one in refused.value.problems] == [(code, 1)]
    assert not Quotation.objects.exists()


def test_the_comparison_ranks_lines_and_scenarios(market, makers):
    request = agreed.ask(market, makers[:2], [100, 50])
    agreed.offer(request, makers[0], ["9", "4"])
    agreed.offer(request, makers[1], ["8", "5"])
    with acting_as(market.operator_actor) as who:
        compared = selectors.compare(who, request)
    assert [[one.unit_price for one in compared.ranked[number]] for number in (1, 2)] == [[8, 9], [4, 5]]
    assert [(one.name, one.cost) for one in compared.scenarios] == [
        ("best_price", 1000),
        ("fastest", 1000),
        ("one_supplier", 1100),
        ("one_supplier", 1050),
    ]


def test_an_award_by_line_becomes_sources_and_losers_hear_no_price(market, makers):
    request = agreed.ask(market, makers, [100, 50])
    winner, other, loser = (
        agreed.offer(request, maker, prices)
        for maker, prices in zip(makers, (["9", "4"], ["8", "5"], ["20", "21"]), strict=True)
    )
    award(request, Award(other.pk, 1, 100), Award(winner.pk, 2, 50))
    assert [Quotation.objects.get(pk=one.pk).status for one in (winner, other, loser)] == [
        "AWARDED",
        "AWARDED",
        "LOST",
    ]
    facts = {one.quotation_id: one for one in told(QuotationAwarded)}
    assert [(line.quantity, line.unit_price) for line in facts[other.pk].lines] == [(100, 8)]
    assert facts[loser.pk].lines == ()
    source = SupplySource.objects.get(factory=makers[1])
    assert (source.lead_time_days, source.priority) == (7, 2)
    pair = (makers[1].pk, market.products[0].pk)
    bought = terms.of_supply([pair], currency="CNY", day=LATER.date())
    assert bought[pair].breaks == (Break(1, Decimal(8)),)


def test_a_split_award_becomes_blanket_orders(market, makers):
    request = agreed.ask(market, makers[:2])
    first, second = (agreed.offer(request, maker) for maker in makers[:2])
    award(request, Award(first.pk, 1, 60), Award(second.pk, 1, 40), becomes="blanket")
    quantities = {one.factory_id: one.lines.get().quantity for one in BlanketOrder.objects.all()}
    assert quantities == {makers[0].pk: 60, makers[1].pk: 40}
    first.refresh_from_db()
    assert first.blanket_order.lines.get().unit_price == 9


def test_an_award_that_cannot_be_is_refused(market, makers):
    request = agreed.ask(market, makers[:2])
    with pytest.raises(IllegalTransition):
        award(request, Award(request.pk, 1, 1))
    first, second = (agreed.offer(request, maker, moq=24, order_multiple=24) for maker in makers[:2])
    for wrong, code in (
        ([Award(first.pk, 7, 24)], "unknown_line"),
        ([Award(first.pk, 1, 25)], "invalid_quantity"),
        ([Award(first.pk, 1, 96), Award(second.pk, 1, 48)], "more_than_asked"),
        ([], "nothing_awarded"),
    ):
        with pytest.raises(quotation_award.InvalidAward) as refused:
            award(request, *wrong)
        assert code in {one.code for one in refused.value.problems}
    with pytest.raises(Forbidden):
        quotation_award.award(request, [], by=market.factory_actor, at=NOW)


def test_closed_without_an_award_all_lose(market, makers):
    request = agreed.ask(market, makers[:1])
    lost = agreed.offer(request, makers[0])
    quotation_award.close(request, reason="not needed", by=system("test"), at=NOW)
    lost.refresh_from_db()
    assert lost.status == "LOST"


def dealer_asks(market, **values):
    with acting_as(market.dealer_actor()) as who:
        return quotation_request.ask(
            title="Special quantity",
            lines=[Requested(500, sku=market.products[0].sku)],
            deadline_at=NOW + timedelta(days=2),
            issuer=market.dealers[0],
            ship_to=market.shops[0],
            by=who,
            at=NOW,
            **values,
        )


def platform_quotes(market, request, price="6"):
    with acting_as(market.operator_actor) as who:
        return quotation.submit(
            request,
            lines=[quotation.Offered(1, (Break(1, Decimal(price)),), lead_time_days=9)],
            valid_until=NOW.date() + timedelta(days=5),
            by=who,
            at=NOW,
        )


def test_a_dealer_accepts_what_the_platform_quotes(market):
    quoted = platform_quotes(market, dealer_asks(market))
    with acting_as(market.dealer_actor()) as who:
        taken = quotation_acceptance.accept(quoted, by=who, at=NOW)
    order = taken.order
    assert (order.status, order.total_net, order.lines.get().unit_price) == ("CONFIRMED", 3000, 6)
    assert taken.status == taken.request.__class__.objects.get().status == "AWARDED"
    with pytest.raises(IllegalTransition), acting_as(market.dealer_actor()) as who:
        quotation_acceptance.accept(quoted, by=who, at=NOW)


def test_a_quotation_is_for_its_dealer_and_until_its_day(market):
    quoted = platform_quotes(market, dealer_asks(market))
    with pytest.raises(Forbidden), acting_as(market.dealer_actor(1)) as who:
        quotation_acceptance.accept(quoted, by=who, at=NOW)
    with pytest.raises(quotation_acceptance.InvalidAcceptance), acting_as(market.dealer_actor()) as who:
        quotation_acceptance.accept(quoted, quantities={2: 1}, by=who, at=NOW)
    late = NOW + timedelta(days=6)
    with pytest.raises(quotation_acceptance.QuotationOver), clock.travel(late):
        quotation_acceptance.accept(quoted, by=system("test"), at=late)
    with clock.travel(late):
        assert quotation.expire_due(by=system("test"), at=late) == 1
    assert Quotation.objects.get().status == "EXPIRED"


def test_what_nobody_quotes_or_takes_in_time_is_closed(market, makers):
    asked, quoted = dealer_asks(market), dealer_asks(market)
    platform_quotes(market, quoted)
    other = agreed.ask(market, makers, hours=24)

    def expire(days):
        with clock.travel(NOW + timedelta(days=days)):
            quotation.expire_due(by=system("test"), at=NOW + timedelta(days=days))
            return quotation_request.expire_due(by=system("test"), at=NOW + timedelta(days=days))

    def statuses():
        found = QuotationRequest.objects.in_bulk()
        return [found[one.pk].status for one in (asked, quoted, other)]

    assert (expire(1), statuses()) == (0, ["ASKED", "UNSEALED", "ASKED"])
    assert (expire(2), statuses()) == (1, ["CLOSED", "UNSEALED", "ASKED"])
    assert (expire(6), statuses()) == (1, ["CLOSED", "CLOSED", "ASKED"])
    with pytest.raises(quotation.DeadlinePassed):
        platform_quotes(market, asked)


def test_a_dealer_asks_for_itself_only_and_asks_no_factory(market):
    with pytest.raises(Forbidden), acting_as(market.dealer_actor(1)) as who:
        quotation_request.ask(
            title="x", lines=[Requested(1, sku=market.products[0].sku)],
            deadline_at=LATER, issuer=market.dealers[0], by=who, at=NOW,
        )  # fmt: skip
    with pytest.raises(quotation_request.InvalidRequest):
        dealer_asks(market, factories=[market.maker])
