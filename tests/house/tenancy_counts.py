"""Who may do what at the routes of counting: operators, whoever owns the goods."""

from __future__ import annotations

from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from tests.factories import warehousing
from tests.house.tenancy_line import Case, Line, World
from warehousing.services import cycle_count


def _round(world: World) -> Case:
    with acting_as(system("test")):
        house = warehousing.World.build(
            operator=world[OPERATOR], dealer=world[DEALER], factory=world[FACTORY]
        )
        house.stock(5)
        made = cycle_count.open_round(house.warehouse.pk, by=warehousing.BY, at=warehousing.AT)
    return Case({"count_id": made.pk}, marker=made.number)


def _line(world: World) -> Case:
    return Case({**_round(world).values, "line_number": 1})


def _rounds(world: World) -> Case:
    return Case(marker=_round(world).marker)


def _known(world: World) -> Case:
    return Case(_round(world).values)


OPERATORS = frozenset({"owner", "rival"})
HANDS = {"owner": OPERATOR, "sees": frozenset(), "changes": OPERATORS}

LINES: dict[str, Line] = {
    "counts/": Line(_rounds, OPERATOR, sees=OPERATORS, changes=OPERATORS),
    "counts/<uuid:count_id>/": Line(_round, OPERATOR, sees=OPERATORS),
    "counts/<uuid:count_id>/cancel/": Line(_known, **HANDS),
    "counts/<uuid:count_id>/lines/": Line(_known, **HANDS),
    "counts/<uuid:count_id>/lines/<int:line_number>/approve/": Line(_line, **HANDS),
    "counts/<uuid:count_id>/lines/<int:line_number>/reject/": Line(_line, **HANDS),
}
