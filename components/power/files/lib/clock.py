"""Time that holds while the wall clock is set: what began in this boot is measured by the kernel's own clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from model import Stamp

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

BOOT_ID = "/proc/sys/kernel/random/boot_id"


def read_boot() -> str:
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def read_ticks() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """`wall`: Unix seconds, which may jump. `ticks`: seconds that never do, within one `boot`."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        ticks: Callable[[], float] = read_ticks,
        boot: Callable[[], str] = read_boot,
    ) -> None:
        self.now = wall
        self.ticks = ticks
        self.boot = boot

    def stamp(self) -> Stamp:
        """This moment by both clocks, to be kept on disk."""
        return {"boot": self.boot(), "ticks": self.ticks(), "wall": self.now()}

    def is_of_this_boot(self, stamp: Stamp | None) -> TypeGuard[Stamp]:
        return stamp is not None and stamp["boot"] != "" and stamp["boot"] == self.boot()

    def step_since(self, stamp: Stamp | None) -> float:
        """By how many seconds the wall clock has been set since then; 0 where a reboot lies between."""
        if not self.is_of_this_boot(stamp):
            return 0.0
        step = (self.now() - stamp["wall"]) - (self.ticks() - stamp["ticks"])
        # Less is what the two readings are apart, or a clock that is being slewed.
        return step if abs(step) >= 1 else 0.0

    def age_of(self, stamp: Stamp) -> float | None:
        """Seconds since then; None where it lies in the future, so that nobody knows."""
        if self.is_of_this_boot(stamp):
            return self.ticks() - stamp["ticks"]
        age = self.now() - stamp["wall"]
        return age if age >= 0 else None
