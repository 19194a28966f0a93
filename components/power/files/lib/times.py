"""Times of day as the configuration means them: local, and past midnight where told. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from model import Policy, Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _local(policy: Policy, now: float) -> datetime:
    return datetime.fromtimestamp(now, ZoneInfo(policy["timeZone"]))


def in_spans(policy: Policy, spans: Iterable[Span], now: float) -> bool:
    """Whether the local time of day lies in one of `spans`, which may go past midnight."""
    at = _local(policy, now)
    minute = at.hour * 60 + at.minute
    for span in spans:
        begin, end = _minutes(span["from"]), _minutes(span["until"])
        if begin <= minute < end if begin < end else minute >= begin or minute < end:
            return True
    return False


def in_calendar(policy: Policy, now: float) -> bool:
    """Whether the calendar wants the machine awake; an entry past midnight belongs to the day it begins on."""
    at = _local(policy, now)
    minute = at.hour * 60 + at.minute
    today = WEEKDAYS[at.weekday()]
    yesterday = WEEKDAYS[(at - timedelta(days=1)).weekday()]
    for entry in policy["calendar"]:
        begin, end = _minutes(entry["from"]), _minutes(entry["until"])
        if begin < end:
            if today in entry["days"] and begin <= minute < end:
                return True
        elif (today in entry["days"] and minute >= begin) or (yesterday in entry["days"] and minute < end):
            return True
    return False


def clock(policy: Policy, when: float) -> str:
    return _local(policy, when).strftime("%a %H:%M")


def hours(seconds: float) -> str:
    """Seconds as hours and minutes: 2:05."""
    minutes = max(0, int(seconds)) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"
