"""Watches for pods that wait for a sleeping machine, and for what wakes one by the clock (calendar, weekly test)."""

from __future__ import annotations

import json
import selectors
import subprocess
import threading

import decide
from controller import check_all
from observe import assign, is_unschedulable, read_cluster

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

    def start_checks(self, policies):
        """Checks each machine in a thread of its own, unless one is still at it."""
        for policy in policies:
            running = self.threads.get(policy["name"])
            if running is None or not running.is_alive():
                thread = threading.Thread(
                    target=check_all, args=(self.world, False, [policy]), daemon=True
                )
                self.threads[policy["name"]] = thread
                thread.start()

    def sleepers(self):
        """Machines that an event or the clock may wake."""
        return [
            policy
            for policy in self.world.settings["machines"]
            if self.world.store.load(policy["name"]).state in ("asleep", "failed")
        ]

    def on_pod(self):
        """The packet goes out first; everything else about the wake may take its time."""
        sleepers = self.sleepers()
        if not sleepers:
            return
        cluster = read_cluster(self.world.kube)
        assigned = {} if cluster is None else assign(cluster, self.world)
        wanted = [policy for policy in sleepers if policy["name"] in assigned]
        for policy in wanted:
            record = self.world.store.load(policy["name"])
            if record.state == "asleep" or self.world.now() - record.failed_at >= decide.RETRY_FAILED:
                self.world.machines.send_packet(policy)
        self.start_checks(wanted)

    def follow(self, process):
        """Until the watch ends."""
        rest = ""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(TICK):
                    self.start_checks(self.sleepers())
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
            self.start_checks(self.sleepers())
            self.world.pause(PAUSE)
