"""Send a production signal as a message of the trade, and take a factory's message as its answer."""

from __future__ import annotations

from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.edifact import UnreadableMessage
from b2b.core.errors import Problem
from b2b.db.transactions import unit_of_work
from orders.models import ProductionSignal
from orders.policies import signal_message
from orders.policies.signal_message import Answer, Line, Message
from orders.selectors import supply
from orders.services import production_signal

BUYER = "MIDSTREAM"


def message(signal: ProductionSignal) -> Message:
    """Return a signal as it is sent; it names no dealer."""
    lines = [
        Line(
            line.line_number, line.product.sku, line.product.gtin, line.quantity, line.commitment, line.week_start_date
        )
        for line in signal.lines.all()
    ]  # fmt: skip
    return Message(signal.number, signal.created_at, BUYER, signal.factory.code, lines)


@unit_of_work()
def receive_ordrsp(content: bytes, *, by: Actor, at: datetime) -> ProductionSignal:
    """Take an EDIFACT ORDRSP as the answer to the signal it names.

    :raises UnreadableMessage: with every fault by segment; nothing is taken. :raises InvalidAnswer: for what does not
    fit the signal.
    """
    return _answer(signal_message.ordrsp(content), by=by, at=at)


@unit_of_work()
def receive_order_response(content: bytes, *, by: Actor, at: datetime) -> ProductionSignal:
    """Take a UBL OrderResponse as the answer to the signal it names; raises as `receive_ordrsp` does."""
    return _answer(signal_message.order_response(content), by=by, at=at)


def _answer(answer: Answer, *, by: Actor, at: datetime) -> ProductionSignal:
    signal = supply.production_signals(by).filter(number=answer.signal).first()
    if signal is None:
        raise UnreadableMessage(
            f"there is no signal {answer.signal} of yours",
            problems=[Problem("unknown_signal", "this signal is unknown", row=1, field="RFF/1154, OrderReference/ID",
                              remedy="give the number of our signal")],
        )  # fmt: skip
    asked = {line.line_number: line.quantity for line in signal.lines.all()}
    committed = {
        number: asked.get(number, 0) if quantity is None else quantity
        for number, quantity in answer.committed.items()
    }
    return production_signal.answer(signal, committed=committed, reason=answer.number, by=by, at=at)
