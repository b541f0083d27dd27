"""The life cycles of warehousing."""

from __future__ import annotations

from typing import Final

from b2b.core.machine import Machine

LOT: Final = Machine(
    "lot",
    {
        "RELEASED": {"quarantine": "QUARANTINED"},
        "QUARANTINED": {"release": "RELEASED", "reject": "REJECTED"},
        "REJECTED": {},
    },
)

HANDLING_UNIT: Final = Machine(
    "handling unit",
    {
        "EXPECTED": {"arrive": "STORED", "cancel": "CANCELLED"},
        "STORED": {"ship": "SHIPPED", "empty": "EMPTY"},
        "SHIPPED": {"return_": "STORED", "empty": "EMPTY"},
        "EMPTY": {},
        "CANCELLED": {"expect": "EXPECTED"},
    },
)

RECEIPT: Final = Machine(
    "receipt",
    {
        "EXPECTED": {"receive": "RECEIVED", "count": "RECEIVING", "cancel": "CANCELLED"},
        "RECEIVING": {"book": "RECEIVING", "close": "RECEIVED"},
        "RECEIVED": {},
        "CANCELLED": {},
    },
)

FOUND_GOODS: Final = Machine(
    "found goods",
    {
        "OPEN": {"take_in": "TAKEN_IN", "send_back": "SENT_BACK", "destroy": "DESTROYED"},
        "TAKEN_IN": {},
        "SENT_BACK": {},
        "DESTROYED": {},
    },
)

INSPECTION: Final = Machine(
    "inspection",
    {
        "OPEN": {"accept": "ACCEPTED", "fail": "FAILED"},
        "FAILED": {"rework": "REWORK", "reject": "REJECTED", "sort": "SORTED"},
        "REWORK": {"accept": "ACCEPTED", "fail": "FAILED"},
        "ACCEPTED": {},
        "REJECTED": {},
        "SORTED": {},
    },
)

PUTAWAY_TASK: Final = Machine(
    "putaway task",
    {
        "OPEN": {"claim": "CLAIMED", "cancel": "CANCELLED"},
        "CLAIMED": {"confirm": "DONE", "give_back": "OPEN", "cancel": "CANCELLED"},
        "DONE": {},
        "CANCELLED": {},
    },
)

RETURN_RECEIPT: Final = Machine(
    "return receipt",
    {
        "EXPECTED": {"receive": "RECEIVED", "cancel": "CANCELLED"},
        "RECEIVED": {"dispose_partly": "RECEIVED", "dispose": "DISPOSED"},
        "DISPOSED": {},
        "CANCELLED": {},
    },
)

PROMISE: Final = Machine(
    "promise",
    {
        "ON_HAND": {"fulfil": "FULFILLED", "release": "RELEASED", "lapse": "LAPSED"},
        "EXPECTED": {"arrive": "ON_HAND", "release": "RELEASED", "lapse": "LAPSED"},
        "FULFILLED": {"put_back": "ON_HAND", "release": "RELEASED"},
        "RELEASED": {},
        "LAPSED": {},
    },
)

RESERVATION: Final = Machine(
    "reservation",
    {
        "ACTIVE": {"pick": "PICKED", "release": "RELEASED"},
        "PICKED": {"put_back": "RELEASED"},
        "RELEASED": {},
    },
)

WAVE: Final = Machine(
    "wave",
    {
        "RELEASED": {"pick": "PICKED", "cancel": "CANCELLED"},
        "PICKED": {"pack": "PACKED"},
        "PACKED": {},
        "CANCELLED": {},
    },
)

PICK_TASK: Final = Machine(
    "pick task",
    {
        "OPEN": {"pick": "PICKED", "cancel": "CANCELLED"},
        "PICKED": {"put_back": "CANCELLED"},
        "CANCELLED": {},
    },
)

PACKAGE: Final = Machine(
    "package",
    {
        "OPEN": {"close": "PACKED", "unpack": "UNPACKED"},
        "PACKED": {"depart": "DEPARTED", "reopen": "OPEN", "pull": "PULLED"},
        "DEPARTED": {"return_": "PACKED"},
        "UNPACKED": {},
        "PULLED": {},
    },
)

CYCLE_COUNT: Final = Machine(
    "cycle count",
    {
        "OPEN": {"finish": "DONE", "cancel": "CANCELLED"},
        "DONE": {},
        "CANCELLED": {},
    },
)

COUNT_LINE: Final = Machine(
    "line of a count",
    {
        "OPEN": {"book": "BOOKED", "recount": "RECOUNT", "hold": "HELD", "cancel": "CANCELLED"},
        "RECOUNT": {"book": "BOOKED", "recount": "RECOUNT", "hold": "HELD", "cancel": "CANCELLED"},
        "HELD": {"approve": "BOOKED", "reject": "RECOUNT", "cancel": "CANCELLED"},
        "BOOKED": {},
        "CANCELLED": {},
    },
)

COUNT_LINE_SETTLED: Final = frozenset(
    {"HELD", "BOOKED", "CANCELLED"}
)  # the books may be shown beside the count

RECALL: Final = Machine(
    "recall",
    {
        "OPEN": {"answer": "OPEN", "close": "CLOSED"},
        "REHEARSED": {},
        "CLOSED": {},
    },
)

RECALL_NOTICE: Final = Machine(
    "recall notice",
    {
        "TOLD": {"answer": "ANSWERED"},
        "ANSWERED": {"answer": "ANSWERED"},
    },
)
