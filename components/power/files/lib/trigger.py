"""The contract of a trigger: one reason for which a machine is woken. Each has a file, trigger_NAME.py.

The file exports TRIGGER. The list of all is in triggers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from model import Policy, Seen
from record import Record
from world import World


@dataclass(frozen=True)
class Situation:
    """One machine, as a trigger sees it."""

    policy: Policy
    record: Record
    seen: Seen
    now: float
    # What the trigger's own look has read; None without a look, and where it failed.
    looked: Any = None


@dataclass(frozen=True)
class Trigger:
    # Why the machine is to be awake now, in words; nothing where it need not be. Pure.
    wanted: Callable[[Situation], list[str]]
    # Somebody waits: the machine wakes at once. Otherwise it first sleeps for minimumAsleep, and quiet hours are kept.
    is_urgent: bool
    # Whether a machine that is up stays awake for this reason.
    keeps_awake: bool = True
    # Reads what `wanted` needs beyond `seen`. Where it fails, a machine that is up stays awake.
    look: Callable[[Policy, World], Any] | None = None
