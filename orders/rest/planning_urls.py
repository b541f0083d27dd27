"""Addresses of planning."""

from __future__ import annotations

from django.urls import path

from orders.rest.planning import (
    Buffers,
    Consumption,
    Forecasts,
    PlanExceptions,
    Promises,
    SignalApproval,
    SignalProgress,
    SignalScorecard,
    SignalWeeks,
)
from orders.rest.rehearsal import Rehearsals, SignalReasons
from orders.rest.signal_messages import EdifactSignalAnswers, SignalDelfor, SignalForecast, UblSignalAnswers

_SIGNAL = "production-signals/<uuid:signal_id>/"

urlpatterns = [
    path("buffers/", Buffers.as_view(), name="buffers"),
    path("plan-exceptions/", PlanExceptions.as_view(), name="plan-exceptions"),
    path("forecast-consumption/", Consumption.as_view(), name="forecast-consumption"),
    path("forecasts/", Forecasts.as_view(), name="forecasts"),
    path("production-signals/weeks/", SignalWeeks.as_view(), name="production-signal-weeks"),
    path("production-signals/scorecard/", SignalScorecard.as_view(), name="production-signal-scorecard"),
    path(f"{_SIGNAL}progress/", SignalProgress.as_view(), name="production-signal-progress"),
    path(f"{_SIGNAL}approve/", SignalApproval.as_view(), name="production-signal-approve"),
    path(
        "production-signals/edifact/",
        EdifactSignalAnswers.as_view(),
        name="production-signal-answers-edifact",
    ),
    path("production-signals/ubl/", UblSignalAnswers.as_view(), name="production-signal-answers-ubl"),
    path(f"{_SIGNAL}delfor/", SignalDelfor.as_view(), name="production-signal-delfor"),
    path(f"{_SIGNAL}forecast.xml", SignalForecast.as_view(), name="production-signal-forecast"),
    path(f"{_SIGNAL}reasons/", SignalReasons.as_view(), name="production-signal-reasons"),
    path("rehearsals/", Rehearsals.as_view(), name="rehearsals"),
    path("promises/", Promises.as_view(), name="promises"),
]
