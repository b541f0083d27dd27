"""What promises, reservations and the stock ledger name is looked up once a statement, not once a row (ADR 6)."""

from django.db import migrations, models

from b2b.db import operations

PARTY, PRODUCT = ("directory", "organization"), ("catalog", "product")
NAMED = {
    "promise": {"demand": ("warehousing", "demand"), "book": ("warehousing", "promisebook")},
    "reservation": {
        "demand": ("warehousing", "demand"),
        "promise": ("warehousing", "promise"),
        "quant": ("warehousing", "quant"),
    },
    "stockledgerentry": {
        "owner": PARTY,
        "product": PRODUCT,
        "lot": ("warehousing", "lot"),
        "serial": ("warehousing", "serial"),
        "location": ("warehousing", "location"),
        "handling_unit": ("warehousing", "handlingunit"),
    },
}
HISTORY = {"stockledgerentry"}
MAY_BE_NULL = {"owner", "lot", "serial", "handling_unit"}
RELATED = {"promise": "promises", "reservation": "reservations", "stockledgerentry": "+"}
INDEXED = {"quant", "location"}  # the others begin an index of their own


def loosen(model, name, parent):
    """Drop a foreign key; the field stays."""
    options = {"null": True} if name in MAY_BE_NULL else {}
    if name not in INDEXED:
        options["db_index"] = False
    field = models.ForeignKey(
        ".".join(parent), models.PROTECT, related_name=RELATED[model], db_constraint=False, **options
    )
    return migrations.AlterField(model_name=model, name=name, field=field)


def look_up(model):
    """Look up in one go what a statement's rows name."""
    keys = {f"{name}_id": "_".join(parent) for name, parent in NAMED[model].items()}
    return operations.named_by_statement(f"warehousing_{model}", keys, is_history=model in HISTORY)


class Migration(migrations.Migration):
    dependencies = [
        ("warehousing", "0009_rules_for_all"),
        ("catalog", "0001_initial"),
        ("directory", "0003_guards"),
    ]

    operations = [
        *(loosen(model, name, parent) for model, keys in NAMED.items() for name, parent in keys.items()),
        *(look_up(model) for model in NAMED),
    ]
