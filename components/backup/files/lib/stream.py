"""What another machine sends, within bounds: it may not be trusted, and must not stop the backups of the others."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from common import Failure

# A big file that the agent copies first keeps it silent for a while.
SILENCE = 3600 + 300
DAY = 86_400
LOOK_EVERY = 64 << 20


@dataclass
class Limits:
    """`room` raises Failure where the repository's disk has no room left; the others are seconds."""

    room: Callable[[], None] = lambda: None
    longest: float = DAY
    silence: float = SILENCE
    look_every: int = LOOK_EVERY


def copy(source: IO[bytes], target: IO[bytes], limits: Limits) -> None:
    """All that the process behind `source` writes; Failure where it is too much or takes too long."""
    begin, looked, copied = time.monotonic(), 0, 0
    while True:
        left = limits.longest - (time.monotonic() - begin)
        if left <= 0:
            raise Failure(f"it took longer than {limits.longest:.0f} s")
        if not select.select([source], [], [], min(left, limits.silence))[0]:
            if left > limits.silence:
                raise Failure(f"nothing came for {limits.silence:.0f} s")
            continue
        data = os.read(source.fileno(), 1 << 20)
        if not data:
            return
        target.write(data)
        copied += len(data)
        if copied - looked >= limits.look_every:
            limits.room()
            looked = copied


def close(source: IO[bytes], target: IO[bytes]) -> None:
    """The pipes of processes that have ended; what was not written yet goes nowhere."""
    source.close()
    with contextlib.suppress(BrokenPipeError):
        target.close()
