"""The power controller's verbs. Exit codes: 0 done, 1 it did not work out, 2 it could not be tried."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys

import act
import connect
import controller
import record as records
import state
import watch
from kube import KubeError
from store import Busy

CONFIGURATION = "/etc/vmstation/power.json"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

# By hand, one waits for a check or a wake that is under way.
PATIENCE = 600


def seconds_of(text):
    """Seconds in "90m", "3h", "1h30m"."""
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise argparse.ArgumentTypeError("a duration such as 3h or 90m")
    return sum(int(amount) * SECONDS[unit] for amount, unit in re.findall(r"(\d+)([smhd])", text))


def autosleep(world, options):
    results = controller.check_all(world, options.dry_run)
    for name, (action, record) in results.items():
        print(f"{name}: {action}: {record.state}: {'; '.join(record.reasons)}", flush=True)
    return 0


def _with_record(world, name, work):
    policy = world.policy(name)
    with world.store.lock(name, PATIENCE):
        return work(policy, world.store.load(name))


def sleep(world, options):
    def work(policy, record):
        if record.state not in ("awake", "idle"):
            print(f"{policy['name']} is {record.state}", file=sys.stderr)
            return 0 if record.state == "asleep" else 2
        done = controller.put_to_sleep(policy, record, world, "by hand")
        return 0 if done.state == "asleep" else 1

    return _with_record(world, options.machine, work)


def wake(world, options):
    world.store.request(options.machine, options.why)

    def work(policy, record):
        if record.state in ("awake", "idle") and world.machines.answers(policy):
            return 0
        if record.state == "draining":
            record = act.undo(policy, record, world, options.why)
        done = act.wake(policy, record, world, options.why)
        return 0 if done.state == "awake" else 1

    return _with_record(world, options.machine, work)


def test(world, options):
    def work(policy, record):
        if record.state not in ("awake", "idle"):
            print(f"{policy['name']} is {record.state}: wake it first", file=sys.stderr)
            return 2
        done = controller.put_to_sleep(policy, record, world, "wake test", test=True)
        return 0 if done.proved_at > record.proved_at else 1

    return _with_record(world, options.machine, work)


def hold(world, options):
    world.store.hold(options.machine, options.why, options.duration)
    return 0


def release(world, options):
    world.store.release(options.machine, options.why)
    return 0


def show(world, options):
    policies = world.settings["machines"]
    rows = [state.row(p, world.store.load(p["name"]), world.now()) for p in policies]
    print(json.dumps(rows, indent=2) if options.json else state.table(rows, policies))
    return 0


def collect_logs(world, options):
    """Seven days of the controller's journal, and what the records say of the cycles in them."""
    found = [
        state.analysis(p, world.store.load(p["name"]), world.now())
        for p in world.settings["machines"]
    ]
    units = [f"--unit=vmstation-{unit}.service" for unit in ("autosleep", "event-wake", "connect")]
    journal = subprocess.run(
        ["journalctl", *units, "--since=-7d", "--no-pager", "--output=short-iso"],
        capture_output=True,
        text=True,
        check=False,
    )
    if journal.returncode != 0:
        print(journal.stderr.strip(), file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"machines": found, "journal": journal.stdout.splitlines()}, indent=2))
        return 0
    for machine in found:
        print(
            f"{machine['machine']}: {len(machine['cycles'])} cycles, asleep"
            f" {machine['asleepShare']:.0%} of 7 days, {machine['failedWakes']} failed wakes"
        )
    print(journal.stdout, end="")
    return 0


def event_wake(world, _options):
    watch.Watcher(world).run()
    return 0


def forward(world, _options):
    connector = connect.Connector(world, controller.check_all)
    asyncio.run(connector.run(connect.inherited_sockets()))
    return 0


def parser():
    top = argparse.ArgumentParser(prog="vmstation-power", description=__doc__)
    top.add_argument("--config", default=CONFIGURATION, help="instead of %(default)s")
    verbs = top.add_subparsers(required=True, metavar="VERB")

    def verb(name, run, about, machine=False):
        made = verbs.add_parser(name, help=about)
        made.set_defaults(run=run)
        if machine:
            made.add_argument("machine")
        return made

    verb("autosleep", autosleep, "check every machine").add_argument("--dry-run", action="store_true")
    verb("sleep", sleep, "put a machine to sleep now, unless something is going on", True)
    verb("wake", wake, "wake a machine", True).add_argument("--why", default="by hand")
    verb("power-test", test, "wake test: sleep, magic packet, Ready", True)
    made = verb("hold", hold, "keep a machine awake", True)
    made.add_argument("--for", dest="duration", type=seconds_of, required=True)
    made.add_argument("--why", required=True)
    verb("release", release, "end a machine's holds", True).add_argument("--why")
    verb("power-state", show, "show the machines").add_argument("--json", action="store_true")
    logs = verb("collect-wake-logs", collect_logs, "journal and cycles of 7 days")
    logs.add_argument("--json", action="store_true")
    verb("event-wake", event_wake, "wake machines for pods and by the clock, for ever")
    verb("connect", forward, "serve the ports of sleeping apps, for ever")
    return top


def main(arguments):
    options = parser().parse_args(arguments)
    try:
        with open(options.config, encoding="utf-8") as file:
            world = controller.World(json.load(file))
        names = [policy["name"] for policy in world.settings["machines"]]
        if getattr(options, "machine", names[:1]) not in (*names, names[:1]):
            print(f"vmstation: machines that sleep: {', '.join(names)}", file=sys.stderr)
            return 2
        return options.run(world, options)
    except (OSError, ValueError, Busy, KubeError) as error:
        print(f"vmstation: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
