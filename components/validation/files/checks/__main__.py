"""
vmstation-validate [GROUP ...] [--json] [--failures] [--progress] [--save FILE] [--wait SECONDS]

Judges the cluster from the control plane. Exit code 0: everything passes; 1: something fails;
2: something could not be looked at. Machines that are asleep on purpose are no failure.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import sys
import time
from collections.abc import Callable
from types import ModuleType

from collect import LISTS, Collector, Looker, Looks
from model import Settings
from result import EXIT_CODES, PASS, Check, Observations, Sources, broken, counts, overall

SETTINGS = "/etc/vmstation/validation.json"

# Between two looks while waiting: a pod's start is a matter of seconds.
PAUSE = 5


def parse_arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vmstation-validate", description="Judges the cluster.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="those to look at, or all")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--failures", action="store_true", help="leave out what passes")
    parser.add_argument("--progress", action="store_true", help="say on standard error how much has been looked at")
    parser.add_argument("--save", metavar="FILE", help="write the JSON document there as well")
    parser.add_argument(
        "--wait", type=float, default=0, metavar="SECONDS", help="look again until everything passes, at most this long"
    )
    parser.add_argument("--observations", metavar="FILE", help="judge what was recorded there")
    parser.add_argument("--settings", metavar="FILE", default=SETTINGS)
    return parser.parse_args(words)


def choose(asked: list[str], settings: Settings) -> list[str]:
    """The groups to look at, in the order of the settings. ValueError where there is no such group."""
    groups = settings["groups"]
    unknown = [group for group in asked if group not in (*groups, "all")]
    if unknown:
        raise ValueError(f"no such group: {', '.join(unknown)} (choose from {', '.join(groups)}, all)")
    return [group for group in groups if not asked or "all" in asked or group in asked]


def load(group: str) -> ModuleType:
    """The group's file. It is loaded by itself: one that is broken is no fault of the others'."""
    return importlib.import_module(f"check_{group}")


def needs_of(groups: list[str]) -> tuple[set[str], Looks]:
    """What the groups look at, and their own ways to look."""
    needed: set[str] = set()
    looks: dict[str, Callable[[Looker], object]] = {}
    for group in groups:
        # Why a file cannot be loaded is said where it judges.
        with contextlib.suppress(Exception):
            module = load(group)
            needed |= set(module.NEEDS)
            looks.update(getattr(module, "LOOKS", {}))
    return needed & {*LISTS, *looks}, looks


def applies(group: str, settings: Settings) -> bool:
    try:
        return bool(getattr(load(group), "applies", lambda _settings: True)(settings))
    except Exception:
        return True


def judge(groups: list[str], sources: Sources, settings: Settings, now: float) -> list[Check]:
    seen = Observations(sources, settings.get("offline", {}))
    return [check for group in groups for check in judge_group(group, seen, settings, now)]


def judge_group(group: str, seen: Observations, settings: Settings, now: float) -> list[Check]:
    try:
        checks: list[Check] = load(group).check(seen, settings, now)
        return checks
    except Exception as error:
        return [broken(group, "all checks", error)]


def look(groups: list[str], arguments: argparse.Namespace, settings: Settings) -> list[Check]:
    groups = [group for group in groups if applies(group, settings)]
    if arguments.observations:
        with open(arguments.observations, encoding="utf-8") as file:
            recorded = json.load(file)
        return judge(groups, recorded["sources"], settings, recorded["now"])
    collector = Collector(settings, say if arguments.progress else None)
    sources = collector.collect(*needs_of(groups))
    return judge(groups, sources, settings, time.time())


def say(done: int, needed: int) -> None:
    print(f"looked at {done} of {needed}", file=sys.stderr, flush=True)


def look_until(groups: list[str], arguments: argparse.Namespace, settings: Settings) -> list[Check]:
    end = time.monotonic() + arguments.wait
    while True:
        checks = look(groups, arguments, settings)
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
        checks = look_until(choose(arguments.groups, settings), arguments, settings)
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
