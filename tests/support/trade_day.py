"""A small market for tests that work through the pages: two dealers, a factory, a carrier, our own house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from b2b.core import clock
from b2b.core.actor import CARRIER, DEALER, FACTORY, OPERATOR, acting_as, system
from b2b.core.money import Money
from b2b.directory.models import Membership, Organization, Site, User
from b2b.outbox.dispatch import drain
from finance.services import bank_account, exposure
from logistics.models import Vehicle
from orders.models import OrderCycle, PurchaseOrder
from orders.services import despatch_advice, order_cycle
from tests.factories import catalog
from tests.factories import orders as orders_factory
from warehousing.services import warehouse

PASSWORD = "correct horse"
IBAN = "CN-6222-0001"
TEST = system("test")


@dataclass
class Market:
    """Who and what there is."""

    dealer: Organization
    rival: Organization
    maker: Organization
    carrier: Organization
    operator: Organization
    house: Site
    skus: list[str]
    cycle: OrderCycle

    def advise(self, *, at: datetime, lot_number: str = "") -> None:
        """Send everything the factory has confirmed."""
        with acting_as(TEST):
            for purchase in PurchaseOrder.objects.filter(status="CONFIRMED"):
                lines = [
                    despatch_advice.Despatched(
                        line_number=line.line_number, quantity=line.confirmed, lot_number=lot_number
                    )
                    for line in purchase.lines.all()
                ]
                despatch_advice.receive(
                    purchase, lines=lines, expected_at=at + timedelta(hours=2), by=TEST, at=at
                )
        drain()


def open_market() -> Market:
    """Make a market with one open cycle, prices, credit, a warehouse, a vehicle and a bank account."""
    now = clock.now()
    with acting_as(TEST):
        operator = _organization(OPERATOR, "MID", "Midstream Operations", "operator")
        dealer = _organization(DEALER, "LOTUS", "Lotus Hardware", "dealer")
        rival = _organization(DEALER, "JADE", "Jade Tools", "rival")
        maker = _organization(FACTORY, "HUAXIN", "Huaxin Works")
        carrier = _organization(CARRIER, "SWIFT", "Swift Freight")
        house = _site(operator, "WH-SH", "Shanghai warehouse", Site.Kind.WAREHOUSE, "31.20", "121.40")
        _site(dealer, "LOTUS-1", "Lotus shop", Site.Kind.SHOP, "31.30", "120.60")
        _site(rival, "JADE-1", "Jade shop", Site.Kind.SHOP, "31.50", "120.30")
        skus = []
        for sku, name in (
            ("BOLT-8", "Hex bolt M8"),
            ("SCREW-4", "Wood screw 4 x 50"),
            ("DRILL-18", "Cordless drill"),
        ):
            product = catalog.product(carton=24, sku=sku, name=name)
            orders_factory.agreement(maker, product, ((1, "12.5"), (100, "10")))
            orders_factory.source(maker, product)
            skus.append(sku)
        for one in (dealer, rival):
            exposure.set_limit(party_id=one.pk, amount=Money.of(100_000, "CNY"), by=TEST, at=now)
        warehouse.open_at(house.pk)
        bank_account.open_account(identifier=IBAN, currency="CNY", by=TEST)
        Vehicle.objects.create(
            carrier=carrier, code="VAN-1", capacity_weight_g=2_000_000, capacity_volume_cm3=10_000_000,
            shift_start="00:00", shift_end="23:59", cost_per_km="3.5", cost_per_hour="40",
        )  # fmt: skip
        cycle = order_cycle.open(
            maker, warehouse=house, opens_at=now - timedelta(hours=1), cutoff_at=now + timedelta(days=1),
            by=TEST, at=now,
        )  # fmt: skip
    return Market(dealer, rival, maker, carrier, operator, house, skus, cycle)


def _organization(kind: str, code: str, name: str, username: str = "") -> Organization:
    made = Organization.objects.create(kind=kind, code=code, name=name)
    if username:
        user = User.objects.create_user(username, password=PASSWORD)
        Membership.objects.create(user=user, organization=made)
    return made


def _site(owner: Organization, code: str, name: str, kind: str, latitude: str, longitude: str) -> Site:
    return Site.objects.create(
        organization=owner, code=code, name=name, kind=kind, latitude=latitude, longitude=longitude,
        opens="00:00", closes="23:59",
    )  # fmt: skip
