"""What must always hold in finance, as queries for the rows that break it."""

from __future__ import annotations

from b2b.core.money import EXPONENTS
from b2b.db.invariants import invariant
from finance.selectors import (
    clearing,
    financing_invariants,  # noqa: F401 - states its own
    pledge_invariants,  # noqa: F401 - states its own
    voucher_invariants,  # noqa: F401 - states its own
)

DECIMALS = (
    "CASE invoice.currency "
    + " ".join(f"WHEN '{currency}' THEN {digits}" for currency, digits in EXPONENTS.items())
    + " ELSE 2 END"
)

invariant(
    "finance.ledger_sums_to_zero",
    "Over all entries of a book the lines of a currency sum to zero.",
    """
    SELECT account.book_id, account.unit, sum(line.amount) AS total
    FROM finance_journalline line JOIN finance_account account ON account.id = line.account_id
    GROUP BY account.book_id, account.unit HAVING sum(line.amount) <> 0
    """,
)
invariant(
    "finance.entries_balance",
    "Every journal entry has the lines it was closed with, and they sum to zero in each currency.",
    """
    SELECT entry.id, sum(unit.lines) AS lines, entry.line_count, max(abs(unit.total)) AS total
    FROM finance_journalentry entry
    LEFT JOIN (
        SELECT line.entry_id, account.unit, sum(line.amount) AS total, count(*) AS lines
        FROM finance_journalline line LEFT JOIN finance_account account ON account.id = line.account_id
        GROUP BY line.entry_id, account.unit) unit ON unit.entry_id = entry.id
    GROUP BY entry.id
    HAVING coalesce(sum(unit.lines), 0) <> entry.line_count OR coalesce(bool_or(unit.total <> 0), false)
    """,
)
LINES_BY_ACCOUNT = """
    SELECT line.account_id,
        sum(line.amount) FILTER (WHERE NOT entry.is_pending) AS posted,
        sum(greatest(line.amount, 0)) FILTER (WHERE entry.is_pending AND resolver.id IS NULL) AS debit,
        sum(greatest(-line.amount, 0)) FILTER (WHERE entry.is_pending AND resolver.id IS NULL) AS credit
    FROM finance_journalline line
    JOIN finance_journalentry entry ON entry.id = line.entry_id
    LEFT JOIN finance_journalentry resolver ON resolver.resolves_id = entry.id
    GROUP BY line.account_id
"""
invariant(
    "finance.balances_are_their_lines",
    "The balance of a limited account is the sum of its posted lines, and its pendings those not yet resolved.",
    f"""
    SELECT balance.account_id, balance.posted, balance.pending_debit, balance.pending_credit, lines.*
    FROM finance_accountbalance balance
    LEFT JOIN ({LINES_BY_ACCOUNT}) lines(account, line_posted, line_debit, line_credit)
        ON lines.account = balance.account_id
    WHERE balance.posted <> coalesce(line_posted, 0) OR balance.pending_debit <> coalesce(line_debit, 0)
        OR balance.pending_credit <> coalesce(line_credit, 0)
    """,
)
invariant(
    "finance.reserved_credit_is_open_holds",
    "The credit reserved by a party is what its orders hold.",
    """
    SELECT balance.account_id, balance.pending_debit, coalesce(sum(hold.held), 0) AS held
    FROM finance_accountbalance balance JOIN finance_account account ON account.id = balance.account_id
    LEFT JOIN finance_credithold hold ON hold.account_id = balance.account_id
    WHERE account.code = '8000'
    GROUP BY balance.account_id, balance.pending_debit
    HAVING balance.pending_debit <> coalesce(sum(hold.held), 0)
    """,
)
invariant(
    "finance.used_credit_is_open_invoices",
    "The credit used by a party is what is open on the invoices of its dealers.",
    f"""
    SELECT account.party_id, account.unit, sum(balance.posted) AS used, open.amount
    FROM finance_accountbalance balance
    JOIN finance_account account ON account.id = balance.account_id AND account.code = '8000'
    FULL JOIN (
        SELECT coalesce(dealer.group_id, dealer.id) AS party_id, invoice.currency,
            sum(invoice.open_amount * power(10::numeric, {DECIMALS})) AS amount
        FROM finance_invoice invoice JOIN directory_organization dealer ON dealer.id = invoice.dealer_id
        GROUP BY 1, 2) open ON open.party_id = account.party_id AND open.currency = account.unit
    GROUP BY account.party_id, account.unit, open.amount
    HAVING coalesce(sum(balance.posted), 0) <> coalesce(open.amount, 0)
    """,
)
invariant(
    "finance.invoices_are_their_allocations",
    "What is no longer open on an invoice is what payments were allocated to it and credit notes took off it.",
    """
    SELECT invoice.number, invoice.gross_amount, invoice.open_amount, paid.amount AS paid, credited.amount AS credited
    FROM finance_invoice invoice
    LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM finance_allocation GROUP BY 1) paid
        ON paid.invoice_id = invoice.id
    LEFT JOIN (SELECT invoice_id, sum(settled_amount) AS amount FROM finance_creditnote GROUP BY 1) credited
        ON credited.invoice_id = invoice.id
    WHERE invoice.gross_amount - invoice.open_amount <> coalesce(paid.amount, 0) + coalesce(credited.amount, 0)
        OR (invoice.status IN ('PAID', 'CREDITED')) <> (invoice.open_amount = 0)
    """,
)
invariant(
    "finance.payments_are_their_allocations",
    "What is no longer open on a payment is what was allocated from it.",
    """
    SELECT payment.number, payment.amount, payment.open_amount, sum(allocation.paid_amount) AS allocated
    FROM finance_payment payment LEFT JOIN finance_allocation allocation ON allocation.payment_id = payment.id
    GROUP BY payment.id HAVING payment.amount - payment.open_amount <> coalesce(sum(allocation.paid_amount), 0)
    """,
)
invariant(
    "finance.invoices_add_up",
    "The lines of an invoice sum to its net amount and the subtotals to its tax (EN 16931, BR-CO-10 and BR-CO-14).",
    """
    SELECT invoice.number, invoice.net_amount, lines.net, invoice.tax_amount, taxes.tax
    FROM finance_invoice invoice
    LEFT JOIN (SELECT invoice_id, sum(net_amount) AS net FROM finance_invoiceline GROUP BY 1
        UNION ALL SELECT debit_note_id, sum(net_amount) FROM finance_debitnoteline GROUP BY 1) lines
        ON lines.invoice_id = invoice.id
    LEFT JOIN (SELECT invoice_id, sum(tax_amount) AS tax FROM finance_invoicetax GROUP BY 1) taxes
        ON taxes.invoice_id = invoice.id
    WHERE invoice.net_amount IS DISTINCT FROM lines.net OR invoice.tax_amount IS DISTINCT FROM taxes.tax
    """,
)
invariant(
    "finance.credit_notes_add_up",
    "The lines of a credit note sum to its net amount and the subtotals to its tax.",
    """
    SELECT note.number, note.net_amount, lines.net, note.tax_amount, taxes.tax
    FROM finance_creditnote note
    LEFT JOIN (SELECT credit_note_id, sum(net_amount) AS net FROM finance_creditnoteline GROUP BY 1) lines
        ON lines.credit_note_id = note.id
    LEFT JOIN (SELECT credit_note_id, sum(tax_amount) AS tax FROM finance_creditnotetax GROUP BY 1) taxes
        ON taxes.credit_note_id = note.id
    WHERE note.net_amount IS DISTINCT FROM lines.net OR note.tax_amount IS DISTINCT FROM taxes.tax
    """,
)
invariant(
    "finance.credited_within_invoiced",
    "No line of an invoice or a debit note is credited beyond what it billed, and one credited in full is to the cent.",
    """
    SELECT line.invoice_id, line.line_number, line.quantity, line.net_amount, credited.quantity AS credited,
        credited.net
    FROM finance_invoiceline line
    JOIN (SELECT invoice_line_id, sum(quantity) AS quantity, sum(net_amount) AS net
          FROM finance_creditnoteline WHERE debit_line_id IS NULL GROUP BY 1) credited
        ON credited.invoice_line_id = line.id
    WHERE credited.quantity > line.quantity OR credited.net > line.net_amount
        OR (credited.quantity = line.quantity AND credited.net <> line.net_amount)
    UNION ALL
    SELECT line.debit_note_id, line.line_number, line.quantity, line.net_amount, credited.quantity, credited.net
    FROM finance_debitnoteline line
    JOIN (SELECT debit_line_id, sum(quantity) AS quantity, sum(net_amount) AS net
          FROM finance_creditnoteline WHERE debit_line_id IS NOT NULL GROUP BY 1) credited
        ON credited.debit_line_id = line.id
    WHERE credited.quantity > line.quantity OR credited.net > line.net_amount
        OR (credited.quantity = line.quantity AND credited.net <> line.net_amount)
    """,
)
invariant(
    "finance.supplier_credits_add_up",
    "What is passed on of a supplier credit is what its dealers got.",
    """
    SELECT credit.number, credit.passed_on_amount, sum(share.amount) AS shared
    FROM finance_suppliercredit credit
    LEFT JOIN finance_suppliercreditshare share ON share.supplier_credit_id = credit.id
    GROUP BY credit.id HAVING credit.passed_on_amount <> coalesce(sum(share.amount), 0)
    """,
)
invariant(
    "finance.supplier_invoices_add_up",
    "The lines of a factory's bill with its charges sum to its net amount, and its subtotals to its tax.",
    """
    SELECT bill.number, bill.net_amount, lines.net, bill.extra_amount, bill.tax_amount, taxes.tax
    FROM finance_supplierinvoice bill
    LEFT JOIN (SELECT invoice_id, sum(net_amount) AS net FROM finance_supplierinvoiceline GROUP BY 1) lines
        ON lines.invoice_id = bill.id
    LEFT JOIN (SELECT invoice_id, sum(tax_amount) AS tax FROM finance_supplierinvoicetax GROUP BY 1) taxes
        ON taxes.invoice_id = bill.id
    WHERE bill.net_amount IS DISTINCT FROM lines.net + bill.extra_amount
        OR bill.tax_amount IS DISTINCT FROM coalesce(taxes.tax, 0)
    """,
)
invariant(
    "finance.billed_goods_are_cleared",
    "No purchase line is billed beyond what was accepted, and once all of it is billed its accrual is cleared.",
    f"""
    SELECT terms.purchase_order_number, terms.line_number, accrued.quantity, accrued.amount, billed.*
    FROM finance_purchaseterms terms
    JOIN (SELECT terms_id, sum(quantity) AS quantity, sum(cleared) AS cleared FROM {clearing.CLEARED} every
          GROUP BY 1) billed ON billed.terms_id = terms.purchase_order_line_id
    LEFT JOIN (SELECT terms_id, sum(quantity) AS quantity, sum(amount) AS amount FROM finance_goodsaccrual
               GROUP BY 1) accrued ON accrued.terms_id = terms.purchase_order_line_id
    WHERE billed.quantity > coalesce(accrued.quantity, 0) OR (billed.quantity = accrued.quantity
        AND billed.cleared <> accrued.amount * power(10::numeric, {DECIMALS.replace("invoice.", "terms.")}))
    """,
)
invariant(
    "finance.payables_are_open_bills",
    "What a factory is owed is what is open on its approved bills less what it bears of claims.",
    f"""
    WITH owed AS (
        SELECT invoice.factory_id, invoice.currency, sum(invoice.open_amount * power(10::numeric, {DECIMALS})) AS amount
        FROM finance_supplierinvoice invoice GROUP BY 1, 2
    ), borne AS (
        SELECT invoice.factory_id, invoice.currency, sum(invoice.amount * power(10::numeric, {DECIMALS})) AS amount
        FROM finance_suppliercredit invoice WHERE invoice.status = 'ISSUED' GROUP BY 1, 2
    ), booked AS (
        SELECT account.party_id AS factory_id, account.unit AS currency, -sum(line.amount) AS amount
        FROM finance_account account JOIN finance_journalline line ON line.account_id = account.id
        WHERE account.code = '2000' GROUP BY 1, 2
    )
    SELECT factory_id, currency, booked.amount AS booked, owed.amount AS owed, borne.amount AS borne
    FROM booked FULL JOIN owed USING (factory_id, currency) FULL JOIN borne USING (factory_id, currency)
    WHERE coalesce(booked.amount, 0) <> coalesce(owed.amount, 0) - coalesce(borne.amount, 0)
    """,
)
invariant(
    "finance.instalments_add_up",
    "The instalments of an invoice sum to its total, and the last is due when it is.",
    """
    SELECT invoice.number, invoice.gross_amount, parts.amount, invoice.due_date, parts.last
    FROM finance_invoice invoice
    LEFT JOIN (SELECT invoice_id, sum(amount) AS amount, max(due_date) AS last FROM finance_instalment GROUP BY 1) parts
        ON parts.invoice_id = invoice.id
    WHERE invoice.gross_amount <> coalesce(parts.amount, 0)
        OR invoice.due_date <> coalesce(parts.last, invoice.due_date)
    """,
)
invariant(
    "finance.payments_add_up",
    "A payment to a factory is the bills it settles less the credits it takes, a run the sum of its payments.",
    """
    SELECT payment.number, payment.amount, items.amount AS items, 0::numeric AS total
    FROM finance_paymentorder payment
    LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM finance_paymentorderitem GROUP BY 1) items
        ON items.order_id = payment.id
    WHERE payment.amount IS DISTINCT FROM items.amount
    UNION ALL
    SELECT run.number, run.total_amount, sum(payment.amount), count(*)
    FROM finance_paymentrun run JOIN finance_paymentorder payment ON payment.run_id = run.id
    GROUP BY run.id HAVING run.total_amount <> sum(payment.amount) OR run.order_count <> count(*)
    """,
)
invariant(
    "finance.payments_on_their_way",
    "The account of payments on their way holds what is approved and neither booked nor refused, less what comes back.",
    f"""
    WITH live AS (
        SELECT invoice.currency, sum(invoice.amount * power(10::numeric, {DECIMALS})
            * CASE invoice.status WHEN 'COMING_BACK' THEN -1 ELSE 1 END) AS amount
        FROM finance_paymentorder invoice WHERE invoice.status IN ('APPROVED', 'ACCEPTED', 'COMING_BACK') GROUP BY 1
    ), booked AS (
        SELECT account.unit AS currency, -sum(line.amount) AS amount
        FROM finance_account account JOIN finance_journalline line ON line.account_id = account.id
        WHERE account.code = '1050' GROUP BY 1
    )
    SELECT currency, booked.amount AS booked, live.amount AS live FROM booked FULL JOIN live USING (currency)
    WHERE coalesce(booked.amount, 0) <> coalesce(live.amount, 0)
    """,
)
