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
        },
        "PAID": {"reopen_partly": "PARTLY_PAID", "reopen": "ISSUED"},
        "CREDITED": {},
    },
)

CREDIT_NOTE: Final = Machine("Credit note", {"ISSUED": {}})

SUPPLIER_CREDIT: Final = Machine("Supplier credit", {"ISSUED": {}})

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
        "RECEIVED": {"allocate_partly": "RECEIVED", "allocate": "ALLOCATED"},
        "ALLOCATED": {"reopen": "RECEIVED"},
    },
)

STATEMENT_LINE: Final = Machine(
    "Statement line",
    {
        "OPEN": {"propose": "PROPOSED", "doubt": "IN_CASE", "match": "MATCHED", "set_aside": "SET_ASIDE"},
        "PROPOSED": {"match": "MATCHED", "doubt": "IN_CASE", "set_aside": "SET_ASIDE"},
        "IN_CASE": {"match": "MATCHED", "set_aside": "SET_ASIDE"},
        "MATCHED": {},
        "SET_ASIDE": {},
    },
)

PROPOSAL: Final = Machine(
    "Match proposal",
    {"PROPOSED": {"accept": "ACCEPTED", "reject": "REJECTED"}, "ACCEPTED": {}, "REJECTED": {}},
)

CASE: Final = Machine("Case", {"OPEN": {"resolve": "RESOLVED"}, "RESOLVED": {"reopen": "OPEN"}})
