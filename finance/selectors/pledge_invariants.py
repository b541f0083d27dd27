"""What must always hold of pledged goods."""

from __future__ import annotations

from b2b.db.invariants import invariant

invariant(
    "finance.pledges_are_pending",
    "What is pledged of a party's goods is what is pending on their account, and no more than is there.",
    """
    SELECT account.party_id, account.unit, account.code, balance.posted, balance.pending_credit,
        coalesce(sum(pledge.remaining), 0) AS pledged
    FROM finance_account account
    JOIN finance_accountbalance balance ON balance.account_id = account.id
    LEFT JOIN finance_stockpledge pledge ON pledge.borrower_id = account.party_id
        AND account.unit = 'P' || pledge.product_id AND account.code = '8400.' || pledge.site_id
    WHERE account.code LIKE '8400.%%'
    GROUP BY account.id, balance.account_id
    HAVING balance.pending_credit <> coalesce(sum(pledge.remaining), 0)
    """,
)
