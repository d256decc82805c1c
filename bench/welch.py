"""Welch's t between two sides that are timed in turn, in an order drawn anew for each pair."""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

# Above this the two means differ for a reason: the bound that leakage assessment uses
# (ISO/IEC 17825; Goodwill et al. 2011).
BOUND = 4.5
WARM = 50


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of one run; means in microseconds, `t` without its sign."""

    samples: int
    known: float
    unknown: float
    t: float


def compare(known: Callable[[], float], unknown: Callable[[], float], samples: int) -> Comparison:
    """Run both sides `samples` times; each returns the seconds that its answer took.

    The slowest hundredth of all, by one bound for both sides, is left out: the machine's pauses
    say nothing of either.
    """
    sides: dict[bool, list[float]] = {True: [], False: []}
    draw = random.Random()
    for _ in range(WARM):
        known(), unknown()
    gc.collect()
    gc.disable()
    try:
        for n in range(samples):
            first = draw.random() < 0.5
            for side in (first, not first):
                sides[side].append(known() if side else unknown())
            if n % 500 == 0:
                gc.collect()
    finally:
        gc.enable()
    bound = sorted(sides[True] + sides[False])[int(samples * 2 * 0.99) - 1]
    a, b = ([s * 1e6 for s in sides[side] if s <= bound] for side in (True, False))
    spread = math.sqrt(statistics.variance(a) / len(a) + statistics.variance(b) / len(b))
    mean_a, mean_b = statistics.fmean(a), statistics.fmean(b)
    return Comparison(samples, mean_a, mean_b, abs(mean_a - mean_b) / spread)


def timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
