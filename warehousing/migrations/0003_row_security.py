"""Who sees which rows: owners their stock, dealers and factories their documents; the house's own work the operator."""

from django.db import migrations

from b2b.db import operations

# The column that names the party a row belongs to -> its tables.
OF_ONE_PARTY = {
    "owner_id": (
        "warehousing_stockledgerentry",
        "warehousing_stockperiodchange",
        "warehousing_quant",
        "warehousing_promisebook",
    ),
    "dealer_id": (
        "warehousing_demandorder",
        "warehousing_demand",
        "warehousing_shelflifeterm",
        "warehousing_package",
        "warehousing_returnreceipt",
        "warehousing_recallnotice",
    ),
    "factory_id": ("warehousing_receipt", "warehousing_inspection"),
    "captured_by_id": ("warehousing_epciscapture",),
}
OF_THE_OPERATOR = (
    "warehousing_stockcorrection",
    "warehousing_supplyshare",
    "warehousing_promise",
    "warehousing_reservation",
    "warehousing_wave",
    "warehousing_picklist",
    "warehousing_picktask",
    "warehousing_pick",
    "warehousing_handlingunit",
    "warehousing_serial",
    "warehousing_ssccseries",
    "warehousing_cyclecount",
    "warehousing_countline",
    "warehousing_countattempt",
    "warehousing_recallfinding",
    "warehousing_receiptscan",
    "warehousing_foundgoods",
    "warehousing_evidence",
    "warehousing_receivingrule",
    "warehousing_putawayrule",
    "warehousing_putawaytask",
    "warehousing_pickface",
)
# A line is seen by whoever sees its document: (table, document, the column that names it).
OF_A_DOCUMENT = (
    ("warehousing_receiptline", "warehousing_receipt", "receipt_id"),
    ("warehousing_packageline", "warehousing_package", "package_id"),
    ("warehousing_returnreceiptline", "warehousing_returnreceipt", "receipt_id"),
)
NAMED_BY_EVENT = """
    EXISTS (SELECT FROM warehousing_epcisevent parent WHERE parent.id = event_key
        AND parent.event_time = warehousing_epcismention.event_time)
"""
# A recall is seen by the dealers who have a notice of it.
TOLD = """
    EXISTS (SELECT FROM warehousing_recallnotice notice WHERE notice.recall_id = warehousing_recall.id
        AND notice.dealer_id = (SELECT midstream_organization()))
"""
NAMED_BY_RECALL = """
    EXISTS (SELECT FROM warehousing_recallnotice notice WHERE notice.recall_id = warehousing_recall_lots.recall_id
        AND notice.dealer_id = (SELECT midstream_organization()))
"""


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0002_history")]

    operations = [
        *(
            operations.row_security(table, columns=[column])
            for column, tables in OF_ONE_PARTY.items()
            for table in tables
        ),
        *(operations.row_security(table) for table in OF_THE_OPERATOR),
        *(
            operations.row_security(
                table, using=f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {key})"
            )
            for table, parent, key in OF_A_DOCUMENT
        ),
        operations.row_security("warehousing_epcisevent", columns=["dealer_id", "factory_id", "carrier_id"]),
        operations.row_security("warehousing_epcismention", using=NAMED_BY_EVENT),
        operations.row_security("warehousing_recall", using=TOLD),
        operations.row_security("warehousing_recall_lots", using=NAMED_BY_RECALL),
    ]
