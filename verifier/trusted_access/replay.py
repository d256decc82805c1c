"""What was seen once may not be seen again while it could still be accepted."""

from __future__ import annotations

import heapq
import threading
from typing import Protocol


class ReplayStore(Protocol):
    """Remembers identifiers. Several processes need a store that they share."""

    def first_time(self, identifier: str, expires: float, now: float) -> bool:
        """True exactly once for an identifier until `expires` (seconds since 1970)."""


class MemoryReplayStore:
    """For one process: bounded, thread-safe. When it is full of what still counts, it refuses,
    because forgetting would let a proof be used twice."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._seen: set[str] = set()
        self._queue: list[tuple[float, str]] = []
        self._lock = threading.Lock()

    def first_time(self, identifier: str, expires: float, now: float) -> bool:
        with self._lock:
            while self._queue and self._queue[0][0] < now:
                self._seen.discard(heapq.heappop(self._queue)[1])
            if identifier in self._seen or len(self._seen) >= self._most:
                return False
            self._seen.add(identifier)
            heapq.heappush(self._queue, (expires, identifier))
            return True

    def __len__(self) -> int:
        return len(self._seen)
