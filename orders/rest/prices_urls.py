"""Addresses of article codes, agreements, rules, price lists, proposals, handling times and standing rules."""

from __future__ import annotations

from django.urls import path

from orders.rest.buyers_items import BuyersItems
from orders.rest.handling import HandlingChanges, HandlingTimes, OneHandlingTime
from orders.rest.prices import (
    AgreementChanges,
    Agreements,
    Approve,
    OneAgreement,
    OneProposal,
    PriceLists,
    Proposals,
    Reject,
    Rules,
    Withdraw,
)
from orders.rest.standing_rules import ManyStandingRules, StandingRulesChanges, WithdrawStandingRules

_AGREEMENT = "price-agreements/<int:agreement_id>/"
_HANDLING = "handling-times/<int:site_id>/"
_PROPOSAL = "price-proposals/<uuid:proposal_id>/"
_STANDING = "standing-rules/<int:rules_id>/"

urlpatterns = [
    path("buyers-items/", BuyersItems.as_view(), name="buyers-items"),
    path("handling-times/", HandlingTimes.as_view(), name="handling-times"),
    path(_HANDLING, OneHandlingTime.as_view(), name="handling-time"),
    path(f"{_HANDLING}changes/", HandlingChanges.as_view(), name="handling-time-changes"),
    path("order-rules/", Rules.as_view(), name="order-rules"),
    path("price-agreements/", Agreements.as_view(), name="price-agreements"),
    path(_AGREEMENT, OneAgreement.as_view(), name="price-agreement"),
    path(f"{_AGREEMENT}changes/", AgreementChanges.as_view(), name="price-agreement-changes"),
    path("price-lists/", PriceLists.as_view(), name="price-lists"),
    path("price-proposals/", Proposals.as_view(), name="price-proposals"),
    path(_PROPOSAL, OneProposal.as_view(), name="price-proposal"),
    path(f"{_PROPOSAL}approve/", Approve.as_view(), name="price-proposal-approve"),
    path(f"{_PROPOSAL}reject/", Reject.as_view(), name="price-proposal-reject"),
    path(f"{_PROPOSAL}withdraw/", Withdraw.as_view(), name="price-proposal-withdraw"),
    path("standing-rules/", ManyStandingRules.as_view(), name="standing-rules"),
    path(f"{_STANDING}changes/", StandingRulesChanges.as_view(), name="standing-rules-changes"),
    path(f"{_STANDING}withdraw/", WithdrawStandingRules.as_view(), name="standing-rules-withdraw"),
]
