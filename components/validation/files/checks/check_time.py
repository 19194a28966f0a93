"""Time: the control plane's distance from true time, as chrony knows it, and the others' from the control plane's."""

from __future__ import annotations

import re
import time

from collect import Looker, run
from model import Clock, Settings
from result import Check, Group, Observations, Sources

# What is looked at for it.
NEEDS = ("nodes", "clocks", "ownClock")


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
        "run chronyc tracking and chronyc sources on the control plane",
        f"{clock['offset']:+.3f} s off",
    )


def _clocks(group: Group, seen: Observations, settings: Settings) -> None:
    away = seen.away()
    limit = settings["clockOffset"]
    awake = {m: c for m, c in sorted(seen.get("clocks").items()) if m not in away}
    faults = [f"{m}: {c['error']}" if "error" in c else _fault(m, c["ok"], limit) for m, c in awake.items()]
    group.judge(
        "clocks",
        [fault for fault in faults if fault],
        _expected(limit),
        "run chronyc tracking and chronyc sources on that machine",
        f"{len(awake)} machines",
    )


def _read_clocks(looker: Looker) -> Sources:
    return looker.of_each_machine(lambda address: _read_clock(looker, address))


def _read_clock(looker: Looker, address: str) -> Clock:
    asked = time.time()
    metrics = looker.metrics(address)
    return parse_clock(metrics, asked, time.time())


def _read_own_clock(_looker: Looker) -> Clock:
    return parse_tracking(run(["chronyc", "-n", "-c", "tracking"]))


def parse_clock(metrics: str, asked: float, answered: float) -> Clock:
    """
    A machine's clock, from what node-exporter said between two moments of this machine's clock: seconds that it is
    ahead at least, and whether it is kept. The kernel's own idea of the offset counts as well; chrony, which steers
    by frequency, leaves that at zero whatever happens.
    """
    names = "node_time_seconds|node_timex_offset_seconds|node_timex_sync_status"
    values = {k: float(v) for k, v in re.findall(rf"^({names}) (\S+)$", metrics, re.M)}
    if len(values) < 3:
        raise ValueError("node-exporter tells nothing of the clock")
    now = values["node_time_seconds"]
    ahead = now - asked if now < asked else max(0.0, now - answered)
    return {
        "offset": max(ahead, values["node_timex_offset_seconds"], key=abs),
        "synchronised": values["node_timex_sync_status"] == 1,
    }


def parse_tracking(text: str) -> Clock:
    """This machine's clock, from `chronyc -c tracking`: its fifth field says by how much it is behind."""
    fields = text.strip().split(",")
    if len(fields) < 14:
        raise ValueError("chronyc tells nothing of the clock")
    return {"offset": -float(fields[4]), "synchronised": fields[13] != "Not synchronised"}


# Its own ways to look, by what they look at.
LOOKS = {
    "clocks": _read_clocks,
    "ownClock": _read_own_clock,
}
