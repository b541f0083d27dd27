"""The report of goods received and not invoiced: by purchase line, as old as the first goods nobody billed."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from finance.models import Case, PurchaseTerms, SupplierInvoice
from finance.policies import chart
from finance.policies.tax import Tax
from finance.selectors import gr_ir_age
from finance.services import case, three_way_match
from tests.factories import directory
from tests.factories.directory import actor, factory_organization
from tests.factories.finance import NOON, PLATFORM
from tests.factories.finance import operator as our_house
from tests.finance.payables import bills
from tests.finance.payables.bills import Purchase
from tests.finance.payables.test_matching import balance

pytestmark = pytest.mark.django_db
TODAY = NOON.date() + timedelta(days=40)


def report(**asked) -> list[gr_ir_age.Line]:
    with acting_as(PLATFORM):
        return gr_ir_age.lines(PLATFORM, TODAY, **asked)


def test_16_each_line_says_how_much_since_when_why_and_whose_turn_it_is():
    our_house()
    works = factory_organization()
    half, waiting, done = Purchase(works, (10, "2")), Purchase(works, (4, "5")), Purchase(works, (3, "1"))
    half.receive(10)
    half.invoice((4, "2"))
    waiting.receive(4)
    waiting.invoice((4, "6"))
    done.receive(3)
    done.invoice((3, "1"))
    found = {one.purchase_order: one for one in report()}
    assert set(found) == {half.number, waiting.number}
    one, other = found[half.number], found[waiting.number]
    assert (one.accepted, one.billed, one.open_amount, one.owner) == (10, 4, Decimal(12), "factory")
    assert one.reason == "6 of 10 units accepted are not billed"
    assert (one.since, one.age_days, one.band) == (NOON.date(), 40, "31-60")
    assert (other.code, other.open_amount, other.owner) == ("BILL_WAITS", Decimal(20), "operator")
    assert "price above" in other.reason
    sums = gr_ir_age.by_age(list(found.values()))
    assert [(total.count, total.amount) for total in sums] == [(2, Decimal(32))]
    assert -balance(chart.GOODS_RECEIVED) == 3_200, "the report is the account"


def test_whoever_took_the_case_on_is_the_owner():
    our_house()
    works = factory_organization()
    waiting = Purchase(works, (4, "5"))
    waiting.receive(4)
    waiting.invoice((4, "6"))
    anna = directory.person(our_house())
    by = actor(our_house(), user_id=anna.pk)
    with acting_as(by):
        case.take(Case.objects.get(kind="SUPPLIER_INVOICE").pk, by=by, at=NOON)
    assert [one.owner for one in report()] == [anna.get_username()]


def test_goods_that_went_back_after_they_were_billed_stand_below_zero():
    our_house()
    purchase = Purchase(factory_organization(), (4, "5"))
    received = purchase.receive(4)
    purchase.invoice((4, "5"))
    assert report() == []
    purchase.take_back(received)
    for one in report():
        assert one.code in ("BILLED_AHEAD", "ROUNDING")
        assert one.open_amount < 0


def test_one_statement_whatever_the_lines_and_nothing_for_others():
    our_house()
    works, others = factory_organization(), factory_organization()
    counts = []
    for factory in (works, others):
        Purchase(factory, (10, "2"), (5, "3")).receive(10, 5)
        with acting_as(PLATFORM), CaptureQueriesContext(connection) as captured:
            gr_ir_age.lines(PLATFORM, TODAY)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert {one.factory for one in report(factory=works.code)} == {works.code}
    with acting_as(actor(works)):
        assert gr_ir_age.lines(actor(works), TODAY) == []


def test_the_api_and_the_file_show_the_same(api_as):
    our_house()
    works = factory_organization()
    purchase = Purchase(works, (10, "2"))
    purchase.receive(10)
    client = api_as(our_house())
    [line] = client.get("/api/v1/gr-ir/?on_date=2026-04-11").json()["lines"]
    assert (line["purchase_order"], line["open_amount"], line["age_days"]) == (purchase.number, "20.000", 40)
    assert client.get("/api/v1/gr-ir/?factory=none").json() == {"lines": []}
    file = client.get("/api/v1/gr-ir/lines.csv?on_date=2026-04-11").content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(file))
    assert (row["purchase_order"], row["owner"]) == (purchase.number, "factory")


def test_15_a_bill_at_another_tax_than_expected_waits_for_a_person(monkeypatch):
    our_house()
    works = factory_organization()
    purchase = Purchase(works, (4, "5"))
    purchase.receive(4)
    monkeypatch.setattr(bills, "STANDARD", Tax("S", Decimal("0.09")))
    sent = purchase.invoice((4, "5"))
    assert (sent.status, sent.verdict) == ("HELD", "TAX_DIFFERS")
    with acting_as(PLATFORM):
        assert (
            Case.objects.get(kind="SUPPLIER_INVOICE").reason == "tax differs: 9 % tax billed, 13 % expected"
        )
        released = three_way_match.release(sent.pk, reason="small taxpayer", by=PLATFORM, at=NOON)
    assert released.status == "APPROVED"
    assert balance(chart.INPUT_TAX) == 180


def test_across_a_border_no_rate_is_expected():
    our_house()
    abroad = factory_organization(country="DE")
    purchase = Purchase(abroad, (4, "5"))
    with acting_as(PLATFORM):
        assert PurchaseTerms.objects.get().tax_rate is None
    purchase.receive(4)
    assert purchase.invoice((4, "5")).status == "APPROVED"
    with acting_as(PLATFORM):
        assert SupplierInvoice.objects.get().verdict == "MATCHED"
