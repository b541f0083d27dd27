"""The life cycles of the documents of this app."""

from __future__ import annotations

from typing import Final

from b2b.core.machine import Machine

ORDER: Final = Machine(
    "order",
    {
        "DRAFT": {
            "confirm": "CONFIRMED",
            "await_approval": "AWAITING_APPROVAL",
            "reject": "REJECTED",
            "cancel": "CANCELLED",
        },
        "AWAITING_APPROVAL": {
            "change": "AWAITING_APPROVAL",
            "confirm": "CONFIRMED",
            "decline": "REJECTED",
            "cancel": "CANCELLED",
        },
        "CONFIRMED": {
            "reprice": "CONFIRMED",
            "shorten": "CONFIRMED",
            "change": "CONFIRMED",
            "cancel": "CANCELLED",
            "complete": "COMPLETED",
        },
        "REJECTED": {},
        # What nobody acted on is taken up again, as a draft that is judged anew.
        "CANCELLED": {"reopen": "DRAFT"},
        "COMPLETED": {},
    },
)

ORDER_CYCLE: Final = Machine(
    "order cycle",
    {
        "DRAFT": {"open": "OPEN", "extend": "DRAFT", "declare": "DRAFT", "cancel": "CLOSED"},
        "OPEN": {
            "boxfill": "BOXFILL",
            "extend": "OPEN",
            "declare": "OPEN",
            "freeze": "FROZEN",
            "cancel": "CLOSED",
        },
        "BOXFILL": {"extend": "BOXFILL", "declare": "BOXFILL", "freeze": "FROZEN", "cancel": "CLOSED"},
        "FROZEN": {"send": "SENT", "close": "CLOSED"},
        "SENT": {"confirm": "CONFIRMED", "close": "CLOSED"},
        "CONFIRMED": {"close": "CLOSED"},
        "CLOSED": {},
    },
)

# What a cycle is until its cut-off; the clock decides which of them holds, the status follows.
BEFORE_CUTOFF: Final = ("DRAFT", "OPEN", "BOXFILL")

# A later answer of the factory replaces an earlier one, so a confirmed order can be confirmed again.
PURCHASE_ORDER: Final = Machine(
    "purchase order",
    {
        "DRAFT": {"send": "SENT", "await_approval": "AWAITING_APPROVAL"},
        "AWAITING_APPROVAL": {"send": "SENT", "decline": "REJECTED"},
        "SENT": {"answer": "SENT", "confirm": "CONFIRMED", "reject": "REJECTED", "change": "SENT"},
        "CONFIRMED": {
            "confirm": "CONFIRMED",
            "shorten": "CONFIRMED",
            "change": "CONFIRMED",
            "reject": "REJECTED",
            "close": "CLOSED",
        },
        "REJECTED": {},
        "CLOSED": {},
    },
)

# Above the tolerance a price is a proposal; the operator's word on it is final for that answer.
PRICE_ANSWER: Final = Machine(
    "price answer",
    {
        "PROPOSED": {"accept": "ACCEPTED", "refuse": "REFUSED"},
        "WITHIN_TOLERANCE": {},
        "ACCEPTED": {},
        "REFUSED": {},
    },
)

SUBSTITUTION: Final = Machine(
    "substitution",
    {
        "OFFERED": {"accept": "ACCEPTED", "decline": "DECLINED", "lapse": "LAPSED"},
        "ACCEPTED": {},
        "DECLINED": {},
        "LAPSED": {},
    },
)

PURCHASE_ORDER_CHANGE: Final = Machine(
    "purchase order change",
    {"REQUESTED": {"accept": "ACCEPTED", "refuse": "REFUSED"}, "ACCEPTED": {}, "REFUSED": {}},
)

DESPATCH_ADVICE: Final = Machine(
    "despatch advice",
    {"ADVISED": {"receive": "RECEIVED"}, "RECEIVED": {"receive": "RECEIVED"}},
)

PRODUCTION_SIGNAL: Final = Machine(
    "production signal",
    {
        "PROPOSED": {"approve": "APPROVED", "cancel": "CANCELLED", "supersede": "SUPERSEDED"},
        "APPROVED": {"send": "SENT", "cancel": "CANCELLED", "supersede": "SUPERSEDED"},
        "SENT": {
            "acknowledge": "ACKNOWLEDGED",
            "commit": "COMMITTED",
            "reject": "REJECTED",
            "expire": "EXPIRED",
            "supersede": "SUPERSEDED",
        },
        "ACKNOWLEDGED": {
            "commit": "COMMITTED",
            "reject": "REJECTED",
            "expire": "EXPIRED",
            "supersede": "SUPERSEDED",
        },
        # What a factory committed to is changed by its own next answer only.
        "COMMITTED": {
            "commit": "COMMITTED",
            "produce": "IN_PRODUCTION",
            "ship": "SHIPPED",
            "fulfil": "FULFILLED",
        },
        "IN_PRODUCTION": {"produce": "IN_PRODUCTION", "ship": "SHIPPED", "fulfil": "FULFILLED"},
        "SHIPPED": {"ship": "SHIPPED", "fulfil": "FULFILLED"},
        "FULFILLED": {},
        "REJECTED": {},
        "CANCELLED": {},
        "EXPIRED": {},
        "SUPERSEDED": {},
    },
)

SAVINGS_STATEMENT: Final = Machine("savings statement", {"STATED": {}})

# Leave that nobody used lapses when the warehouse counts nothing.
RETURN_AUTHORISATION: Final = Machine(
    "return",
    {
        "REQUESTED": {"authorise": "AUTHORISED", "refuse": "REFUSED", "withdraw": "WITHDRAWN"},
        "AUTHORISED": {"receive": "RECEIVED", "lapse": "LAPSED"},
        "RECEIVED": {"credit_partly": "RECEIVED", "credit": "CREDITED"},
        "CREDITED": {},
        "REFUSED": {},
        "WITHDRAWN": {},
        "LAPSED": {},
    },
)

CLAIM: Final = Machine(
    "claim",
    {
        "SENT": {
            "accept": "ACCEPTED",
            "accept_partly": "PARTLY_ACCEPTED",
            "refuse": "REFUSED",
            "withdraw": "WITHDRAWN",
        },
        "ACCEPTED": {"settle": "SETTLED"},
        "PARTLY_ACCEPTED": {"settle": "SETTLED", "withdraw": "WITHDRAWN"},
        "REFUSED": {"withdraw": "WITHDRAWN"},
        "SETTLED": {"note_credit": "SETTLED"},
        "WITHDRAWN": {},
    },
)

# A voucher is shared again whenever other goods turn out to have been received, until it is closed.
COST_VOUCHER: Final = Machine(
    "cost voucher",
    {
        "PLANNED": {"revise": "PLANNED", "share": "SHARED", "cancel": "CANCELLED"},
        "SHARED": {"revise": "SHARED", "share": "SHARED", "close": "CLOSED", "cancel": "CANCELLED"},
        "CLOSED": {},
        "CANCELLED": {},
    },
)

BLANKET_ORDER: Final = Machine(
    "blanket order",
    {
        "DRAFT": {"agree": "AGREED", "cancel": "CANCELLED"},
        "AGREED": {"expire": "EXPIRED", "cancel": "CANCELLED"},
        "EXPIRED": {},
        "CANCELLED": {},
    },
)

# Quotations are sealed while the request is ASKED.
QUOTATION_REQUEST: Final = Machine(
    "request for quotation",
    {
        "DRAFT": {"ask": "ASKED", "cancel": "CANCELLED"},
        "ASKED": {"unseal": "UNSEALED", "cancel": "CANCELLED", "expire": "CLOSED"},
        "UNSEALED": {"award": "AWARDED", "close": "CLOSED", "cancel": "CANCELLED", "expire": "CLOSED"},
        "AWARDED": {},
        "CLOSED": {},
        "CANCELLED": {},
    },
)

QUOTATION: Final = Machine(
    "quotation",
    {
        "SUBMITTED": {
            "revise": "SUBMITTED",
            "award": "AWARDED",
            "lose": "LOST",
            "withdraw": "WITHDRAWN",
            "expire": "EXPIRED",
        },
        "WITHDRAWN": {"revise": "SUBMITTED"},
        "AWARDED": {},
        "LOST": {},
        "EXPIRED": {},
    },
)

APPROVAL_STEP: Final = Machine(
    "approval",
    {
        "PENDING": {"approve": "APPROVED", "decline": "DECLINED", "drop": "DROPPED"},
        "APPROVED": {},
        "DECLINED": {},
        "DROPPED": {},
    },
)

PRICE_PROPOSAL: Final = Machine(
    "price proposal",
    {
        "PROPOSED": {"approve": "APPROVED", "reject": "REJECTED", "withdraw": "WITHDRAWN"},
        "APPROVED": {},
        "REJECTED": {},
        "WITHDRAWN": {},
    },
)
