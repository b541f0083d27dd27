"""Agreements cost the same number of statements, whatever their number of lines."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.selectors import blanket as standings
from orders.selectors import quotation as selectors
from orders.services import blanket_release, quotation_award
from orders.services.quotation_award import Award
from tests.factories import agreements as agreed
from tests.factories import directory
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER

pytestmark = pytest.mark.django_db


class Counter:
    """The numbers of statements of some calls, in turn."""

    def __init__(self):
        self.counts = []

    def __call__(self, call):
        with CaptureQueriesContext(connection) as queries:
            result = call()
        self.counts.append(len(queries))
        return result


def blanket(lines):
    market, counted = made.trade(products=lines, dealers=1), Counter()
    who = market.dealer_actor()
    made_blanket = counted(lambda: agreed.blanket(market, [100] * lines))
    with acting_as(who):
        wanted = dict.fromkeys(range(1, lines + 1), 5)
        counted(lambda: blanket_release.release(made_blanket, quantities=wanted, by=who, at=NOW))
        counted(lambda: standings.statement([made_blanket.pk]))
    return counted.counts


def quotation(lines):
    market, counted = made.trade(products=lines), Counter()
    maker = directory.factory_organization()
    request = counted(lambda: agreed.ask(market, [maker], [100] * lines))
    offer = counted(lambda: agreed.offer(request, maker, ["9"] * lines))
    with acting_as(market.operator_actor) as who:
        counted(lambda: selectors.compare(who, selectors.requests(who).get(pk=request.pk)))
    awards = [Award(offer.pk, number, 100) for number in range(1, lines + 1)]
    with clock.travel(LATER):
        counted(
            lambda: quotation_award.award(request, awards, becomes="blanket", by=system("test"), at=LATER)
        )
    return counted.counts


@pytest.mark.parametrize("of", [blanket, quotation])
def test_statements_do_not_grow_with_lines(of):
    of(2)
    assert of(5) == of(40)
