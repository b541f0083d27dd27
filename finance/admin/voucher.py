"""Transferable vouchers: what is in whose hands, the path each piece came, and what its holder may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, funder_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from finance.admin.financing import minor
from finance.models import Voucher
from finance.selectors import voucher as selectors
from finance.services import voucher_pledge, voucher_redemption


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


@admin.register(Voucher, site=funder_site)
class FunderVouchers(VoucherPages):
    """What the funder holds, held, or has in pledge."""

    buttons = ("release", "enforce", "redeem")

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

    @service_action(
        gettext_lazy("Redeem"), verb="redeem", confirm=gettext_lazy("Ask to be paid?"),
        when=lambda piece: piece.root.due_date <= clock.today(),
    )  # fmt: skip
    def redeem(self, call: Call) -> Any:
        """Be paid."""
        voucher_redemption.redeem(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is redeemed.") % {"number": call.obj.number}
