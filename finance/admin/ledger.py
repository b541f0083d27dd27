"""The ledger: entries that balance, and the accounts they move."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.money import Money
from finance.models import Account, JournalEntry, JournalLine
from finance.services import account


@admin.register(JournalEntry, site=operator_site)
class Entries(ReadOnlyAdmin):
    """Every movement of money that ever was."""

    nav = Nav("money", 90, "menu_book")
    ordering = ("-pk",)
    list_display = (
        columns.moment("booked_at", gettext_lazy("Booked"), "booked_at"),
        "kind",
        columns.text("book.code", gettext_lazy("Book")),
        "description",
        "actor_name",
        "is_pending",
    )
    list_select_related = ("book",)
    list_filter = ("kind", "is_pending", "book")
    search_fields = ("source_id__exact",)
    detail_select_related = ("book",)

    def facts(self, request: HttpRequest, obj: JournalEntry) -> Iterable[Fact]:
        """Say what was booked, when, by whom and why."""
        yield Fact(_("Kind"), obj.kind.replace("_", " "))
        yield Fact(_("Book"), str(obj.book))
        yield Fact(_("Effective"), cells.day(obj.effective_date))
        yield Fact(_("Booked"), f"{cells.moment(obj.booked_at)}, {obj.actor_name}")
        yield Fact(_("Source"), f"{obj.source_type} {obj.source_id}")
        yield Fact(_("Description"), obj.description or cells.NOTHING)
        yield Fact(_("Pending"), _("yes") if obj.is_pending else _("no"))

    def tables(self, request: HttpRequest, obj: JournalEntry) -> Iterable[Table]:
        """Show the legs; they sum to zero."""
        yield paged(
            request,
            obj.lines.select_related("account__party").order_by("line_number"),
            _("Lines"),
            headings(_("Account"), _("Party"), (_("Debit"),), (_("Credit"),), _("About")),
            lambda line: (
                cells.two_lines(line.account.name, line.account.code),
                line.account.party.code if line.account.party else cells.NOTHING,
                _side(line, 1),
                _side(line, -1),
                line.dimension or cells.NOTHING,
            ),
        )


def _side(line: JournalLine, sign: int) -> str:
    if line.amount * sign <= 0:
        return ""
    unit = line.account.unit
    return cells.money(Money.from_minor(line.amount * sign, unit).amount, unit)


@admin.register(Account, site=operator_site)
class Accounts(ReadOnlyAdmin):
    """The accounts of all books."""

    nav = Nav("money", 95, "account_tree")
    ordering = ("book", "code", "pk")
    list_display = (
        "code",
        "name",
        columns.text("party.code", gettext_lazy("Party")),
        "type",
        "unit",
        columns.minor("balance.posted", gettext_lazy("Balance"), currency="unit"),
    )
    list_select_related = ("party", "balance", "book")
    list_filter = ("type", "book")
    search_fields = ("code__startswith", "name__icontains", "party__code__startswith")
    detail_select_related = ("party", "book")
    buttons = ("close", "reopen")

    def facts(self, request: HttpRequest, obj: Account) -> Iterable[Fact]:
        """Say what the account is."""
        yield Fact(_("Name"), obj.name)
        yield Fact(_("Book"), str(obj.book))
        yield Fact(_("Type"), obj.get_type_display())
        yield Fact(_("Unit"), obj.unit)
        yield Fact(_("Party"), str(obj.party) if obj.party else cells.NOTHING)
        yield Fact(_("Closed"), cells.moment(obj.closed_at) if obj.closed_at else _("no"))

    def tables(self, request: HttpRequest, obj: Account) -> Iterable[Table]:
        """Show the latest movements."""
        lines = obj.lines.select_related("entry", "account").order_by("-booked_at", "-pk")[:200]
        heads = headings(_("Booked"), _("Entry"), (_("Debit"),), (_("Credit"),))
        rows = [
            (
                cells.moment(line.booked_at),
                cells.link(line.entry.kind, f"../../journalentry/{line.entry_id}/"),
                _side(line, 1),
                _side(line, -1),
            )
            for line in lines
        ]
        yield Table(_("Latest movements"), heads, rows)

    @service_action(
        gettext_lazy("Close the account"),
        confirm=gettext_lazy("It takes no more entries then. It has to be empty, with nothing pending."),
        when=lambda one: one.closed_at is None,
        danger=True,
    )
    def close(self, call: Call) -> str:
        """Let it take no more entries."""
        account.close(call.obj.pk, by=call.by, at=call.at)
        return _("%(account)s is closed.") % {"account": call.obj.code}

    @service_action(
        gettext_lazy("Open it again"),
        confirm=gettext_lazy("It takes entries again then."),
        when=lambda one: one.closed_at is not None,
    )
    def reopen(self, call: Call) -> str:
        """Let it take entries again."""
        account.reopen(call.obj.pk, by=call.by)
        return _("%(account)s takes entries again.") % {"account": call.obj.code}
