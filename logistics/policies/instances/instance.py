"""An instance as a planning problem: one unit is a metre, a second, a unit of load and of cost alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from logistics.policies.instances import roads, text
from logistics.policies.instances.table import Numbers, Table
from logistics.policies.instances.text import BadInstance, Text
from logistics.policies.problem import FOREVER, Haul, Job, Problem, Van, Window

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Instance:
    """A file that was understood; `problem` makes it a problem in one of the conventions of rounding."""

    name: str
    kind: str
    text: Text
    table: Table

    @property
    def usual(self) -> str:
        """The convention that publications of its kind use, as far as the file tells."""
        sections = self.text.sections
        if (
            "PICKUP_AND_DELIVERY" in sections
            or len(self.table.depots) > 1
            or "VEHICLES_FIXED_COST" in sections
        ):
            return "exact"
        return "dimacs" if "TIME_WINDOW" in sections else "round"

    def problem(self, convention: str) -> Problem:
        """Return the problem with its numbers rounded by a convention.

        :raises BadInstance: when sections contradict each other.
        """
        return _Builder(self.table, convention).problem(collect_last=self.kind == "VRPB")


def read(content: str, *, ignore: Iterable[str] = ()) -> Instance:
    """Read a VRPLIB file (CVRP, VRPTW, MDVRP, HFVRP, PCVRP, VRPB, PDPTW) or Solomon's table.

    :raises BadInstance: naming the line and the remedy.
    """
    told = text.read(content, ignore=ignore)
    return Instance(told.spec("NAME", "unnamed"), told.spec("TYPE", "CVRP").upper(), told, Table.of(told))


@dataclass(slots=True)
class _Builder:
    table: Table
    convention: str

    def problem(self, *, collect_last: bool) -> Problem:
        """Put jobs, hauls, vans and distances together."""
        distances = roads.matrix(self.table, self.convention)
        hauls = self._hauls()
        jobs = () if hauls else self._jobs()
        return Problem(jobs, self._vans(), distances, distances, hauls, collect_last)

    def _amount(self, value: Decimal) -> int:
        return roads.scaled(value, self.convention)

    def _column(self, name: str) -> list[Decimal]:
        given = self.table.by_node(name)
        if given is not None:
            return [values[0] for values in given]
        told = self.table.text.number(name) if name in text.NUMBERS else None
        depots = set(self.table.depots)
        return [ZERO if told is None or node in depots else told for node in range(self.table.size)]

    def _windows(self) -> list[tuple[int, int]]:
        paired = self.table.by_node("PICKUP_AND_DELIVERY")
        given = self.table.by_node("TIME_WINDOW")
        rows = [row[1:3] for row in paired] if paired else given
        if rows is None:
            return [(0, FOREVER)] * self.table.size
        made = [(self._amount(opens), min(FOREVER, self._amount(closes))) for opens, closes in rows]
        for node, (opens, closes) in enumerate(made):
            if closes < opens:
                raise BadInstance(0, f"node {node + self.table.base} closes before it opens")
        return made

    def _loads(self, name: str) -> list[tuple[int, ...]]:
        given = self.table.by_node(name)
        rows = given or [(ZERO,)] * self.table.size
        for node, row in enumerate(rows):
            if any(value < 0 for value in row):
                raise BadInstance(0, f"{name} of node {node + self.table.base} is negative")
        return [tuple(_whole(value, name) for value in row) for row in rows]

    def _jobs(self) -> tuple[Job, ...]:
        demand = "DEMAND" if "DEMAND" in self.table.text.sections else "LINEHAUL"
        drops, collects, windows = self._loads(demand), self._loads("BACKHAUL"), self._windows()
        service, released, prizes = (self._column(name) for name in ("SERVICE_TIME", "RELEASE_TIME", "PRIZE"))
        groups, skills = self._groups(), self._restricted()
        return tuple(
            Job(
                key=str(node),
                location=node,
                load=drops[node],
                opens_s=windows[node][0],
                closes_s=windows[node][1],
                service_s=self._amount(service[node]),
                skills=frozenset({str(node)}) if node in skills else frozenset(),
                collects=collects[node],
                released_s=self._amount(released[node]),
                worth=self._amount(prizes[node]) if prizes[node] else None,
                group=groups.get(node, ""),
            )
            for node in range(self.table.size)
            if node not in self.table.depots
        )

    def _groups(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for row in self.table.text.sections.get("MUTUALLY_EXCLUSIVE_GROUP", []):
            members = [self.table.node(value, row.line) for value in row.values[1:]]
            for node in members if len(members) > 1 else ():
                if found.setdefault(node, str(row.values[0])) != str(row.values[0]):
                    raise BadInstance(row.line, f"node {node + self.table.base} is in two groups")
        return found

    def _hauls(self) -> tuple[Haul, ...]:
        rows = self.table.by_node("PICKUP_AND_DELIVERY")
        if rows is None:
            return ()
        windows, made = self._windows(), []
        for node, (amount, _, _, _, before, after) in enumerate(rows):
            if node in self.table.depots or not after:
                continue
            partner = self.table.node(after)
            other = rows[partner]
            if before or other[5] or self.table.node(other[4] or Decimal(-1)) != node or other[0] != -amount:
                raise BadInstance(
                    0, f"pickup {node + self.table.base} and delivery {after} are no pair: each names the other and"
                    " what is picked up is delivered"
                )  # fmt: skip
            ends = [Window(at, *windows[at], self._amount(rows[at][3])) for at in (node, partner)]
            made.append(Haul(f"{node}-{partner}", ends[0], ends[1], (_whole(amount, "demand"),)))
        if 2 * len(made) != self.table.size - len(self.table.depots):
            raise BadInstance(0, "a node of PICKUP_AND_DELIVERY_SECTION is neither a pickup nor a delivery")
        return tuple(made)

    def _count(self) -> int:
        given = self.table.text.whole("VEHICLES")
        return given if given is not None else self.table.size - len(self.table.depots)

    def _restricted(self) -> set[int]:
        """Return the nodes that not every vehicle may visit."""
        allowed = self._allowed()
        everywhere = set.intersection(*allowed) if allowed else set()
        return set().union(*allowed) - everywhere if allowed else set()

    def _allowed(self) -> list[set[int]]:
        rows = self.table.text.sections.get("VEHICLES_ALLOWED_CLIENTS", [])
        return [{self.table.node(value, row.line) for value in row.values[1:]} for row in rows]

    def _vans(self) -> tuple[Van, ...]:
        count = self._count()
        capacity = self._of_vans("CAPACITY", count, None)
        depots = self._of_vans("VEHICLES_DEPOT", count, None)
        longest = self._of_vans("VEHICLES_MAX_DURATION", count, self.table.text.number("DISTANCE"))
        farthest = self._of_vans("VEHICLES_MAX_DISTANCE", count, None)
        fixed = self._of_vans("VEHICLES_FIXED_COST", count, ZERO)
        rate = self._of_vans("VEHICLES_UNIT_DISTANCE_COST", count, Decimal(1))
        self._of_vans("VEHICLES_ALLOWED_CLIENTS", count, None)
        windows, allowed, restricted = self._windows(), self._allowed(), self._restricted()
        unlimited = (FOREVER,) * self._dimensions()
        made = []
        for van in range(count):
            depot = self.table.node(depots[van][0]) if depots else self.table.depots[0]
            if depot not in self.table.depots:
                raise BadInstance(
                    0, f"vehicle {van + 1} starts at node {depot + self.table.base}, which is no depot"
                )
            made.append(
                Van(
                    key=str(van + 1),
                    capacity=tuple(_whole(one, "CAPACITY") for one in capacity[van])
                    if capacity
                    else unlimited,
                    starts_s=windows[depot][0],
                    ends_s=windows[depot][1],
                    cost_per_m=_whole(rate[van][0], "VEHICLES_UNIT_DISTANCE_COST") if rate else 1,
                    cost_per_s=0,
                    skills=frozenset(str(node) for node in allowed[van] & restricted)
                    if allowed
                    else frozenset(),
                    start=depot,
                    end=depot,
                    fixed_cost=self._amount(fixed[van][0]) if fixed else 0,
                    max_duration_s=self._amount(longest[van][0]) if longest else FOREVER,
                    max_distance_m=self._amount(farthest[van][0]) if farthest else FOREVER,
                )
            )
        return tuple(made)

    def _of_vans(self, name: str, count: int, default: Decimal | None) -> list[Numbers] | None:
        return self.table.by_vehicle(name, count, default)

    def _dimensions(self) -> int:
        given = [self.table.by_node(name) for name in ("DEMAND", "LINEHAUL", "BACKHAUL")]
        return max((len(rows[0]) for rows in given if rows), default=1)


def _whole(value: Decimal, name: str) -> int:
    if value != int(value):
        raise BadInstance(
            0, f"{name} {value} is not a whole number: multiply the file's demands and capacities"
        )
    return int(value)
