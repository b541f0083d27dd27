"""The operator describes a bank's file, agrees on a discount and closes an account, each on a page and over the API."""

from __future__ import annotations

from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from b2b.core.actor import acting_as
from finance.models import Account, DiscountTerms, StatementLayout
from tests.admin.conftest import Person
from tests.factories.directory import dealer as make_dealer
from tests.factories.finance import PLATFORM, our_bank_account
from tests.finance.rest_world import give_credit, issue_invoice

CSV = "bank export\nDay;Sum;What\n03.03.2026;1.234,50;first\n03.03.2026;-2,00;second\n"
GIVEN = {
    "columns": "booking_date = Day\namount = Sum\nremittance_text = What",
    "delimiter": ";",
    "decimal_mark": ",",
    "date_format": "%d.%m.%Y",
    "encoding": "utf-8",
    "skipped_rows": "1",
}


def test_a_layout_is_tried_on_a_file_before_it_is_kept(operator: Person) -> None:
    account, page = our_bank_account(), reverse("operator:keep_layout")
    for change, told in (
        ({"columns": "booking_date"}, "write meaning = heading"),
        ({"columns": "colour = Day"}, "is no meaning of a column"),
        ({"encoding": "klingon"}, "is no encoding"),
        ({"date_format": "%Y"}, "03.03.2026"),
    ):
        sample = SimpleUploadedFile("bank.csv", CSV.encode())
        shown = operator.client.post(page, {"account": account.pk, **GIVEN, **change, "sample": sample})
        assert told in shown.content.decode(), change
    with acting_as(PLATFORM):
        assert not StatementLayout.objects.exists()
    sample = SimpleUploadedFile("bank.csv", CSV.encode())
    shown = operator.client.post(page, {"account": account.pk, **GIVEN, "sample": sample}, follow=True)
    assert "2 lines of the file can be read by it" in shown.content.decode()
    with acting_as(PLATFORM):
        kept = StatementLayout.objects.get()
    assert (kept.delimiter, kept.columns["amount"], kept.skipped_rows) == (";", "Sum", 1)
    assert "Sum" in operator.client.get(
        reverse("operator:finance_statementlayout_change", args=[kept.pk])
    ).content.decode()  # fmt: skip


def test_a_layout_over_the_api(api_as, operator: Person) -> None:
    account, client = our_bank_account(), api_as(operator.organization)
    body = {"account": account.identifier, "currency": "CNY", "columns": {"booking_date": "D", "amount": "A"}}
    for change, status in (
        ({"account": "none"}, 422),
        ({"columns": {"amount": "A"}}, 422),
        ({}, 200),
        ({}, 200),
    ):
        answer = client.post("/api/v1/statement-layouts/", {**body, **change}, format="json")
        assert answer.status_code == status, answer.content
    [shown] = client.get("/api/v1/statement-layouts/").json()["results"]
    assert shown["columns"] == body["columns"]


def test_a_discount_is_agreed_on_and_ended(api_as, operator: Person) -> None:
    dealer = make_dealer()
    operator.client.post(
        reverse("operator:set_discount"), {"dealer": dealer.pk, "percent": "2", "days": "10"}
    )
    with acting_as(PLATFORM):
        kept = DiscountTerms.objects.get()
    assert (kept.rate, kept.days) == (Decimal("0.02"), 10)
    client = api_as(operator.organization)
    [shown] = client.get("/api/v1/discount-terms/").json()["results"]
    assert (shown["dealer"], shown["rate"]) == (dealer.code, "0.02000")
    for rate, status in (("0.6", 400), ("0", 204)):
        answer = client.post("/api/v1/discount-terms/", {"dealer": dealer.code, "rate": rate}, format="json")
        assert answer.status_code in (status, 422 if status == 400 else status), answer.content
    assert client.get("/api/v1/discount-terms/").json()["results"] == []
    with acting_as(PLATFORM):
        told = DiscountTerms.objects.order_by("pk").values_list("rate", "days")
        assert list(told) == [(Decimal("0.02"), 10), (Decimal(0), 0)]  # who agreed on what stays on record
    page = operator.client.get(reverse("operator:finance_discountterms_changelist")).content.decode()
    assert "ended" in page
    assert "2 %" in page


def test_an_account_is_closed_when_it_is_empty_and_opened_again(operator: Person) -> None:
    dealer = make_dealer()
    give_credit(dealer)
    issue_invoice(dealer)

    def press(account: Account, button: str) -> str:
        url = reverse("operator:finance_account_button", args=[account.pk, button])
        return operator.client.post(url, {"confirmed": "1"}, follow=True).content.decode()

    with acting_as(PLATFORM):
        full, empty = Account.objects.get(code="1100", party=dealer), our_bank_account("CN-EMPTY").account
    press(full, "close")
    assert "is closed." in press(empty, "close")
    with acting_as(PLATFORM):
        closed = dict(Account.objects.filter(pk__in=[full.pk, empty.pk]).values_list("pk", "closed_at"))
    assert (closed[full.pk], closed[empty.pk] is None) == (None, False)
    assert "takes entries again" in press(empty, "reopen")
