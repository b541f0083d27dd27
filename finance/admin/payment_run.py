"""Paying factories: runs, what each payment settles, where factories are paid, and the bank's answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import actor, clock
from b2b.directory.selectors import organization
from finance.models import PayeeAccount, PaymentRun
from finance.selectors import bank
from finance.selectors import payment_run as selectors
from finance.services import payee_account, payment_run, payment_status


class RunForm(forms.Form):
    """What is to be paid, from where and when."""

    bank_account = forms.TypedChoiceField(label=gettext_lazy("From"), coerce=int)
    due_until = forms.DateField(
        label=gettext_lazy("Due until"), widget=forms.DateInput(attrs={"type": "date"}), initial=clock.today
    )
    execution_date = forms.DateField(
        label=gettext_lazy("Pay on"), widget=forms.DateInput(attrs={"type": "date"}), initial=clock.today
    )

    def __init__(self, *args: Any, accounts: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_account"].choices = [(one.pk, str(one)) for one in accounts]


class AnswerForm(forms.Form):
    """The bank's status report."""

    file = forms.FileField(label=gettext_lazy("pain.002 file"))


class PayeeForm(forms.Form):
    """Where a factory is to be paid."""

    factory = forms.TypedChoiceField(label=gettext_lazy("Factory"), coerce=int)
    currency = forms.RegexField(r"^[A-Z]{3}$", label=gettext_lazy("Currency"), initial="CNY")
    holder = forms.CharField(label=gettext_lazy("Holder"), max_length=70)
    identifier = forms.CharField(label=gettext_lazy("IBAN or number"), max_length=50)
    bic = forms.CharField(label=gettext_lazy("BIC"), max_length=11, required=False)

    def __init__(self, *args: Any, factories: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factory"].choices = [(one.pk, str(one)) for one in factories]


@operator_site.page("finance/pay/", name="propose_payment_run")
def propose_run(request: HttpRequest) -> HttpResponse:
    """Ask what is to be paid and propose a run."""
    form = RunForm(request.POST or None, accounts=list(bank.accounts(actor_of(request))))
    return asking_page(
        request, _("Pay what is due"), form, _propose, "operator:finance_paymentrun_changelist"
    )


def _propose(call: Call) -> str:
    run = payment_run.propose(
        call.data["bank_account"],
        due_until=call.data["due_until"],
        execution_date=call.data["execution_date"],
        by=call.by,
        at=call.at,
    )
    return _("%(number)s: %(count)d payments, %(total)s. Somebody else approves them.") % {
        "number": run.number,
        "count": run.order_count,
        "total": cells.money(run.total_amount, run.currency),
    }


@operator_site.page("finance/payment-answer/", name="take_payment_answer")
def take_answer(request: HttpRequest) -> HttpResponse:
    """Take the bank's status report."""
    form = AnswerForm(request.POST or None, request.FILES or None)
    return asking_page(
        request, _("Take the bank's answer"), form, _answer, "operator:finance_paymentrun_changelist"
    )


def _answer(call: Call) -> str:
    run = payment_status.take(call.data["file"].read(), by=call.by, at=call.at)
    return _("The answer to %(number)s is taken.") % {"number": run.number}


@operator_site.page("finance/payee/", name="propose_payee_account")
def propose_payee(request: HttpRequest) -> HttpResponse:
    """Ask where a factory is paid."""
    factories = organization.visible(actor_of(request)).filter(kind=actor.FACTORY).order_by("code")
    form = PayeeForm(request.POST or None, factories=list(factories))
    return asking_page(
        request, _("Name an account"), form, _payee, "operator:finance_payeeaccount_changelist"
    )


def _payee(call: Call) -> str:
    given = dict(call.data)
    payee_account.propose(factory_id=given.pop("factory"), **given, by=call.by, at=call.at)
    return _("The account is used once somebody else has confirmed it.")


@admin.register(PaymentRun, site=operator_site)
class PaymentRuns(ReadOnlyAdmin):
    """Runs and how far they are."""

    nav = Nav("money", 54, "payments")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.status(),
        columns.text("bank_account", gettext_lazy("From")),
        columns.day("execution_date", gettext_lazy("Pay on"), "execution_date"),
        "order_count",
        columns.money("total_amount", gettext_lazy("Total"), order="total_amount"),
    )
    list_select_related = ("bank_account",)
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    detail_select_related = ("bank_account",)
    list_before_template = "finance/pay_link.html"
    buttons = ("approve", "hand_over", "drop")

    def facts(self, request: HttpRequest, obj: PaymentRun) -> Iterable[Fact]:
        """Say how much leaves which account when, and who decided so."""
        yield Fact(_("From"), str(obj.bank_account))
        yield Fact(_("Pay on"), cells.day(obj.execution_date))
        yield Fact(_("Total"), cells.money(obj.total_amount, obj.currency))
        yield Fact(_("Proposed by"), obj.proposed_by)
        yield Fact(_("Approved by"), obj.approved_by or cells.NOTHING)

    def tables(self, request: HttpRequest, obj: PaymentRun) -> Iterable[Table]:
        """Show who is paid how much for what."""
        yield paged(
            request,
            selectors.orders(actor_of(request)).filter(run=obj).order_by("number"),
            _("Payments"),
            headings(
                _("End-to-end id"), _("Factory"), _("Account"), _("Settles"), _("Status"), (_("Amount"),)
            ),
            lambda order: (
                order.number,
                order.factory.name,
                cells.two_lines(order.payee.identifier, order.payee.holder),
                ", ".join(str(item.supplier_invoice or item.supplier_credit) for item in order.items.all()),
                cells.two_lines(order.get_status_display(), order.bank_reason),
                cells.money(order.amount, order.currency),
            ),
        )

    @service_action(gettext_lazy("Approve"), verb="approve", confirm=gettext_lazy("Pay all of it?"))
    def approve(self, call: Call) -> Any:
        """Pay what somebody else proposed."""
        payment_run.approve(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is approved; hand it over to the bank.") % {"number": call.obj.number}

    @service_action(gettext_lazy("File for the bank"), verb="hand_over")
    def hand_over(self, call: Call) -> Any:
        """Download the pain.001 message."""
        file = payment_run.hand_over(call.obj.pk, by=call.by, at=call.at)
        return HttpResponse(
            file,
            content_type="application/xml",
            headers={"Content-Disposition": f'attachment; filename="{call.obj.number}.xml"'},
        )

    @service_action(gettext_lazy("Drop"), verb="drop", form=ReasonForm, danger=True)
    def drop(self, call: Call) -> Any:
        """Pay nothing of it."""
        payment_run.drop(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is dropped.") % {"number": call.obj.number}


@admin.register(PayeeAccount, site=operator_site)
class PayeeAccounts(ReadOnlyAdmin):
    """Where factories are paid."""

    nav = Nav("money", 56, "account_balance")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.text("identifier", gettext_lazy("Account")),
        columns.text("holder", gettext_lazy("Holder")),
        columns.status(),
    )
    list_select_related = ("factory",)
    list_filter = ("status",)
    search_fields = ("factory__code__startswith", "identifier__startswith")
    detail_select_related = ("factory",)
    list_before_template = "finance/payee_link.html"
    buttons = ("confirm", "withdraw")

    def facts(self, request: HttpRequest, obj: PayeeAccount) -> Iterable[Fact]:
        """Say whose account it is and who vouches for it."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Holder"), obj.holder)
        yield Fact(_("Account"), cells.code(obj.identifier))
        yield Fact(_("BIC"), obj.bic or cells.NOTHING)
        yield Fact(_("Proposed by"), obj.proposed_by)
        yield Fact(_("Confirmed by"), obj.confirmed_by or cells.NOTHING)

    @service_action(
        gettext_lazy("Confirm"), verb="confirm", confirm=gettext_lazy("Pay to this account from now on?")
    )
    def confirm(self, call: Call) -> Any:
        """Let payments go there."""
        payee_account.confirm(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is confirmed.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Withdraw"), verb="withdraw", form=ReasonForm, danger=True)
    def withdraw(self, call: Call) -> Any:
        """Pay nothing more to it."""
        payee_account.withdraw(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is withdrawn.") % {"number": call.obj.number}
