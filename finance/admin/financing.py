"""Supply-chain finance on the desks: programmes and money of funders, requests of dealers, all for the operator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import dealer_site, factory_site, funder_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.money import Money
from finance.models import Financing, FinancingRequest, Programme
from finance.services import financing, financing_default, financing_request, programme, repayment


def minor(amount: int, currency: str) -> str:
    """Write minor units as an amount."""
    return cells.money(Money.from_minor(amount, currency).amount, currency)


class ProgrammePages(ReadOnlyAdmin):
    """Terms of financing, the same for whoever asks."""

    nav = Nav("money", 60, "account_balance_wallet")
    ordering = ("-pk",)
    list_display = (
        "number", "name", "kind", columns.status(), columns.text("funder.name", gettext_lazy("Funder")),
        columns.minor("limit", gettext_lazy("Limit")), "max_days",
    )  # fmt: skip
    list_select_related = ("funder",)
    list_filter = ("status", "kind")
    search_fields = ("number__startswith",)
    detail_select_related = ("funder",)
    list_before_template = "finance/programme_link.html"
    buttons = ("open_programme", "close")

    def facts(self, request: HttpRequest, obj: Programme) -> Iterable[Fact]:
        """Say what is financed on which terms."""
        yield Fact(_("Technique"), obj.get_kind_display())
        yield Fact(_("Funder"), str(obj.funder))
        yield Fact(_("Limit"), minor(obj.limit, obj.currency))
        yield Fact(_("Limit of one party"), minor(obj.party_limit, obj.currency))
        yield Fact(_("Advance"), cells.percent(obj.advance_rate))
        yield Fact(
            _("Yearly rate by grade"), ", ".join(f"{key}: {one}" for key, one in obj.grade_rates.items())
        )
        yield Fact(_("Fee"), cells.percent(obj.fee_rate))
        yield Fact(_("Late interest"), cells.percent(obj.penalty_rate))
        yield Fact(_("Day count"), obj.day_count)
        yield Fact(_("Runs, days"), f"{obj.min_days}-{obj.max_days}")
        yield Fact(_("A payment settles"), ", ".join(obj.waterfall))
        if obj.margin_call_rate is not None:
            yield Fact(_("Margin call above"), cells.percent(obj.margin_call_rate))
        yield Fact(_("Drafted by"), obj.proposed_by)
        yield Fact(_("Opened by"), obj.opened_by or cells.NOTHING)
        yield Fact(_("Recourse"), _("yes") if obj.with_recourse else _("no"))

    @service_action(
        gettext_lazy("Open"), verb="open", confirm=gettext_lazy("Its terms stay once it is open.")
    )
    def open_programme(self, call: Call) -> Any:
        """Let parties ask."""
        programme.open_programme(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is open.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Close"), form=ReasonForm, danger=True, when=lambda one: one.status != "CLOSED"
    )
    def close(self, call: Call) -> Any:
        """Take no new requests."""
        programme.close(call.obj.pk, by=call.by, at=call.at, reason=call.data["reason"])
        return _("%(number)s takes no new requests.") % {"number": call.obj.number}


@admin.register(Programme, site=funder_site)
class FunderProgrammes(ProgrammePages):
    """The funder's own."""


@admin.register(Programme, site=operator_site)
class OperatorProgrammes(ProgrammePages):
    """Those of all funders."""


class RequestPages(ReadOnlyAdmin):
    """Requests for money, and what was answered and why: the log of offers."""

    nav = Nav("money", 62, "request_quote")
    ordering = ("-pk",)
    list_display = (
        "number", columns.text("borrower.name", gettext_lazy("For"), "borrower__name"), "asset_kind",
        "asset_number", columns.status(), columns.minor("offer.advance", gettext_lazy("Offered")),
        columns.day("asset_due", gettext_lazy("Due"), "asset_due"),
    )  # fmt: skip
    list_select_related = ("borrower", "offer")
    list_filter = ("status", "asset_kind")
    search_fields = ("number__startswith", "asset_number__startswith")
    detail_select_related = ("borrower", "funder", "obligor", "programme", "offer")

    def facts(self, request: HttpRequest, obj: FinancingRequest) -> Iterable[Fact]:
        """Say what was asked and answered, and why."""
        said = obj.offer
        yield Fact(_("For"), str(obj.borrower))
        yield Fact(_("Programme"), str(obj.programme))
        yield Fact(_("Asset"), f"{obj.asset_kind} {obj.asset_number}")
        yield Fact(_("Face value"), minor(obj.face, obj.currency))
        if said.is_offer:
            yield Fact(_("Paid out"), minor(said.advance - said.discount, obj.currency))
            yield Fact(_("To be paid back"), minor(said.advance, obj.currency))
            yield Fact(_("Yearly rate"), cells.percent(said.rate))
            yield Fact(_("Fee"), minor(said.fee, obj.currency))
            yield Fact(_("Until"), cells.day(said.maturity))
            yield Fact(_("Valid until"), cells.moment(said.valid_until))
        else:
            yield Fact(_("Why not"), "; ".join(said.reasons))
        yield Fact(_("Grade"), said.facts.get("grade", cells.NOTHING))
        yield Fact(_("Rule"), said.rule_version)
        yield Fact(_("Fingerprint"), cells.code(obj.fingerprint))


@admin.register(FinancingRequest, site=dealer_site)
@admin.register(FinancingRequest, site=factory_site)
class OwnRequests(RequestPages):
    """The borrower's own, to be taken or left."""

    buttons = ("draw", "decline")

    @service_action(
        gettext_lazy("Take the money"), verb="accept", confirm=gettext_lazy("Draw what is offered?")
    )
    def draw(self, call: Call) -> Any:
        """Draw it."""
        one = financing.draw(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s: %(amount)s is drawn.") % {
            "number": one.number,
            "amount": minor(one.drawn - one.discount, one.currency),
        }

    @service_action(gettext_lazy("Decline"), verb="decline", form=ReasonForm)
    def decline(self, call: Call) -> Any:
        """Leave it."""
        financing_request.turn_down(call.obj.pk, by=call.by, at=call.at, reason=call.data["reason"])
        return _("%(number)s is declined.") % {"number": call.obj.number}


@admin.register(FinancingRequest, site=funder_site)
class FunderRequests(RequestPages):
    """Requests to the funder's own programmes."""


@admin.register(FinancingRequest, site=operator_site)
class OperatorRequests(RequestPages):
    """All requests."""


class RepayForm(forms.Form):
    """What came in."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=0, max_digits=18, decimal_places=3)
    value_date = forms.DateField(
        label=gettext_lazy("Value date"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reference = forms.CharField(label=gettext_lazy("Reference of the bank"), max_length=80)


class FinancingPages(ReadOnlyAdmin):
    """What is drawn and where it stands."""

    nav = Nav("money", 64, "currency_exchange")
    ordering = ("-pk",)
    list_display = (
        "number", columns.text("borrower.name", gettext_lazy("For"), "borrower__name"), columns.status(),
        columns.minor("drawn", gettext_lazy("Drawn")), columns.minor("principal_owed", gettext_lazy("Owed")),
        columns.day("maturity", gettext_lazy("Until"), "maturity"),
    )  # fmt: skip
    list_select_related = ("borrower",)
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    detail_select_related = ("borrower", "funder", "debtor", "programme", "request")

    def facts(self, request: HttpRequest, obj: Financing) -> Iterable[Fact]:
        """Say who owes what."""
        yield Fact(_("For"), str(obj.borrower))
        yield Fact(_("Funder"), str(obj.funder))
        yield Fact(_("Paid back by"), str(obj.debtor))
        yield Fact(_("Asset"), f"{obj.request.asset_kind} {obj.request.asset_number}")
        yield Fact(_("Drawn"), minor(obj.drawn, obj.currency))
        yield Fact(_("Paid out"), minor(obj.drawn - obj.discount, obj.currency))
        yield Fact(_("Yearly rate"), cells.percent(obj.rate))
        yield Fact(_("Principal owed"), minor(obj.principal_owed, obj.currency))
        yield Fact(_("Interest owed"), minor(obj.interest_owed, obj.currency))
        yield Fact(_("Fee owed"), minor(obj.fee_owed, obj.currency))
        yield Fact(_("Late interest owed"), minor(obj.penalty_owed, obj.currency))
        yield Fact(_("As of"), cells.day(obj.booked_until))

    def tables(self, request: HttpRequest, obj: Financing) -> Iterable[Table]:
        """Show what falls due and what came."""
        yield Table(
            _("Instalments"),
            headings(_("Due"), (_("Principal"),), (_("Interest"),)),
            [
                (
                    cells.day(one.due_date),
                    minor(one.principal, obj.currency),
                    minor(one.interest, obj.currency),
                )
                for one in obj.instalments.order_by("due_date")
            ],
        )
        yield Table(
            _("Repayments"),
            headings(_("Value date"), _("Reference"), (_("Amount"),)),
            [
                (
                    cells.day(one.value_date),
                    one.reference,
                    minor(-one.amount if one.reverses_id else one.amount, obj.currency),
                )
                for one in obj.repayments.order_by("value_date", "pk")
            ],
            _("Nothing has been paid yet."),
        )


@admin.register(Financing, site=dealer_site)
@admin.register(Financing, site=factory_site)
class OwnFinancings(FinancingPages):
    """The borrower's own."""


class FunderPages(FinancingPages):
    """With what a funder may do."""

    buttons = ("repay", "declare_default", "take_recourse", "write_off")

    @service_action(gettext_lazy("Enter a payment"), verb="repay", form=RepayForm)
    def repay(self, call: Call) -> Any:
        """Enter it."""
        amount = Money.of(call.data["amount"], call.obj.currency).minor
        one = repayment.repay(
            call.obj.pk, amount=amount, value_date=call.data["value_date"], reference=call.data["reference"],
            by=call.by, at=call.at,
        )  # fmt: skip
        return _("%(number)s: %(amount)s is owed.") % {
            "number": one.number,
            "amount": minor(one.principal_owed + one.interest_owed, one.currency),
        }

    @service_action(
        gettext_lazy("In default"),
        verb="declare_default",
        danger=True,
        confirm=gettext_lazy("Is it in default?"),
    )
    def declare_default(self, call: Call) -> Any:
        """Declare it."""
        financing_default.declare_default(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is in default.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Take recourse"), verb="take_recourse", danger=True,
        confirm=gettext_lazy("Ask the borrower for what the obligor did not pay?"),
        when=lambda one: one.with_recourse,
    )  # fmt: skip
    def take_recourse(self, call: Call) -> Any:
        """Take it."""
        financing_default.take_recourse(call.obj.pk, by=call.by, at=call.at)
        return _("The borrower owes it now.")

    @service_action(gettext_lazy("Write off"), verb="write_off", form=ReasonForm, danger=True)
    def write_off(self, call: Call) -> Any:
        """Bear it."""
        financing_default.write_off(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is written off.") % {"number": call.obj.number}


@admin.register(Financing, site=funder_site)
class FunderFinancings(FunderPages):
    """The funder's own."""


@admin.register(Financing, site=operator_site)
class OperatorFinancings(FunderPages):
    """All of them."""
