"""The life cycles of finance's documents."""

from __future__ import annotations

from typing import Final

from b2b.core.machine import Machine

INVOICE: Final = Machine(
    "Invoice",
    {
        "ISSUED": {
            "settle_partly": "PARTLY_PAID",
            "settle": "PAID",
            "credit_partly": "ISSUED",
            "credit": "CREDITED",
        },
        "PARTLY_PAID": {
            "settle_partly": "PARTLY_PAID",
            "settle": "PAID",
            "credit_partly": "PARTLY_PAID",
            "credit": "PAID",
            "reopen": "ISSUED",
            "reopen_partly": "PARTLY_PAID",
        },
        "PAID": {"reopen_partly": "PARTLY_PAID", "reopen": "ISSUED"},
        "CREDITED": {},
    },
)

CREDIT_NOTE: Final = Machine("Credit note", {"ISSUED": {}})

SUPPLIER_CREDIT: Final = Machine(
    "Supplier credit", {"ISSUED": {"settle": "SETTLED"}, "SETTLED": {"reopen": "ISSUED"}}
)

SUPPLIER_INVOICE: Final = Machine(
    "Factory invoice",
    {
        "RECEIVED": {"approve": "APPROVED", "hold": "HELD"},
        "HELD": {"hold": "HELD", "approve": "APPROVED", "release": "APPROVED", "reject": "REJECTED"},
        "APPROVED": {"pay": "PAID", "assign": "ASSIGNED"},
        "ASSIGNED": {"take_back": "APPROVED", "pay": "PAID"},
        "PAID": {"reopen": "APPROVED", "owe_again": "ASSIGNED"},
        "REJECTED": {},
    },
)

PAYEE_ACCOUNT: Final = Machine(
    "Payee account",
    {
        "PROPOSED": {"confirm": "CONFIRMED", "withdraw": "WITHDRAWN"},
        "CONFIRMED": {"withdraw": "WITHDRAWN"},
        "WITHDRAWN": {},
    },
)

PAYMENT_RUN: Final = Machine(
    "Payment run",
    {
        "PROPOSED": {"approve": "APPROVED", "drop": "DROPPED"},
        "APPROVED": {"hand_over": "SENT"},
        "SENT": {"hand_over": "SENT", "answer": "ANSWERED"},
        "ANSWERED": {"hand_over": "ANSWERED", "answer": "ANSWERED"},
        "DROPPED": {},
    },
)

PAYMENT_ORDER: Final = Machine(
    "Payment order",
    {
        "PROPOSED": {"approve": "APPROVED", "drop": "DROPPED"},
        "APPROVED": {"accept": "ACCEPTED", "refuse": "REFUSED", "settle": "SETTLED"},
        "ACCEPTED": {"accept": "ACCEPTED", "refuse": "REFUSED", "settle": "SETTLED"},
        "SETTLED": {"call_back": "COMING_BACK", "give_back": "RETURNED"},
        "COMING_BACK": {"give_back": "RETURNED"},
        "RETURNED": {},
        "REFUSED": {},
        "DROPPED": {},
    },
)

CREDIT_HOLD: Final = Machine(
    "Credit hold",
    {
        "HELD": {"adjust": "HELD", "invoice_partly": "HELD", "invoice": "INVOICED", "release": "RELEASED"},
        "INVOICED": {"adjust": "HELD", "release": "RELEASED"},
        "RELEASED": {"hold": "HELD"},
    },
)

PAYMENT: Final = Machine(
    "Payment",
    {
        "RECEIVED": {
            "allocate_partly": "RECEIVED",
            "allocate": "ALLOCATED",
            "cancel": "CANCELLED",
            "give_back": "RETURNED",
        },
        "ALLOCATED": {"reopen": "RECEIVED", "cancel": "CANCELLED", "give_back": "RETURNED"},
        "CANCELLED": {},
        "RETURNED": {},
    },
)

STATEMENT_LINE: Final = Machine(
    "Statement line",
    {
        "OPEN": {"propose": "PROPOSED", "doubt": "IN_CASE", "match": "MATCHED", "set_aside": "SET_ASIDE"},
        "PROPOSED": {"match": "MATCHED", "doubt": "IN_CASE", "set_aside": "SET_ASIDE"},
        "IN_CASE": {"match": "MATCHED", "set_aside": "SET_ASIDE"},
        "HELD": {"release": "OPEN"},
        "MATCHED": {"undo": "OPEN"},
        "SET_ASIDE": {},
    },
)

MATCH: Final = Machine(
    "Match",
    {
        "PROPOSED": {"accept": "ACCEPTED", "reject": "REJECTED"},
        "ACCEPTED": {"undo": "UNDONE"},
        "REJECTED": {},
        "UNDONE": {},
    },
)

CASE: Final = Machine("Case", {"OPEN": {"resolve": "RESOLVED"}, "RESOLVED": {"reopen": "OPEN"}})

PROGRAMME: Final = Machine(
    "Programme", {"DRAFT": {"open": "OPEN", "drop": "CLOSED"}, "OPEN": {"close": "CLOSED"}, "CLOSED": {}}
)

FINANCING_REQUEST: Final = Machine(
    "Financing request",
    {
        "ASKED": {"offer": "OFFERED", "refuse": "REFUSED", "withdraw": "WITHDRAWN"},
        "OFFERED": {"accept": "ACCEPTED", "decline": "DECLINED", "lapse": "LAPSED"},
        "ACCEPTED": {},
        "REFUSED": {},
        "WITHDRAWN": {},
        "DECLINED": {},
        "LAPSED": {},
    },
)

FINANCING: Final = Machine(
    "Financing",
    {
        "DRAWN": {"repay_partly": "DRAWN", "repay": "REPAID", "declare_default": "DEFAULTED"},
        "DEFAULTED": {
            "repay_partly": "DEFAULTED",
            "repay": "REPAID",
            "take_recourse": "RECOURSE",
            "write_off": "WRITTEN_OFF",
        },
        "RECOURSE": {"repay_partly": "RECOURSE", "repay": "REPAID", "write_off": "WRITTEN_OFF"},
        "REPAID": {"take_payment_back": "DRAWN"},
        "WRITTEN_OFF": {},
    },
)

STOCK_PLEDGE: Final = Machine(
    "Stock pledge", {"PLEDGED": {"release_partly": "PLEDGED", "release": "RELEASED"}, "RELEASED": {}}
)

VOUCHER: Final = Machine(
    "Voucher",
    {
        "HELD": {"split": "SPLIT", "transfer": "TRANSFERRED", "pledge": "PLEDGED", "redeem": "REDEEMED"},
        "PLEDGED": {"release": "HELD"},
        "SPLIT": {},
        "TRANSFERRED": {},
        "REDEEMED": {},
    },
)

PERIOD: Final = Machine(
    "Period",
    {
        "OPEN": {"close": "CLOSED"},
        "CLOSED": {"ask_reopen": "REOPEN_ASKED"},
        "REOPEN_ASKED": {"grant_reopen": "OPEN", "refuse_reopen": "CLOSED"},
    },
)
