"""Time: the control plane's distance from true time, as chrony knows it, and the others' from the control plane's."""

from __future__ import annotations

import kube
from model import Clock, Settings
from result import Check, Group, Observations


def check(seen: Observations, settings: Settings, now: float) -> list[Check]:
    group = Group("time")
    group.attempt("control plane", _own_clock, seen, settings)
    if settings["prometheus"] is not None:
        group.attempt("clocks", _clocks, seen, settings)
    return group.checks


def _fault(name: str, clock: Clock, limit: float) -> str | None:
    """What is wrong with one clock; None where nothing is."""
    if not clock["synchronised"]:
        return f"{name} is not synchronised"
    if abs(clock["offset"]) >= limit:
        return f"{name} is {clock['offset']:+.3f} s off"
    return None


def _expected(limit: float) -> str:
    return f"synchronised, less than {limit} s off"


def _own_clock(group: Group, seen: Observations, settings: Settings) -> None:
    limit = settings["clockOffset"]
    clock = seen.get("ownClock")
    fault = _fault("its clock", clock, limit)
    group.judge(
        "control plane",
        [fault] if fault else [],
        _expected(limit),
        "chronyc tracking and chronyc sources there",
        f"{clock['offset']:+.3f} s off",
    )


def _clocks(group: Group, seen: Observations, settings: Settings) -> None:
    away = kube.asleep(seen.items("nodes"))
    limit = settings["clockOffset"]
    awake = {m: c for m, c in sorted(seen.get("clocks").items()) if m not in away}
    faults = [f"{m}: {c['error']}" if "error" in c else _fault(m, c["ok"], limit) for m, c in awake.items()]
    group.judge(
        "clocks",
        [fault for fault in faults if fault],
        _expected(limit),
        "chronyc tracking and chronyc sources on that machine",
        f"{len(awake)} machines",
    )
