"""Puts one machine to sleep. The caller holds the machine's lock.

What is about to be done is recorded before it is done, so that a crash at any point leaves enough to go on
from: a draining machine is put back into service, unless it had been told to sleep and is silent. Where that cannot be
recorded, no machine is put to sleep.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable

import record as records
import ways
from decide import active_reasons, arriving_reasons
from kube import KubeError
from machines import AgentError, Lost
from model import Identity, PodSeen, Policy, Seen
from observe import observe, read_cluster
from record import Record
from say import say
from service import save, undo
from waiting import GivenUp, NotAsleep, until_asleep
from way import NotObeyed, WakeError
from world import World


def _still_idle(policy: Policy, record: Record, seen: Seen) -> list[str]:
    """Something may have come since the decision; rates are the decision's, the rest is looked at again."""
    reasons = active_reasons(policy, {**seen, "rates": {"cpu": 0, "network": 0, "disk": 0}})
    reasons += arriving_reasons(seen)
    return reasons + seen["requests"] + [f"pod {pod['name']} waits for it" for pod in _new(record, seen)]


@dataclass(frozen=True)
class Manner:
    """How a machine is put to sleep: what its agent does before, and what at the last look forbids it."""

    arm: tuple[str, ...] = ("arm",)
    # (policy, record, observation) → reasons to stay awake.
    judge: Callable[[Policy, Record, Seen], list[str]] = _still_idle


# The agent's word that its hypervisor may switch the machine off now, whatever the method: by the verb's first name, as
# an update that was cut may leave an agent of an earlier version.
CONSENT = "hibernate"

AS_USUAL = Manner()
# Its clock brings back a machine that no packet wakes, soon.
TEST = Manner(arm=("arm-test",))


def sleep(policy: Policy, record: Record, world: World, why: str, manner: Manner = AS_USUAL) -> Record:
    """Drains the machine and sends it to sleep; the record afterwards, asleep or back in service."""
    try:
        world.store.save(policy["name"], records.draining(record, world.now(), why))
    except OSError as error:
        problem = f"sleep given up: its state cannot be written: {error}"
        return save(world, policy, records.undone(record, world.now(), problem))
    record = save(world, policy, records.draining(record, world.now(), why))
    record = _with_sample(policy, record, world)
    try:
        _drain(policy, record, world)
        for verb in manner.arm:
            world.machines.agent(policy, verb)
        ways.check(world.ways, policy)
        record = _scale_down(policy, record, world)
        _look_again(policy, record, world, manner)
        record = records.told(record)
        world.store.save(policy["name"], record)
        _tell(policy, world)
        until_asleep(policy, world, lambda why: _explain(policy, record, world, why))
    except (GivenUp, AgentError, KubeError, WakeError, OSError) as error:
        # What is on disk knows how far it got.
        left = world.store.load(policy["name"])
        if isinstance(error, (NotAsleep, NotObeyed)):
            left = records.distrusted(left, world.now())
        return undo(policy, left, world, f"sleep given up: {error}")
    return save(world, policy, records.slept(record, world.now(), why))


def _explain(policy: Policy, record: Record, world: World, why: str) -> None:
    """What the machine is waiting for on its way to sleep, for those who look meanwhile."""
    save(world, policy, records.enter(record, "draining", world.now(), [why]))


def _tell(policy: Policy, world: World) -> None:
    """A machine that goes down at once may cut the connection: whether it sleeps is then told by its silence."""
    if ways.sleep(world.ways, policy, lambda: world.machines.agent(policy, CONSENT), world.pause):
        return
    if policy["method"] == "hibernate":
        raise WakeError("nothing here can save its memory")
    try:
        world.machines.agent(policy, policy["method"])
    except Lost as error:
        say(f"{policy['name']}: {error}")


def _with_sample(policy: Policy, record: Record, world: World) -> Record:
    """A person may put it to sleep before any check has taken counters; two samples show whether it is in use."""
    if record.sample is not None:
        return record
    try:
        return replace(record, sample=world.machines.agent(policy, "observe").get("sample"))
    except AgentError:
        return record


def _drain(policy: Policy, record: Record, world: World) -> None:
    deadline = world.ticks() + policy["sleepTimeout"]
    explained = None
    _cordon(policy, world, deadline)
    _send_away(policy, record, world)
    if not policy["evict"]:
        return
    while True:
        left = _movable(policy, record, world)
        if not left:
            return
        first = f"pod {left[0]['namespace']}/{left[0]['name']}"
        if world.ticks() >= deadline:
            raise GivenUp(f"{first} is still there")
        if first != explained:
            explained = first
            _explain(policy, record, world, f"waits for {first} to move")
        for pod in left:
            try:
                world.kube.evict(pod["namespace"], pod["name"])
            except KubeError as error:
                # A PodDisruptionBudget says not yet; the deadline says when that was no.
                say(f"{policy['name']}: {error}")
        world.pause(2)


def _send_away(policy: Policy, record: Record, world: World) -> None:
    """Pods that may run on any machine: the next of them is to be on one that is awake. Nobody waits for their end."""
    for pod in _seen(policy, record, world)[1]:
        if not pod["leaves"]:
            continue
        try:
            world.kube.evict(pod["namespace"], pod["name"])
        except KubeError as error:
            say(f"{policy['name']}: {error}")


def _cordon(policy: Policy, world: World, deadline: float) -> None:
    """Whatever else changes the node meanwhile: it is read again, so that a person's cordon is seen."""
    while True:
        try:
            world.kube.cordon(world.kube.node(policy["name"]))
            return
        except KubeError as error:
            if "the object has been modified" not in str(error) or world.ticks() >= deadline:
                raise
        world.pause(1)


def _movable(policy: Policy, record: Record, world: World) -> list[PodSeen]:
    _, pods = _seen(policy, record, world)
    kept = [p for p in pods if not (p["owner"] == "DaemonSet" or p["stays"] or p["leaves"] or p["sleepsWith"])]
    for pod in kept:
        if not pod["movable"]:
            raise GivenUp(f"pod {pod['namespace']}/{pod['name']} can run nowhere else")
    return kept


def _seen(policy: Policy, record: Record, world: World) -> tuple[Seen, list[PodSeen]]:
    """The observation, and its pods, without which there is none."""
    seen = observe(policy, record, read_cluster(world.kube), world)
    if seen["pods"] is None:
        raise GivenUp("cannot read its pods")
    return seen, seen["pods"]


def _look_again(policy: Policy, record: Record, world: World, manner: Manner) -> None:
    seen, _ = _seen(policy, record, world)
    reasons = manner.judge(policy, record, seen)
    if reasons:
        raise GivenUp(reasons[0])


def _new(record: Record, seen: Seen) -> list[Identity]:
    refused = {uid for uid, _ in record.refused}
    return [pod for pod in seen["waiting"] or () if pod["uid"] not in refused]


def _scale_down(policy: Policy, record: Record, world: World) -> Record:
    """Marked workloads to 0 before a power-off; how many there were is on disk before the first one goes."""
    if policy["method"] != "poweroff":
        return record
    apps = [app for app in world.settings["apps"] if app["app"] in policy["apps"]]
    wanted = [(app["namespace"], app["kind"], app["workload"]) for app in apps]
    scaled = tuple((*workload, world.kube.replicas(*workload)) for workload in wanted)
    record = replace(record, scaled=scaled)
    world.store.save(policy["name"], record)
    for workload in wanted:
        world.kube.scale(*workload, 0)
    deadline = world.ticks() + policy["sleepTimeout"]
    _explain(policy, record, world, "waits for its workloads to end")
    while any(pod["sleepsWith"] for pod in _seen(policy, record, world)[1]):
        if world.ticks() >= deadline:
            raise GivenUp("its workloads do not end")
        world.pause(2)
    return record
