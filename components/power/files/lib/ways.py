"""All ways to wake a machine. A new one is a file way_NAME.py and its line in NAMES."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence

import bounded
from model import Order, Policy, Settings
from say import say
from way import Run, WakeError, Way

NAMES = (
    "magic_packet",
    "bmc",
    "proxmox",
)


def load(settings: Settings, run: Run = bounded.run) -> list[Way]:
    """`settings`: power.json as a whole."""
    return [importlib.import_module(f"way_{name}").create(settings, run) for name in NAMES]


def check(ways: Iterable[Way], policy: Policy) -> None:
    """Raises WakeError or OSError where the machine could not be woken again."""
    able = [way for way in ways if way.after(policy) is not None]
    if not able:
        raise WakeError("nothing here can wake it")
    for way in able:
        if way.check is not None:
            way.check(policy)


def sleep(ways: Iterable[Way], policy: Policy, agree: Callable[[], object], pause: Callable[[float], None]) -> bool:
    """Whether there is a way to switch it off from outside; it is off then. Raises WakeError or OSError.

    NotObeyed where the order was given. `agree`: the machine's own word, right before the order.
    """
    for way in ways:
        if way.sleep is not None and way.after(policy) is not None:
            way.sleep(policy, agree, pause)
            return True
    return False


def order(ways: Iterable[Way], policy: Policy) -> Order:
    """Raises WakeError or OSError where nobody knows."""
    for way in ways:
        if way.order is not None and way.after(policy) is not None:
            return way.order(policy)
    return "none"


def wake(ways: Iterable[Way], policy: Policy, waited: float = 0, done: Sequence[Way] = ()) -> list[Way]:
    """Does what is due `waited` seconds after the wake began; the ways that were tried by now, this time included."""
    tried = list(done)
    for way in ways:
        after = way.after(policy)
        if after is None or waited < after or (way in tried and not way.repeats):
            continue
        tried.append(way)
        try:
            way.wake(policy)
        except (WakeError, OSError) as error:
            # The others are tried anyway.
            say(f"{policy['name']}: {error}")
    return tried


def first(policy: Policy) -> str:
    """What a wake begins with, in words."""
    return "the first start by Proxmox" if policy.get("proxmox") else "the first magic packet"
