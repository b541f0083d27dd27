"""Requests for quotation and the quotations that answer them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, DetailView, ListView
from orders.policies.pricing import Break
from orders.rest.filters import QuotationFilter, QuotationRequestFilter
from orders.rest.parties import organization_of, party_of, site_of
from orders.rest.shapes.order import CancelInput
from orders.rest.shapes.quotation import (
    AcceptInput,
    AwardInput,
    ComparisonShape,
    QuotationInput,
    QuotationShape,
    RequestInput,
    RequestShape,
)
from orders.selectors import quotation as selectors
from orders.selectors.quotation import Comparison
from orders.services import quotation, quotation_acceptance, quotation_award, quotation_request
from orders.services.quotation_award import Award
from orders.services.quotation_request import Requested

PARTIES = {DEALER, FACTORY, OPERATOR}


class QuotationRequests(ListView, CommandView):
    """List requests for quotation, newest first; POST asks: a dealer the platform, the operator factories."""

    scope, kinds, write_kinds = "orders", PARTIES, {DEALER, OPERATOR}
    selector = selectors.requests
    serializer = output = RequestShape
    filterset = QuotationRequestFilter
    input, status = RequestInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Ask."""
        issuer = organization_of(by)
        source = None
        if data["source"] is not None:
            source = selectors.requests(by).filter(pk=data["source"], dealer__isnull=False).first()
            if source is None:
                raise NotFound
        return quotation_request.ask(
            title=data["title"],
            note=data["note"],
            currency=data["currency"],
            deadline_at=data["deadline_at"],
            issuer=issuer,
            ship_to=site_of(by, issuer, data["ship_to"]),
            factories=[party_of(by, code) for code in data["factories"]],
            source=source,
            lines=[Requested(**line) for line in data["lines"]],
            by=by,
            at=at,
        )


class OneQuotationRequest(DetailView):
    """Show a request with its lines."""

    scope, kinds = "orders", PARTIES
    selector = selectors.requests
    serializer = RequestShape


class DeclineToQuote(CommandView):
    """Say that there will be no quotation. Invited factories only."""

    scope, kinds = "orders", {FACTORY}
    selector = selectors.requests
    output = RequestShape

    def call(self, data: Any, *, by: Actor, at: Any, request_id: UUID) -> Any:
        """Note the answer."""
        return quotation_request.decline(self.find(), by=by, at=at)


class Unseal(CommandView):
    """Open the quotations after the deadline; they open by themselves with the last answer. Operators only."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.requests
    output = RequestShape

    def call(self, data: Any, *, by: Actor, at: Any, request_id: UUID) -> Any:
        """Open them."""
        return quotation_request.unseal(self.find(), by=by, at=at)


class CancelRequest(CommandView):
    """Withdraw a request; its quotations lose."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = selectors.requests
    input, output = CancelInput, RequestShape

    def call(self, data: Any, *, by: Actor, at: Any, request_id: UUID) -> Any:
        """Withdraw it."""
        return quotation_request.cancel(self.find(), reason=data["reason"], by=by, at=at)


class CloseRequest(CommandView):
    """End an unsealed request without an award. Operators only."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.requests
    input, output = CancelInput, RequestShape

    def call(self, data: Any, *, by: Actor, at: Any, request_id: UUID) -> Any:
        """Close it."""
        return quotation_award.close(self.find(), reason=data["reason"], by=by, at=at)


class AwardRequest(CommandView):
    """Award by line, split if need be; each supplier hears its own lines only. Operators only."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.requests
    input, output = AwardInput, RequestShape

    def call(self, data: Any, *, by: Actor, at: Any, request_id: UUID) -> Any:
        """Decide."""
        return quotation_award.award(
            self.find(),
            [Award(**line) for line in data["lines"]],
            becomes=data["becomes"],
            valid_to=data["valid_to"],
            tolerance_bp=data["tolerance_bp"],
            by=by,
            at=at,
        )


class CompareQuotations(DetailView):
    """Compare the unsealed quotations of a request, line by line and as scenarios. Operators only."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.requests
    serializer = ComparisonShape

    def get(self, request: Request, **where: Any) -> Response:
        """Answer with the comparison; empty while the quotations are sealed."""
        return Response(self.present(ComparisonShape, _compared(selectors.compare(self.actor, self.find()))))


def _compared(found: Comparison) -> dict[str, Any]:
    factories = {
        line.quotation.factory_id or 0: line.quotation.factory.code if line.quotation.factory else None
        for line in found.lines.values()
    }
    return {
        "currency": found.request.currency,
        "lines": [
            {
                "line_number": number,
                "offers": [
                    {
                        "quotation_id": found.lines[one.offer.offer_id].quotation_id,
                        "factory": factories[one.offer.supplier_id],
                        "line_number": found.lines[one.offer.offer_id].line_number,
                        "sku": found.lines[one.offer.offer_id].product.sku,
                        "is_alternate": one.offer.is_alternate,
                        "quantity": one.quantity,
                        "unit_price": one.unit_price,
                        "cost": one.cost,
                        "lead_time_days": one.offer.lead_time_days,
                    }
                    for one in ranked
                ],
            }
            for number, ranked in found.ranked.items()
        ],
        "scenarios": [
            {
                "name": one.name,
                "factory": factories.get(one.supplier_id or 0),
                "cost": one.cost,
                "lead_time_days": one.lead_time_days,
                "missing": list(one.missing),
            }
            for one in found.scenarios
        ],
    }


class Quotations(ListView, CommandView):
    """List quotations that may be read, newest first; POST quotes, again to better an earlier quotation.

    A factory's quotation is sealed until the deadline, or until all who were asked have answered.
    """

    scope, kinds, write_kinds = "orders", PARTIES, {FACTORY, OPERATOR}
    selector = selectors.visible
    serializer = output = QuotationShape
    filterset = QuotationFilter
    input, status = QuotationInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Take the quotation.

        :raises NotFound: when the caller knows no such request.
        """
        request = selectors.requests(by).filter(pk=data["request_id"]).first()
        if request is None:
            raise NotFound
        taken = quotation.submit(
            request,
            lines=[_offered(line, by) for line in data["lines"]],
            valid_until=data["valid_until"],
            external_reference=data["external_reference"],
            note=data["note"],
            by=by,
            at=at,
        )
        return selectors.visible(by).get(pk=taken.pk)


def _offered(line: dict[str, Any], by: Actor) -> quotation.Offered:
    return quotation.Offered(
        line_number=line["line_number"],
        sku=line["sku"],
        breaks=tuple(Break(step["min_quantity"], step["unit_price"]) for step in line["breaks"]),
        moq=line["moq"],
        order_multiple=line["order_multiple"],
        lead_time_days=line["lead_time_days"],
        note=line["note"],
        supplier=party_of(by, line["supplier"]) if line["supplier"] and by.sees_all else None,
    )


class OneQuotation(DetailView):
    """Show a quotation with its lines and prices."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    serializer = QuotationShape


class WithdrawQuotation(CommandView):
    """Take a quotation back before it is awarded."""

    scope, kinds = "orders", {FACTORY, OPERATOR}
    selector = selectors.visible
    input, output = CancelInput, QuotationShape

    def call(self, data: Any, *, by: Actor, at: Any, quotation_id: UUID) -> Any:
        """Take it back."""
        quotation.withdraw(self.find(), reason=data["reason"], by=by, at=at)
        return self.find()


class AcceptQuotation(CommandView):
    """Order what the platform quoted, at the quoted price; once, and until its last day."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = selectors.visible
    input, output = AcceptInput, QuotationShape

    def call(self, data: Any, *, by: Actor, at: Any, quotation_id: UUID) -> Any:
        """Order."""
        found = self.find()
        quotation_acceptance.accept(
            found,
            quantities={line["line_number"]: line["quantity"] for line in data["lines"]} or None,
            ship_to=site_of(by, found.dealer, data["ship_to"]) if found.dealer else None,
            external_reference=data["external_reference"],
            by=by,
            at=at,
        )
        return self.find()
