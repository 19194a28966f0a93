"""What a person asks the controller for, one machine at a time. Each verb answers (exit code, why).

Exit codes: 0 done, 1 refused or it did not work out, 2 it could not be tried. `why` is a list of reasons in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import act
import controller
import decide
import service
import triggers
import ways
from model import Exports, Policy, Rates, Seen
from observe import observe, read_cluster
from record import Record
from world import World

# A person waits for a check or a wake that is under way.
PATIENCE = 600

# Rates are told from two samples; those of the last check would count what has ended since.
BETWEEN_SAMPLES = 3
NO_LOAD: Rates = {"cpu": 0, "network": 0, "disk": 0}
NO_CLIENTS: Exports = {"open": 0, "operations": 0}

UP = ("awake", "idle")

# An exit code, and why.
Answer = tuple[int, list[str]]
Work = Callable[[Policy, Record], Answer]
Judge = Callable[[Seen], list[str]]


def _with_record(world: World, name: str, work: Work) -> Answer:
    policy = world.policy(name)
    if policy.get("offline"):
        return 2, ["the configuration says that it is offline"]
    with world.store.lock(name, PATIENCE):
        return work(policy, world.store.load(name))


def is_asleep(policy: Policy, record: Record, world: World) -> bool:
    """Not only by its record: its button or its clock may have woken it since."""
    return record.state == "asleep" and not world.machines.answers(policy)


def against(policy: Policy, record: Record, world: World, judge: Judge) -> list[str]:
    """What `judge` (observation → reasons) has against switching it off now.

    What one look tells comes at once; only a machine that is otherwise idle has its load measured.
    """
    first = observe(policy, record, read_cluster(world.kube), world)
    reasons = judge({**first, "rates": NO_LOAD, "exports": NO_CLIENTS})
    if reasons:
        return reasons
    world.pause(BETWEEN_SAMPLES)
    since = replace(record, sample=first["sample"])
    return judge(observe(policy, since, read_cluster(world.kube), world))


def _against_sleep(policy: Policy, record: Record, world: World) -> list[str]:
    """All that speaks against putting it to sleep now; its idle time and other limits do not."""

    def judge(seen: Seen) -> list[str]:
        active = [*decide.active_reasons(policy, seen), *decide.arriving_reasons(seen)]
        return [*active, *triggers.urgent(policy, record, seen, world.now())]

    return against(policy, record, world, judge)


def sleep(world: World, name: str, dry_run: bool = False) -> Answer:
    """Puts it to sleep unless something is going on there. `dry_run`: only says what speaks against it."""

    def work(policy: Policy, record: Record) -> Answer:
        if is_asleep(policy, record, world):
            return 0, []
        if record.state == "asleep":
            return 2, ["it is up, and will be back in service soon: try again in a minute"]
        if record.state not in UP:
            return 2, [f"it is {record.state}: {'; '.join(record.reasons)}"]
        reasons = _against_sleep(policy, record, world)
        if reasons or dry_run:
            return (1 if reasons else 0), reasons
        done = controller.put_to_sleep(policy, record, world, "manual")
        return (0, []) if done.state == "asleep" else (1, list(done.reasons))

    return _with_record(world, name, work)


def wake(world: World, name: str, why: str, wait: bool = True) -> Answer:
    """Wakes it; without `wait` a packet goes out, and what follows is left to vmstation-event-wake.service."""
    policy = world.policy(name)
    before = world.store.load(name)
    sent = False
    if not policy.get("offline"):
        sent = not world.machines.answers(policy)
        if sent:
            # Before anything that a full disk or another run could delay.
            ways.wake(world.ways, policy)
        world.store.request(name, why)
        if not wait:
            return 0, []

    def work(policy: Policy, record: Record) -> Answer:
        served = not sent or record.woken_at != before.woken_at
        if record.state in UP and served and world.machines.answers(policy):
            world.store.clear_requests(name)
            return 0, []
        if record.state == "draining":
            record = service.undo(policy, record, world, why)
        done = service.wake(policy, record, world, why, sent)
        return (0, []) if done.state == "awake" else (1, list(done.reasons))

    return _with_record(world, name, work)


def test(world: World, name: str) -> Answer:
    """A wake test: asleep for certain, magic packet, Ready in time. One that fails ends the machine's sleep."""

    def work(policy: Policy, record: Record) -> Answer:
        if record.state not in UP:
            return 2, [f"it is {record.state}: wake it first"]
        reasons = _against_sleep(policy, record, world)
        if reasons:
            return 2, reasons
        done = controller.put_to_sleep(policy, record, world, "wake test", act.TEST)
        if done.proved_at > record.proved_at:
            return 0, []
        return (1 if done.failed_at > record.failed_at else 2), list(done.reasons)

    return _with_record(world, name, work)


def hold(world: World, name: str, why: str, seconds: float) -> Answer:
    world.store.hold(name, why, seconds)
    return 0, []


def release(world: World, name: str, why: str | None) -> Answer:
    world.store.release(name, why)
    return 0, []
