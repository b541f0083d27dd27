"""Upload a factory's UBL despatch advice for it: look at what it brings, then take it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from b2b.core.errors import Problem
from b2b.core.ubl import MAX_BYTES
from orders.services import despatch_preview, despatch_upload
from orders.services.despatch_preview import Preview, PreviewLine

SALT: Final = "orders.despatch_upload"
MAX_AGE_SECONDS: Final = 24 * 3600
SHOWN_LINES: Final = 500


class DespatchForm(forms.Form):
    """A factory's file."""

    file = forms.FileField(
        label=gettext_lazy("UBL DespatchAdvice"),
        widget=forms.FileInput(attrs={"accept": ".xml"}),
        help_text=gettext_lazy("UBL 2.0 to 2.4. Nothing is taken before you have seen what it brings."),
    )

    def clean_file(self) -> bytes:
        """Read the file, or refuse one that is too large."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 16 MB; ask for an advice by truck."))
        content: bytes = file.read()
        return content


@operator_site.page(
    "orders/despatch/",
    name="upload_despatch",
    nav=Nav("pool", 32, "upload_file", gettext_lazy("Upload despatch advice")),
)
def upload_despatch(request: HttpRequest) -> HttpResponse:
    """Ask for the file, show what it brings, or take it."""
    actor = actor_of(request)
    if sealed := request.POST.get("sealed"):
        return _take(request, sealed, actor)
    form = DespatchForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _preview(request, form.cleaned_data["file"], actor)
    context = operator_site.page_context(request, _("Upload a despatch advice"), form=form)
    return TemplateResponse(request, "orders/despatch_upload.html", context)


def _preview(request: HttpRequest, content: bytes, actor: Actor) -> HttpResponse:
    found = despatch_preview.preview(content, by=actor)
    may = bool(actor.roles & ROLES_THAT_ACT)
    # Bytes become text one to one, so that what is taken is what was looked at.
    body = [actor.organization_id, content.decode("latin-1")]
    context = operator_site.page_context(
        request,
        _("Upload a despatch advice"),
        form=DespatchForm(),
        preview=found,
        facts=list(_facts(found)),
        tables=list(_tables(found)),
        may=may,
        sealed=signing.dumps(body, salt=SALT, compress=True) if found.can_be_taken and may else "",
    )
    return TemplateResponse(request, "orders/despatch_upload.html", context)


def _take(request: HttpRequest, sealed: str, actor: Actor) -> HttpResponse:
    try:
        owner, text = signing.loads(sealed, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        owner, text = None, ""
    content = text.encode("latin-1")
    if not content or owner != actor.organization_id:
        form = DespatchForm({})
        form.add_error(None, _("This preview is too old or not yours; upload the file again."))
        context = operator_site.page_context(request, _("Upload a despatch advice"), form=form)
        return TemplateResponse(request, "orders/despatch_upload.html", context)

    def take(call: Call) -> str:
        advice = despatch_upload.receive_ubl(content, by=call.by, at=call.at)
        return _("%(number)s is taken; the warehouse expects the goods.") % {"number": advice.number}

    if not actor.roles & ROLES_THAT_ACT or not carry_out(request, take, None, {}):
        return _preview(request, content, actor)
    return HttpResponseRedirect(reverse("operator:orders_despatchadvice_changelist"))


def _facts(found: Preview) -> Iterable[Fact]:
    if not found.order_number:
        return
    yield Fact(_("Purchase order"), found.order_number)
    yield Fact(_("Factory"), found.factory)
    yield Fact(_("Factory's reference"), found.number)
    yield Fact(_("Expected"), cells.moment(found.expected_at))
    yield Fact(_("Lines"), str(len(found.lines)))
    yield Fact(_("Handling units"), str(found.unit_count))


def _tables(found: Preview) -> Iterable[Table]:
    """Show faults of no line, then the lines, faulty ones first."""
    if found.faults:
        yield Table(
            _("What is wrong with the document"),
            headings((_("Line of the file"),), _("Element"), _("Fault"), _("What helps")),
            [
                (one.row or cells.NOTHING, one.field or one.pointer, one.message, one.remedy)
                for one in found.faults
            ],
        )
    if not found.lines:
        return
    rows = sorted(found.lines, key=lambda line: (not line.faults, line.row))
    left = len(rows) - SHOWN_LINES
    yield Table(
        _("Lines"),
        headings(
            (_("Line of the file"),), _("Line"), _("Product"), _("Purchase line"), (_("Quantity"),), _("Lot"),
            _("Expires"), _("SSCC"), _("Faults"),
        ),
        [_row(line) for line in rows[:SHOWN_LINES]],
        note=_("%(count)d more lines are not shown.") % {"count": left} if left > 0 else "",
    )  # fmt: skip


def _row(line: PreviewLine) -> Sequence[Any]:
    return (
        line.row,
        line.line_id,
        line.sku,
        ", ".join(map(str, line.purchase_lines)) or cells.NOTHING,
        cells.quantity(line.quantity),
        line.lot_number or cells.NOTHING,
        cells.day(line.expiry_date),
        line.sscc or cells.NOTHING,
        "; ".join(map(_fault, line.faults)) or cells.NOTHING,
    )


def _fault(one: Problem) -> str:
    return f"{one.field}: {one.message} ({one.remedy})" if one.remedy else f"{one.field}: {one.message}"
