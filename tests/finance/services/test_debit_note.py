"""What is charged on top of an invoice is a document of its own: numbered, taxed, owed, on paper, as UBL, and paid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from b2b.core.actor import OPERATOR, acting_as
from b2b.core.errors import Forbidden, NotFound
from b2b.core.ids import uuid7
from b2b.db.bulk import fetch_value
from b2b.db.invariants import INVARIANTS
from b2b.outbox.models import OutboxEvent
from finance import facade
from finance.models import DebitNoteLine, Invoice
from finance.policies import chart, en16931, ubl_bill
from finance.services import debit_note, debit_note_credit
from finance.services.debit_note import Debited, InvalidDebitNote
from finance.services.debit_note_credit import InvalidDebitCredit
from tests.admin.conftest import person  # noqa: F401 - a fixture
from tests.factories.directory import actor, operator
from tests.factories.directory import dealer as make_dealer
from tests.factories.finance import NOON, PLATFORM
from tests.finance.payables.test_matching import balance
from tests.finance.rest_world import give_credit, issue_invoice, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def dealer(db):
    operator(code="MID")
    made = make_dealer(name="Harbour Tools")
    give_credit(made)
    return made


def charge(invoice, *lines: Debited, reason: str = "price agreed on 3 March", by=PLATFORM):
    with acting_as(by):
        return debit_note.issue(
            invoice.pk, lines or [Debited(1, 3, Decimal("0.5"))], reason=reason, by=by, at=NOON
        )


def broken() -> list[str]:
    with acting_as(PLATFORM):
        return [
            name
            for name, one in INVARIANTS.items()
            if name.startswith("finance.")
            and fetch_value(f"SELECT count(*) FROM ({one.breaking_rows}) AS breaking")
        ]


def test_14_it_is_an_open_item_in_the_books_with_its_tax(dealer):
    invoice = issue_invoice(dealer)
    note = charge(invoice)
    assert (note.net_amount, note.tax_amount, note.gross_amount) == (
        Decimal("1.50"),
        Decimal("0.20"),
        Decimal("1.70"),
    )
    assert (note.type_code, note.corrects_id, note.open_amount) == ("383", invoice.pk, note.gross_amount)
    assert balance(chart.RECEIVABLES) == 11_300 + 170
    assert (balance(chart.REVENUE), balance(chart.OUTPUT_TAX)) == (-10_150, -1_320)
    assert facade.position(dealer_id=dealer.pk, currency="CNY").used.minor == 11_470
    with acting_as(PLATFORM):
        [told] = OutboxEvent.objects.filter(topic="finance.debit_note.issued.v1").values_list(
            "payload", flat=True
        )
    assert (told["number"], told["invoice_number"]) == (note.number, invoice.number)
    assert broken() == []


def test_a_payment_that_names_it_settles_it_like_an_invoice(dealer):
    invoice = issue_invoice(dealer)
    note = charge(invoice)
    pay(("1.70", f"for {note.number}"), ("113", invoice.number))
    with acting_as(PLATFORM):
        states = dict(Invoice.objects.values_list("number", "status"))
    assert states == {invoice.number: "PAID", note.number: "PAID"}
    assert balance(chart.RECEIVABLES) == 0
    assert broken() == []


def test_numbers_are_without_gaps_and_a_refusal_takes_none(dealer):
    invoice = issue_invoice(dealer)
    numbers = []
    for _ in range(3):
        with pytest.raises(InvalidDebitNote):
            charge(invoice, Debited(9, 1, Decimal(1)))
        numbers.append(int(charge(invoice).number.rpartition("-")[2]))
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_every_fault_is_named_and_nothing_is_written(dealer):
    invoice = issue_invoice(dealer)
    with pytest.raises(InvalidDebitNote) as refused:
        charge(
            invoice,
            Debited(2, 1, Decimal(1)),
            Debited(1, 0, Decimal(1)),
            Debited(1, 1, Decimal("0.001")),
            Debited(1, 1, Decimal(10) ** 12),
            reason=" ",
        )
    assert [(one.code, one.pointer) for one in refused.value.problems] == [
        ("no_reason", "/reason"),
        ("unknown_line", "/lines/0/line_number"),
        ("nothing_charged", "/lines/1"),
        ("nothing_charged", "/lines/2"),
        ("nothing_charged", "/lines/3"),
    ]
    with acting_as(PLATFORM):
        assert Invoice.objects.count() == 1
        assert not DebitNoteLine.objects.exists()


def test_only_the_operator_charges_and_only_on_an_invoice(dealer):
    invoice = issue_invoice(dealer)
    with pytest.raises(Forbidden):
        charge(invoice, by=actor(dealer))
    note = charge(invoice)
    with pytest.raises(NotFound):
        charge(note)
    with acting_as(PLATFORM), pytest.raises(NotFound):
        debit_note.issue(uuid7(), [Debited(1, 1, Decimal(1))], reason="x", by=PLATFORM, at=NOON)


def test_14_what_is_issued_is_not_written_over(dealer):
    note = charge(issue_invoice(dealer))
    for change in (
        lambda: Invoice.objects.filter(pk=note.pk).update(reason="another"),
        lambda: Invoice.objects.filter(pk=note.pk).update(type_code="380", corrects=None),
        lambda: DebitNoteLine.objects.filter(debit_note=note).update(text="another"),
        lambda: DebitNoteLine.objects.filter(debit_note=note).delete(),
    ):
        with acting_as(PLATFORM), pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_it_leaves_as_ubl_383_and_as_pdf(api_as, dealer):
    invoice = issue_invoice(dealer)
    note = charge(invoice, Debited(1, 3, Decimal("0.5"), "higher copper price"))
    client = api_as(dealer)
    text = client.get(f"/api/v1/invoices/{note.pk}/document.xml").content
    bill = ubl_bill.read(text)
    assert (bill.type_code, bill.number, bill.note) == ("383", note.number, "price agreed on 3 March")
    assert [line.name for line in bill.lines] == ["higher copper price"]
    assert en16931.broken_rules(bill) == []
    assert f"<cbc:ID>{invoice.number}</cbc:ID>" in text.decode()
    paper = client.get(f"/api/v1/invoices/{note.pk}/document.pdf")
    assert paper.content.startswith(b"%PDF-")


def test_the_api_issues_lists_and_shows_it(api_as, dealer):
    invoice = issue_invoice(dealer)
    body = {
        "invoice": invoice.number,
        "reason": "agreed",
        "lines": [{"line_number": 1, "quantity": 3, "unit_price": "0.5"}],
    }
    desk = api_as(operator())
    made = desk.post("/api/v1/debit-notes/", body, format="json", headers={"Idempotency-Key": "d1"})
    assert made.status_code == 201, made.content
    again = desk.post("/api/v1/debit-notes/", body, format="json", headers={"Idempotency-Key": "d1"})
    assert again.json()["number"] == made.json()["number"]
    [shown] = api_as(dealer).get("/api/v1/debit-notes/").json()["results"]
    assert (shown["corrects"], shown["open_amount"]) == (invoice.number, "1.700")
    one = api_as(dealer).get(f"/api/v1/debit-notes/{shown['id']}/").json()
    assert [(line["invoice_line"], line["net_amount"]) for line in one["lines"]] == [(1, "1.500")]
    assert api_as(dealer).get("/api/v1/debit-notes/?number=none").json()["results"] == []


def test_the_number_of_statements_does_not_grow_with_the_lines(dealer):
    invoice = issue_invoice(dealer)
    counts = []
    for many in (1, 1, 20):
        with CaptureQueriesContext(connection) as captured:
            charge(invoice, *[Debited(1, 1, Decimal(1))] * many)
        counts.append(len(captured))
    assert counts[1] == counts[2]


def take_back(note, quantities=None, *, reason: str = "charged by mistake", by=PLATFORM):
    with acting_as(by):
        return debit_note_credit.credit(note.pk, quantities or {}, reason=reason, by=by, at=NOON)


def test_14_a_debit_note_is_taken_back_in_parts_to_the_cent(dealer):
    note = charge(
        issue_invoice(dealer), Debited(1, 3, Decimal("0.33"), "copper"), Debited(1, 1, Decimal("0.07"))
    )
    assert (note.net_amount, note.tax_amount) == (Decimal("1.06"), Decimal("0.14"))
    parts = [take_back(note, {1: 1}), take_back(note, {1: 1}), take_back(note)]
    assert [one.net_amount for one in parts] == [Decimal("0.33"), Decimal("0.33"), Decimal("0.40")]
    assert sum(one.gross_amount for one in parts) == note.gross_amount
    assert (balance(chart.RECEIVABLES), balance(chart.REVENUE), balance(chart.OUTPUT_TAX)) == (
        11_300,
        -10_000,
        -1_300,
    )
    assert facade.position(dealer_id=dealer.pk, currency="CNY").used.minor == 11_300
    with acting_as(PLATFORM):
        assert Invoice.objects.get(pk=note.pk).status == "CREDITED"
        told = OutboxEvent.objects.filter(topic="finance.debit_note.credited.v1").values_list(
            "payload", flat=True
        )
        assert [one["debit_note_number"] for one in told] == [note.number] * 3
    assert broken() == []


def test_what_was_paid_of_it_already_stays_to_the_dealers_credit(dealer):
    invoice = issue_invoice(dealer)
    note = charge(invoice)
    pay(("1.70", f"for {note.number}"))
    credited = take_back(note)
    assert (credited.settled_amount, credited.advance_amount) == (Decimal(0), Decimal("1.70"))
    assert balance(chart.ADVANCES) == -170
    assert broken() == []


def test_no_more_is_taken_back_than_was_charged_and_only_of_a_debit_note(dealer):
    invoice = issue_invoice(dealer)
    note = charge(invoice)
    with pytest.raises(InvalidDebitCredit) as refused:
        take_back(note, {1: 4, 2: 1}, reason=" ")
    assert [(one.code, one.pointer) for one in refused.value.problems] == [
        ("nothing_left", "/lines/1"),
        ("no_such_line", "/lines/2"),
        ("no_reason", "/reason"),
    ]
    with pytest.raises(NotFound):
        take_back(invoice)
    with pytest.raises(Forbidden):
        take_back(note, by=actor(dealer))
    take_back(note)
    with pytest.raises(InvalidDebitCredit, match="Nothing was credited"):
        take_back(note)
    assert balance(chart.RECEIVABLES) == 11_300


def test_the_credit_note_says_what_for_on_paper_as_ubl_and_over_the_api(api_as, dealer):
    note = charge(issue_invoice(dealer), Debited(1, 3, Decimal("0.5"), "higher copper price"))
    desk = api_as(operator())
    where = f"/api/v1/debit-notes/{note.pk}/credit/"
    twice = {"reason": "x", "lines": [{"line_number": 1, "quantity": 1}] * 2}
    assert desk.post(where, twice, format="json").status_code == 422
    body = {"reason": "the price had fallen", "lines": [{"line_number": 1, "quantity": 2}]}
    made = desk.post(where, body, format="json", headers={"Idempotency-Key": "c1"})
    assert made.status_code == 201, made.content
    assert (made.json()["invoice"], made.json()["return_id"]) == (note.number, None)
    client = api_as(dealer)
    one = client.get(f"/api/v1/credit-notes/{made.json()['id']}/").json()
    assert one["reason"] == "the price had fallen"
    assert [(line["debit_note_line"], line["quantity"]) for line in one["lines"]] == [(1, 2)]
    text = client.get(f"/api/v1/credit-notes/{one['id']}/document.xml").content
    for said in (note.number, "381", "the price had fallen", "higher copper price"):
        assert f">{said}</cbc:" in text.decode()
    paper = client.get(f"/api/v1/credit-notes/{one['id']}/document.pdf")
    assert paper.content.startswith(b"%PDF-")


def test_it_is_taken_back_from_its_page(person, dealer):  # noqa: F811
    note = charge(issue_invoice(dealer))
    desk = person(OPERATOR, "OPS")
    button = reverse("operator:finance_invoice_button", args=[note.pk, "take_back"])
    wrong = desk.client.post(button, {"lines": "1: 1\n1: 1", "reason": "x"}, follow=True).content.decode()
    assert "each line once" in wrong
    done = desk.client.post(button, {"lines": "1: 2", "reason": "agreed"}, follow=True).content.decode()
    assert "over 1.13 CNY is issued" in done
