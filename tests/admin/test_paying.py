"""An operator proposes a run, another approves it, downloads the file and uploads the bank's answer."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from b2b.core import clock
from b2b.core.actor import acting_as
from finance.models import PayeeAccount, PaymentOrder, PaymentRun
from tests.admin.conftest import Person
from tests.factories.directory import factory_organization, person
from tests.factories.finance import PLATFORM, our_bank_account
from tests.finance.payables.bills import Purchase
from tests.finance.payables.paying import ACCOUNT
from tests.finance.payables.test_payment_answers import ANSWER, single


def only(model):
    with acting_as(PLATFORM):
        return model.objects.get()


def press(client: Client, model: str, button: str, key: object) -> None:
    client.post(reverse(f"operator:finance_{model}_button", args=[key, button]), {"confirmed": "1"})


def test_a_factory_is_paid_by_two_people(operator: Person) -> None:
    colleague = Client()
    colleague.force_login(person(operator.organization))
    factory = factory_organization()
    purchase = Purchase(factory, (1, "100"))
    purchase.receive(1)
    purchase.invoice((1, "100"))
    account = our_bank_account(ACCOUNT)
    given = {"factory": factory.pk, "currency": "CNY", "holder": "Works", "identifier": "6222-7", "bic": ""}
    operator.client.post(reverse("operator:propose_payee_account"), given)
    press(operator.client, "payeeaccount", "confirm", only(PayeeAccount).pk)
    assert only(PayeeAccount).status == "PROPOSED"
    press(colleague, "payeeaccount", "confirm", only(PayeeAccount).pk)
    assert only(PayeeAccount).status == "CONFIRMED"
    day = (clock.today() + timedelta(days=3650)).isoformat()
    asked = {"bank_account": account.pk, "due_until": day, "execution_date": day}
    operator.client.post(reverse("operator:propose_payment_run"), asked)
    run = only(PaymentRun)
    press(operator.client, "paymentrun", "approve", run.pk)
    assert only(PaymentRun).status == "PROPOSED"
    press(colleague, "paymentrun", "approve", run.pk)
    button = reverse("operator:finance_paymentrun_button", args=[run.pk, "hand_over"])
    file = operator.client.post(button)
    assert b"pain.001.001.09" in file.content
    report = ANSWER.format(run=run.number, whole="", single=single(only(PaymentOrder).number, "RJCT", "AC04"))
    operator.client.post(
        reverse("operator:take_payment_answer"), {"file": SimpleUploadedFile("answer.xml", report.encode())}
    )
    shown = operator.client.get(reverse("operator:finance_paymentrun_change", args=[run.pk])).content.decode()
    assert "AC04" in shown
    assert only(PaymentOrder).status == "REFUSED"
