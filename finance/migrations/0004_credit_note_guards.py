"""Row security of credit notes and supplier credits; what was credited is never written over."""

from django.db import migrations

from b2b.db import operations

OF_DEALERS = ("creditnote", "creditnoteline", "creditnotetax", "suppliercreditshare")
APPEND_ONLY = ("creditnoteline", "creditnotetax", "suppliercreditshare")


class Migration(migrations.Migration):
    dependencies = [("finance", "0003_credit_notes")]

    operations = [
        *(operations.append_only(f"finance_{name}") for name in APPEND_ONLY),
        *(operations.row_security(f"finance_{name}", columns=["dealer_id"]) for name in OF_DEALERS),
        operations.row_security("finance_suppliercredit", columns=["factory_id"]),
    ]
