"""Transferable vouchers: what one holds, the path it came, and what one may do with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, FACTORY, FUNDER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.core.money import Money
from b2b.http.views import ApiView, CommandView, DetailView, ListView
from finance.rest.financing_shapes import given
from finance.selectors import supplier_invoice
from finance.selectors import voucher as selectors
from finance.services import voucher, voucher_pledge, voucher_redemption

PARTIES = frozenset({DEALER, FACTORY, FUNDER, OPERATOR})
HOLDERS = frozenset({DEALER, FACTORY, FUNDER})
OPERATORS = frozenset({OPERATOR})


class VoucherShape(serializers.Serializer[Any]):
    """A piece of a voucher; due when its root is."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    root = serializers.CharField(source="root.number")
    issuer = serializers.CharField(source="root.issuer.code")
    holder = serializers.CharField(source="holder.code")
    pledgee = serializers.CharField(source="pledgee.code", default=None, allow_null=True)
    currency = serializers.CharField(source="root.currency")
    amount = serializers.SerializerMethodField()
    with_recourse = serializers.BooleanField()
    issue_date = serializers.DateField(source="root.issue_date")
    due_date = serializers.DateField(source="root.due_date")
    warning = serializers.CharField(source="root.warning")
    updated_at = serializers.DateTimeField()

    def get_amount(self, piece: Any) -> str:
        """Say the amount."""
        return str(Money.from_minor(piece.amount, piece.root.currency).amount)


class VoucherHop(serializers.Serializer[Any]):
    """A piece on the way; `answers`: the holder may come back to this one when the issuer does not pay."""

    number = serializers.CharField()
    holder = serializers.CharField()
    currency = serializers.CharField()
    amount = serializers.SerializerMethodField()
    status = serializers.CharField()
    with_recourse = serializers.BooleanField()
    answers = serializers.BooleanField()
    received_at = serializers.DateTimeField()

    def get_amount(self, hop: Any) -> str:
        """Say the amount."""
        return str(Money.from_minor(hop.amount, hop.currency).amount)


class VoucherWay(serializers.Serializer[Any]):
    """Every piece a piece came from, the first holder first."""

    hops = VoucherHop(many=True)


class VoucherPieces(serializers.Serializer[Any]):
    """The parts that a piece was cut into."""

    pieces = VoucherShape(many=True)


class VoucherIssue(serializers.Serializer[Any]):
    """Promise to pay an approved bill; on its due day unless another is given."""

    supplier_invoice = serializers.UUIDField()
    due_date = serializers.DateField(required=False, allow_null=True, default=None)


class VoucherSplit(serializers.Serializer[Any]):
    """Parts that make up the whole."""

    amounts = serializers.ListField(child=given(), min_length=2, max_length=100)


class VoucherTransfer(serializers.Serializer[Any]):
    """To whom, how much (all unless said), and whether it may come back to the giver."""

    to = serializers.CharField(max_length=24)
    amount = given(required=False, allow_null=True, default=None)
    with_recourse = serializers.BooleanField()


class VoucherPledge(serializers.Serializer[Any]):
    """To whom."""

    to = serializers.CharField(max_length=24)


class Vouchers(ListView, CommandView):
    """List pieces one holds, held or has in pledge; POST issues a voucher for a bill, which the operator alone may."""

    scope, kinds, write_kinds = "financing", PARTIES, OPERATORS
    selector = selectors.visible
    serializer = output = VoucherShape
    input, status = VoucherIssue, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Issue it."""
        bill = supplier_invoice.visible(by).filter(pk=data["supplier_invoice"]).first()
        if bill is None:
            raise Invalid(
                problems=[Problem("unknown_bill", "there is no such bill", pointer="/supplier_invoice")]
            )
        return voucher.issue(bill.pk, due_date=data["due_date"], by=by, at=at)


class OneVoucher(DetailView):
    """Show a piece."""

    scope, kinds = "financing", PARTIES
    selector = selectors.visible
    serializer = VoucherShape


class VoucherPath(ApiView):
    """Show every piece it came from, the first holder first, and who answers if the issuer does not pay."""

    scope, kinds = "financing", PARTIES
    selector = selectors.visible
    serializer = VoucherWay

    def get(self, request: Request, **where: UUID) -> Response:
        """Answer with the path."""
        found = selectors.path(self.actor, where["voucher_id"])
        return Response(self.present(VoucherWay, {"hops": found}))


class _Act(CommandView):
    scope, kinds, selector = "financing", HOLDERS, selectors.visible
    output = VoucherShape

    def party(self, code: str) -> int:
        """Return whom a code names.

        :raises Invalid: when it names nobody.
        """
        found = selectors.party_of(code)
        if found is None:
            raise Invalid(problems=[Problem("unknown_party", "there is no such party", pointer="/to")])
        return int(found.pk)


class SplitVoucher(_Act):
    """Cut a piece into parts; answers with the parts."""

    input, output = VoucherSplit, VoucherPieces

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Cut it."""
        piece = selectors.visible(by).get(pk=where["voucher_id"])
        amounts = [Money.of(amount, piece.root.currency).minor for amount in data["amounts"]]
        return {"pieces": voucher.split(piece.pk, amounts, by=by, at=at)}


class TransferVoucher(_Act):
    """Hand it, or a part of it, on; answers with what the other one holds."""

    input = VoucherTransfer

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Hand it over."""
        piece = selectors.visible(by).get(pk=where["voucher_id"])
        amount = data["amount"]
        return voucher.transfer(
            piece.pk,
            to_id=self.party(data["to"]),
            amount=None if amount is None else Money.of(amount, piece.root.currency).minor,
            with_recourse=data["with_recourse"],
            by=by,
            at=at,
        )


class PledgeVoucher(_Act):
    """Pledge it: it stays where it is and can do nothing before it is released."""

    input = VoucherPledge

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Pledge it."""
        return voucher_pledge.pledge(where["voucher_id"], to_id=self.party(data["to"]), by=by, at=at)


class ReleaseVoucher(_Act):
    """Give a pledged piece free; the pledgee alone may."""

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Release it."""
        return voucher_pledge.release(where["voucher_id"], by=by, at=at)


class EnforceVoucher(_Act):
    """Take a pledged piece; the pledgee alone may."""

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Enforce it."""
        return voucher_pledge.enforce(where["voucher_id"], by=by, at=at)


class RedeemVoucher(_Act):
    """Be paid for it on its day."""

    def call(self, data: Any, *, by: Actor, at: Any, **where: UUID) -> Any:
        """Redeem it."""
        return voucher_redemption.redeem(where["voucher_id"], by=by, at=at)
