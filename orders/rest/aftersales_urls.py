"""Addresses of what comes after delivery: returns, claims and shared costs."""

from __future__ import annotations

from django.urls import path

from orders.rest.claims import AnswerClaim, Claims, ClaimShares, OneClaim, SettleClaim, WithdrawClaim
from orders.rest.costs import (
    CancelCost,
    CloseCost,
    CostShares,
    CostVouchers,
    OneCostVoucher,
    ReviseCost,
    ShareCost,
)
from orders.rest.returns import ApproveReturn, OneReturn, RefuseReturn, Returns, WithdrawReturn

_RETURN = "returns/<uuid:return_id>/"
_CLAIM = "claims/<uuid:claim_id>/"
_VOUCHER = "cost-vouchers/<uuid:voucher_id>/"

urlpatterns = [
    path("returns/", Returns.as_view(), name="returns"),
    path(_RETURN, OneReturn.as_view(), name="return"),
    path(f"{_RETURN}approve/", ApproveReturn.as_view(), name="return-approve"),
    path(f"{_RETURN}refuse/", RefuseReturn.as_view(), name="return-refuse"),
    path(f"{_RETURN}withdraw/", WithdrawReturn.as_view(), name="return-withdraw"),
    path("claims/", Claims.as_view(), name="claims"),
    path(_CLAIM, OneClaim.as_view(), name="claim"),
    path(f"{_CLAIM}answers/", AnswerClaim.as_view(), name="claim-answers"),
    path(f"{_CLAIM}settle/", SettleClaim.as_view(), name="claim-settle"),
    path(f"{_CLAIM}withdraw/", WithdrawClaim.as_view(), name="claim-withdraw"),
    path("claim-shares/", ClaimShares.as_view(), name="claim-shares"),
    path("cost-vouchers/", CostVouchers.as_view(), name="cost-vouchers"),
    path(_VOUCHER, OneCostVoucher.as_view(), name="cost-voucher"),
    path(f"{_VOUCHER}share/", ShareCost.as_view(), name="cost-voucher-share"),
    path(f"{_VOUCHER}revise/", ReviseCost.as_view(), name="cost-voucher-revise"),
    path(f"{_VOUCHER}close/", CloseCost.as_view(), name="cost-voucher-close"),
    path(f"{_VOUCHER}cancel/", CancelCost.as_view(), name="cost-voucher-cancel"),
    path("cost-shares/", CostShares.as_view(), name="cost-shares"),
]
