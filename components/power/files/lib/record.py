"""What the power controller remembers of one machine, and how each event changes that. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Optional

from model import Policy, Sample, Stamp
from shapes import Check, each, is_number, is_sample, is_stamp, is_table, is_text, or_none

STATES = ("awake", "idle", "draining", "asleep", "waking", "failed")

DAY = 86_400
WEEK = 7 * DAY

# A workload at 0 while the machine is off: namespace, kind, name, replicas.
Scaled = tuple[str, str, str, int]
# When the machine slept and woke, seconds that the wake took, and its trigger.
Cycle = tuple[float, float, Optional[float], str]


@dataclass(frozen=True)
class Record:
    """One machine's record; times are Unix seconds, durations seconds."""

    state: str = "awake"
    since: float = 0
    # Why it is in this state; for awake and idle: why it does not sleep.
    reasons: tuple[str, ...] = ()
    checked_at: float = 0
    # Nothing has been going on since; None while something is.
    idle_since: float | None = None
    # Ends of the sleeps and wakes of the last 24 h.
    changes: tuple[float, ...] = ()
    woken_at: float = 0
    # When its sshd answered, in the last wake that came so far.
    answered_at: float = 0
    # The last wake by magic packet that worked, and the last wake or sleep that did not.
    proved_at: float = 0
    failed_at: float = 0
    # The machine has been told to sleep. Found so after a crash, silence means asleep; kept for a while in a machine
    # that was put back into service after that, as the order may still be on its way.
    told: bool = False
    # Workloads at 0 while the machine is off: [namespace, kind, name, replicas].
    scaled: tuple[Scaled, ...] = ()
    # [uid, when first seen] of pods that stayed unschedulable while the machine was up.
    refused: tuple[tuple[str, float], ...] = ()
    # The counters of the last observation, for rates.
    sample: Sample | None = None
    asleep_seconds: float = 0
    wakes: int = 0
    failed_wakes: int = 0
    last_wake_seconds: float | None = None
    # [slept at, woken at, seconds that the wake took, trigger] of the last 7 days.
    cycles: tuple[Cycle, ...] = ()
    # The moment at which it was written, by both clocks; see clock.py.
    clock: Stamp | None = None


CHECKS: dict[str, Check] = {
    "state": lambda value: value in STATES,
    "told": lambda value: isinstance(value, bool),
    "reasons": each(is_text),
    "changes": each(is_number),
    "idle_since": or_none(is_number),
    "last_wake_seconds": or_none(is_number),
    "sample": or_none(is_sample),
    "clock": or_none(is_stamp),
    "scaled": lambda value: is_table(value, is_text, is_text, is_text, is_number),
    "refused": lambda value: is_table(value, is_text, is_number),
    "cycles": lambda value: is_table(value, is_number, is_number, or_none(is_number), is_text),
}


def from_json(data: object) -> Record:
    """A Record from what to_json gave; keys of other versions are left out. ValueError for any other value."""
    if not isinstance(data, dict):
        raise ValueError("no record")
    known = {field.name for field in fields(Record)}
    values: dict[str, Any] = {key: _frozen(value) for key, value in data.items() if key in known}
    for key, value in values.items():
        if not CHECKS.get(key, is_number)(value):
            raise ValueError(f"{key}: {str(value)[:50]}")
    return Record(**values)


def _frozen(value: object) -> object:
    """A list and its rows as tuples, which JSON has not."""
    if not isinstance(value, list):
        return value
    return tuple(tuple(row) if isinstance(row, list) else row for row in value)


def to_json(record: Record) -> dict[str, Any]:
    return asdict(record)


def enter(record: Record, state: str, now: float, reasons: Iterable[str]) -> Record:
    """The record in `state`; `since` moves only where the state changes."""
    since = record.since if record.state == state else now
    return replace(record, state=state, since=since, reasons=tuple(reasons))


def _changed(record: Record, now: float) -> tuple[float, ...]:
    return tuple(t for t in record.changes if now - t < DAY) + (now,)


def draining(record: Record, now: float, why: str) -> Record:
    """An order that was taken back before may be on its way still: then it stays told."""
    return enter(record, "draining", now, [why])


def told(record: Record) -> Record:
    """The order to sleep is about to be given."""
    return replace(record, told=True)


def slept(record: Record, now: float, why: str, told: bool = False) -> Record:
    """Asleep. `told`: whether the order may be on its way still, as nobody knows more than that it is silent."""
    done = enter(record, "asleep", now, [why])
    return replace(done, told=told, idle_since=None, sample=None, changes=_changed(record, now))


def undone(record: Record, now: float, why: str) -> Record:
    """The sleep was given up and the machine is back in service; idle time starts again."""
    done = enter(record, "awake", now, [why])
    return replace(done, idle_since=None, scaled=())


def obeyed_late(record: Record, policy: Policy, now: float) -> bool:
    """Whether its silence may come from an order to sleep that was taken back too late."""
    return record.told and now - record.since <= policy["sleepTimeout"]


def waking(record: Record, now: float, why: str) -> Record:
    """A wake begins; the time asleep is booked here, so that a continued wake books it once."""
    booked = _book(record, now) if record.state == "asleep" else record
    return enter(booked, "waking", now, [why])


def _book(record: Record, now: float) -> Record:
    cycle = (record.since, now, None, "")
    recent = tuple(c for c in record.cycles if now - c[1] < WEEK)
    return replace(
        record,
        asleep_seconds=record.asleep_seconds + max(0, now - record.since),
        cycles=recent + (cycle,),
    )


def woken(
    record: Record, now: float, why: str, by_packet: bool = True, took: float | None = None, told: bool = False
) -> Record:
    """In service again. `by_packet`: our magic packet did it, which proves that the machine can be woken.

    `took`: seconds that the wake took, where this run has seen its beginning. `told`: an order to sleep may be on its
    way still.
    """
    booked = _book(record, now) if record.state == "asleep" else record
    if took is None and record.state == "waking":
        took = max(0, now - record.since)
    cycles = booked.cycles
    if cycles and cycles[-1][2] is None:
        cycles = cycles[:-1] + ((*cycles[-1][:2], took, why),)
    return replace(
        enter(booked, "awake", now, [why]),
        told=told,
        idle_since=None,
        sample=None,
        scaled=(),
        changes=_changed(record, now),
        woken_at=now,
        proved_at=now if by_packet else record.proved_at,
        wakes=record.wakes + 1,
        last_wake_seconds=took if took is not None else record.last_wake_seconds,
        cycles=cycles,
    )


def failed(record: Record, now: float, why: str) -> Record:
    """It did not wake in time; sleeping by itself is off until a wake has worked."""
    return replace(
        enter(record, "failed", now, [why]),
        failed_at=now,
        failed_wakes=record.failed_wakes + 1,
        changes=_changed(record, now),
    )


def distrusted(record: Record, now: float) -> Record:
    """It was told to sleep and stayed up: it sleeps by itself again once a wake test has passed."""
    return replace(record, failed_at=now)


def asleep_within(record: Record, now: float, span: float = WEEK) -> float:
    """Seconds asleep in the last `span` seconds."""
    begin = now - span
    total = sum(max(0, c[1] - max(c[0], begin)) for c in record.cycles)
    if record.state == "asleep":
        total += max(0, now - max(record.since, begin))
    return total
