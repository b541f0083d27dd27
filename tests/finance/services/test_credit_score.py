"""A score is made of the platform's own rows, kept with its inputs, and read by its party and the operator alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from b2b.core.ids import uuid7
from finance.models import CreditScore, PurchaseTerms
from finance.policies import score
from finance.services import scoring
from tests.factories.directory import actor
from tests.factories.directory import dealer as make_dealer
from tests.factories.directory import factory_organization as factory
from tests.factories.finance import NOON, PLATFORM, operator
from tests.finance.rest_world import give_credit, issue_invoice, pay

pytestmark = pytest.mark.django_db
_numbers = count(1)


def buyer():
    operator()
    made = make_dealer()
    give_credit(made)
    return made, [issue_invoice(made, str(100 * n)) for n in range(1, 5)]


def assess(party, days: int = 0):
    with acting_as(PLATFORM):
        return scoring.assess(party, by=PLATFORM, at=NOON + timedelta(days))


def test_a_score_is_kept_with_all_it_was_made_of_and_not_twice():
    dealer, owed = buyer()
    pay(("113", owed[0].number))
    first = assess(dealer)
    assert (first.inputs["documents"], first.inputs["overdue_documents"]) == (4, 0)
    assert first.rule_version == score.VERSION
    assert assess(dealer).pk == first.pk
    later = assess(dealer, days=50)
    assert (later.inputs["overdue_documents"], later.points < first.points) == (3, True)
    assert later.reasons[0] == "3 documents are overdue now"


def test_only_the_operator_assesses_and_a_party_reads_its_own(api_as):
    dealer, _ = buyer()
    rival, _ = buyer()
    with acting_as(actor(dealer)), pytest.raises(Forbidden):
        scoring.assess(dealer, by=actor(dealer), at=NOON)
    client = api_as(operator())
    assert client.post("/api/v1/credit-scores/", {"party": "none"}, format="json").status_code == 422
    for party in (dealer, rival):
        made = client.post("/api/v1/credit-scores/", {"party": party.code}, format="json")
        assert made.json()["party"] == party.code
    [shown] = api_as(dealer).get("/api/v1/credit-scores/").json()["results"]
    assert (shown["party"], shown["rule_version"]) == (dealer.code, score.VERSION)


def bought(product, factory) -> None:
    """Buy goods of a product from a factory."""
    key = next(_numbers)
    with acting_as(PLATFORM):
        PurchaseTerms.objects.create(
            purchase_order_line_id=key, purchase_order_id=uuid7(), purchase_order_number=f"PO-{key}", line_number=1,
            factory=factory, product=product, currency="CNY", quantity=10, unit_price=5,
        )  # fmt: skip


def goods_of(invoice):
    with acting_as(PLATFORM):
        return invoice.lines.get().product


def test_the_share_of_the_biggest_counterparty_is_of_a_year_of_trade():
    dealer, owed = buyer()  # 113, 226, 339 and 452 with tax
    makers = [factory(), factory()]
    for place, invoice in enumerate(owed):
        bought(goods_of(invoice), makers[place == 3])
    assert assess(dealer).inputs["concentration_bp"] == 6_000
    assert assess(makers[0]).inputs["concentration_bp"] == 10_000
    rival, more = buyer()
    bought(goods_of(more[1]), makers[1])  # makes a fifth of what the rival buys
    assert assess(makers[1]).inputs["concentration_bp"] == 6_667  # 400 of one dealer, 200 of the other
    assert "60 % of its trade is with one party" in assess(dealer).reasons
    assert assess(rival).inputs["concentration_bp"] == 10_000  # of what finance knows the maker of


def test_goods_bought_of_another_factory_since_count_as_that_factorys():
    _, owed = buyer()
    old, new = factory(), factory()
    for invoice in owed:
        bought(goods_of(invoice), old)
        bought(goods_of(invoice), new)
    assert assess(old).inputs["concentration_bp"] == 0
    assert assess(new).inputs["concentration_bp"] == 10_000


def score_all(days: int = 0) -> tuple[int, int]:
    with acting_as(PLATFORM), CaptureQueriesContext(connection) as captured:
        made = scoring.assess_all(by=PLATFORM, at=NOON + timedelta(days))
    return made, len(captured)


def test_all_are_scored_every_night_by_as_many_statements_whatever_their_number():
    first, _ = buyer()
    make_dealer()  # has no documents, and nothing to be judged by
    assert score_all()[0] == 1
    _, statements = score_all(days=50)
    others = [buyer()[0] for _ in range(4)]
    made, more = score_all(days=50)
    assert (made, more) == (4, statements)
    assert score_all(days=50)[0] == 0
    with acting_as(PLATFORM):
        by_night = list(
            CreditScore.objects.filter(party=first).order_by("-pk").values_list("inputs", flat=True)
        )
        assert [one["overdue_documents"] for one in by_night] == [4, 0]
        assert set(CreditScore.objects.values_list("party_id", flat=True)) == {
            one.pk for one in [first, *others]
        }
    with acting_as(actor(first)) as rival, pytest.raises(Forbidden):
        scoring.assess_all(by=rival, at=NOON)
