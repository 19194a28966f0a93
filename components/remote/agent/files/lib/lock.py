"""A lock that one run has at a time. The kernel takes it from a process that dies."""

from __future__ import annotations

import fcntl
import time

# Seconds between two attempts.
PAUSE = 0.2


class Busy(Exception):
    """Another run has the lock."""


def take(handle: int, patience: float) -> None:
    """Locks an open file; raises Busy where another process still has it after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy from None
        time.sleep(PAUSE)
