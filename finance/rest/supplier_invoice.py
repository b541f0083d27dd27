"""What a factory bills, and what the operator decides of it."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.directory.selectors import organization
from b2b.http.parsers import Raw, Xml, XmlText
from b2b.http.views import CommandView, DetailView, ListView
from finance.policies import ubl_bill
from finance.rest.filters import SupplierInvoiceFilter
from finance.rest.supplier_invoice_shapes import (
    BillDecisionInput,
    BillInput,
    SupplierInvoiceDetail,
    SupplierInvoiceShape,
    ToleranceInput,
    ToleranceShape,
    bill_of,
)
from finance.selectors import supplier_invoice as selectors
from finance.services import match_tolerance, supplier_invoice, three_way_match

PARTIES = frozenset({FACTORY, OPERATOR})
OPERATORS = frozenset({OPERATOR})


def _biller(by: Actor) -> int:
    if by.kind != FACTORY or by.organization_id is None:
        raise Forbidden("a factory sends its own bills")
    return by.organization_id


class SupplierInvoices(ListView, CommandView):
    """List the bills the caller is a party to; POST sends one, which is matched at once.

    A bill is taken in full or not at all. The answer says whether it is APPROVED or HELD, and why.
    """

    scope, kinds, write_kinds = "finance", PARTIES, frozenset({FACTORY})
    selector = selectors.visible
    serializer = output = SupplierInvoiceShape
    filterset = SupplierInvoiceFilter
    input, status = BillInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take the bill."""
        return supplier_invoice.receive(
            bill_of(data), factory_id=_biller(by), fapiao_number=data["fapiao_number"], by=by, at=at
        )


class UblSupplierInvoices(CommandView):
    """Take a bill as UBL Invoice 2.0 to 2.4, e.g. EN 16931 or Peppol BIS 3; its number and date count once.

    Faults are told by line of the file, element and remedy, all at once; nothing is taken then.
    """

    scope, kinds = "finance", frozenset({FACTORY})
    output, status = SupplierInvoiceShape, 201
    parser_classes: ClassVar[list[type[Raw]]] = [Xml, XmlText]

    @extend_schema(request={Xml.media_type: OpenApiTypes.STR})
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)

    def parse(self, request: Any) -> Any:
        """Return the document as it came."""
        return request.data

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take the document."""
        return supplier_invoice.receive(ubl_bill.read(data or b""), factory_id=_biller(by), by=by, at=at)


class OneSupplierInvoice(DetailView):
    """Show a bill with its lines, what the last match said of each, and its tax."""

    scope, kinds = "finance", PARTIES
    selector = selectors.detailed
    serializer = SupplierInvoiceDetail


class _Decide(CommandView):
    scope, kinds = "finance", OPERATORS
    selector = selectors.visible
    input, output = BillDecisionInput, SupplierInvoiceShape


class ReleaseSupplierInvoice(_Decide):
    """Approve a bill although it is too dear; goods that have not come are never released."""

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Release it."""
        return three_way_match.release(where["supplier_invoice_id"], reason=data["reason"], by=by, at=at)


class RejectSupplierInvoice(_Decide):
    """Send a bill back to its factory; it owes nothing."""

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Reject it."""
        return three_way_match.reject(where["supplier_invoice_id"], reason=data["reason"], by=by, at=at)


class MatchTolerances(ListView, CommandView):
    """List by how much bills may exceed what was agreed; POST sets it for a factory or for all."""

    scope, kinds = "finance", OPERATORS
    selector = selectors.tolerances
    serializer = output = ToleranceShape
    input, status = ToleranceInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Set it."""
        code = data.pop("factory", None)
        factory = organization.visible(by).filter(code=code, kind=FACTORY).first() if code else None
        if code and factory is None:
            raise Invalid(
                problems=[Problem("unknown_factory", "there is no such factory", pointer="/factory")]
            )
        return match_tolerance.set_tolerance(factory_id=factory.pk if factory else None, **data, by=by, at=at)
