"""Backups of this cluster: etcd, monitoring's data and the apps' data, in restic repositories on this machine.

Exit codes: 0 done, 1 something failed, 2 it could not be tried.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from common import Failure, locked, read_json, run, say
from model import Item
from record import Record, key_of, publish
from restore import Restores, resume
from work import Backups

CONFIGURATION = "/etc/vmstation/backup.json"
LOCK = "/run/vmstation-backup.lock"
UNITS = "/run/vmstation-backup"

# A backup that runs at the same time is waited for; monitoring's first one may take an hour.
PATIENCE = 2 * 3600

Verb = Callable[[Backups, argparse.Namespace], int]


def back_up(world: Backups, options: argparse.Namespace) -> int:
    record = Record()
    if options.dry_run:
        world.run(options.what, record, dry_run=True)
        return 0
    with locked(LOCK, PATIENCE):
        clean(world, record)
        failed = world.run(options.what, record)
    say(f"failed: {', '.join(failed)}" if failed else f"{options.what}: all done")
    return 1 if failed else 0


def clean(world: Backups, record: Record) -> None:
    """What the configuration no longer names is no longer reported."""
    sets = world.settings["sets"]
    record.keep_only([key_of(i) for i in world.settings["items"]] + [f"{name} repository" for name in sets])


def check(world: Backups, _options: argparse.Namespace) -> int:
    with locked(LOCK, PATIENCE):
        failed = world.check(Record())
    return 1 if failed else 0


def show(world: Backups, options: argparse.Namespace) -> int:
    found, broken = world.list_kept(options.what)
    if options.json:
        print(json.dumps(found))
    for each in [] if options.json else found:
        lacking = "  (incomplete)" if each["incomplete"] else ""
        print(f"{each['time']}  {each['short']}  {each['set']}  {each['item']}{lacking}")
    return 1 if broken else 0


def status(world: Backups, _options: argparse.Namespace) -> int:
    record, now = Record(), time.time()
    print(json.dumps([{**item_words(i), **record.of(key_of(i), now)} for i in world.settings["items"]]))
    return 0


def item_words(item: Item) -> dict[str, str]:
    return {"set": item["set"], "item": item["name"]}


def restore(world: Backups, options: argparse.Namespace) -> int:
    restores = Restores(world)
    if options.dry_run:
        restores.run(options.what, options.snapshot, options.target, dry_run=True)
        return 0
    # The operator's connection may be cut: what has begun is finished.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with locked(LOCK, PATIENCE):
        restores.run(options.what, options.snapshot, options.target)
    return 0


def go_on(world: Backups, _options: argparse.Namespace) -> int:
    with locked(LOCK, PATIENCE):
        resume(world.settings, world)
    return 0


def setup(world: Backups, _options: argparse.Namespace) -> int:
    """From now on backups are due, and node-exporter says so."""
    record = Record()
    clean(world, record)
    return 0 if publish(world.settings, record, time.time()) else 1


def start_unit(world: Backups, options: argparse.Namespace) -> int:
    """Starts the unit that the timer starts, or joins it where it runs, and shows its progress to the end."""
    world.items_of(options.what)
    unit = f"vmstation-backup@{options.what}.service"
    log = os.path.join(UNITS, f"{options.what}.log")
    run(["systemctl", "start", unit])
    process = run(["systemctl", "show", "--property=MainPID", "--value", unit]).strip()
    follow = ["tail", "-n", "+1", "-s", "0.2", *(["-f", f"--pid={process}"] if process != "0" else []), log]
    subprocess.run(follow, stdout=sys.stderr, check=False)
    # The process is gone; this returns once systemd has noticed.
    subprocess.run(["systemctl", "stop", unit], check=False)
    result = run(["systemctl", "show", "--property=Result", "--value", unit]).strip()
    if result != "success":
        say(f"{unit}: {result}; its whole log: journalctl -u {unit}")
    return 0 if result == "success" else 1


def request(world: Backups, _options: argparse.Namespace) -> int:
    """A verb and its options as JSON on standard input: no word of an operator's meets a shell."""
    asked = json.load(sys.stdin)
    arguments = [asked["verb"]]
    for name in ("snapshot", "target"):
        if asked.get(name) is not None:
            arguments.append(f"--{name}={asked[name]}")
    arguments += [f"--{name}" for name in ("dry-run", "json") if asked.get(name) is True]
    arguments += ["--", asked["what"]] if "what" in asked else []
    options = parser().parse_args(arguments)
    run_it: Verb = options.run
    return run_it(world, options)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="vmstation-backup", description=__doc__)
    top.add_argument("--config", default=CONFIGURATION, help="instead of %(default)s")
    verbs = top.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, what: Verb, about: str, wanted: bool = False) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=about)
        made.set_defaults(run=what)
        if wanted:
            made.add_argument("what", help="a set, one of its parts, or all")
        return made

    verb("run", back_up, "take backups now", True).add_argument("--dry-run", action="store_true")
    verb("start", start_unit, "start the backup's unit and follow it", True)
    verb("check", check, "read back what is there")
    verb("list", show, "show the snapshots", True).add_argument("--json", action="store_true")
    verb("status", status, "what the last runs came to, as JSON")
    made = verb("restore", restore, "put a backup in place", True)
    made.add_argument("--snapshot", help="not the newest one: the first letters of its id")
    made.add_argument("--target", help="into this folder, and nothing is replaced")
    made.add_argument("--dry-run", action="store_true")
    verb("resume", go_on, "start what an interrupted restore of etcd has stopped")
    verb("setup", setup, "report to node-exporter from now on")
    verb("request", request, "one of the above, from JSON on standard input")
    return top


def main(arguments: Sequence[str]) -> int:
    options = parser().parse_args(arguments)
    try:
        run_it: Verb = options.run
        return run_it(Backups(read_json(options.config)), options)
    except Failure as error:
        say(f"vmstation-backup: {error}")
        return 1
    except (OSError, ValueError, KeyError) as error:
        say(f"vmstation-backup: {type(error).__name__}: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
