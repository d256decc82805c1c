"""Working days: Monday to Friday in UTC; holidays come with the program's calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def add_working_days(start: datetime, days: int) -> datetime:
    """The same time of day, `days` working days after `start` (aware)."""
    moment = start
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < 5:
            days -= 1
    return moment


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and a final Z, sortable as text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse(text: str) -> datetime | None:
    """The time that `iso` wrote; None for any other text."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None
