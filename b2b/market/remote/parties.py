"""What each party does over the API; nothing here touches the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from b2b.core import clock
from b2b.market import bank
from b2b.market.actors import dealers
from b2b.market.actors.factories import SHORT_LINES, SHORT_TO
from b2b.market.actors.payers import BANK_ACCOUNT
from b2b.market.remote.client import Client, Refused
from b2b.market.remote.reference import factory_client
from b2b.market.stage import Stage

PLANNING_S: Final = 1


@dataclass
class Remote:
    """A stage with a client per party, and which round of trade it is; `serial` makes keys of their own."""

    stage: Stage
    clients: dict[str, Client]
    serial: str
    round: int = 0
    shops: dict[str, str] = field(default_factory=dict)

    @property
    def operator(self) -> Client:
        """The operator's client."""
        return self.clients[self.stage.world.operator.code]

    def count(self, what: str) -> None:
        """Note that something happened."""
        self.stage.counts[what] += 1

    def key(self, *parts: object) -> str:
        """Return the name of one act in one round, the same however often it is tried."""
        return "/".join(map(str, (self.serial, self.round, *parts)))


def order(remote: Remote) -> None:
    """Let every dealer upload its spreadsheet."""
    stage = remote.stage
    for dealer, content in dealers.sheets(stage, pace=1.0):
        reference, client = remote.key(dealer.code), remote.clients[dealer.code]
        try:
            placed = client.post(
                "orders/bulk/",
                key=reference,
                content=content,
                content_type="text/csv",
                mode="submit",
                ship_to=_shop(remote, dealer.code),
                external_reference=reference,
            )
        except Refused as refused:
            if refused.code != "credit_refused":
                raise
            remote.count("orders refused for credit")
            continue
        remote.count("orders")
        stage.counts["order lines"] += len(placed["rows"])


def _shop(remote: Remote, dealer: str) -> str:
    """Return the code of a dealer's site, asked for once."""
    if dealer not in remote.shops:
        remote.shops[dealer] = next(remote.clients[dealer].list("sites/"))["code"]
    return remote.shops[dealer]


def close_cycles(remote: Remote) -> None:
    """Close every open cycle before its time."""
    for cycle in list(remote.operator.list("order-cycles/", status="OPEN")):
        closed = remote.operator.post(
            f"order-cycles/{cycle['id']}/close/", {"early": True}, key=remote.key("close", cycle["id"])
        )
        for _ in closed["purchase_orders"]:
            remote.count("purchase orders")


def answer(remote: Remote) -> None:
    """Let the reference client of factories answer what waits, some lines short."""
    for client in _of(remote, "factories"):
        midstream = factory_client.Midstream(client.base, client.key)
        try:
            said = factory_client.Factory(midstream, lambda _sku, wanted: _able(remote, wanted)).catch_up()
        finally:
            midstream.close()
        remote.stage.counts["order responses"] += sum(one.startswith("answered") for one in said)
        remote.stage.counts["signals answered"] += sum(one.startswith("committed") for one in said)


def _able(remote: Remote, wanted: int) -> int:
    chance = remote.stage.chance
    return wanted if chance.random() >= SHORT_LINES else max(1, round(wanted * chance.uniform(*SHORT_TO)))


def despatch(remote: Remote) -> None:
    """Send at once what was promised."""
    for client in _of(remote, "factories"):
        for confirmed in list(client.list("purchase-orders/", status="CONFIRMED")):
            lines = [
                {"line_number": line["line_number"], "quantity": line["confirmed"] - line["despatched"]}
                for line in client.get(f"purchase-orders/{confirmed['id']}/")["lines"]
                if line["confirmed"] > line["despatched"]
            ]
            if lines:
                body = {
                    "purchase_order_id": confirmed["id"],
                    "expected_at": (clock.now() + timedelta(days=1)).isoformat(),
                    "external_reference": remote.key(confirmed["number"])[-80:],
                    "lines": lines,
                }
                client.post("despatch-advices/", body, key=remote.key("despatch", confirmed["id"]))
                remote.count("despatch advices")


def receive(remote: Remote) -> None:
    """Take in every truck."""
    for expected in list(remote.operator.list("receipts/", status="EXPECTED")):
        remote.operator.post(f"receipts/{expected['id']}/receive/", key=remote.key("receive", expected["id"]))
        remote.count("receipts")


def pick_and_pack(remote: Remote) -> None:
    """Release a wave, pick it and pack it."""
    warehouse = remote.stage.world.warehouse.code
    try:
        remote.operator.post("waves/", {"warehouse": warehouse}, key=remote.key("wave"))
    except Refused as refused:
        if refused.code != "nothing_to_pick":
            raise
    for wave in list(remote.operator.list("waves/", status="RELEASED")):
        remote.operator.post(f"waves/{wave['id']}/pick/", key=remote.key("pick", wave["id"]))
    for wave in list(remote.operator.list("waves/", status="PICKED")):
        packed = remote.operator.post(f"waves/{wave['id']}/pack/", key=remote.key("pack", wave["id"]))
        remote.stage.counts["packages"] += len(packed["packages"])


def plan_trips(remote: Remote) -> None:
    """Plan trips for what waits."""
    if next(remote.operator.list("shipments/", status="READY"), None) is None:
        return
    body = {"warehouse": remote.stage.world.warehouse.code, "seconds": PLANNING_S}
    made = remote.operator.post("trips/", body, key=remote.key("plan"))
    remote.stage.counts["trips"] += len(made["trips"])
    remote.stage.counts["shipments left for the next round"] += len(made["left_out"])


def depart(remote: Remote) -> None:
    """Leave with every planned trip."""
    for client in _of(remote, "carriers"):
        for trip in list(client.list("trips/", status="PLANNED")):
            client.post(f"trips/{trip['id']}/depart/", key=remote.key("depart", trip["id"]))
            remote.count("departures")


def deliver(remote: Remote) -> None:
    """Hand over what is on the road."""
    for client in _of(remote, "carriers"):
        for moving in list(client.list("shipments/", status="IN_TRANSIT")):
            proof = {"capture_id": f"door-{moving['id']}", "signer_name": "Chen Jie"}
            client.post(f"shipments/{moving['id']}/delivery/", proof, key=remote.key("deliver", moving["id"]))
            remote.count("deliveries")


def pay(remote: Remote) -> None:
    """Pay every open invoice, whatever its due date; the operator imports the statement and reconciles."""
    today = clock.now()
    movements = [
        bank.Movement(
            today.date(), Decimal(invoice["open_amount"]), f"payment {invoice['number']}", invoice["dealer"]
        )
        for client in _of(remote, "dealers")
        for invoice in client.list("invoices/")
        if Decimal(invoice["open_amount"]) > 0
    ]
    last = next(remote.operator.list("bank-statements/", account=BANK_ACCOUNT), None)
    file = bank.statement(
        movements,
        account=BANK_ACCOUNT,
        currency="CNY",
        opening=Decimal(last["closing_amount"]) if last else Decimal(0),
        statement_id=remote.key("STM")[-35:],
        created_at=today,
        as_of=today.date(),
    )
    remote.operator.post(
        "bank-statements/", key=remote.key("bank"), content=file, content_type="application/xml"
    )
    remote.operator.post("reconciliation/runs/", {"what": ["bank"]}, key=remote.key("reconcile"))
    remote.stage.counts["payments"] += len(movements)


def _of(remote: Remote, kind: str) -> list[Client]:
    return [remote.clients[party.code] for party in getattr(remote.stage.world, kind)]


# A round of trade in order; after each step the facts told so far get their effect.
ROUND: Final[tuple[Callable[[Remote], None], ...]] = (
    order,
    close_cycles,
    answer,
    despatch,
    receive,
    pick_and_pack,
    plan_trips,
    depart,
    deliver,
    pay,
)
