"""Addresses of the warehouse."""

from __future__ import annotations

from django.urls import path

from warehousing.rest.availability import Availability
from warehousing.rest.carton import Close, Open, Pull, Put, Reopen, Shift, Stack, Unpack
from warehousing.rest.count import (
    ApproveCount,
    CancelCount,
    CycleCounts,
    OneCycleCount,
    RejectCount,
    TellCount,
)
from warehousing.rest.epcis import Capture, CaptureErrors, Events, OneCapture, OneEvent
from warehousing.rest.floor import (
    ClaimTasks,
    ConfirmTasks,
    Decide,
    Inspections,
    Judge,
    OneInspection,
    PutawayTasks,
)
from warehousing.rest.label import LabelPdf, LabelZpl, PackingListPdf
from warehousing.rest.package import OnePackage, Packages
from warehousing.rest.pick import Claim, Confirm, GiveBack, Short
from warehousing.rest.recall import AnswerRecall, CloseRecall, Finding, OneRecall, Recalls, Traces
from warehousing.rest.receipt import CallOff, OneReceipt, Receipts, Receive
from warehousing.rest.receiving import (
    BookPart,
    CloseReceipt,
    Destroy,
    DisposeRejected,
    FoundGoodsList,
    Scans,
    SendBack,
    TakeBackScan,
    TakeIn,
)
from warehousing.rest.returns import DisposeReturn, OneReturnReceipt, ReceiveReturn, ReturnReceipts
from warehousing.rest.stock import Counts, Movements, Stock, StockAsOf
from warehousing.rest.wave import OneWave, Pack, Pick, Waves

urlpatterns = [
    path("availability/", Availability.as_view(), name="availability"),
    path("receipts/", Receipts.as_view(), name="receipts"),
    path("receipts/<uuid:receipt_id>/", OneReceipt.as_view(), name="receipt"),
    path("receipts/<uuid:receipt_id>/cancel/", CallOff.as_view(), name="receipt-cancel"),
    path("receipts/<uuid:receipt_id>/receive/", Receive.as_view(), name="receipt-receive"),
    path("receipts/<uuid:receipt_id>/scans/", Scans.as_view(), name="receipt-scans"),
    path(
        "receipts/<uuid:receipt_id>/scans/<int:scan_id>/take-back/",
        TakeBackScan.as_view(),
        name="receipt-scan-take-back",
    ),
    path("receipts/<uuid:receipt_id>/book/", BookPart.as_view(), name="receipt-book"),
    path("receipts/<uuid:receipt_id>/close/", CloseReceipt.as_view(), name="receipt-close"),
    path(
        "receipts/<uuid:receipt_id>/dispose-rejected/",
        DisposeRejected.as_view(),
        name="receipt-dispose-rejected",
    ),
    path("found-goods/", FoundGoodsList.as_view(), name="found-goods"),
    path("found-goods/<uuid:found_id>/take-in/", TakeIn.as_view(), name="found-goods-take-in"),
    path("found-goods/<uuid:found_id>/send-back/", SendBack.as_view(), name="found-goods-send-back"),
    path("found-goods/<uuid:found_id>/destroy/", Destroy.as_view(), name="found-goods-destroy"),
    path("inspections/", Inspections.as_view(), name="inspections"),
    path("inspections/<uuid:inspection_id>/", OneInspection.as_view(), name="inspection"),
    path("inspections/<uuid:inspection_id>/judge/", Judge.as_view(), name="inspection-judge"),
    path("inspections/<uuid:inspection_id>/decide/", Decide.as_view(), name="inspection-decide"),
    path("putaway-tasks/", PutawayTasks.as_view(), name="putaway-tasks"),
    path("putaway-tasks/claim/", ClaimTasks.as_view(), name="putaway-tasks-claim"),
    path("putaway-tasks/confirm/", ConfirmTasks.as_view(), name="putaway-tasks-confirm"),
    path("return-receipts/", ReturnReceipts.as_view(), name="return-receipts"),
    path("return-receipts/<uuid:receipt_id>/", OneReturnReceipt.as_view(), name="return-receipt"),
    path(
        "return-receipts/<uuid:receipt_id>/receive/", ReceiveReturn.as_view(), name="return-receipt-receive"
    ),
    path(
        "return-receipts/<uuid:receipt_id>/dispose/", DisposeReturn.as_view(), name="return-receipt-dispose"
    ),
    path("stock/", Stock.as_view(), name="stock"),
    path("stock/movements/", Movements.as_view(), name="stock-movements"),
    path("stock/as-of/", StockAsOf.as_view(), name="stock-as-of"),
    path("stock/counts/", Counts.as_view(), name="stock-counts"),
    path("counts/", CycleCounts.as_view(), name="counts"),
    path("counts/<uuid:count_id>/", OneCycleCount.as_view(), name="count"),
    path("counts/<uuid:count_id>/cancel/", CancelCount.as_view(), name="count-cancel"),
    path("counts/<uuid:count_id>/lines/", TellCount.as_view(), name="count-lines"),
    path(
        "counts/<uuid:count_id>/lines/<int:line_number>/approve/",
        ApproveCount.as_view(),
        name="count-line-approve",
    ),
    path(
        "counts/<uuid:count_id>/lines/<int:line_number>/reject/",
        RejectCount.as_view(),
        name="count-line-reject",
    ),
    path("waves/", Waves.as_view(), name="waves"),
    path("waves/<uuid:wave_id>/", OneWave.as_view(), name="wave"),
    path("waves/<uuid:wave_id>/pick/", Pick.as_view(), name="wave-pick"),
    path("waves/<uuid:wave_id>/pack/", Pack.as_view(), name="wave-pack"),
    path("pick-tasks/claim/", Claim.as_view(), name="pick-claim"),
    path("pick-tasks/give-back/", GiveBack.as_view(), name="pick-give-back"),
    path("pick-tasks/<str:task>/confirm/", Confirm.as_view(), name="pick-confirm"),
    path("pick-tasks/<str:task>/short/", Short.as_view(), name="pick-short"),
    path("packages/open/", Open.as_view(), name="package-open"),
    path("packages/", Packages.as_view(), name="packages"),
    path("packages/<str:sscc>/", OnePackage.as_view(), name="package"),
    path("packages/<str:sscc>/put/", Put.as_view(), name="package-put"),
    path("packages/<str:sscc>/close/", Close.as_view(), name="package-close"),
    path("packages/<str:sscc>/reopen/", Reopen.as_view(), name="package-reopen"),
    path("packages/<str:sscc>/unpack/", Unpack.as_view(), name="package-unpack"),
    path("packages/<str:sscc>/pull/", Pull.as_view(), name="package-pull"),
    path("packages/<str:sscc>/shift/", Shift.as_view(), name="package-shift"),
    path("pallets/", Stack.as_view(), name="pallets"),
    path("packages/<str:sscc>/label.pdf", LabelPdf.as_view(), name="package-label-pdf"),
    path("packages/<str:sscc>/label.zpl", LabelZpl.as_view(), name="package-label-zpl"),
    path("packages/<str:sscc>/packing-list.pdf", PackingListPdf.as_view(), name="package-packing-list"),
    path("epcis/events", Events.as_view(), name="epcis-events"),
    path("epcis/events/<path:event_id>", OneEvent.as_view(), name="epcis-event"),
    path("epcis/capture", Capture.as_view(), name="epcis-capture"),
    path("epcis/capture/<uuid:capture_id>", OneCapture.as_view(), name="epcis-capture-job"),
    path("epcis/capture/<uuid:capture_id>/errors", CaptureErrors.as_view(), name="epcis-capture-errors"),
    path("trace/", Traces.as_view(), name="trace"),
    path("recalls/", Recalls.as_view(), name="recalls"),
    path("recalls/<uuid:recall_id>/", OneRecall.as_view(), name="recall"),
    path("recalls/<uuid:recall_id>/finding/", Finding.as_view(), name="recall-finding"),
    path("recalls/<uuid:recall_id>/answers/", AnswerRecall.as_view(), name="recall-answers"),
    path("recalls/<uuid:recall_id>/close/", CloseRecall.as_view(), name="recall-close"),
]
