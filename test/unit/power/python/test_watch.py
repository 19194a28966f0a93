"""The watch: what of the API's stream wakes a machine, and that the packet is out before anything else."""

import json
import threading
import unittest
from dataclasses import replace

from fakes import IDLE, FakeWorld, node_object, pod_object, quiet
from support import policy

import watch
from controller import check_all


class Stream(unittest.TestCase):
    def test_documents_arrive_in_any_pieces(self):
        sent = [{"type": "ADDED", "object": {"n": n, "text": "}{"}} for n in range(3)]
        text = "".join(json.dumps(document, indent=4) + "\n" for document in sent)
        for size in (1, 7, 50, len(text)):
            rest, got = "", []
            for start in range(0, len(text), size):
                found, rest = watch.events(rest + text[start : start + size])
                got += found
            self.assertEqual((got, rest), (sent, ""))

    def test_only_a_pod_that_waits_for_a_machine_wakes_one(self):
        waiting = pod_object(node=None)
        self.assertTrue(watch.wakes_somebody({"type": "MODIFIED", "object": waiting}))
        self.assertFalse(watch.wakes_somebody({"type": "DELETED", "object": waiting}))
        self.assertFalse(watch.wakes_somebody({"type": "ADDED", "object": pod_object()}))
        marked = pod_object(node=None, labels={"vmstation.io/sleeps-with": "box"})
        self.assertFalse(watch.wakes_somebody({"type": "ADDED", "object": marked}))


class OnPod(unittest.TestCase):
    def setUp(self):
        self.world = FakeWorld()
        self.addCleanup(self.world.close)
        self.world.machines.up = self.world.kube.alive = False
        self.watcher = watch.Watcher(self.world)

    def on_pod(self):
        with quiet():
            self.watcher.on_pod()
            for thread in self.watcher.threads.values():
                thread.join(10)

    def test_it_is_woken_and_the_packet_is_first(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None)
        at_packet = []
        real = self.world.machines.send_packet

        def send(machine):
            at_packet.append((threading.current_thread() is threading.main_thread(), list(self.world.log)))
            real(machine)

        self.world.machines.send_packet = send
        self.on_pod()
        self.assertEqual(at_packet[0], (True, []))
        record = self.world.store.load("box")
        self.assertEqual((record.state, record.reasons), ("awake", ("pod media/p waits for it",)))
        self.assertGreater(record.proved_at, IDLE.proved_at)

    def test_a_check_that_finds_it_up_before_the_wake_goes_on_knows_why(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None)
        real = self.world.machines.send_packet

        def send(machine):
            real(machine)
            check_all(self.world)

        self.world.machines.send_packet = send
        self.on_pod()
        record = self.world.store.load("box")
        self.assertEqual((record.state, record.reasons), ("awake", ("pod media/p waits for it",)))
        self.assertEqual(record.cycles[-1][3], "pod media/p waits for it")
        self.assertEqual(self.world.store.requests("box", 900), [])

    def test_only_a_machine_that_may_sleep_is_looked_at_between_checks(self):
        for record, looked_at in (
            (replace(IDLE, state="asleep"), ["box"]),
            (replace(IDLE, state="awake", told=True), ["box"]),
            (IDLE, []),
        ):
            self.world.store.save("box", record)
            self.watcher.threads = {}
            with quiet():
                self.watcher.start_checks()
                for thread in self.watcher.threads.values():
                    thread.join(10)
            self.assertEqual(list(self.watcher.threads), looked_at)

    def test_a_pod_that_no_sleeping_machine_takes_wakes_none(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None, nodeSelector={"role": "other"})
        self.on_pod()
        self.assertEqual((self.world.machines.packets, self.watcher.threads), (0, {}))

    def test_one_pod_wakes_one_machine(self):
        self.world.settings["machines"].append(policy(name="second"))
        self.world.kube.nodes["second"] = node_object("second")
        for name in ("box", "second"):
            self.world.store.save(name, replace(IDLE, state="asleep"))
        self.world.kube.pods["p"] = pod_object("p", None)
        self.on_pod()
        self.assertEqual(list(self.watcher.threads), ["box"])

    def test_a_pod_whose_machine_did_not_wake_gets_the_next_one_that_takes_it(self):
        world = self.world
        world.settings["machines"].append(policy(name="second"))
        world.kube.nodes["second"] = node_object("second")
        world.kube.leases["second"] = 0
        for name in ("box", "second"):
            world.store.save(name, replace(IDLE, state="asleep"))
        world.kube.pods["p"] = pod_object("p", None)
        real = world.machines.send_packet
        # The fake is one machine under two names; the first of them is deaf.
        world.machines.send_packet = lambda machine: machine["name"] == "second" and real(machine)
        self.on_pod()
        self.assertEqual(world.store.load("box").state, "failed")
        self.assertEqual(world.store.load("second").state, "asleep")
        self.on_pod()
        self.assertEqual(world.store.load("second").state, "awake")

    def test_a_machine_that_has_just_failed_gets_no_packet_for_each_retry(self):
        failed = replace(IDLE, state="failed", failed_at=self.world.now() - 60)
        self.world.store.save("box", failed)
        self.world.kube.pods["p"] = pod_object("p", None)
        self.on_pod()
        self.assertEqual(self.world.machines.packets, 0)

    def test_an_api_that_does_not_answer_wakes_none(self):
        self.world.store.save("box", replace(IDLE, state="asleep"))
        self.world.kube.fail.add("read")
        self.on_pod()
        self.assertEqual(self.world.machines.packets, 0)


if __name__ == "__main__":
    unittest.main()
