"""The power controller's verbs. Exit codes: 0 done, 1 it did not work out, 2 it could not be tried."""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence

import controller
import hosts
import manual
import state
import watch
import whole
from kube import KubeError
from lock import Busy
from manual import Answer
from model import Row
from say import say
from whole import Entry
from world import World

CONFIGURATION = "/etc/vmstation/power.json"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str) -> int:
    """Seconds in "90m", "3h", "1h30m"."""
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise argparse.ArgumentTypeError("a duration such as 3h or 90m")
    return sum(int(amount) * SECONDS[unit] for amount, unit in re.findall(r"(\d+)([smhd])", text))


Verb = Callable[[World, argparse.Namespace], int]


class Done(Row):
    """The machine's row, and what became of it."""

    done: bool
    why: list[str]


def autosleep(world: World, options: argparse.Namespace) -> int:
    results = controller.check_all(world, options.dry_run)
    for name, (action, record) in results.items():
        say(f"{name}: {action}: {record.state}: {'; '.join(record.reasons)}")
    if not options.dry_run:
        hosts.rest(world)
    return 0


def _acting(work: Callable[[World, argparse.Namespace], tuple[int, Done | list[Entry]]]) -> Verb:
    """A verb that changes something: with --json what it says meanwhile goes to stderr, and its end to stdout."""

    def run(world: World, options: argparse.Namespace) -> int:
        with contextlib.redirect_stdout(sys.stderr if options.json else sys.stdout):
            code, result = work(world, options)
        if options.json:
            print(json.dumps(result))
        else:
            for entry in result if isinstance(result, list) else [result]:
                why = "; ".join(entry["why"]) or entry.get("state", "done")
                print(f"{entry['machine']}: {'' if entry['done'] else 'no: '}{why}")
        return code

    return run


def _row(world: World, name: str) -> Row:
    store = world.store
    return state.row(world.policy(name), store.load(name), world.now(), store.holds(name), store.is_spun_down())


def _one(verb: Callable[[World, argparse.Namespace], Answer]) -> Verb:
    """Answers with the machine's row of power-state, whether it was done, and why (not)."""

    def work(world: World, options: argparse.Namespace) -> tuple[int, Done]:
        name = options.machine
        code, why = verb(world, options)
        return code, {**_row(world, name), "done": code == 0, "why": why}

    return _acting(work)


sleep = _one(lambda world, o: manual.sleep(world, o.machine, o.dry_run))
wake = _one(lambda world, o: manual.wake(world, o.machine, o.why, not o.no_wait))
test = _one(lambda world, o: manual.test(world, o.machine))
hold = _one(lambda world, o: manual.hold(world, o.machine, o.why, o.duration))
release = _one(lambda world, o: manual.release(world, o.machine, o.why))
spin_down = _acting(lambda world, o: whole.spin_down(world, o.dry_run, o.even_if_in_use))
spin_up = _acting(lambda world, _options: whole.spin_up(world))


def show(world: World, options: argparse.Namespace) -> int:
    policies = world.settings["machines"]
    rows = [_row(world, policy["name"]) for policy in policies]
    print(json.dumps(rows, indent=2) if options.json else state.table(rows, policies))
    if world.store.is_spun_down() and not options.json:
        print("The cluster is spun down: nothing wakes a machine until it is spun up.")
    return 0


def collect_logs(world: World, options: argparse.Namespace) -> int:
    """Seven days of the controller's journal, and what the records say of the cycles in them."""
    found = [state.analysis(p, world.store.load(p["name"]), world.now()) for p in world.settings["machines"]]
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


def event_wake(world: World, _options: argparse.Namespace) -> int:
    watch.Watcher(world).run()
    return 0


def forward(world: World, _options: argparse.Namespace) -> int:
    # Here: the service that waits for pods does without them, and without a fifth of its memory.
    import asyncio  # noqa: PLC0415

    import connect  # noqa: PLC0415

    connector = connect.Connector(world, controller.check_all)
    asyncio.run(connector.run(connect.inherited_sockets()))
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="vmstation-power", description=__doc__)
    top.add_argument("--config", default=CONFIGURATION, help="instead of %(default)s")
    verbs = top.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, run: Verb, about: str, machine: bool = False) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=about)
        made.set_defaults(run=run)
        if machine:
            made.add_argument("machine")
        return made

    def acting(name: str, run: Verb, about: str, machine: bool = True) -> argparse.ArgumentParser:
        made = verb(name, run, about, machine)
        made.add_argument("--json", action="store_true", help="one JSON document on stdout")
        return made

    def dry(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
        made.add_argument("--dry-run", action="store_true", help="only say what would be done")
        return made

    dry(verb("autosleep", autosleep, "check every machine"))
    dry(acting("sleep", sleep, "put a machine to sleep now, unless something is going on"))
    made = acting("wake", wake, "wake a machine")
    made.add_argument("--why", default="manual")
    made.add_argument("--no-wait", action="store_true", help="send a packet, and leave it at that")
    acting("power-test", test, "wake test: sleep, magic packet, Ready")
    made = acting("hold", hold, "keep a machine awake")
    made.add_argument("--for", dest="duration", type=seconds_of, required=True)
    made.add_argument("--why", required=True)
    acting("release", release, "end a machine's holds").add_argument("--why")
    made = dry(acting("spin-down", spin_down, "switch off all that sleep", machine=False))
    made.add_argument("--even-if-in-use", action="store_true", help="also while somebody uses them")
    acting("spin-up", spin_up, "wake all that sleep", machine=False)
    verb("power-state", show, "show the machines").add_argument("--json", action="store_true")
    logs = verb("collect-wake-logs", collect_logs, "journal and cycles of 7 days")
    logs.add_argument("--json", action="store_true")
    verb("event-wake", event_wake, "wake machines for pods and by the clock, for ever")
    verb("connect", forward, "serve the ports of sleeping apps, for ever")
    return top


def main(arguments: Sequence[str]) -> int:
    options = parser().parse_args(arguments)
    try:
        with open(options.config, encoding="utf-8") as file:
            world = controller.RealWorld(json.load(file))
        names = [policy["name"] for policy in world.settings["machines"]]
        if getattr(options, "machine", names[:1]) not in (*names, names[:1]):
            print(f"vmstation: machines that sleep: {', '.join(names)}", file=sys.stderr)
            return 2
        run: Verb = options.run
        return run(world, options)
    except (OSError, ValueError, Busy, KubeError) as error:
        print(f"vmstation: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
