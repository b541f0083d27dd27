"""Price agreements, order rules, price lists as files, and what factories propose."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import AgreementFilter, ProposalFilter, RuleFilter
from orders.rest.shapes import fields
from orders.rest.shapes.prices import (
    AgreementShape,
    OrderRuleShape,
    PriceListShape,
    PricesPlacedShape,
    ProposalDecisionInput,
    ProposalDetail,
    ProposalShape,
    TermsChangeShape,
)
from orders.rest.uploads import Csv, RowsView, Tsv, Workbook
from orders.selectors import price_list as selectors
from orders.selectors import price_proposal as proposals
from orders.services import price_list, price_proposal
from orders.services.agreements import AGREEMENT
from orders.services.upload import price_list as files

PARTIES = {DEALER, FACTORY, OPERATOR}
SELLERS = {FACTORY, OPERATOR}


class Agreements(ListView):
    """List the price agreements the caller may know: a dealer's are its own, its groups' and those for everyone."""

    scope, kinds = "orders", PARTIES
    selector = selectors.agreements
    serializer = AgreementShape
    filterset = AgreementFilter


class OneAgreement(DetailView):
    """Show a price agreement with its breaks."""

    scope, kinds = "orders", PARTIES
    selector = selectors.agreements
    serializer = AgreementShape


class AgreementChanges(ListView):
    """List who changed a price agreement when and why, latest first."""

    scope, kinds = "orders", SELLERS
    serializer = TermsChangeShape

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the changes of the agreement in the URL.

        :raises NotFound: when the actor knows no such agreement.
        """
        agreement_id = self.kwargs.get("agreement_id", 0)
        if self.kwargs and not selectors.agreements(actor).filter(pk=agreement_id).exists():
            raise NotFound
        return selectors.changes(actor, AGREEMENT, agreement_id)


class Rules(ListView):
    """List the order rules the caller may know."""

    scope, kinds = "orders", PARTIES
    selector = selectors.rules
    serializer = OrderRuleShape
    filterset = RuleFilter


class PriceListQuery(serializers.Serializer[Any]):
    """What to do with the list."""

    mode = serializers.ChoiceField(
        ["preview", "submit"],
        default="preview",
        help_text="preview judges; submit puts in force for the operator, and proposes for a factory",
    )
    reason = fields.text(500, help_text="kept in the history")


class PriceLists(RowsView):
    """Judge or submit a price list (multipart `file`, CSV, TSV or XLSX body), a row a break, all rows or none."""

    scope, kinds = "orders", SELLERS
    output = PriceListShape
    query, read = PriceListQuery, staticmethod(files.read)
    parser_classes = [MultiPartParser, Csv, Tsv, Workbook]

    @extend_schema(parameters=[PriceListQuery, OpenApiParameter("Prefer", exclude=True)])
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Judge, put in force, or propose."""
        rows, reason = data["content"], data["reason"]
        judged = price_list.preview(rows, by=by, at=at)
        placed = proposal = None
        if data["mode"] == "submit" and by.sees_all:
            placed = price_list.put(rows, reason=reason, by=by, at=at)
        elif data["mode"] == "submit":
            proposal = price_proposal.propose(rows, note=reason, by=by, at=at)
        return SimpleNamespace(
            agreements=len(judged.drafts), problems=judged.problems, placed=placed, proposal=proposal
        )


class Proposals(ListView):
    """List the price lists that factories proposed."""

    scope, kinds = "orders", SELLERS
    selector = proposals.visible
    serializer = ProposalShape
    filterset = ProposalFilter


class OneProposal(DetailView):
    """Show a proposal with its rows."""

    scope, kinds = "orders", SELLERS
    selector = proposals.visible
    serializer = ProposalDetail


class Approve(CommandView):
    """Put a proposal in force, all of it or none; for the operator."""

    scope, kinds = "orders", SELLERS
    selector = proposals.visible
    input, output = ProposalDecisionInput, PricesPlacedShape

    def call(self, data: Any, *, by: Actor, at: Any, proposal_id: UUID) -> Any:
        """Approve it."""
        return price_proposal.approve(self.find(), reason=data["reason"], by=by, at=at)


class Reject(CommandView):
    """Turn a proposal down; for the operator."""

    scope, kinds = "orders", SELLERS
    selector = proposals.visible
    input, output = ProposalDecisionInput, ProposalShape

    def call(self, data: Any, *, by: Actor, at: Any, proposal_id: UUID) -> Any:
        """Reject it."""
        return price_proposal.reject(self.find(), reason=data["reason"], by=by, at=at)


class Withdraw(CommandView):
    """Take a proposal back."""

    scope, kinds = "orders", SELLERS
    selector = proposals.visible
    input, output = ProposalDecisionInput, ProposalShape

    def call(self, data: Any, *, by: Actor, at: Any, proposal_id: UUID) -> Any:
        """Withdraw it."""
        return price_proposal.withdraw(self.find(), reason=data["reason"], by=by, at=at)
