"""Who may pick, pack and print."""

from __future__ import annotations

from collections.abc import Callable

from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from tests.factories import warehousing
from tests.house.tenancy_line import Case, Line, World

DESK = frozenset({"owner", "rival"})  # whoever operates the platform


def _house(make: Callable[[warehousing.World], Case]) -> Callable[[World], Case]:
    """Make an object in a warehouse of the world's operator, for its dealer."""

    def made(world: World) -> Case:
        with acting_as(system("test")):
            parties = {"operator": world[OPERATOR], "dealer": world[DEALER], "factory": world[FACTORY]}
            return make(warehousing.World.build(**parties))

    return made


def _desk(make: Callable[[warehousing.World], Case]) -> Line:
    return Line(_house(make), OPERATOR, sees=frozenset(), changes=DESK)


_PACKED = _house(lambda house: Case({"sscc": house.packed().sscc}))

LINES = {
    "waves/": Line(
        _house(lambda house: Case(marker=house.released().number)), OPERATOR, sees=DESK, changes=DESK
    ),
    "waves/<uuid:wave_id>/": Line(
        _house(lambda house: Case({"wave_id": house.released().pk})), OPERATOR, sees=DESK
    ),
    "waves/<uuid:wave_id>/pick/": _desk(lambda house: Case({"wave_id": house.released().pk})),
    "waves/<uuid:wave_id>/pack/": _desk(lambda house: Case({"wave_id": house.picked().pk})),
    "pick-tasks/claim/": _desk(lambda house: Case()),
    "pick-tasks/give-back/": _desk(lambda house: Case()),
    "pick-tasks/<str:task>/confirm/": _desk(lambda house: Case({"task": f"{house.released().number}.1"})),
    "pick-tasks/<str:task>/short/": _desk(lambda house: Case({"task": f"{house.released().number}.1"})),
    "packages/": Line(_house(lambda house: Case(marker=house.packed().sscc))),
    "packages/<str:sscc>/": Line(_PACKED),
    "packages/<str:sscc>/label.pdf": Line(_PACKED),
    "packages/<str:sscc>/label.zpl": Line(_PACKED),
    "packages/<str:sscc>/packing-list.pdf": Line(_PACKED),
}
LINES |= {
    "packages/open/": _desk(lambda house: Case()),
    "pallets/": _desk(lambda house: Case()),
    **{
        f"packages/<str:sscc>/{verb}/": _desk(lambda house: Case({"sscc": house.packed().sscc}))
        for verb in ("put", "close", "reopen", "unpack", "pull", "shift")
    },
}
