"""
vmstation-validate [GROUP ...] [--json] [--failures] [--progress] [--save FILE] [--wait SECONDS]

Judges the cluster from the control plane. Exit code 0: everything passes; 1: something fails;
2: something could not be looked at. Machines that are asleep on purpose are no failure.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time

from collect import Collector
from model import Settings
from result import EXIT_CODES, PASS, Check, Observations, Sources, broken, counts, overall

# The module of each group, loaded only for it: one that is broken is no fault of the others'.
GROUPS = {
    "cluster": "cluster",
    "monitoring": "monitoring",
    "network": "network",
    "nodes": "nodes",
    "pods": "pods",
    "storage": "storage",
    "services": "services",
    "certificates": "certificates",
    "time": "clocks",
}

SETTINGS = "/etc/vmstation/validation.json"

# Between two looks while waiting: a pod's start is a matter of seconds.
PAUSE = 5


def parse_arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vmstation-validate", description="Judges the cluster.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join([*GROUPS, "all"]))
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--failures", action="store_true", help="leave out what passes")
    parser.add_argument("--progress", action="store_true", help="say on standard error how much has been looked at")
    parser.add_argument("--save", metavar="FILE", help="write the JSON document there as well")
    parser.add_argument(
        "--wait", type=float, default=0, metavar="SECONDS", help="look again until everything passes, at most this long"
    )
    parser.add_argument("--observations", metavar="FILE", help="judge what was recorded there")
    parser.add_argument("--settings", metavar="FILE", default=SETTINGS)
    arguments = parser.parse_args(words)
    unknown = [g for g in arguments.groups if g not in GROUPS and g != "all"]
    if unknown:
        parser.error(f"no such group: {', '.join(unknown)} (choose from {', '.join(GROUPS)}, all)")
    if not arguments.groups or "all" in arguments.groups:
        arguments.groups = list(GROUPS)
    return arguments


def judge(groups: list[str], sources: Sources, settings: Settings, now: float) -> list[Check]:
    seen = Observations(sources)
    return [check for group in groups for check in judge_group(group, seen, settings, now)]


def judge_group(group: str, seen: Observations, settings: Settings, now: float) -> list[Check]:
    try:
        checks: list[Check] = importlib.import_module(GROUPS[group]).check(seen, settings, now)
        return checks
    except Exception as error:
        return [broken(group, "all checks", error)]


def look(arguments: argparse.Namespace, settings: Settings) -> list[Check]:
    if settings["prometheus"] is None:
        # A stack without monitoring has none to judge.
        arguments.groups = [group for group in arguments.groups if group != "monitoring"]
    if arguments.observations:
        with open(arguments.observations, encoding="utf-8") as file:
            recorded = json.load(file)
        return judge(arguments.groups, recorded["sources"], settings, recorded["now"])
    collector = Collector(settings, say if arguments.progress else None)
    sources = collector.collect(arguments.groups)
    return judge(arguments.groups, sources, settings, time.time())


def say(done: int, needed: int) -> None:
    print(f"looked at {done} of {needed}", file=sys.stderr, flush=True)


def look_until(arguments: argparse.Namespace, settings: Settings) -> list[Check]:
    end = time.monotonic() + arguments.wait
    while True:
        checks = look(arguments, settings)
        if overall(checks) == PASS or time.monotonic() + PAUSE > end:
            return checks
        time.sleep(PAUSE)


def render_text(checks: list[Check], failures: bool) -> str:
    lines = []
    for check in checks:
        if failures and check.status == PASS:
            continue
        lines.append(f"{check.status:5}  {check.group}: {check.name}: {check.found}")
        if check.status != PASS:
            lines.append(f"       expected: {check.expected}")
            lines.append(f"       to do: {check.advice}")
    total = counts(checks)
    lines.append(", ".join(f"{number} {status}" for status, number in total.items()))
    return "\n".join(lines)


def main(words: list[str]) -> int:
    arguments = parse_arguments(words)
    try:
        with open(arguments.settings, encoding="utf-8") as file:
            settings = json.load(file)
        checks = look_until(arguments, settings)
    except (OSError, ValueError) as error:
        print(f"vmstation-validate: {error}", file=sys.stderr)
        return 2
    status = overall(checks)
    document = json.dumps({"status": status, "counts": counts(checks), "checks": [check.as_dict() for check in checks]})
    if arguments.save:
        with open(arguments.save, "w", encoding="utf-8") as file:
            file.write(document + "\n")
    print(document if arguments.json else render_text(checks, arguments.failures))
    return EXIT_CODES[status]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
