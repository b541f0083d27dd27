"""What must always hold of vouchers."""

from __future__ import annotations

from b2b.db.invariants import invariant

invariant(
    "finance.vouchers_are_conserved",
    "What is held of a voucher and what was redeemed make up its face value.",
    """
    SELECT root.number, root.face, sum(line.amount) AS in_hands
    FROM finance_voucherroot root JOIN finance_account account ON account.unit = root.unit
    JOIN finance_journalline line ON line.account_id = account.id AND NOT line.is_pending
    WHERE account.code IN ('8300', '8310')
    GROUP BY root.id HAVING sum(line.amount) <> root.face
    """,
)
invariant(
    "finance.vouchers_are_their_pieces",
    "What a party holds of a voucher on its account is the sum of its pieces.",
    """
    WITH pieces AS (
        SELECT root.unit, piece.holder_id AS party_id, sum(piece.amount) AS amount
        FROM finance_voucher piece JOIN finance_voucherroot root ON root.id = piece.root_id
        WHERE piece.status IN ('HELD', 'PLEDGED') GROUP BY 1, 2
    ), held AS (
        SELECT account.unit, account.party_id, balance.posted
        FROM finance_account account JOIN finance_accountbalance balance ON balance.account_id = account.id
        WHERE account.code = '8300'
    )
    SELECT unit, party_id, held.posted, pieces.amount FROM held FULL JOIN pieces USING (unit, party_id)
    WHERE coalesce(held.posted, 0) <> coalesce(pieces.amount, 0)
    """,
)
invariant(
    "finance.vouchers_are_owed",
    "What we owe on vouchers is what is in somebody's hands.",
    """
    WITH owed AS (
        SELECT account.unit AS currency, -sum(line.amount) AS amount FROM finance_account account
        JOIN finance_journalline line ON line.account_id = account.id WHERE account.code = '2060' GROUP BY 1
    ), held AS (
        SELECT root.currency, sum(piece.amount) AS amount
        FROM finance_voucher piece JOIN finance_voucherroot root ON root.id = piece.root_id
        WHERE piece.status IN ('HELD', 'PLEDGED') GROUP BY 1
    )
    SELECT currency, owed.amount AS owed, held.amount AS held FROM owed FULL JOIN held USING (currency)
    WHERE coalesce(owed.amount, 0) <> coalesce(held.amount, 0)
    """,
)
