"""One index for each question: none beside another that answers it, none on what changes with every reservation."""

from typing import Any

from django.db import migrations, models

from b2b.db import operations


def unindexed(model: str, name: str, to: str, **options: Any) -> migrations.AlterField:
    """Drop the index of a foreign key whose column another index begins with; the key itself stays."""
    field = models.ForeignKey(to, models.PROTECT, db_index=False, **{"related_name": "+", **options})
    return migrations.AlterField(model_name=model, name=name, field=field)


def where_set(model: str, field: str, name: str) -> migrations.AddIndex:
    """Index a key that most rows leave empty."""
    set_ = models.Q((f"{field}__isnull", False))
    return migrations.AddIndex(model_name=model, index=models.Index(condition=set_, fields=[field], name=name))


# Balances and books change with every promise: room on their pages lets a row move without touching an index.
ROOM = """
ALTER TABLE warehousing_quant SET (fillfactor = 80);
ALTER TABLE warehousing_promisebook SET (fillfactor = 60)
"""
CLOSE_PACKED = """
ALTER TABLE warehousing_quant RESET (fillfactor);
ALTER TABLE warehousing_promisebook RESET (fillfactor)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("directory", "0003_guards"),
        ("warehousing", "0007_scan_key"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="quant", name="quant_with_free_stock"),
        migrations.RemoveIndex(model_name="quant", name="quant_at_place"),
        where_set("demand", "owner", "demand_of_owner"),
        where_set("epcisevent", "carrier", "epcis_of_carrier"),
        where_set("epcisevent", "captured_by", "epcis_captured_by"),
        where_set("epcismention", "parent_unit", "mention_of_parent"),
        where_set("quant", "owner", "quant_of_owner"),
        where_set("stockledgerentry", "owner", "ledger_by_owner"),
        unindexed("countattempt", "line", "warehousing.countline", related_name="looks"),
        unindexed("countline", "cycle_count", "warehousing.cyclecount", related_name="lines"),
        unindexed("cyclecount", "warehouse", "warehousing.warehouse"),
        unindexed("demand", "dealer", "directory.organization"),
        unindexed("demand", "owner", "directory.organization", null=True),
        unindexed("epciscapture", "captured_by", "directory.organization", null=True),
        unindexed("epcisevent", "captured_by", "directory.organization", null=True),
        unindexed("epcisevent", "carrier", "directory.organization", null=True),
        unindexed("epcisevent", "dealer", "directory.organization", null=True),
        unindexed("epcisevent", "factory", "directory.organization", null=True),
        unindexed("epcismention", "handling_unit", "warehousing.handlingunit", null=True),
        unindexed("epcismention", "lot", "warehousing.lot", null=True),
        unindexed("epcismention", "parent_unit", "warehousing.handlingunit", null=True),
        unindexed("foundgoods", "warehouse", "warehousing.warehouse"),
        unindexed("handlingunit", "location", "warehousing.location", blank=True, null=True),
        unindexed("inspection", "factory", "directory.organization"),
        unindexed("inspection", "warehouse", "warehousing.warehouse"),
        unindexed("location", "warehouse", "warehousing.warehouse", related_name="locations"),
        unindexed("lot", "product", "catalog.product"),
        unindexed("package", "dealer", "directory.organization"),
        unindexed("packageline", "package", "warehousing.package", related_name="lines"),
        unindexed("pickface", "location", "warehousing.location", related_name="pick_faces"),
        unindexed("picklist", "wave", "warehousing.wave", related_name="lists"),
        unindexed("picktask", "wave", "warehousing.wave", related_name="tasks"),
        unindexed("promise", "book", "warehousing.promisebook", related_name="promises"),
        unindexed("promise", "demand", "warehousing.demand", related_name="promises"),
        unindexed("promiseband", "book", "warehousing.promisebook", related_name="bands"),
        unindexed("promisebook", "product", "catalog.product"),
        unindexed("putawayrule", "warehouse", "warehousing.warehouse"),
        unindexed("quant", "handling_unit", "warehousing.handlingunit", null=True),
        unindexed("quant", "owner", "directory.organization", null=True),
        unindexed("quant", "product", "catalog.product"),
        unindexed("recallnotice", "dealer", "directory.organization"),
        unindexed("recallnotice", "recall", "warehousing.recall", related_name="notices"),
        unindexed("receipt", "factory", "directory.organization"),
        unindexed("receipt", "warehouse", "warehousing.warehouse"),
        unindexed("receiptline", "receipt", "warehousing.receipt", related_name="lines"),
        unindexed("receivingrule", "product", "catalog.product", blank=True, null=True),
        unindexed("reservation", "demand", "warehousing.demand", related_name="reservations"),
        unindexed("reservation", "promise", "warehousing.promise", related_name="reservations"),
        unindexed("returnreceipt", "dealer", "directory.organization"),
        unindexed("returnreceipt", "warehouse", "warehousing.warehouse"),
        unindexed("returnreceiptline", "receipt", "warehousing.returnreceipt", related_name="lines"),
        unindexed("rotationrule", "product", "catalog.product", null=True),
        unindexed("serial", "product", "catalog.product"),
        unindexed("shelflifeterm", "dealer", "directory.organization"),
        unindexed("stockledgerentry", "handling_unit", "warehousing.handlingunit", null=True),
        unindexed("stockledgerentry", "lot", "warehousing.lot", null=True),
        unindexed("stockledgerentry", "owner", "directory.organization", null=True),
        unindexed("stockledgerentry", "product", "catalog.product"),
        unindexed("stockledgerentry", "serial", "warehousing.serial", null=True),
        unindexed("stockperiodchange", "product", "catalog.product"),
        unindexed("wave", "warehouse", "warehousing.warehouse"),
        operations.sql(ROOM, CLOSE_PACKED),
    ]
