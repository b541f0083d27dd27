"""The value figures recomputed from the documents of the other apps, by queries that share nothing with the handlers.

They hold once every fact told has been heard; while facts are on their way to the tower nothing is compared.
"""

from __future__ import annotations

from typing import Final

from b2b.core.money import EXPONENTS
from b2b.db.invariants import invariant

_MINOR: Final = (
    "power(10::numeric, CASE {currency} "
    + " ".join(f"WHEN '{currency}' THEN {digits}" for currency, digits in EXPONENTS.items())
    + " ELSE 2 END)"
)
_HEARD: Final = """
    NOT EXISTS (SELECT FROM outbox_delivery WHERE handler LIKE 'tower.%%' AND status <> 'DONE')
"""


def _same(name: str, promise: str, shown: str, documents: str) -> None:
    """State that two queries of (key, amount) agree to the cent."""
    invariant(
        name,
        promise,
        f"""
        SELECT key, shown.amount AS shown, documents.amount AS documents
        FROM ({shown}) shown(key, amount) FULL JOIN ({documents}) documents(key, amount) USING (key)
        WHERE coalesce(shown.amount, 0) <> coalesce(documents.amount, 0) AND {_HEARD.replace("%%", "%")}
        """,
    )


_SHARES: Final = ("baseline", "pooled", "dealer_share", "platform_share", "factory_share")
_STATED: Final = " UNION ALL ".join(
    f"SELECT '{name} ' || dealer_id || ' ' || currency, sum({name}) FROM {{source}} GROUP BY 1"
    for name in _SHARES
)
_IN_FORCE: Final = """(
    SELECT * FROM orders_savingsstatement statement WHERE NOT EXISTS (
        SELECT FROM orders_savingsstatement later WHERE later.restates_id = statement.id)) holding
"""
_same(
    "tower.savings_are_statements",
    "What the sums of days say pooling saved each dealer is what the statements in force say",
    _STATED.format(source="tower_valueday"),
    _STATED.format(source=_IN_FORCE),
)
_same(
    "tower.delivered_is_signed_for",
    "What the sums of days say was delivered to each dealer is what proofs of delivery say",
    "SELECT dealer_id::text, sum(delivered_quantity) FROM tower_orderlinefact GROUP BY 1",
    "SELECT dealer_id::text, sum(accepted_quantity) FROM logistics_proofline GROUP BY 1",
)
_same(
    "tower.freight_is_accrued",
    "The freight of the value view is what the ledger accrued to carriers",
    f"""SELECT currency, sum(freight_amount) * {_MINOR.format(currency="currency")} FROM tower_orderlinefact
        GROUP BY currency""",
    """
    SELECT account.unit, sum(line.amount) FROM finance_journalline line
    JOIN finance_account account ON account.id = line.account_id AND account.code = '5100' GROUP BY 1
    """,
)
_same(
    "tower.costs_are_shares",
    "What the value view says dealers bear of vouchers is what the vouchers' shares say",
    """
    SELECT kind || ' ' || dealer_id, sum(amount) FROM tower_flowfact
    WHERE kind IN ('INBOUND', 'DUTY', 'FEE', 'STORAGE') GROUP BY 1
    """,
    """
    SELECT CASE kind WHEN 'FREIGHT' THEN 'INBOUND' ELSE kind END || ' ' || dealer_id, sum(amount)
    FROM orders_costshare WHERE dealer_id IS NOT NULL GROUP BY 1
    """,
)
_same(
    "tower.settled_is_posted",
    "The settled shares of the value view are those of the settlements",
    """
    SELECT kind || ' ' || coalesce(dealer_id, factory_id, 0), sum(amount) FROM tower_flowfact
    WHERE kind IN ('DEALER_SHARE', 'PLATFORM_SHARE', 'FACTORY_SHARE') GROUP BY 1
    """,
    """
    SELECT 'DEALER_SHARE ' || dealer_id, sum(dealer_share) FROM orders_settledsaving GROUP BY 1
    UNION ALL SELECT 'FACTORY_SHARE ' || factory_id, sum(factory_share) FROM orders_settledsaving GROUP BY 1
    UNION ALL SELECT 'PLATFORM_SHARE 0', sum(platform_share) FROM orders_settledsaving GROUP BY 1
    """,
)
invariant(
    "tower.settled_is_in_the_ledger",
    "Each share of a settled saving stands on its own account, to the cent",
    f"""
    SELECT key, settled.amount AS settled, posted.amount AS posted FROM (
        SELECT '4900 ' || currency || ' 0', sum(dealer_share) * {_MINOR.format(currency="currency")}
        FROM orders_settledsaving GROUP BY currency
        UNION ALL SELECT '4200 ' || currency || ' 0', -sum(platform_share) * {_MINOR.format(currency="currency")}
        FROM orders_settledsaving GROUP BY currency
        UNION ALL SELECT '2170 ' || currency || ' ' || factory_id,
            -sum(factory_share) * {_MINOR.format(currency="currency")}
        FROM orders_settledsaving GROUP BY currency, factory_id) settled(key, amount)
    FULL JOIN (
        SELECT account.code || ' ' || account.unit || ' ' || coalesce(account.party_id, 0), sum(line.amount)
        FROM finance_journalline line JOIN finance_account account ON account.id = line.account_id
        JOIN finance_journalentry entry ON entry.id = line.entry_id AND entry.kind = 'saving_settlement'
        WHERE account.code IN ('4900', '4200', '2170') GROUP BY 1) posted(key, amount) USING (key)
    WHERE coalesce(settled.amount, 0) <> coalesce(posted.amount, 0) AND NOT EXISTS (
        SELECT FROM outbox_delivery WHERE handler = 'finance.share_saving' AND status <> 'DONE')
    """,
)
_same(
    "tower.financing_is_earned",
    "What the value view says financing cost is what the books of financing say funders earned",
    f"""SELECT currency, sum(amount) * {_MINOR.format(currency="currency")} FROM tower_flowfact
        WHERE kind = 'FINANCING' GROUP BY currency""",
    """
    SELECT account.unit, -sum(line.amount) FROM finance_journalline line
    JOIN finance_account account ON account.id = line.account_id
        AND (account.code = '8160' OR account.code LIKE '8160.%') GROUP BY 1
    """,
)
_same(
    "tower.losses_are_booked",
    "What the value view says was lost or sent back is what the ledger says",
    f"""SELECT currency, sum(amount) * {_MINOR.format(currency="currency")} FROM tower_flowfact
        WHERE kind = 'SHRINKAGE' GROUP BY currency""",
    """
    SELECT account.unit, sum(line.amount) FROM finance_journalline line
    JOIN finance_account account ON account.id = line.account_id AND account.code IN ('5300', '5310', '5320')
    GROUP BY 1
    """,
)
_same(
    "tower.owed_is_open",
    "What the value view says each dealer owes is what is open on its invoices",
    """
    SELECT dealer_id || ' ' || currency, sum(CASE kind WHEN 'BILLED' THEN amount ELSE -amount END) FROM tower_flowfact
    WHERE kind IN ('BILLED', 'SETTLED') GROUP BY 1
    """,
    "SELECT dealer_id || ' ' || currency, sum(open_amount) FROM finance_invoice GROUP BY 1",
)
_same(
    "tower.bought_is_ordered",
    "What the value view says was bought of each factory is what purchase orders say",
    """
    SELECT factory_id::text, sum(quantity) FROM tower_flowfact WHERE kind = 'PURCHASED' GROUP BY 1
    """,
    """
    SELECT line.factory_id::text, sum(line.quantity) FROM orders_purchaseorderline line
    JOIN orders_purchaseorder parent ON parent.id = line.purchase_order_id
    WHERE parent.status NOT IN ('DRAFT', 'AWAITING_APPROVAL') AND EXISTS (
        SELECT FROM tower_flowfact told WHERE told.kind = 'PURCHASED' AND told.source_id = parent.id) GROUP BY 1
    """,
)
