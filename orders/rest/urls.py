"""Addresses of orders."""

from __future__ import annotations

from django.urls import path

from orders.rest import aftersales_urls, agreement_urls, planning_urls, prices_urls
from orders.rest.bulk import BulkOrders, BulkResult, Reorder
from orders.rest.change import (
    AcceptSubstitution,
    Changes,
    DeclineSubstitution,
    OneSubstitution,
    PurchaseChanges,
    Substitutions,
)
from orders.rest.cycle import (
    CallOff,
    Close,
    CycleHistory,
    Cycles,
    Extend,
    OneCycle,
    OneStatement,
    Policy,
    Progress,
    Statements,
)
from orders.rest.order import Cancel, History, OneOrder, OrderLines, Orders, Prices, Reopen
from orders.rest.response import DecidePrices, PriceAnswers, Responses
from orders.rest.sharing import EqualTreatment, Explain, OneRun, Replay, RunRows, Runs, Withdraw
from orders.rest.supply import (
    DespatchAdvices,
    OneDespatchAdvice,
    OnePurchaseOrder,
    OneSignal,
    PurchaseOrders,
    SignalAnswers,
    Signals,
    UblDespatchAdvices,
)

_CYCLE = "order-cycles/<uuid:cycle_id>/"
_PURCHASE = "purchase-orders/<uuid:purchase_order_id>/"
_SUBSTITUTION = "substitutions/<uuid:substitution_id>/"
_SIGNAL = "production-signals/<uuid:signal_id>/"

urlpatterns = [
    *aftersales_urls.urlpatterns,
    *agreement_urls.urlpatterns,
    *planning_urls.urlpatterns,
    *prices_urls.urlpatterns,
    path("catalog/prices/", Prices.as_view(), name="prices"),
    path("orders/", Orders.as_view(), name="orders"),
    path("orders/bulk/", BulkOrders.as_view(), name="orders-bulk"),
    path("orders/bulk/result/", BulkResult.as_view(), name="orders-bulk-result"),
    path("orders/<uuid:order_id>/reorder/", Reorder.as_view(), name="order-reorder"),
    path("orders/<uuid:order_id>/", OneOrder.as_view(), name="order"),
    path("orders/<uuid:order_id>/lines/", OrderLines.as_view(), name="order-lines"),
    path("orders/<uuid:order_id>/history/", History.as_view(), name="order-history"),
    path("orders/<uuid:order_id>/cancel/", Cancel.as_view(), name="order-cancel"),
    path("orders/<uuid:order_id>/reopen/", Reopen.as_view(), name="order-reopen"),
    path("orders/<uuid:order_id>/explain/", Explain.as_view(), name="order-explain"),
    path("orders/<uuid:order_id>/withdraw/", Withdraw.as_view(), name="order-withdraw"),
    path("allocation-runs/", Runs.as_view(), name="allocation-runs"),
    path("allocation-runs/<uuid:run_id>/", OneRun.as_view(), name="allocation-run"),
    path("allocation-runs/<uuid:run_id>/results/", RunRows.as_view(), name="allocation-run-results"),
    path("allocation-runs/<uuid:run_id>/replay/", Replay.as_view(), name="allocation-run-replay"),
    path("orders/<uuid:order_id>/changes/", Changes.as_view(), name="order-changes"),
    path("substitutions/", Substitutions.as_view(), name="substitutions"),
    path(_SUBSTITUTION, OneSubstitution.as_view(), name="substitution"),
    path(f"{_SUBSTITUTION}accept/", AcceptSubstitution.as_view(), name="substitution-accept"),
    path(f"{_SUBSTITUTION}decline/", DeclineSubstitution.as_view(), name="substitution-decline"),
    path("order-cycles/", Cycles.as_view(), name="order-cycles"),
    path(_CYCLE, OneCycle.as_view(), name="order-cycle"),
    path(f"{_CYCLE}policy/", Policy.as_view(), name="order-cycle-policy"),
    path(f"{_CYCLE}history/", CycleHistory.as_view(), name="order-cycle-history"),
    path(f"{_CYCLE}progress/", Progress.as_view(), name="order-cycle-progress"),
    path(f"{_CYCLE}equal-treatment/", EqualTreatment.as_view(), name="order-cycle-equal-treatment"),
    path(f"{_CYCLE}extend/", Extend.as_view(), name="order-cycle-extend"),
    path(f"{_CYCLE}cancel/", CallOff.as_view(), name="order-cycle-cancel"),
    path(f"{_CYCLE}close/", Close.as_view(), name="order-cycle-close"),
    path("purchase-orders/", PurchaseOrders.as_view(), name="purchase-orders"),
    path(_PURCHASE, OnePurchaseOrder.as_view(), name="purchase-order"),
    path(f"{_PURCHASE}changes/", PurchaseChanges.as_view(), name="purchase-order-changes"),
    path(f"{_PURCHASE}price-answers/", PriceAnswers.as_view(), name="purchase-order-price-answers"),
    path(f"{_PURCHASE}price-answers/decide/", DecidePrices.as_view(), name="purchase-order-prices-decide"),
    path(f"{_PURCHASE}responses/", Responses.as_view(), name="purchase-order-responses"),
    path("despatch-advices/", DespatchAdvices.as_view(), name="despatch-advices"),
    path("despatch-advices/ubl/", UblDespatchAdvices.as_view(), name="despatch-advices-ubl"),
    path("despatch-advices/<uuid:advice_id>/", OneDespatchAdvice.as_view(), name="despatch-advice"),
    path("production-signals/", Signals.as_view(), name="production-signals"),
    path(_SIGNAL, OneSignal.as_view(), name="production-signal"),
    path(f"{_SIGNAL}answers/", SignalAnswers.as_view(), name="production-signal-answers"),
    path("savings-statements/", Statements.as_view(), name="savings-statements"),
    path("savings-statements/<uuid:statement_id>/", OneStatement.as_view(), name="savings-statement"),
]
