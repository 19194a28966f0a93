"""Watches for pods that wait for a sleeping machine, and for what wakes one by the clock (calendar, weekly test)."""

from __future__ import annotations

import json
import selectors
import subprocess
import threading

import decide
from controller import check_all, finish_wake
from observe import assign, is_unschedulable, read_cluster
from say import say
from store import Busy

# Between looks at the calendar, at requests, and at machines that somebody else has woken.
TICK = 30

# Before a watch that ended is begun anew; the API server ends each one after some time.
PAUSE = 2


def events(text):
    """(complete JSON documents in `text`, what is left over)."""
    decoder = json.JSONDecoder()
    found = []
    rest = text.lstrip()
    while rest:
        try:
            document, end = decoder.raw_decode(rest)
        except ValueError:
            break
        found.append(document)
        rest = rest[end:].lstrip()
    return found, rest


def wakes_somebody(event):
    return event.get("type") in ("ADDED", "MODIFIED") and is_unschedulable(event["object"])


class Watcher:
    def __init__(self, world):
        self.world = world
        self.threads = {}

    def start(self, policy, work, *arguments):
        """Works on a machine in a thread of its own, unless one is still at it."""
        running = self.threads.get(policy["name"])
        if running is None or not running.is_alive():
            thread = threading.Thread(target=work, args=arguments, daemon=True)
            self.threads[policy["name"]] = thread
            thread.start()

    def start_checks(self):
        """Also of machines that were told to sleep before that was taken back: the order may reach them yet."""
        for policy in self.those(lambda record: record.told or record.state in ("asleep", "failed")):
            self.start(policy, check_all, self.world, False, [policy])

    def finish_wake(self, policy, why):
        try:
            finish_wake(policy, self.world, why)
        except Busy as error:
            say(f"{policy['name']}: {error}")

    def sleepers(self):
        """Machines that an event or the clock may wake."""
        return self.those(lambda record: record.state in ("asleep", "failed"))

    def those(self, applies):
        return [
            policy
            for policy in self.world.settings["machines"]
            if applies(self.world.store.load(policy["name"])) and not policy.get("offline")
        ]

    def on_pod(self):
        """The packet goes out first; everything else about the wake may take its time.

        But for the reason, which is on disk before it: a check that finds the machine up by then knows why.
        """
        sleepers = self.sleepers()
        if not sleepers or self.world.store.is_spun_down():
            return
        cluster = read_cluster(self.world.kube)
        assigned = {} if cluster is None else assign(cluster, self.world)
        for policy in sleepers:
            pods = assigned.get(policy["name"])
            record = self.world.store.load(policy["name"])
            rested = self.world.now() - record.failed_at >= decide.RETRY_FAILED
            if pods and (record.state == "asleep" or rested):
                why = "; ".join(f"pod {pod['name']} waits for it" for pod in pods)
                self.world.store.request(policy["name"], why)
                self.world.machines.send_packet(policy)
                self.start(policy, self.finish_wake, policy, why)

    def follow(self, process):
        """Until the watch ends."""
        rest = ""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(TICK):
                    self.start_checks()
                    continue
                data = process.stdout.read1(65536)
                if not data:
                    return
                found, rest = events(rest + data.decode("utf-8", "replace"))
                if any(wakes_somebody(event) for event in found):
                    self.on_pod()

    def run(self):
        """For ever. A watch that fails is begun anew; what happened between two is in the new one's beginning."""
        while True:
            with subprocess.Popen(
                [
                    *self.world.kube.command[:2],
                    *("get", "pods", "--all-namespaces", "--field-selector=spec.nodeName="),
                    *("--watch", "--output-watch-events", "--output=json"),
                ],
                stdout=subprocess.PIPE,
            ) as process:
                try:
                    self.follow(process)
                finally:
                    process.terminate()
            self.start_checks()
            self.world.pause(PAUSE)
