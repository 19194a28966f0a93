"""Until a machine is up: magic packets until its sshd answers, then its kubelet's own word. The caller's time limit."""

from __future__ import annotations

from collections.abc import Callable

import ways
from kube import KubeError
from model import Policy
from observe import is_ready
from way import Way
from world import World

# Between two attempts to wake: seconds, growing to the last one.
PACKET_INTERVALS = (1, 2, 3, 5, 10)


# Asleep: so many looks in a row at which nothing answered.
SILENT_LOOKS = 3

# A kubelet renews its lease every 10 s: after this long without, it does not run any more.
LEASE_STILL = 30

# A machine that is told to sleep takes a few seconds; after this long it is said what it waits for.
EXPLAIN_AFTER = 10


class GivenUp(Exception):
    """The machine does not go to sleep, or does not wake, for the reason given."""


class NotAsleep(GivenUp):
    """It took the order and stayed up."""


def until_asleep(policy: Policy, world: World, explain: Callable[[str], None]) -> None:
    """Until nothing answers; `explain(why)` is called when what is waited for changes.

    Something else may answer at the address of a machine that sleeps (a bridge, a proxy). Then it counts that its sshd
    does not, and that its kubelet does not renew its lease.
    """
    begin = world.ticks()
    stillness = _Stillness(policy, world)
    looks, explained = 0, None
    while True:
        looks = looks + 1 if world.machines.is_silent(policy) else 0
        if looks >= SILENT_LOOKS or (looks == 0 and stillness.look()):
            return
        waited = world.ticks() - begin
        if looks == 0 and waited >= policy["sleepTimeout"]:
            raise NotAsleep(stillness.why)
        if looks == 0 and waited >= EXPLAIN_AFTER and stillness.why != explained:
            explained = stillness.why
            explain(f"told to sleep, but {explained}")
        world.pause(1)


class _Stillness:
    """Whether a machine that still answers somehow is nevertheless asleep, and why not."""

    def __init__(self, policy: Policy, world: World) -> None:
        self.policy, self.world = policy, world
        self.lease: str | None = None
        self.since: float | None = None
        self.why = ""

    def look(self) -> bool:
        if self.world.machines.answers(self.policy):
            self.since = None
            self.why = "it still answers"
            return False
        lease = lease_of(self.policy, self.world)
        self.why = "something still answers at its address, though no SSH"
        if lease is None:
            self.since = None
            self.why += ", and its kubelet's lease cannot be read"
        elif self.since is None or lease != self.lease:
            self.lease, self.since = lease, self.world.ticks()
        else:
            return self.world.ticks() - self.since >= LEASE_STILL
        return False


def until_answering(policy: Policy, world: World, begin: float) -> None:
    """`begin`: world.ticks() when the wake began, here and below."""
    sent = 0
    tried: list[Way] = []
    while not world.machines.answers(policy):
        waited = world.ticks() - begin
        if waited >= policy["wakeTimeout"]:
            raise GivenUp(f"no SSH within {policy['wakeTimeout']} s of {ways.first(policy)}")
        tried = ways.wake(world.ways, policy, waited, tried)
        world.pause(PACKET_INTERVALS[min(sent, len(PACKET_INTERVALS) - 1)])
        sent += 1


def until_ready(policy: Policy, world: World, begin: float, lease: str | None) -> None:
    """Until the kubelet is Ready and has renewed `lease`: a status from before the sleep may still say Ready."""
    problem = "the kubelet is not Ready"
    while True:
        try:
            if world.kube.renewed(policy["name"]) != lease and is_ready(world.kube.node(policy["name"])):
                return
        except KubeError as error:
            problem = str(error)
        if world.ticks() - begin >= policy["wakeTimeout"]:
            raise GivenUp(f"{problem} within {policy['wakeTimeout']} s of {ways.first(policy)}")
        world.pause(1)


def lease_of(policy: Policy, world: World) -> str | None:
    """The kubelet's lease as it stands; None where the API does not say."""
    try:
        return world.kube.renewed(policy["name"])
    except KubeError:
        return None
