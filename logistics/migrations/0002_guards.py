from django.db import migrations

from b2b.db import operations

# Lines and packages follow their shipment: whoever may carry it may read what is in it.
CARRIED = (
    "EXISTS (SELECT FROM logistics_shipment shipment WHERE shipment.id = shipment_id"
    " AND shipment.carrier_id = (SELECT midstream_organization()))"
)


class Migration(migrations.Migration):
    dependencies = [("logistics", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.partition_by_month("logistics_trackingevent", "occurred_at"),
        operations.row_security("logistics_vehicle", columns=["carrier_id"]),
        operations.row_security("logistics_driver", columns=["carrier_id"]),
        operations.row_security("logistics_tariff", columns=["carrier_id"]),
        operations.row_security("logistics_shipment", columns=["dealer_id", "carrier_id"]),
        operations.row_security("logistics_shipmentline", columns=["dealer_id"], using=CARRIED),
        operations.row_security("logistics_shipmentpackage", columns=["dealer_id"], using=CARRIED),
        operations.row_security("logistics_trip", columns=["carrier_id"]),
        operations.row_security("logistics_stop", columns=["carrier_id"]),
        operations.row_security("logistics_drop", columns=["carrier_id"]),
        operations.row_security("logistics_trackingevent", columns=["dealer_id", "carrier_id"]),
        operations.row_security("logistics_proofofdelivery", columns=["dealer_id", "carrier_id"]),
        operations.row_security("logistics_proofline", columns=["dealer_id", "carrier_id"]),
        operations.row_security("logistics_freightcharge", columns=["dealer_id"]),
        operations.append_only("logistics_trackingevent"),
        operations.append_only("logistics_proofofdelivery"),
        operations.append_only("logistics_proofline"),
        operations.append_only("logistics_freightcharge"),
    ]
