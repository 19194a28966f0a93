"""One check of one machine: observe, decide, act, all under the machine's lock."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import act
import decide
import metrics
import record as records
import service
import ways
from act import Manner
from api import Cluster
from clock import Clock
from decide import Decision
from disk import write_atomically
from kube import Kube, KubeError
from lock import Busy
from machines import Machines
from marks import STATE_LABEL
from model import Policy, Settings
from observe import observe, read_cluster
from record import Record
from say import say
from store import Store
from world import World

T = TypeVar("T")
# What was done with a machine, and what its record says afterwards.
Outcome = tuple[str, Record]


class RealWorld:
    """Everything outside the program that it reads or changes; tests put their own in its place."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.store = Store(settings["stateDirectory"], self.clock)
        self.kube = Kube(settings["kubectl"], settings["kubeconfig"])
        self.machines = Machines(settings)
        self.ways = ways.load(settings)

    def now(self) -> float:
        """Unix seconds, which may jump; only what is kept or shown is told by them."""
        return self.clock.now()

    def ticks(self) -> float:
        """Seconds that never jump, to wait by."""
        return self.clock.ticks()

    def pause(self, seconds: float) -> None:
        """Between two looks at a condition that nothing announces."""
        time.sleep(seconds)

    def publish(self) -> None:
        """Writes the metrics of all machines."""
        known = [(p, self.store.load(p["name"])) for p in self.settings["machines"]]
        try:
            write_atomically(Path(self.settings["metrics"]), metrics.render(known, self.now()))
        except OSError as error:
            say(f"the metrics cannot be written: {error}")

    def policy(self, name: str) -> Policy:
        """The machine's entry; KeyError where it is none that sleeps."""
        return {p["name"]: p for p in self.settings["machines"]}[name]


def check(policy: Policy, cluster: Cluster | None, world: World, dry_run: bool = False) -> Outcome:
    """What the machine's record says afterwards, and the action that was taken; Busy where another run has it."""
    with world.store.lock(policy["name"]):
        before = world.store.load(policy["name"])
        decision = _decide(policy, before, cluster, world)
        if dry_run:
            return decision.action, decision.record
        world.store.keep(policy["name"], decision.record)
        return decision.action, _act(policy, decision, cluster, world)


def _decide(policy: Policy, before: Record, cluster: Cluster | None, world: World) -> Decision:
    """A machine about which nothing can be decided stays as it is, and says so."""
    try:
        return decide.decide(policy, before, observe(policy, before, cluster, world), world.now())
    except Exception as error:  # pylint: disable=broad-except
        say(f"{policy['name']}: {traceback.format_exc()}")
        why = f"it cannot be checked: {type(error).__name__}: {error}"
        stuck = records.enter(before, before.state, world.now(), [why])
        return decide.Decision(decide.NOTHING, replace(stuck, idle_since=None, checked_at=world.now()))


def _act(policy: Policy, decision: Decision, cluster: Cluster | None, world: World) -> Record:
    record, why = decision.record, "; ".join(decision.reasons)
    if decision.action == decide.WAKE:
        return service.wake(policy, record, world, why)
    if decision.action == decide.UNDO:
        return service.undo(policy, record, world, why)
    if decision.action == decide.ADOPT:
        return service.adopt(policy, record, world, why)
    if decision.action == decide.SETTLE:
        return service.save(world, policy, records.slept(record, world.now(), why, record.told))
    if decision.action in (decide.SLEEP, decide.TEST):
        manner = act.TEST if decision.action == decide.TEST else act.AS_USUAL
        return put_to_sleep(policy, record, world, why, manner)
    _mark_again(policy, record, cluster, world)
    return record


def finish_wake(policy: Policy, world: World, why: str) -> None:
    """What follows a magic packet that was sent ahead of everything else."""
    with world.store.lock(policy["name"]):
        record = world.store.load(policy["name"])
        if record.state in ("asleep", "failed"):
            service.wake(policy, record, world, why, sent=True)


def put_to_sleep(policy: Policy, record: Record, world: World, why: str, manner: Manner = act.AS_USUAL) -> Record:
    """One machine at a time goes to sleep, so that two can't each rely on the other staying awake."""
    with world.store.lock("sleep", patience=2 * policy["sleepTimeout"]):
        record = act.sleep(policy, record, world, why, manner)
    if manner is act.TEST and record.state == "asleep":
        return service.wake(policy, record, world, "wake test")
    return record


def _mark_again(policy: Policy, record: Record, cluster: Cluster | None, world: World) -> None:
    """The node's label, where it does not say what the record says."""
    for node in (cluster or {}).get("Node", []):
        labels = node["metadata"].get("labels", {})
        if node["metadata"]["name"] == policy["name"] and labels.get(STATE_LABEL) != record.state:
            try:
                world.kube.mark(policy["name"], record.state, "; ".join(record.reasons)[:1000])
            except KubeError as error:
                say(f"{policy['name']}: cannot label the node: {error}")


def try_on(policy: Policy, work: Callable[..., T], *arguments: object) -> T | None:
    """What the work on one machine gave, or None where it failed: that is said, and the others go on."""
    try:
        return work(*arguments)
    except Busy as error:
        say(f"{policy['name']}: {error}")
    except Exception:  # pylint: disable=broad-except
        say(f"{policy['name']}: {traceback.format_exc()}")
    return None


def check_all(world: World, dry_run: bool = False, policies: list[Policy] | None = None) -> dict[str, Outcome]:
    """Checks machines side by side; {name: (action, record)} of those that no other run has."""
    policies = world.settings["machines"] if policies is None else policies
    cluster = read_cluster(world.kube)

    def one(policy: Policy) -> tuple[str, Outcome | None]:
        return policy["name"], try_on(policy, check, policy, cluster, world, dry_run)

    with ThreadPoolExecutor(max_workers=max(1, len(policies))) as pool:
        results = dict(pool.map(one, policies))
    if not dry_run:
        world.publish()
    return {name: result for name, result in results.items() if result is not None}
