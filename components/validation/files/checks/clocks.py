"""Time: each awake machine's distance from true time, as its kernel knows it."""

import kube
from result import Group


def check(seen, settings, now):
    group = Group("time")
    group.attempt("clocks", _clocks, seen, settings)
    return group.checks


def _clocks(group, seen, settings):
    away = kube.asleep(seen.items("nodes"))
    limit = settings["clockOffset"]
    bad, good = [], 0
    for machine, clock in sorted(seen.get("clocks").items()):
        if machine in away:
            continue
        if "error" in clock:
            bad.append(f"{machine}: {clock['error']}")
        elif not clock["ok"]["synchronised"]:
            bad.append(f"{machine} is not synchronised")
        elif abs(clock["ok"]["offset"]) >= limit:
            bad.append(f"{machine} is {clock['ok']['offset']:+.3f} s off")
        else:
            good += 1
    group.judge("clocks", bad, f"synchronised, less than {limit} s off",
                "chronyc tracking and chronyc sources on that machine", f"{good} machines")
