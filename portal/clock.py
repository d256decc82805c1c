"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workflows.calendar import iso

__all__ = ["epoch", "iso", "iso_in", "now", "now_iso", "parse"]


def now() -> datetime:
    """Aware UTC."""
    return datetime.now(UTC)


def now_iso() -> str:
    """ISO 8601 UTC with microseconds and Z, as every time in the database is written."""
    return iso(now())


def iso_in(**delta: float) -> str:
    """`now_iso()` moved by `timedelta(**delta)`."""
    return iso(now() + timedelta(**delta))


def epoch() -> int:
    """Seconds since 1970, the form of time in tokens (RFC 7519 NumericDate)."""
    return int(now().timestamp())


def parse(text: str) -> datetime:
    """The aware time that `iso` wrote."""
    return datetime.fromisoformat(text)
