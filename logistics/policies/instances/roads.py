"""Distances of an instance, and the ways in which publications round them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from logistics.policies.instances.table import Table
from logistics.policies.instances.text import BadInstance
from logistics.policies.roads import Matrix

# Convention -> (scale of every number, whether what is left over is cut off instead of rounded).
CONVENTIONS: Final[dict[str, tuple[int, bool]]] = {
    "round": (1, False),  # TSPLIB and CVRPLIB
    "trunc": (1, True),
    "dimacs": (10, True),  # one decimal, cut off: Solomon, Gehring and Homberger
    "exact": (1_000, False),
}
LARGEST: Final = 2**30  # of one distance, so that sums and costs stay whole numbers of 64 bits


def matrix(table: Table, convention: str) -> Matrix:
    """Return the distances between all nodes in whole units of the convention.

    :raises BadInstance: for a type of weights that is not known, or numbers that do not make a matrix.
    """
    import numpy as np

    scale, cut = CONVENTIONS[convention]
    weights = _weights(table) * scale
    if weights.size and float(weights.max()) > LARGEST:
        raise BadInstance(0, f"distances above {LARGEST} are not supported: choose a coarser --convention")
    if weights.size and float(weights.min()) < 0:
        raise BadInstance(0, "a distance is negative")
    # A hair above, so that a distance that is whole but for the last bit of a float is not cut to the one below.
    whole = np.floor(weights + 1e-9) if cut else np.floor(weights + 0.5)
    np.fill_diagonal(whole, 0)
    return tuple(map(tuple, whole.astype(np.int64).tolist()))


def scaled(value: Decimal, convention: str) -> int:
    """Return a time or an amount in whole units of the convention."""
    scale, cut = CONVENTIONS[convention]
    amount = value * scale
    return int(amount) if cut else int((amount + Decimal("0.5")) // 1)


def _weights(table: Table) -> Any:
    import numpy as np

    kind = table.text.spec("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    if kind == "EXPLICIT":
        return _explicit(table)
    if "EDGE_WEIGHT" in table.text.sections:
        raise BadInstance(0, f"an EDGE_WEIGHT_SECTION needs EDGE_WEIGHT_TYPE EXPLICIT, not {kind}")
    nodes = table.by_node("NODE_COORD")
    if nodes is None:
        raise BadInstance(0, "neither NODE_COORD_SECTION nor EDGE_WEIGHT_SECTION: no distances")
    x, y = (np.array([float(node[axis]) for node in nodes]) for axis in (0, 1))
    across, along = np.abs(x[:, None] - x[None, :]), np.abs(y[:, None] - y[None, :])
    known: dict[str, Callable[[], Any]] = {
        "EUC_2D": lambda: np.hypot(across, along),
        "EXACT_2D": lambda: np.round(np.hypot(across, along) * 1000),
        "CEIL_2D": lambda: np.ceil(np.hypot(across, along)),
        "FLOOR_2D": lambda: np.floor(np.hypot(across, along)),
        "MAN_2D": lambda: across + along,
        "MAX_2D": lambda: np.maximum(across, along),
    }
    if kind not in known:
        raise BadInstance(
            table.text.specs["EDGE_WEIGHT_TYPE"][0],
            f"EDGE_WEIGHT_TYPE {kind} is not supported; known are EXPLICIT, {', '.join(known)}",
        )
    return known[kind]()


def _explicit(table: Table) -> Any:
    import numpy as np

    given = [float(value) for row in table.text.sections.get("EDGE_WEIGHT", []) for value in row.values]
    form, size = table.text.spec("EDGE_WEIGHT_FORMAT", "FULL_MATRIX").upper(), table.size
    if form == "FULL_MATRIX":
        wanted = size * size
    elif form in ("LOWER_ROW", "UPPER_ROW", "LOWER_COL", "UPPER_COL"):
        wanted = size * (size - 1) // 2
    elif form in ("LOWER_DIAG_ROW", "UPPER_DIAG_ROW", "LOWER_DIAG_COL", "UPPER_DIAG_COL"):
        wanted = size * (size + 1) // 2
    else:
        raise BadInstance(
            table.text.specs["EDGE_WEIGHT_FORMAT"][0], f"EDGE_WEIGHT_FORMAT {form} is not supported"
        )
    if len(given) != wanted:
        raise BadInstance(
            0, f"EDGE_WEIGHT_SECTION has {len(given)} of the {wanted} numbers of a {form} of {size} nodes"
        )
    if form == "FULL_MATRIX":
        return np.array(given).reshape(size, size)
    full, offset = np.zeros((size, size)), 0 if "DIAG" in form else 1
    # Read by columns, the lower triangle of a symmetric matrix is its upper one by rows.
    by_lower = form.startswith("LOWER") == form.endswith("ROW")
    corner = np.tril_indices(size, -offset) if by_lower else np.triu_indices(size, offset)
    full[corner] = given
    return np.maximum(full, full.T)
