"""What must always hold in supply-chain finance, as queries for the rows that break it."""

from __future__ import annotations

from b2b.db.invariants import invariant

BOOKED = """
    SELECT entry.source_id::uuid AS financing_id, split_part(account.code, '.', 1) AS code, sum(line.amount) AS amount
    FROM finance_journalentry entry
    JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
    JOIN finance_account account ON account.id = line.account_id
    WHERE entry.source_type = 'financing' GROUP BY 1, 2
"""
invariant(
    "finance.financings_are_their_entries",
    "What is owed on a financing, part by part, is what its entries come to.",
    f"""
    SELECT financing.number, booked.code, booked.amount,
        CASE booked.code WHEN '8110' THEN principal_owed WHEN '8120' THEN interest_owed WHEN '8130' THEN fee_owed
            ELSE penalty_owed END AS owed
    FROM finance_financing financing JOIN ({BOOKED}) booked ON booked.financing_id = financing.id
    WHERE booked.code IN ('8110', '8120', '8130', '8140')
        AND booked.amount <> CASE booked.code WHEN '8110' THEN principal_owed WHEN '8120' THEN interest_owed
            WHEN '8130' THEN fee_owed ELSE penalty_owed END
    """,
)
invariant(
    "finance.programmes_are_used_by_their_financings",
    "What is used of a programme is the principal owed on its financings, and within its limit.",
    """
    SELECT programme.number, balance.posted, coalesce(sum(financing.principal_owed), 0) AS owed, programme.limit
    FROM finance_programme programme
    JOIN finance_account account ON account.code = '8200.' || programme.serial
    JOIN finance_accountbalance balance ON balance.account_id = account.id
    LEFT JOIN finance_financing financing ON financing.programme_id = programme.id
    GROUP BY programme.id, balance.account_id
    HAVING balance.posted <> coalesce(sum(financing.principal_owed), 0)
    """,
)
invariant(
    "finance.one_asset_one_financing",
    "An asset is financed once at a time, and a financing that runs holds its asset.",
    """
    SELECT financing.number, financing.status, asset.released_at
    FROM finance_financing financing JOIN finance_financedasset asset ON asset.financing_id = financing.id
    WHERE (financing.status IN ('REPAID', 'WRITTEN_OFF')) <> (asset.released_at IS NOT NULL)
    """,
)
invariant(
    "finance.equals_get_equal_offers",
    "Within a programme and a rule, equal facts get equal answers.",
    """
    SELECT programme_id, rule_version, facts_key, count(*)
    FROM finance_financingoffer GROUP BY 1, 2, 3
    HAVING count(DISTINCT (is_offer, advance, rate, fee, discount, maturity)) > 1
    """,
)
invariant(
    "finance.bought_bills_are_owed_to_funders",
    "A bill is assigned while its funder is owed, and not any more once it is paid.",
    """
    SELECT bill.number, bill.status, -sum(line.amount) AS owed
    FROM finance_supplierinvoice bill
    JOIN finance_financingrequest request ON request.asset_kind = 'BILL' AND request.asset_key = bill.id::text
    JOIN finance_financing financing ON financing.request_id = request.id
    JOIN finance_journalentry entry ON entry.source_type = 'financing' AND entry.source_id = financing.id::text
    JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
    JOIN finance_account account ON account.id = line.account_id AND account.code = '2050'
    GROUP BY bill.id HAVING (bill.status = 'ASSIGNED') <> (sum(line.amount) <> 0)
    """,
)
