"""Puts one machine back into service, awake or to be woken. The caller holds the machine's lock.

What is about to be done is recorded before it is done, so that a crash at any point leaves enough to go on from. Where
that cannot be recorded, a machine is woken anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable

import record as records
from kube import KubeError
from machines import AgentError
from model import Policy
from observe import of_order
from record import Record
from say import say
from waiting import GivenUp, lease_of, until_answering, until_ready
from world import World


def save(world: World, policy: Policy, record: Record) -> Record:
    world.store.keep(policy["name"], record)
    reason = "; ".join(record.reasons)
    say(f"{policy['name']}: {record.state}: {reason}")
    try:
        world.kube.mark(policy["name"], record.state, reason[:1000])
    except KubeError as error:
        say(f"{policy['name']}: cannot label the node: {error}")
    world.publish()
    return record


def _scale_back(record: Record, world: World) -> None:
    for namespace, kind, name, replicas in record.scaled:
        if replicas > 0:
            world.kube.scale(namespace, kind, name, replicas)


def undo(policy: Policy, record: Record, world: World, why: str) -> Record:
    """Puts a machine that was to sleep back into service. What fails here is tried again at the next check."""
    try:
        world.machines.agent(policy, "disarm")
    except AgentError as error:
        # An alarm that rings on a machine that is awake does nothing.
        say(f"{policy['name']}: {error}")
    problems = []
    steps: list[Callable[[], None]] = [
        lambda: _scale_back(record, world),
        lambda: world.kube.uncordon(policy["name"]),
    ]
    for step in steps:
        try:
            step()
        except KubeError as error:
            problems.append(str(error))
    if problems:
        stuck = replace(record, reasons=(why, *problems))
        return save(world, policy, stuck)
    return save(world, policy, records.undone(record, world.now(), why))


def wake(policy: Policy, record: Record, world: World, why: str, sent: bool = False) -> Record:
    """Wakes the machine and puts it back into service, or notes that it did not come within its time limit.

    `sent`: a packet has gone out already, so that a machine that answers by now does so because of it.
    """
    taken_up = record.state == "waking"
    if not taken_up:
        record = save(world, policy, records.waking(record, world.now(), why))
    begin = world.ticks()
    lease = lease_of(policy, world)
    try:
        by_packet = sent or not world.machines.answers(policy)
        until_answering(policy, world, begin)
        record, problem = _take_in(policy, record, world, begin, lease)
    except (GivenUp, KubeError) as error:
        return _give_up_on(policy, record, world, f"did not wake: {error}")
    took = None if taken_up else world.ticks() - begin
    return _woken(policy, record, world, Wake(why, by_packet, took, problem))


def adopt(policy: Policy, record: Record, world: World, why: str) -> Record:
    """The machine is up already: by its button, its clock, or a packet that somebody else has sent."""
    begin = world.ticks()
    lease = lease_of(policy, world)
    if record.state == "asleep":
        record = save(world, policy, records.waking(record, world.now(), why))
    try:
        record, problem = _take_in(policy, record, world, begin, lease)
    except (GivenUp, KubeError) as error:
        told = f"up, but: {error}"
        if record.state == "failed":
            return save(world, policy, replace(record, reasons=(told,)))
        return save(world, policy, records.failed(record, world.now(), told))
    return _woken(policy, record, world, Wake(why, False, None, problem))


def _take_in(
    policy: Policy, record: Record, world: World, begin: float, lease: str | None
) -> tuple[Record, str | None]:
    """A machine that answers, until pods may run on it; and what it lacks although they may.

    That it answers is noted for the page that those who wait look at.
    """
    record = replace(record, answered_at=world.now())
    world.store.keep(policy["name"], record)
    problem = _resume(policy, world)
    until_ready(policy, world, begin, lease)
    if problem is not None:
        # Its sshd may have been too new to be asked.
        problem = _resume(policy, world)
    _scale_back(record, world)
    world.kube.uncordon(policy["name"])
    return record, problem


def _resume(policy: Policy, world: World) -> str | None:
    """A machine that was frozen learns it, and sets its clock. Returns why it could not."""
    if policy["method"] != "hibernate":
        return None
    try:
        world.machines.agent(policy, "resumed")
    except AgentError as error:
        return f"its clock may be wrong: {error}"
    return None


@dataclass(frozen=True)
class Wake:
    why: str
    # Whether our packet, or our start, did it.
    by_packet: bool
    # Seconds, where this run has seen its beginning.
    took: float | None
    # What did not work although the machine is in service.
    problem: str | None


def _woken(policy: Policy, record: Record, world: World, wake_: Wake) -> Record:
    """One that lacks something sleeps by itself no more, until a wake test has passed."""
    world.store.clear_requests(policy["name"])
    # An order that is carried out only now switches off the machine that is taken into service here.
    told = record.told and of_order(policy, record, world) != "none"
    if wake_.problem is None:
        done = records.woken(record, world.now(), wake_.why, wake_.by_packet, wake_.took, told)
        return save(world, policy, done)
    done = records.woken(record, world.now(), wake_.why, False, wake_.took, told)
    lacking = replace(done, reasons=(*done.reasons, wake_.problem))
    return save(world, policy, records.distrusted(lacking, world.now()))


def _give_up_on(policy: Policy, record: Record, world: World, why: str) -> Record:
    """Nobody waits for the machine any more: workloads that were at 0 for its sake run where they can."""
    try:
        _scale_back(record, world)
    except KubeError as error:
        say(f"{policy['name']}: {error}")
    else:
        record = replace(record, scaled=())
    return save(world, policy, records.failed(record, world.now(), why))
