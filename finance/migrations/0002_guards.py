"""What is booked, billed or credited is never written over; who sees which rows; the functions that post."""

from pathlib import Path

from django.db import migrations

from b2b.db import operations

OPERATORS_ONLY = (
    "book",
    "account",
    "journalentry",
    "journalline",
    "accountbalance",
    "bankaccount",
    "counterpartyaccount",
    "bankstatement",
    "statementline",
    "reconciliationrun",
    "matchproposal",
    "case",
)
OWN_COLUMN = {
    "credithold": "dealer_id",
    "billingterms": "dealer_id",
    "invoice": "dealer_id",
    "invoiceline": "dealer_id",
    "invoicetax": "dealer_id",
    "payment": "dealer_id",
    "allocation": "dealer_id",
    "creditnote": "dealer_id",
    "creditnoteline": "dealer_id",
    "creditnotetax": "dealer_id",
    "suppliercreditshare": "dealer_id",
    "creditlimit": "party_id",
    "purchaseterms": "factory_id",
    "goodsaccrual": "factory_id",
    "suppliercredit": "factory_id",
}
APPEND_ONLY = (
    "journalentry",
    "journalline",
    "creditlimit",
    "invoiceline",
    "invoicetax",
    "allocation",
    "creditnoteline",
    "creditnotetax",
    "suppliercreditshare",
    "goodsaccrual",
    "bankstatement",
)


class Migration(migrations.Migration):
    dependencies = [("finance", "0001_initial"), ("db", "0002_guards")]

    operations = [
        operations.partition_by_month("finance_journalline", "booked_at"),
        *(operations.append_only(f"finance_{name}") for name in APPEND_ONLY),
        *(operations.row_security(f"finance_{name}") for name in OPERATORS_ONLY),
        *(
            operations.row_security(f"finance_{name}", columns=[column])
            for name, column in OWN_COLUMN.items()
        ),
        operations.sql_file(Path(__file__).parent / "functions.sql"),
        operations.sql_file(Path(__file__).parent / "post.sql"),
    ]
