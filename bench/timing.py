"""Interleaved samples: the machine's mood falls on both sides alike, and medians are compared."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable


def ratio(
    work: Callable[[], object], yardstick: Callable[[], object], *, samples: int, each: int
) -> float:
    """Median time of `work` over median time of `yardstick`.

    Args:
        samples: how often each side is timed, in turn.
        each: calls within one sample.
    """

    def timed(call: Callable[[], object]) -> float:
        begun = time.perf_counter()
        for _ in range(each):
            call()
        return time.perf_counter() - begun

    timed(work), timed(yardstick)  # warm
    gc.collect()
    gc.disable()
    try:
        pairs = [(timed(work), timed(yardstick)) for _ in range(samples)]
    finally:
        gc.enable()
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)
