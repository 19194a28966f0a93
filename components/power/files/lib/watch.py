"""Watches for pods that wait for a sleeping machine, and for what wakes one by the clock (calendar, weekly test)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import decide
import ways
from controller import check, finish_wake, try_on
from model import Identity, Policy
from observe import assign, read_cluster
from record import Record
from stream import Stream
from world import World

# Between looks at the calendar, at requests, and at machines that somebody else has woken.
TICK = 30

# Before a watch that ended is begun again; the API server ends each one after some time.
PAUSE = 2


class Watcher:
    def __init__(self, world: World) -> None:
        self.world = world
        self.threads: dict[str, threading.Thread] = {}

    def start(self, policy: Policy, work: Callable[..., object], *arguments: object) -> None:
        """Works on a machine in a thread of its own, unless one is still at it."""
        if self.is_free(policy):
            thread = threading.Thread(target=try_on, args=(policy, work, *arguments), daemon=True)
            self.threads[policy["name"]] = thread
            thread.start()

    def is_free(self, policy: Policy) -> bool:
        running = self.threads.get(policy["name"])
        return running is None or not running.is_alive()

    def start_checks(self) -> None:
        """Also of machines that were told to sleep before that was taken back: the order may reach them yet.

        The cluster is read once for all of them.
        """
        asleep = self.those(lambda record: record.told or record.state in ("asleep", "failed"))
        due = [policy for policy in asleep if self.is_free(policy)]
        if due:
            self.world.publish()
            cluster = read_cluster(self.world.kube)
            for policy in due:
                self.start(policy, check, policy, cluster, self.world)

    def sleepers(self) -> list[Policy]:
        """Machines that an event or the clock may wake."""
        return self.those(lambda record: record.state in ("asleep", "failed"))

    def those(self, applies: Callable[[Record], bool]) -> list[Policy]:
        return [
            policy
            for policy in self.world.settings["machines"]
            if applies(self.world.store.load(policy["name"])) and not policy.get("offline")
        ]

    def on_pod(self) -> None:
        """The packet goes out first; everything else about the wake may take its time.

        But for the reason, which is noted before it: a check that finds the machine up by then knows why.
        """
        sleepers = self.sleepers()
        if not sleepers or self.world.store.is_spun_down():
            return
        cluster = read_cluster(self.world.kube)
        assigned = {} if cluster is None else assign(cluster, self.world)
        for policy in sleepers:
            if policy["name"] in assigned:
                try_on(policy, self.wake_for, policy, assigned[policy["name"]])

    def wake_for(self, policy: Policy, pods: list[Identity]) -> None:
        name, world = policy["name"], self.world
        record = world.store.load(name)
        rested = world.now() - record.failed_at >= decide.RETRY_FAILED
        if record.state == "asleep" or rested:
            why = "; ".join(f"pod {pod['name']} waits for it" for pod in pods)
            world.store.note(name, why)
            ways.wake(world.ways, policy)
            world.store.write_noted(name)
            self.start(policy, finish_wake, policy, world, why)

    def follow(self, stream: Stream) -> None:
        """Until the stream ends; however much happens in it, the machines are looked at in between."""
        looked = self.world.ticks()
        while not stream.has_ended:
            has_pod = stream.wait(max(0, looked + TICK - self.world.ticks()))
            if self.world.ticks() - looked >= TICK:
                looked = self.world.ticks()
                self.start_checks()
            if has_pod:
                self.on_pod()

    def run(self) -> None:
        """For ever. A stream that fails is begun again; what happened between two is in the new one's beginning."""
        while True:
            stream = Stream(self.world.settings["kubeconfig"])
            stream.start()
            self.follow(stream)
            self.start_checks()
            self.world.pause(PAUSE)
