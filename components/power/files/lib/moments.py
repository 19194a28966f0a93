"""A record's times after the wall clock has been set: moved along with it, and none of them in the future. Pure."""

from __future__ import annotations

from dataclasses import replace

SINGLE = ("since", "checked_at", "idle_since", "woken_at", "proved_at", "failed_at")


def _map(record, change):
    """The record with `change` applied to each time that is set; one that becomes None is dropped from a list."""
    single = {name: getattr(record, name) for name in SINGLE}
    changes = (change(at) for at in record.changes)
    refused = ((uid, change(at)) for uid, at in record.refused)
    cycles = ((change(slept), change(woke), *rest) for slept, woke, *rest in record.cycles)
    return replace(
        record,
        **{name: change(at) if at else at for name, at in single.items()},
        changes=tuple(at for at in changes if at is not None),
        refused=tuple((uid, at) for uid, at in refused if at is not None),
        cycles=tuple(cycle for cycle in cycles if None not in cycle[:2]),
    )


def moved(record, by):
    """Every time as the clock would have shown it, had it been right by then; how long ago things were stays."""
    return record if by == 0 else _map(record, lambda at: at + by)


def without_future(record, now):
    """Times that lie in the future come from a clock that was wrong: they count as now, or not at all.

    Which came last, the proof that the machine wakes or a failure, is kept.
    """
    if all(at <= now for at in _all(record)):
        return record
    failed_last = record.failed_at > record.proved_at
    kept = _map(record, lambda at: at if at <= now else None)
    proved = min(record.proved_at, now - 1 if failed_last else now)
    return replace(
        kept,
        since=min(record.since, now),
        # The next check takes it for one that comes late.
        checked_at=kept.checked_at or 0,
        idle_since=None if record.idle_since is None else min(record.idle_since, now),
        woken_at=min(record.woken_at, now),
        proved_at=proved,
        failed_at=min(record.failed_at, now if failed_last else proved - 1),
    )


def _all(record):
    yield from (getattr(record, name) or 0 for name in SINGLE)
    yield from record.changes
    yield from (at for _, at in record.refused)
    yield from (at for cycle in record.cycles for at in cycle[:2])


def as_of_now(record, clock):
    """A record that was kept earlier, by the clock of today."""
    return without_future(moved(record, clock.step_since(record.clock)), clock.now())
