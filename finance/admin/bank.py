"""Bank statements and their lines: imported, matched, resolved by hand."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.errors import Invalid
from finance.models import BankStatement, Match, StatementLine
from finance.selectors import bank, invoice, payment
from finance.services import resolution, statement, taking_back

NEAREST = 12
WAITING = ("OPEN", "PROPOSED", "IN_CASE")


class ResolveForm(forms.Form):
    """Which invoices a line pays."""

    invoices = forms.CharField(
        label=gettext_lazy("Invoices it pays"),
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "INV-000042 1200.00"}),
        help_text=gettext_lazy(
            "One a line: the invoice number and, if not all of what is open, the amount paid; behind it, after a blank,"
            " a difference to be written off. What is left over is kept as the dealer's advance."
        ),
    )


@admin.register(BankStatement, site=operator_site)
class Statements(ReadOnlyAdmin):
    """Statements as they were imported."""

    nav = Nav("money", 50, "account_balance")
    ordering = ("-pk",)
    list_display = (
        "statement_id",
        columns.text("bank_account.identifier", gettext_lazy("Account")),
        columns.day("first_date", gettext_lazy("From"), "first_date"),
        columns.day("last_date", gettext_lazy("To"), "last_date"),
        columns.quantity("line_count", gettext_lazy("Lines")),
        columns.money("closing_amount", gettext_lazy("Closing"), currency="bank_account.currency"),
        columns.moment("imported_at", gettext_lazy("Imported"), "imported_at"),
    )
    list_select_related = ("bank_account",)
    search_fields = ("statement_id__startswith",)
    detail_select_related = ("bank_account",)
    list_before_template = "finance/import_link.html"
    list_filter = ("kind", "bank_account")
    buttons = ("release",)

    def facts(self, request: HttpRequest, obj: BankStatement) -> Iterable[Fact]:
        """Say which account, which days, which balances."""
        currency = obj.bank_account.currency
        yield Fact(_("Account"), str(obj.bank_account))
        yield Fact(_("Days"), f"{cells.day(obj.first_date)} – {cells.day(obj.last_date)}")
        yield Fact(_("Format"), f"{obj.format}, {obj.get_kind_display()}")
        yield Fact(_("Opening"), _balance(obj.opening_amount, currency))
        yield Fact(_("Closing"), _balance(obj.closing_amount, currency))
        if obj.problem:
            yield Fact(_("In quarantine"), obj.problem)
        yield Fact(_("Imported"), f"{cells.moment(obj.imported_at)}, {obj.imported_by}")

    def tables(self, request: HttpRequest, obj: BankStatement) -> Iterable[Table]:
        """Show the lines."""
        yield paged(
            request,
            obj.lines.order_by("line_number"),
            _("Lines"),
            headings(_("Line"), _("Booked"), _("From"), _("Text"), (_("Amount"),), _("Status")),
            lambda line: (
                cells.link(line.line_number, f"../../statementline/{line.pk}/"),
                cells.day(line.booking_date),
                line.counterparty_name or cells.NOTHING,
                line.remittance_text[:80],
                cells.money(line.amount, line.currency),
                cells.badge(line.status, line.get_status_display()),
            ),
        )

    @service_action(
        gettext_lazy("Release from quarantine"), form=ReasonForm, when=lambda one: bool(one.problem)
    )
    def release(self, call: Call) -> Any:
        """Let its lines be matched after all."""
        held = statement.release(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(lines)d lines wait to be matched.") % {"lines": held}


def _balance(amount: Decimal | None, currency: str) -> Any:
    return cells.NOTHING if amount is None else cells.money(amount, currency)


@admin.register(StatementLine, site=operator_site)
class StatementLines(ReadOnlyAdmin):
    """The workbench: what the rules did not dare to match."""

    nav = Nav("money", 60, "rule")
    ordering = ("-pk",)
    list_display = (
        columns.day("booking_date", gettext_lazy("Booked"), "booking_date"),
        columns.text("counterparty_name", gettext_lazy("From")),
        "remittance_text",
        columns.money("amount", gettext_lazy("Amount"), order="amount"),
        columns.status(),
    )
    list_filter = ("status", "bank_account")
    search_fields = ("counterparty_name__icontains", "remittance_text__icontains")
    detail_select_related = ("statement", "bank_account")
    buttons = ("resolve", "set_aside", "undo")
    list_before_template = "finance/match_form.html"

    def facts(self, request: HttpRequest, obj: StatementLine) -> Iterable[Fact]:
        """Say what the bank says."""
        yield Fact(_("Statement"), cells.link(obj.statement, f"../../bankstatement/{obj.statement_id}/"))
        yield Fact(_("Booked"), cells.day(obj.booking_date))
        yield Fact(_("Amount"), cells.money(obj.amount, obj.currency))
        yield Fact(_("From"), obj.counterparty_name or cells.NOTHING)
        yield Fact(_("From account"), obj.counterparty_identifier or cells.NOTHING)
        yield Fact(_("Text"), obj.remittance_text or cells.NOTHING)
        yield Fact(_("Creditor reference"), obj.structured_reference or cells.NOTHING)

    def tables(self, request: HttpRequest, obj: StatementLine) -> Iterable[Table]:
        """Show what the rules propose, and the cases."""
        yield paged(
            request,
            bank.matches_of(actor_of(request), obj),
            _("Matches"),
            headings(_("Invoices"), (_("Amount"),), _("Rule"), _("Why"), (_("Others as good"),), _("Status")),
            lambda one: (
                _invoices(one),
                cells.money(
                    sum((part.amount for part in one.members.all() if part.invoice_id), Decimal(0)),
                    obj.currency,
                ),
                one.rule,
                one.explanation,
                one.alternatives,
                cells.badge(one.status, one.get_status_display()),
            ),
            empty=_("No rule has found an invoice for it."),
        )
        if obj.status in WAITING and obj.amount > 0:
            yield _may_be_paid(request, obj)
        yield paged(
            request,
            obj.cases.order_by("pk"),
            _("Cases"),
            headings(_("Case"), _("Reason"), _("Status")),
            lambda case: (
                cells.link(case.number, f"../../case/{case.pk}/"),
                case.reason,
                cells.badge(case.status, case.get_status_display()),
            ),
            parameter="cases",
        )

    @service_action(
        gettext_lazy("Say what it pays"), form=ResolveForm, when=lambda line: line.status in WAITING
    )
    def resolve(self, call: Call) -> Any:
        """Settle invoices with the line."""
        allocations, written_off = _allocations(call)
        booked = resolution.resolve(
            call.obj.pk, allocations=allocations, written_off=written_off, by=call.by, at=call.at
        )
        return _("Payment %(number)s is booked.") % {"number": booked.number}

    @service_action(
        gettext_lazy("Undo"), form=ReasonForm, danger=True, when=lambda line: line.status == "MATCHED"
    )
    def undo(self, call: Call) -> Any:
        """Open the line and what it settled again."""
        found = (
            payment.visible(call.by)
            .filter(statement_line=call.obj, status__in=("RECEIVED", "ALLOCATED"))
            .first()
        )
        if found is None:
            raise Invalid(_("The line settled no dealer's payment that could be undone."))
        taking_back.undo(found.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("The line and what it settled are open again.")

    @service_action(gettext_lazy("Set aside"), form=ReasonForm, when=lambda line: line.status in WAITING)
    def set_aside(self, call: Call) -> Any:
        """Book a line that is no dealer's payment."""
        resolution.set_aside(call.obj.pk, note=call.data["reason"], by=call.by, at=call.at)
        return _("It is booked to the items to be cleared.")


def _may_be_paid(request: HttpRequest, line: StatementLine) -> Table:
    return Table(
        _("Open invoices, the nearest amounts first"),
        headings(_("Invoice"), _("Dealer"), _("Due"), (_("Open"),)),
        [
            (
                cells.link(one.number, f"../../invoice/{one.pk}/"),
                one.dealer.name,
                cells.day(one.due_date),
                cells.money(one.open_amount, one.currency),
            )
            for one in bank.may_be_paid(actor_of(request), line)[:NEAREST]
        ],
        empty=_("Nobody owes anything in this currency."),
    )


def _invoices(match: Match) -> Any:
    links = [
        cells.link(part.invoice.number, f"../../invoice/{part.invoice_id}/")
        for part in match.members.all()
        if part.invoice
    ]
    return format_html_join(", ", "{}", ((link,) for link in links)) or cells.NOTHING


def _allocations(call: Call) -> tuple[dict[Any, Decimal], dict[Any, Decimal]]:
    """Return what each invoice is paid, and what of it is written off beside."""
    wanted = [text.split() for text in call.data["invoices"].splitlines() if text.strip()]
    found = {
        one.number: one
        for one in invoice.visible(actor_of(call.request)).filter(number__in=[parts[0] for parts in wanted])
    }
    allocations: dict[Any, Decimal] = {}
    written_off: dict[Any, Decimal] = {}
    for number, *amount in wanted:
        if number not in found:
            raise Invalid(_("There is no invoice %(number)s.") % {"number": number})
        try:
            allocations[found[number].pk] = (
                Decimal(amount[0].replace(",", "")) if amount else found[number].open_amount
            )
            if len(amount) > 1:
                written_off[found[number].pk] = Decimal(amount[1].replace(",", ""))
        except ArithmeticError:
            raise Invalid(_("%(text)s is no amount.") % {"text": " ".join(amount)}) from None
    return allocations, written_off
