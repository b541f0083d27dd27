"""Transferable vouchers: what is in whose hands, the path each piece came, and what its holder may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site, factory_site, funder_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.core.errors import Invalid
from b2b.core.money import Money
from finance.admin.financing import minor
from finance.models import Voucher
from finance.selectors import voucher as selectors
from finance.services import voucher, voucher_pledge, voucher_redemption


class PledgeForm(forms.Form):
    """To whom."""

    to = forms.CharField(
        label=gettext_lazy("To"), max_length=64, help_text=gettext_lazy("The code of the other party.")
    )


class TransferForm(PledgeForm):
    """To whom how much, and whether they may come back to you."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), required=False, min_value=0, max_digits=18, decimal_places=3,
        help_text=gettext_lazy("Empty: all of it."),
    )  # fmt: skip
    with_recourse = forms.BooleanField(
        label=gettext_lazy("With recourse"), required=False,
        help_text=gettext_lazy("The other party may come back to you when the issuer does not pay."),
    )  # fmt: skip


class SplitForm(forms.Form):
    """How large one of the two parts is."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount of one part"), min_value=0, max_digits=18, decimal_places=3
    )


def party(code: str) -> int:
    """Return the key of the party of a code.

    :raises Invalid: when there is none.
    """
    found = selectors.party_of(code.strip())
    if found is None:
        raise Invalid(_("There is no party %(code)s.") % {"code": code})
    return int(found.pk)


class VoucherPages(ReadOnlyAdmin):
    """Pieces of vouchers."""

    nav = Nav("money", 66, "confirmation_number")
    ordering = ("-pk",)
    list_display = (
        "number", columns.text("holder.name", gettext_lazy("Holder"), "holder__name"), columns.status(),
        columns.minor("amount", gettext_lazy("Amount"), "root.currency"),
        columns.day("root.due_date", gettext_lazy("Due"), "root__due_date"),
    )  # fmt: skip
    list_select_related = ("holder", "root")
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    detail_select_related = ("holder", "pledgee", "root", "root__issuer")

    def facts(self, request: HttpRequest, obj: Voucher) -> Iterable[Fact]:
        """Say who promised whom how much until when."""
        yield Fact(_("Issuer"), str(obj.root.issuer))
        yield Fact(_("Holder"), str(obj.holder))
        yield Fact(_("Amount"), minor(obj.amount, obj.root.currency))
        yield Fact(_("Due"), cells.day(obj.root.due_date))
        if obj.pledgee:
            yield Fact(_("Pledged to"), str(obj.pledgee))
        if obj.root.warning:
            yield Fact(_("Term"), obj.root.warning)

    def tables(self, request: HttpRequest, obj: Voucher) -> Iterable[Table]:
        """Show the path it came."""
        yield Table(
            _("Path"),
            headings(_("Holder"), _("Number"), (_("Amount"),), _("Received"), _("Answers to the holder")),
            [
                (
                    hop.holder,
                    hop.number,
                    minor(hop.amount, hop.currency),
                    cells.moment(hop.received_at),
                    _("yes") if hop.answers else cells.NOTHING,
                )
                for hop in selectors.path(actor_of(request), obj.pk)
            ],
        )


@admin.register(Voucher, site=operator_site)
class OperatorVouchers(VoucherPages):
    """All pieces."""


class HolderPages(VoucherPages):
    """What whoever holds a piece may do with it; the service refuses whoever does not."""

    buttons: Sequence[str] = ("split", "transfer", "pledge", "redeem")

    @service_action(gettext_lazy("Split"), verb="split", form=SplitForm)
    def split(self, call: Call) -> Any:
        """Cut it in two."""
        amount = Money.of(call.data["amount"], call.obj.root.currency).minor
        parts = voucher.split(call.obj.pk, [amount, call.obj.amount - amount], by=call.by, at=call.at)
        return _("%(numbers)s take its place.") % {"numbers": ", ".join(part.number for part in parts)}

    @service_action(gettext_lazy("Hand on"), verb="transfer", form=TransferForm)
    def transfer(self, call: Call) -> Any:
        """Hand it, or a part of it, on."""
        given, currency = call.data["amount"], call.obj.root.currency
        received = voucher.transfer(
            call.obj.pk,
            to_id=party(call.data["to"]),
            amount=None if given is None else Money.of(given, currency).minor,
            with_recourse=call.data["with_recourse"],
            by=call.by,
            at=call.at,
        )
        return _("%(amount)s is handed on.") % {"amount": minor(received.amount, currency)}

    @service_action(gettext_lazy("Pledge"), verb="pledge", form=PledgeForm)
    def pledge(self, call: Call) -> Any:
        """Pledge it."""
        voucher_pledge.pledge(call.obj.pk, to_id=party(call.data["to"]), by=call.by, at=call.at)
        return _("%(number)s is pledged.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Redeem"), verb="redeem", confirm=gettext_lazy("Ask to be paid?"),
        when=lambda piece: piece.root.due_date <= clock.today(),
    )  # fmt: skip
    def redeem(self, call: Call) -> Any:
        """Be paid."""
        voucher_redemption.redeem(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is redeemed.") % {"number": call.obj.number}


@admin.register(Voucher, site=dealer_site)
@admin.register(Voucher, site=factory_site)
class OwnVouchers(HolderPages):
    """What a dealer or a factory holds or held."""


@admin.register(Voucher, site=funder_site)
class FunderVouchers(HolderPages):
    """What the funder holds, held, or has in pledge."""

    buttons = (*HolderPages.buttons, "release", "enforce")

    @service_action(
        gettext_lazy("Release"), verb="release", confirm=gettext_lazy("Give it free again?"),
    )  # fmt: skip
    def release(self, call: Call) -> Any:
        """Give it free."""
        voucher_pledge.release(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is free.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Take it"), verb="release", danger=True, confirm=gettext_lazy("Take what was pledged?")
    )
    def enforce(self, call: Call) -> Any:
        """Take it."""
        taken = voucher_pledge.enforce(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is yours.") % {"number": taken.number}
