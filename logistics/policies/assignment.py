"""Who fetches what: loads given to vehicles one to one, so that as many as can be are fetched in the least time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Pair = tuple[int, int]  # (load, vehicle)


def assign(costs: Mapping[Pair, int], loads: Sequence[int], vehicles: Sequence[int]) -> dict[int, int]:
    """Return load -> vehicle; a pair without a cost does not fit, a load without a vehicle is missing.

    Serves as many loads as any assignment could and, among those that do, costs the least. Costs are whole and not
    negative. Method: shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957; as in Jonker and Volgenant,
    1987), over a matrix in which not serving a load costs more than serving all others.
    """
    if not loads or not vehicles:
        return {}
    never = 1 + sum(max(costs.values(), default=0) for _ in loads)
    width = len(vehicles) + len(loads)  # a place of its own for each load that nobody fetches
    matrix = [
        [costs.get((load, vehicle), 2 * never) for vehicle in vehicles] + [never] * len(loads)
        for load in loads
    ]
    row_of = _solve(matrix, width)
    return {
        loads[row]: vehicles[column]
        for column, row in enumerate(row_of[: len(vehicles)])
        if row >= 0 and (loads[row], vehicles[column]) in costs
    }


def _solve(matrix: Sequence[Sequence[int]], width: int) -> list[int]:
    """Return the row each column serves, or -1; there are no fewer columns than rows."""
    of_row, of_column = [0] * len(matrix), [0] * width  # the potentials
    row_of = [-1] * width
    for start in range(len(matrix)):
        lowest: list[float] = [float("inf")] * width
        came_from, done = [-1] * width, [False] * width
        row, at = start, -1
        while True:
            nearest, step = -1, float("inf")
            for column in range(width):
                if done[column]:
                    continue
                slack = matrix[row][column] - of_row[row] - of_column[column]
                if slack < lowest[column]:
                    lowest[column], came_from[column] = slack, at
                if lowest[column] < step:
                    nearest, step = column, lowest[column]
            shift = int(step)
            of_row[start] += shift
            for column in range(width):
                if done[column]:
                    of_row[row_of[column]] += shift
                    of_column[column] -= shift
                else:
                    lowest[column] -= shift
            done[nearest], at = True, nearest
            if row_of[nearest] < 0:
                break
            row = row_of[nearest]
        while at >= 0:
            before = came_from[at]
            row_of[at] = start if before < 0 else row_of[before]
            at = before
    return row_of
