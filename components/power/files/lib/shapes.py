"""Whether a value that was read is of the expected kind: what comes from a disk or a machine may be anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from model import Inhibitor, Sample, Stamp
    from typing_extensions import TypeGuard

Check = Callable[[object], bool]


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def is_number(value: object) -> TypeGuard[float]:
    """A finite number: JSON of Python's may hold NaN, and True counts as 1."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e18


def is_stamp(value: object) -> TypeGuard[Stamp]:
    """A moment by both clocks; see clock.py."""
    return (
        isinstance(value, dict)
        and is_text(value.get("boot"))
        and is_number(value.get("ticks"))
        and is_number(value.get("wall"))
    )


def is_sample(value: object) -> TypeGuard[Sample]:
    """A machine's counters; see power-agent.py."""
    numbers = ("at", "busy", "total", "network", "disk", "operations")
    return (
        isinstance(value, dict) and is_text(value.get("boot")) and all(is_number(value.get(name)) for name in numbers)
    )


def is_inhibitor(value: object) -> TypeGuard[Inhibitor]:
    return isinstance(value, dict) and is_text(value.get("who")) and is_text(value.get("why"))


def is_table(value: object, *kinds: Check) -> bool:
    """Whether it is a list of rows, whose cells are of these kinds in turn."""
    return each(
        lambda row: (
            isinstance(row, (list, tuple))
            and len(row) == len(kinds)
            and all(kind(cell) for kind, cell in zip(kinds, row))
        )
    )(value)


def or_none(kind: Check) -> Check:
    return lambda value: value is None or kind(value)


def each(kind: Check) -> Check:
    return lambda value: isinstance(value, (list, tuple)) and all(map(kind, value))
