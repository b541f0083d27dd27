"""Addresses of blanket orders, quotations and approvals."""

from __future__ import annotations

from django.urls import path

from orders.rest.approval import (
    ApprovalRules,
    Approvals,
    OrderApprovals,
    PurchaseOrderApprovals,
    ReplaceRule,
    RetireRule,
    RuleChanges,
    Substitutes,
)
from orders.rest.blanket import (
    BlanketHistory,
    BlanketOrders,
    CancelBlanketOrder,
    OneBlanketOrder,
    Releases,
)
from orders.rest.quotation import (
    AcceptQuotation,
    AwardRequest,
    CancelRequest,
    CloseRequest,
    CompareQuotations,
    DeclineToQuote,
    OneQuotation,
    OneQuotationRequest,
    QuotationRequests,
    Quotations,
    Unseal,
    WithdrawQuotation,
)

_BLANKET = "blanket-orders/<uuid:blanket_order_id>/"
_REQUEST = "quotation-requests/<uuid:request_id>/"
_QUOTATION = "quotations/<uuid:quotation_id>/"

urlpatterns = [
    path("blanket-orders/", BlanketOrders.as_view(), name="blanket-orders"),
    path(_BLANKET, OneBlanketOrder.as_view(), name="blanket-order"),
    path(f"{_BLANKET}cancel/", CancelBlanketOrder.as_view(), name="blanket-order-cancel"),
    path(f"{_BLANKET}history/", BlanketHistory.as_view(), name="blanket-order-history"),
    path(f"{_BLANKET}releases/", Releases.as_view(), name="blanket-order-releases"),
    path("quotation-requests/", QuotationRequests.as_view(), name="quotation-requests"),
    path(_REQUEST, OneQuotationRequest.as_view(), name="quotation-request"),
    path(f"{_REQUEST}award/", AwardRequest.as_view(), name="quotation-request-award"),
    path(f"{_REQUEST}cancel/", CancelRequest.as_view(), name="quotation-request-cancel"),
    path(f"{_REQUEST}close/", CloseRequest.as_view(), name="quotation-request-close"),
    path(f"{_REQUEST}comparison/", CompareQuotations.as_view(), name="quotation-request-comparison"),
    path(f"{_REQUEST}decline/", DeclineToQuote.as_view(), name="quotation-request-decline"),
    path(f"{_REQUEST}unseal/", Unseal.as_view(), name="quotation-request-unseal"),
    path("quotations/", Quotations.as_view(), name="quotations"),
    path(_QUOTATION, OneQuotation.as_view(), name="quotation"),
    path(f"{_QUOTATION}accept/", AcceptQuotation.as_view(), name="quotation-accept"),
    path(f"{_QUOTATION}withdraw/", WithdrawQuotation.as_view(), name="quotation-withdraw"),
    path("approvals/", Approvals.as_view(), name="approvals"),
    path("approval-rules/", ApprovalRules.as_view(), name="approval-rules"),
    path("approval-rules/<int:rule_id>/changes/", RuleChanges.as_view(), name="approval-rule-changes"),
    path("approval-rules/<int:rule_id>/replace/", ReplaceRule.as_view(), name="approval-rule-replace"),
    path("approval-rules/<int:rule_id>/retire/", RetireRule.as_view(), name="approval-rule-retire"),
    path("approval-substitutes/", Substitutes.as_view(), name="approval-substitutes"),
    path("orders/<uuid:order_id>/approvals/", OrderApprovals.as_view(), name="order-approvals"),
    path(
        "purchase-orders/<uuid:purchase_order_id>/approvals/",
        PurchaseOrderApprovals.as_view(),
        name="purchase-order-approvals",
    ),
]
