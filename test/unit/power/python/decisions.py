"""A machine that is ready to sleep, and the decision about it."""

from __future__ import annotations

from typing import Any

from support import DAY, HOUR, NOON, idle, policy

import decide
from record import Record

READY = Record(
    state="idle",
    since=NOON - 3 * HOUR,
    checked_at=NOON - 900,
    idle_since=NOON - 2 * HOUR,
    proved_at=NOON - DAY,
    woken_at=NOON - 5 * HOUR,
)


def ask(record: Record = READY, seen: Any = None, now: float = NOON, **changes: Any) -> Any:
    return decide.decide(policy(**changes), record, seen or idle(), now)
