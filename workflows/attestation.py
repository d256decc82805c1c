"""Every 90 days an organization says who still works there and which keys are still used.

Nobody speaks for themselves. What nobody spoke for is suspended after a grace, never removed: one
word gives it back. A due is the midnight that ends a day (UTC), so that whoever was spoken for on
one day is due on one day, and a day's reminders and suspensions are one mail.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from workflows import calendar

EVERY = timedelta(days=90)
OPENS = timedelta(days=30)  # before it is due; a word given earlier changes nothing
REMINDERS = (timedelta(days=14), timedelta(days=3))  # before it is due
GRACE = timedelta(days=7)  # after it was due


def due_from(now: datetime) -> str:
    """Until when a word given now counts: the end of the 90th day (ISO 8601 UTC)."""
    day = (now.astimezone(UTC) + EVERY + timedelta(days=1)).date()
    return calendar.iso(datetime.combine(day, time(), UTC))


def _moved(due: str, by: timedelta) -> str:
    moment = calendar.parse(due)
    return calendar.iso(moment + by) if moment else ""


def opens_at(due: str) -> str:
    """From when a word about it counts; "" for what is not counted yet."""
    return _moved(due, -OPENS)


def lapses_at(due: str) -> str:
    """When it is suspended for want of a word; "" for what is not counted yet."""
    return _moved(due, GRACE)


def reminds_at(due: str) -> tuple[str, ...]:
    """When the organization is reminded of it."""
    return tuple(_moved(due, -before) for before in REMINDERS)


def is_open(due: str, now: datetime) -> bool:
    """Whether a word given now counts."""
    return bool(due) and opens_at(due) <= calendar.iso(now)


def has_lapsed(due: str, now: datetime) -> bool:
    """Whether due and grace have passed."""
    return bool(due) and lapses_at(due) <= calendar.iso(now)
