"""The routes of vouchers in the tenancy matrix: a holder sees its own pieces, a pledgee those it has in pledge."""

from __future__ import annotations

from typing import Any

from b2b.core.actor import FACTORY, FUNDER, OPERATOR
from finance.models import Voucher
from finance.services import voucher, voucher_pledge
from tests.factories.directory import actor
from tests.factories.finance import NOON, PLATFORM
from tests.finance.financing.world import bill
from tests.house.tenancy_line import Case, Line, World

NOBODY = {"to": "nobody", "with_recourse": True}
OWN: dict[str, Any] = {"owner": FACTORY, "sees": frozenset()}
BODY: dict[str, Any] = {"supplier_invoice": "01890000-0000-7000-8000-000000000000"}


def _issued(world: World) -> Voucher:
    return voucher.issue(bill(world[FACTORY]).pk, by=PLATFORM, at=NOON)


def _voucher(world: World) -> Case:
    one = _issued(world)
    return Case({"voucher_id": one.pk}, marker=one.number)


def _vouchers(world: World) -> Case:
    return Case(marker=_issued(world).number)


def _pledged(world: World) -> Case:
    one = _issued(world)
    voucher_pledge.pledge(one.pk, to_id=world[FUNDER].pk, by=actor(world[FACTORY]), at=NOON)
    return Case({"voucher_id": one.pk}, marker=one.number)


def _acts(**body: Any) -> Line:
    """Return the line of what only a holder, or who has it in pledge, may do."""
    return Line(_voucher, **OWN, changes=frozenset({"owner"}), body=lambda world: body)


LINES: dict[str, Line] = {
    "vouchers/": Line(_vouchers, owner=FACTORY, changes=frozenset({OPERATOR}), body=lambda world: BODY),
    "vouchers/<uuid:voucher_id>/": Line(_voucher, owner=FACTORY),
    "vouchers/<uuid:voucher_id>/path/": Line(_voucher, owner=FACTORY),
    "vouchers/<uuid:voucher_id>/split/": _acts(amounts=["1.00", "2.00"]),
    "vouchers/<uuid:voucher_id>/transfer/": _acts(**NOBODY),
    "vouchers/<uuid:voucher_id>/pledge/": _acts(**NOBODY),
    "vouchers/<uuid:voucher_id>/release/": Line(_pledged, **OWN, changes=frozenset({FUNDER})),
    "vouchers/<uuid:voucher_id>/enforce/": Line(_pledged, **OWN, changes=frozenset({FUNDER})),
    "vouchers/<uuid:voucher_id>/redeem/": _acts(),
}
