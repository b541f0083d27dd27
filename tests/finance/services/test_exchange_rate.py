"""Rates are kept by day and source, and matching asks them: a bank's odd rate is a case, a plausible one a proposal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.core.ids import uuid7
from finance.models import ExchangeRate, Invoice, Match
from finance.policies import matching
from finance.policies.exchange import Rate, Rates
from finance.policies.open_items import CASE, POST, PROPOSE, Credit, OpenInvoice, OpenItems
from finance.selectors import exchange_rate as selectors
from finance.services import exchange_rate, resolution
from tests.admin.conftest import *  # noqa: F403 - the fixtures of people at their desks
from tests.factories.directory import actor, organization
from tests.factories.finance import NOON, PLATFORM, dealer_with_credit, our_bank_account
from tests.finance.services.test_matching_cases import invoice, match, receive

DAY = NOON.date()


def keep(rate: str, *, on=DAY, source: str = "ECB", by=PLATFORM) -> list[ExchangeRate]:
    with acting_as(by):
        return exchange_rate.keep([Rate(on, "EUR", "CNY", Decimal(rate))], source=source, by=by, at=NOON)


@pytest.mark.django_db
def test_the_last_one_told_of_a_day_counts_and_the_same_is_not_kept_twice():
    assert len(keep("7.8")) == 1
    assert keep("7.8") == []
    assert len(keep("7.9")) == 1
    keep("9", on=DAY + timedelta(1))
    with acting_as(PLATFORM):
        found = selectors.between({"EUR", "CNY"}, DAY, DAY)
        assert found.of("EUR", "CNY", DAY) == Decimal("7.9")
        assert selectors.told(PLATFORM).count() == 3


@pytest.mark.django_db
def test_only_operators_and_only_good_rates():
    with pytest.raises(Forbidden):
        keep("7", by=actor(organization()))
    for rate, source in (("0", "ECB"), ("-1", "ECB"), ("1e-11", "ECB"), ("7", " ")):
        with pytest.raises(Invalid):
            keep(rate, source=source)
    with acting_as(PLATFORM):
        assert not ExchangeRate.objects.exists()


def decide(rates: Rates, amount: str, instructed: tuple[Decimal, str] | None):
    items = OpenItems(rates=rates)
    items.add([OpenInvoice(uuid7(), "INVMID-7", 1, "EUR", Decimal(100), DAY, DAY)])
    credit = Credit(
        1, "CNY", Decimal(amount), ("INVMID-7",), payer_id=1, value_date=DAY, instructed=instructed
    )
    return matching.by_reference([credit], items)[1]


TABLE = Rates({("EUR", "CNY"): [(DAY, Decimal("7.8"))]})
ORDERED = (Decimal(100), "EUR")


@pytest.mark.parametrize(
    ("rates", "amount", "instructed", "action"),
    [
        (Rates(), "600", ORDERED, POST),
        (TABLE, "770", ORDERED, POST),
        (TABLE, "600", ORDERED, CASE),
        (Rates(), "780", None, CASE),
        (TABLE, "780", None, PROPOSE),
        (TABLE, "787", None, PROPOSE),
        (TABLE, "700", None, CASE),
    ],
)
def test_19_matching_asks_the_rate_of_the_day(rates, amount, instructed, action):
    found = decide(rates, amount, instructed)
    assert (found.action, found.rule) == (action, "exchange")
    if action != CASE:
        assert [(part.amount, part.paid) for part in found.parts] == [(Decimal(100), Decimal(amount))]


FILE = b"date,base,quote,rate\n2026-03-02,EUR,CNY,7.8\n"


def test_a_file_over_the_api_and_on_the_page(api_as, operator):
    client = api_as(operator.organization)

    def send(content: bytes, source: str = "?source=ECB"):
        return client.post("/api/v1/exchange-rates/files/" + source, content, content_type="text/csv")

    assert send(FILE).json() == {"kept": 1}
    assert send(FILE).json() == {"kept": 0}
    assert send(FILE, "").status_code == 422
    assert send(b"date\n").status_code == 422
    body = {"source": "desk", "rates": [{"date": "2026-03-03", "base": "USD", "quote": "CNY", "rate": "7.1"}]}
    assert client.post("/api/v1/exchange-rates/", body, format="json").json() == {"kept": 1}
    shown = client.get("/api/v1/exchange-rates/?base=EUR").json()["results"]
    assert [(one["rate"], one["source"]) for one in shown] == [("7.8000000000", "ECB")]
    page = reverse("operator:take_rates")
    given = {"source": "ECB", "file": SimpleUploadedFile("rates.csv", FILE.replace(b"7.8", b"7.9"))}
    assert "1 rates are kept" in operator.client.post(page, given, follow=True).content.decode()
    given = {"source": "ECB", "file": SimpleUploadedFile("rates.csv", FILE.replace(b"7.8", b"x"))}
    assert "Row 2" in operator.client.post(page, given).content.decode()


def owed_in_euros(*amounts: str):
    with acting_as(PLATFORM):
        our_bank_account()
        dealer = dealer_with_credit(100_000, name="Foreign Trade Ltd")
        return dealer, [invoice(dealer, amount, "EUR") for amount in amounts]


@pytest.mark.django_db
def test_a_proposal_at_the_rate_of_the_day_is_accepted_for_all_of_it():
    keep("7.8")
    _, [owed] = owed_in_euros("100")
    with acting_as(PLATFORM):
        [line] = receive(("780", f"for {owed.number}"))
        match()
        [proposed] = Match.objects.filter(members__line=line)
        assert proposed.status == "PROPOSED"
        payment = resolution.accept(proposed.pk, by=PLATFORM, at=NOON)
        assert (payment.amount, payment.open_amount) == (780, 0)
        owed.refresh_from_db()
        assert (owed.status, owed.open_amount) == ("PAID", 0)


@pytest.mark.django_db
def test_a_person_settles_invoices_of_another_currency_alone_or_at_the_rate_of_the_day():
    _, [alone, first, second] = owed_in_euros("100", "10", "20")
    with acting_as(PLATFORM):
        one, two = receive(("800", "x"), ("235", "y"))
        payment = resolution.resolve(one.pk, allocations={alone.pk: Decimal(100)}, by=PLATFORM, at=NOON)
        assert payment.open_amount == 0
        both = {first.pk: Decimal(10), second.pk: Decimal(20)}
        with pytest.raises(Invalid, match="no rate of EUR in CNY"), transaction.atomic():
            resolution.resolve(two.pk, allocations=both, by=PLATFORM, at=NOON)
    keep("7.8", on=two.value_date)
    with acting_as(PLATFORM):
        payment = resolution.resolve(two.pk, allocations=both, by=PLATFORM, at=NOON)
        assert payment.open_amount == Decimal("1.00")
        assert set(Invoice.objects.values_list("status", flat=True)) == {"PAID"}
