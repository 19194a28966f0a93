"""A record's times after the wall clock has been set: moved along with it, and none of them in the future. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from clock import Clock
from record import Record


def moved(record: Record, by: float) -> Record:
    """Every time as the clock would have shown it, had it been right by then; how long ago things were stays."""
    if by == 0:
        return record
    return replace(
        record,
        since=_shifted(record.since, by),
        checked_at=_shifted(record.checked_at, by),
        idle_since=None if record.idle_since is None else _shifted(record.idle_since, by),
        woken_at=_shifted(record.woken_at, by),
        answered_at=_shifted(record.answered_at, by),
        proved_at=_shifted(record.proved_at, by),
        failed_at=_shifted(record.failed_at, by),
        changes=tuple(at + by for at in record.changes),
        refused=tuple((uid, at + by) for uid, at in record.refused),
        cycles=tuple((slept + by, woke + by, took, why) for slept, woke, took, why in record.cycles),
    )


def _shifted(at: float, by: float) -> float:
    """0 stands for never."""
    return at + by if at else at


def without_future(record: Record, now: float) -> Record:
    """Times that lie in the future come from a clock that was wrong: they count as now, or not at all.

    Which came last, the proof that the machine wakes or a failure, is kept.
    """
    if all(at <= now for at in _all(record)):
        return record
    failed_last = record.failed_at > record.proved_at
    proved = min(record.proved_at, now - 1 if failed_last else now)
    return replace(
        record,
        since=min(record.since, now),
        # The next check takes it for one that comes late.
        checked_at=record.checked_at if record.checked_at <= now else 0,
        idle_since=None if record.idle_since is None else min(record.idle_since, now),
        woken_at=min(record.woken_at, now),
        answered_at=min(record.answered_at, now),
        proved_at=proved,
        failed_at=min(record.failed_at, now if failed_last else proved - 1),
        changes=tuple(at for at in record.changes if at <= now),
        refused=tuple((uid, at) for uid, at in record.refused if at <= now),
        cycles=tuple(cycle for cycle in record.cycles if max(cycle[:2]) <= now),
    )


def _all(record: Record) -> Iterator[float]:
    yield from (record.since, record.checked_at, record.idle_since or 0)
    yield from (record.woken_at, record.answered_at, record.proved_at, record.failed_at)
    yield from record.changes
    yield from (at for _, at in record.refused)
    yield from (at for cycle in record.cycles for at in cycle[:2])


def as_of_now(record: Record, clock: Clock) -> Record:
    """A record that was kept earlier, by the clock of today."""
    return without_future(moved(record, clock.step_since(record.clock)), clock.now())
