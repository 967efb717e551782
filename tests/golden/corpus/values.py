"""Times, identifiers, numbers with a point, paths."""

import datetime as dt
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID


def tomorrow(day: date) -> dt.date:
    """The next day."""
    return day + timedelta(days=1)


def later(moment: datetime, by: timedelta) -> datetime:
    """Moved; an offset from UTC is kept."""
    return moment + by


def noon() -> time:
    """Without a date."""
    return time(12, 30)


def between(first: date, last: date) -> timedelta:
    """How long it is."""
    return last - first


def exact(price: Decimal, rate: Decimal) -> Decimal:
    """Without rounding to a binary number."""
    return price * rate


def same_id(value: UUID) -> UUID:
    """An identifier."""
    return UUID(str(value))


def parent(path: Path) -> Path:
    """The folder."""
    return path.parent


def calendar(days: list[date]) -> dict[date, str]:
    """Within containers, also as keys."""
    return {day: day.isoformat() for day in days}


def timetable(moments: list[datetime]) -> dict[datetime, time]:
    """Moments and times have an order, too."""
    return {moment: moment.timetz() for moment in moments}
