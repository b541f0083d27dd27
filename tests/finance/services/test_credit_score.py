"""A score is made of the platform's own rows, kept with its inputs, and read by its party and the operator alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from finance.policies import score
from finance.services import scoring
from tests.factories.directory import actor
from tests.factories.directory import dealer as make_dealer
from tests.factories.finance import NOON, PLATFORM, operator
from tests.finance.rest_world import give_credit, issue_invoice, pay

pytestmark = pytest.mark.django_db


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
