"""The contract of a way to wake a machine. Each has a file, way_NAME.py, that exports `create(settings, run)`.

The list of all is in ways.py.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from model import Order, Policy


class Run(Protocol):
    """As bounded.run."""

    def __call__(
        self, command: Sequence[str], timeout: float, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


@dataclass(frozen=True)
class Way:
    # Seconds after which a wake has not worked otherwise; 0: it is the first thing to do. None: not for this machine.
    after: Callable[[Policy], float | None]
    # Raises WakeError or OSError.
    wake: Callable[[Policy], None]
    # Whether it is done again at each look, until the machine answers.
    repeats: bool = False
    # Switches the machine off by its method, from outside. `agree()`, its agent's word, comes right before the order;
    # `pause(seconds)` between two looks. Raises WakeError or OSError, and NotObeyed once the order is given.
    sleep: Callable[[Policy, Callable[[], object], Callable[[float], None]], None] | None = None
    # What has become of that order: one that was given up may be carried out later. Raises WakeError or OSError.
    order: Callable[[Policy], Order] | None = None
    # Before a sleep: raises as `wake` does where the machine could not be woken so.
    check: Callable[[Policy], None] | None = None


class WakeError(Exception):
    """Why a way does not work, for people."""


class NotObeyed(WakeError):
    """The order to switch a machine off was given, and the machine is not known to be off by it."""
