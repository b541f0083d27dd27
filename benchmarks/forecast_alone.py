"""What a process that does nothing but forecast takes; `python -m benchmarks.forecast_alone PRODUCTS` prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import time

start = time.perf_counter()
from orders.policies.forecasting import engine  # noqa: E402 - the import is measured

imported = time.perf_counter() - start

import numpy as np  # noqa: E402

from tests.support.demand_series import YEAR, made_up  # noqa: E402

WEEKS, AHEAD = 104, 8


def main(products: int) -> dict[str, float]:
    """Forecast made-up demand and compare it with what came."""
    demand, category = made_up(products, WEEKS + AHEAD, seed=3)
    lead = np.random.default_rng(1).integers(2, AHEAD + 1, products)
    begin, cpu = time.perf_counter(), time.process_time()
    found = engine.forecast(demand[:, :WEEKS], period=YEAR, horizon=AHEAD, lead=lead, categories=category)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    actual = np.where(np.arange(AHEAD)[None, :] < lead[:, None], demand[:, WEEKS:], 0).sum(axis=1)
    total = actual.sum()
    return {
        "import": imported,
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "covered": float(((actual >= found.lead_low) & (actual <= found.lead_high)).mean() * 100),
        "missed": float(np.abs(found.lead_mean - actual).sum() / total * 100),
        "naive": float(np.abs(lead * demand[:, WEEKS - 1] - actual).sum() / total * 100),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
