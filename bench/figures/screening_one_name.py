"""One name against 20,000 listed entries with all features, against rapidfuzz's own pass."""

from __future__ import annotations

import random

from rapidfuzz import fuzz, process

from bench.timing import ratio
from portal.evidence.screening import Entry, SanctionsList, candidates

NAME = "screening one name"
YARDSTICK = "rapidfuzz token_sort_ratio over the same 20,000 names"
AIM = 2.0
_WORDS = ("Amber", "Bastion", "Cedar", "Delta", "Ember", "Falcon", "Granite", "Harbor", "Iron",
          "Juniper", "Kestrel", "Lumen", "Meridian", "Northern", "Onyx", "Pioneer", "Quartz",
          "Raven", "Summit", "Tundra", "Umber", "Vector", "Willow", "Zephyr")  # fmt: skip
_KINDS = ("Trading", "Shipping", "Industries", "Logistics", "Holding", "Engineering", "Mining")


def measure() -> float:
    rng = random.Random(7)
    names = [
        f"{rng.choice(_WORDS)} {rng.choice(_WORDS)}{rng.randint(1, 999)} {rng.choice(_KINDS)}"
        for _ in range(20_000)
    ]
    sanctions = SanctionsList(
        "bench", "0" * 64, tuple(Entry(f"bench:{i}", n, "entity") for i, n in enumerate(names))
    )
    candidates(sanctions, names[0])  # the index is made at the first call
    asked = "Harbor Kestrel Incident Response Team"
    lowered = [n.lower() for n in names]
    return ratio(
        lambda: candidates(sanctions, asked),
        lambda: process.extract(asked.lower(), lowered, scorer=fuzz.token_sort_ratio, limit=10),
        samples=15,
        each=3,
    )
