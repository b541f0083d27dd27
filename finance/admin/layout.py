"""How banks write their CSV exports: described once for each account, tried on a file before it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import columns
from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.errors import DomainError
from finance.models import StatementLayout
from finance.policies import bank_csv
from finance.policies.bank_csv import MEANINGS, Layout
from finance.policies.bank_statement import BankLine
from finance.selectors import bank
from finance.services import bank_account

TAB = "tab"
DELIMITERS = [(",", ","), (";", ";"), (TAB, gettext_lazy("tab")), ("|", "|")]
MARKS = [(".", gettext_lazy("point: 1,234.56")), (",", gettext_lazy("comma: 1.234,56"))]
EXAMPLE = "booking_date = Date\namount = Amount\nremittance_text = Text 1 + Text 2"


class LayoutForm(forms.Form):
    """Which column of the bank's file means what, and how it is written."""

    account = forms.ModelChoiceField(label=gettext_lazy("Account"), queryset=None)
    columns = forms.CharField(
        label=gettext_lazy("Columns"), widget=forms.Textarea(attrs={"rows": 8, "placeholder": EXAMPLE})
    )
    delimiter = forms.ChoiceField(label=gettext_lazy("Between columns"), choices=DELIMITERS)
    decimal_mark = forms.ChoiceField(label=gettext_lazy("Decimal mark"), choices=MARKS)
    date_format = forms.CharField(label=gettext_lazy("Dates"), max_length=24, initial="%Y-%m-%d")
    encoding = forms.CharField(
        label=gettext_lazy("Encoding"), max_length=24, initial="utf-8-sig",
        help_text=gettext_lazy("gb18030 for most Chinese banks, cp1252 for many European ones"),
    )  # fmt: skip
    skipped_rows = forms.IntegerField(
        label=gettext_lazy("Rows before the headings"), min_value=0, max_value=1000, initial=0
    )
    sample = forms.FileField(
        label=gettext_lazy("A file to try it on"), required=False,
        help_text=gettext_lazy("It is read and forgotten; what cannot be read is said here."),
    )  # fmt: skip

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        told = _("One a line: meaning = heading in the file. Meanings: %(all)s.") % {
            "all": ", ".join(MEANINGS)
        }
        self.fields["columns"].help_text = told

    def clean_columns(self) -> dict[str, str]:
        """Read the mapping.

        :raises ValidationError: naming the line that is none.
        """
        found = {}
        for line in filter(None, map(str.strip, self.cleaned_data["columns"].splitlines())):
            meaning, mark, heading = (part.strip() for part in line.partition("="))
            if not (meaning and mark and heading):
                raise ValidationError(_("%(line)s: write meaning = heading"), params={"line": line[:60]})
            found[meaning] = heading
        return found

    def clean(self) -> dict[str, Any]:
        """Make the layout and try it on the file.

        :raises ValidationError: when no file, or not this one, can be read by it.
        """
        given = dict(super().clean() or {})
        if self.errors:
            return given
        account, sample, delimiter = (given.pop(name) for name in ("account", "sample", "delimiter"))
        layout = Layout(delimiter="\t" if delimiter == TAB else delimiter, **given)
        lines = None
        try:
            layout.check()
            if sample:
                lines = _count(sample, layout, account)
        except DomainError as error:
            told = "; ".join(problem.message for problem in error.problems)
            raise ValidationError(": ".join(filter(None, (error.message, told)))) from None
        return {"account": account, "layout": layout, "lines": lines}


def _count(sample: Any, layout: Layout, account: Any) -> int:
    read = bank_csv.read(sample.file, layout, account=account.identifier, currency=account.currency)
    return sum(isinstance(part, BankLine) for part in read)


@operator_site.page("finance/layout/", name="keep_layout")
def keep_layout(request: HttpRequest) -> HttpResponse:
    """Ask how a bank writes its file and keep it."""
    form = LayoutForm(request.POST or None, request.FILES or None, accounts=bank.accounts(actor_of(request)))
    back = "operator:finance_statementlayout_changelist"
    return asking_page(request, _("Describe a bank's CSV file"), form, _keep, back)


def _keep(call: Call) -> str:
    bank_account.keep_layout(call.data["account"].pk, call.data["layout"], by=call.by)
    if call.data["lines"] is None:
        return _("It is kept with the account.")
    return _("It is kept with the account; %(lines)d lines of the file can be read by it.") % call.data


@admin.register(StatementLayout, site=operator_site)
class Layouts(ReadOnlyAdmin):
    """The descriptions that are kept."""

    nav = Nav("money", 51, "table_chart", gettext_lazy("CSV files of banks"))
    ordering = ("bank_account__identifier",)
    list_display = (
        columns.text("bank_account", gettext_lazy("Account")),
        "delimiter",
        "decimal_mark",
        "date_format",
        "encoding",
    )
    list_select_related = ("bank_account",)
    detail_select_related = ("bank_account",)
    list_before_template = "finance/layout_link.html"

    def facts(self, request: HttpRequest, obj: StatementLayout) -> Iterable[Fact]:
        """Say how the file is written."""
        yield Fact(_("Account"), str(obj.bank_account))
        yield Fact(_("Between columns"), repr(obj.delimiter))
        yield Fact(_("Decimal mark"), obj.decimal_mark)
        yield Fact(_("Dates"), obj.date_format)
        yield Fact(_("Encoding"), obj.encoding)
        yield Fact(_("Rows before the headings"), str(obj.skipped_rows))

    def tables(self, request: HttpRequest, obj: StatementLayout) -> Iterable[Table]:
        """Show what each column means."""
        yield Table(
            _("Columns"), headings(_("Meaning"), _("Heading in the file")), sorted(obj.columns.items())
        )
