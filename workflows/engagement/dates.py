"""The days of an engagement: first before last, not longer than a year, not over already."""

from __future__ import annotations

from datetime import date, datetime

from workflows.errors import Invalid

MOST_DAYS = 366


def check_days(starts_on: str, ends_on: str, now: datetime) -> None:
    """Raises Invalid, with the field, unless both are ISO 8601 dates that make sense together."""
    first, last = _day(starts_on, "starts_on"), _day(ends_on, "ends_on")
    if last < first:
        raise _refused("ends_on", "The last day lies before the first")
    if last < now.date():
        raise _refused("ends_on", "The last day is over already")
    if (last - first).days >= MOST_DAYS:
        raise _refused("ends_on", "An engagement lasts a year at most")


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refused(field, "Enter a day such as 2027-03-31") from None


def _refused(field: str, what: str) -> Invalid:
    return Invalid(
        f"{what[:1].lower()}{what[1:]}", remedy="choose other days", fields={field: what}
    )
