"""What is taken off a shipment no longer weighs, fills or stands on a pallet in it."""

from logistics.models import Shipment, ShipmentPackage
from logistics.services import taking_off
from tests.factories import logistics as make


def test_a_pallet_counts_as_long_as_a_package_of_it_goes(world, platform):
    on = {"kind": "CARTON", "pallet_sscc": "100000000000000017"}
    (shipment,) = make.shipments(
        world.warehouse,
        [make.packed_unit(world.shop, world.product, **on) for _ in range(2)]
        + [make.packed_unit(world.shop, world.product)],
    )
    off = list(ShipmentPackage.objects.filter(pallet_sscc=on["pallet_sscc"]).order_by("sscc"))
    wave_id = shipment.wave_id
    left = []
    for package in off:
        gone = taking_off.Off(package.package_id, wave_id, [])
        taking_off.take_off([gone], reason="recalled", by=platform, at=make.MORNING)
        left.append(Shipment.objects.get(pk=shipment.pk).pallets)
    assert left == [1, 0]
